use std::path::Path;

use spyhole_protocol::{AlertRule, Layer, Severity, Statistic};

use crate::actions::{Actions, Command, Webhook};
use crate::error::AlertError;
use crate::layers::{Layers, matches};
use crate::rule::Rule;
use crate::{file, rules, spelling, statistic, validate};

/// Which readings raise an alert, and what is done about alerts.
///
/// By default: the [default rules](crate::rules), and nothing is done. What is wrong is said at once,
/// except for layers: only the model knows them, so [`check`](Self::check) follows when it is known.
///
/// ```
/// use spyhole_alert::Alerts;
/// use spyhole_protocol::Severity;
///
/// # fn main() -> Result<(), spyhole_alert::AlertError> {
/// let alerts = Alerts::default()
///     .parse("[rules.noisy-filters]\nwarning = 0.6\nlayers = ['conv1', 'blocks.*']")?
///     .silence("dead-maps")?
///     .webhook("https://example.org/hook", Severity::Warning)?
///     .stop_at(Severity::Critical);
/// # Ok(())
/// # }
/// ```
///
/// # The file
///
/// A TOML file changes, silences and adds rules, and says what to do about alerts. All keys are
/// optional, except that a new rule needs `metric`, `compare` and a level.
///
/// ```toml
/// [rules.noisy-filters]          # changes a default rule
/// warning = 0.6                  # info, warning, critical: a threshold; false takes the level away
/// clear = 0.4                    # the alert ends below this; false: below the mildest threshold
/// layers = ["conv1", "blocks.*"] # or "first", or "all"
/// patience = 5                   # readings running before it is raised
/// clear_patience = 2             # and before it ends
/// warm_up = { epochs = 5, share = 0.1 } # the larger of the two; or just a number of epochs
/// unless = ["stuck-at-start", "dead-filters:critical"]
///
/// [rules.copies-of-input]
/// silenced = true
///
/// [rules.giant-steps]            # adds one
/// metric = "update_ratio"        # or train:NAME, valid:NAME, train:*, valid:*
/// compare = "at_least"           # or "at_most", or "not_finite" (then: critical = true)
/// critical = 10
/// title = "weights change too much per epoch"
/// sentence = "{layer} has changed by {value} of its size"
/// meaning = "…"
/// causes = ["…"]
/// advice = ["…"]
///
/// [[webhook]]
/// url = "https://example.org/hook"
/// severity = "warning"           # and above; this is the default
///
/// [[command]]
/// run = ["notify-send", "spyhole"]
///
/// [stop]                         # ends the training
/// severity = "critical"
/// rules = ["not-finite"] # these at any severity
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Alerts {
    rules: Vec<Rule>,
    actions: Actions,
    /// Statistics beside those of the catalogue.
    own: Vec<Statistic>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self { rules: rules::defaults(), ..Self::none() }
    }
}

impl Alerts {
    /// No rules and no actions, for whoever wants only rules of their own.
    #[must_use]
    pub fn none() -> Self {
        Self { rules: Vec::new(), actions: Actions::default(), own: Vec::new() }
    }

    /// Adds a rule at the end, or puts it in the place of the one with the same id.
    ///
    /// # Errors
    /// When the rule is wrong in itself, or refers to rules that are not there.
    pub fn with(mut self, rule: Rule) -> Result<Self, AlertError> {
        self.put(rule);
        validate::rules(&self.rules, &self.own)?;
        Ok(self)
    }

    /// Adds a statistic of layers that somebody else measures, so that the rules added after it can look at it.
    /// The same one again changes nothing.
    ///
    /// # Errors
    /// When its name cannot be used, or is that of another statistic.
    pub fn statistic(mut self, statistic: Statistic) -> Result<Self, AlertError> {
        if self.own.contains(&statistic) {
            return Ok(self);
        }
        let names = self.own.iter().map(|own| own.name.as_str());
        validate::statistic(&statistic, statistic::names().chain(names))?;
        self.own.push(statistic);
        Ok(self)
    }

    /// Switches a rule off.
    ///
    /// # Errors
    /// When there is no such rule.
    pub fn silence(mut self, id: &str) -> Result<Self, AlertError> {
        self.known(id, "silence")?;
        for rule in self.rules.iter_mut().filter(|rule| rule.id == id) {
            rule.silenced = true;
        }
        Ok(self)
    }

    /// Applies a TOML file.
    ///
    /// # Errors
    /// When it cannot be read, or says something wrong.
    pub fn load(self, path: impl AsRef<Path>) -> Result<Self, AlertError> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)
            .map_err(|source| AlertError::Read { path: path.to_owned(), source })?;
        self.apply(&text, Some(path))
    }

    /// Applies a text in TOML.
    ///
    /// # Errors
    /// When it says something wrong.
    pub fn parse(self, toml: &str) -> Result<Self, AlertError> {
        self.apply(toml, None)
    }

    fn apply(mut self, text: &str, path: Option<&Path>) -> Result<Self, AlertError> {
        file::apply(&mut self, text, path)?;
        Ok(self)
    }

    /// Posts alerts of that severity and above to a web address.
    ///
    /// # Errors
    /// When it is no `http` or `https` address.
    pub fn webhook(mut self, url: impl Into<String>, from: Severity) -> Result<Self, AlertError> {
        self.actions.webhooks.push(Webhook::new(url.into(), from)?);
        Ok(self)
    }

    /// Starts a program (first its name, then its arguments; no shell) for alerts of that severity and
    /// above.
    ///
    /// # Errors
    /// When no program is named.
    pub fn command<P: Into<String>>(
        mut self,
        run: impl IntoIterator<Item = P>,
        from: Severity,
    ) -> Result<Self, AlertError> {
        let run = run.into_iter().map(Into::into).collect();
        self.actions.commands.push(Command::new(run, from)?);
        Ok(self)
    }

    /// Ends the training at alerts of that severity and above.
    #[must_use]
    pub fn stop_at(mut self, from: Severity) -> Self {
        self.actions.stop.from = Some(from);
        self
    }

    /// Ends the training at alerts of that rule, also if it is told to stop at a severity.
    ///
    /// # Errors
    /// When there is no such rule.
    pub fn stop_on(mut self, rule: &str) -> Result<Self, AlertError> {
        self.known(rule, "stop")?;
        self.actions.stop.on(rule.to_owned());
        Ok(self)
    }

    /// The rules, silenced ones too, in the order in which they are looked at.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What is to be done about alerts.
    #[must_use]
    pub fn actions(&self) -> &Actions {
        &self.actions
    }

    /// Whether the rules fit the model.
    ///
    /// # Errors
    /// When a rule that is not silenced names a layer, or a pattern, that fits none of them.
    pub fn check(&self, layers: &[Layer]) -> Result<(), AlertError> {
        for rule in self.rules.iter().filter(|rule| !rule.silenced) {
            let Layers::Named(patterns) = &rule.layers else { continue };
            let names = || layers.iter().map(|layer| layer.name.as_str());
            let lost = patterns.iter().find(|pattern| !names().any(|name| matches(pattern, name)));
            if let Some(pattern) = lost {
                let error = AlertError::UnknownLayer {
                    rule: rule.id.clone(),
                    pattern: pattern.clone(),
                    hint: spelling::among(pattern, names()),
                };
                return Err(error.at(rule.origin.as_ref()));
            }
        }
        Ok(())
    }

    /// Statistics and rules in the words of a [`Watchlist`](spyhole_protocol::Watchlist), for these
    /// layers and this plan.
    #[must_use]
    pub fn describe(
        &self,
        layers: &[Layer],
        last_epoch: Option<u32>,
    ) -> (Vec<Statistic>, Vec<AlertRule>) {
        let rules = self.rules.iter().map(|rule| rule.describe(layers, last_epoch)).collect();
        (statistic::all().into_iter().chain(self.own.iter().cloned()).collect(), rules)
    }

    /// Puts the rule in its place, unchecked.
    pub(crate) fn put(&mut self, mut rule: Rule) {
        rule.own = self.own.iter().find(|own| own.name == rule.metric).cloned();
        match self.rules.iter_mut().find(|known| known.id == rule.id) {
            Some(known) => *known = rule,
            None => self.rules.push(rule),
        }
    }

    /// Statistics beside those of the catalogue.
    pub(crate) fn own(&self) -> &[Statistic] {
        &self.own
    }

    pub(crate) fn known(&self, id: &str, wanted_for: &str) -> Result<(), AlertError> {
        if self.rules.iter().any(|rule| rule.id == id) {
            return Ok(());
        }
        Err(AlertError::UnknownRule {
            wanted_for: wanted_for.into(),
            rule: id.into(),
            hint: spelling::among(id, self.rules.iter().map(|rule| rule.id.as_str())),
        })
    }

    pub(crate) fn actions_mut(&mut self) -> &mut Actions {
        &mut self.actions
    }
}
