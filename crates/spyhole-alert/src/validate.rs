//! What must hold of rules, whatever the model: of each, and between them.

use spyhole_protocol::{Compare, Scale, Statistic, Subject};

use crate::error::AlertError;
use crate::layers::Layers;
use crate::rule::Rule;
use crate::{spelling, statistic};

/// Looks at each rule, then at what they say of each other. `own`: statistics beside those of the catalogue.
pub(crate) fn rules(rules: &[Rule], own: &[Statistic]) -> Result<(), AlertError> {
    for rule in rules {
        alone(rule, own).map_err(|error| error.at(rule.origin.as_ref()))?;
    }
    for rule in rules {
        among_others(rule, rules).map_err(|error| error.at(rule.origin.as_ref()))?;
    }
    order(rules).map(drop)
}

/// A statistic that is to stand beside others of these names.
pub(crate) fn statistic<'a>(
    statistic: &Statistic,
    mut others: impl Iterator<Item = &'a str>,
) -> Result<(), AlertError> {
    let name = &statistic.name;
    let bad = |problem| Err(AlertError::BadStatistic { name: name.clone(), problem });
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) {
        return bad("its name is made of letters, digits, `-`, `_` and `.`");
    }
    if others.any(|other| other == name) {
        return bad("there is another statistic of that name; choose a different one");
    }
    if statistic.subject == Subject::Network {
        return bad(
            "its subject is the whole network, but analyses give numbers of layers; choose filters or maps",
        );
    }
    Ok(())
}

fn bad(rule: &Rule, problem: impl Into<String>) -> AlertError {
    AlertError::BadRule { rule: rule.id.clone(), problem: problem.into() }
}

fn alone(rule: &Rule, own: &[Statistic]) -> Result<(), AlertError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if rule.id.is_empty() || !rule.id.chars().all(plain) {
        return Err(bad(rule, "a rule's name is made of letters, digits, `-`, `_` and `.`"));
    }
    if rule.training_metric().is_none() && rule.shown_as().is_none() {
        return Err(unknown_metric(rule, &rule.metric, own));
    }
    if !rule.is_of_layers() {
        let what = if rule.is_of_network() {
            "a statistic of the whole network"
        } else {
            "a metric of the whole training"
        };
        if rule.layers != Layers::All {
            return Err(bad(rule, format!("`{}` is {what}; it has no `layers`", rule.metric)));
        }
        if !rule.hints.is_empty() {
            return Err(bad(rule, format!("hints look at statistics of a layer; {what} has none")));
        }
    }
    levels(rule)?;
    if rule.patience == 0 || rule.clear_patience == 0 {
        return Err(bad(
            rule,
            "`patience` and `clear_patience` count readings and must be 1 or more",
        ));
    }
    if !(0.0..=1.0).contains(&rule.warm_up.share) {
        let share = rule.warm_up.share;
        return Err(bad(rule, format!("the warm-up's `share` is {share}; expected 0 to 1")));
    }
    if let Layers::Named(patterns) = &rule.layers
        && (patterns.is_empty() || patterns.iter().any(String::is_empty))
    {
        return Err(bad(
            rule,
            "`layers` is empty or holds an empty name; expected layer names, \"first\" or \"all\"",
        ));
    }
    for condition in rule.hints.iter().flat_map(|hint| &hint.when) {
        let is_own = own.iter().any(|own| own.name == condition.statistic);
        if !is_own && statistic::shown_as(&condition.statistic).is_none() {
            return Err(unknown_metric(rule, &condition.statistic, own));
        }
        if condition.threshold.is_nan() {
            return Err(bad(rule, "a hint compares with NaN; expected a number"));
        }
    }
    Ok(())
}

fn unknown_metric(rule: &Rule, name: &str, own: &[Statistic]) -> AlertError {
    let own = own.iter().map(|own| own.name.as_str());
    let training = ["train:NAME", "valid:NAME", "train:*", "valid:*"];
    AlertError::UnknownMetric {
        rule: rule.id.clone(),
        metric: name.into(),
        hint: spelling::among(name, statistic::names().chain(own).chain(training)),
    }
}

fn levels(rule: &Rule) -> Result<(), AlertError> {
    if rule.levels.is_empty() {
        return Err(bad(
            rule,
            "it has no level; expected at least one of `info`, `warning`, `critical`",
        ));
    }
    let thresholds: Vec<f64> = rule.levels.iter().filter_map(|level| level.threshold).collect();
    if rule.compare == Compare::NotFinite {
        let one = rule.levels.len() == 1 && thresholds.is_empty() && rule.clear.is_none();
        return if one {
            Ok(())
        } else {
            Err(bad(
                rule,
                "`not_finite` compares with no number; expected one of `info`, `warning`, `critical` \
                 to be true, and no `clear`",
            ))
        };
    }
    if thresholds.len() != rule.levels.len() {
        return Err(bad(rule, "a level is `true`; expected a threshold, a number"));
    }
    for &number in thresholds.iter().chain(&rule.clear) {
        number_fits(rule, number)?;
    }
    let worse = |milder: f64, worse: f64| match rule.compare {
        Compare::AtMost => worse < milder,
        _ => worse > milder,
    };
    let (direction, good) = match rule.compare {
        Compare::AtMost => ("fall", "not below"),
        _ => ("rise", "not above"),
    };
    if thresholds.windows(2).any(|pair| !worse(pair[0], pair[1])) {
        return Err(bad(
            rule,
            format!("its thresholds must {direction} from `info` to `warning` to `critical`"),
        ));
    }
    if let Some(clear) = rule.clear
        && worse(thresholds[0], clear)
    {
        let mildest = thresholds[0];
        return Err(bad(
            rule,
            format!(
                "`clear` is {clear}, on the bad side of the mildest threshold {mildest}, so that alerts \
                 would never settle; expected a number {good} {mildest}, or `clear = false`"
            ),
        ));
    }
    Ok(())
}

fn number_fits(rule: &Rule, number: f64) -> Result<(), AlertError> {
    if !number.is_finite() {
        return Err(bad(rule, format!("a threshold is {number}; expected a finite number")));
    }
    let (range, expected) = match rule.shown_as() {
        Some((_, Scale::Share)) => (0.0..=1.0, "a share from 0 to 1 (0.5 for 50 %)"),
        Some((_, Scale::Signed)) => (-1.0..=1.0, "a number from -1 to 1"),
        _ => return Ok(()),
    };
    if range.contains(&number) {
        return Ok(());
    }
    Err(bad(rule, format!("a threshold is {number}, but `{}` is {expected}", rule.metric)))
}

fn among_others(rule: &Rule, rules: &[Rule]) -> Result<(), AlertError> {
    for unless in &rule.unless {
        let Some(other) = rules.iter().find(|other| other.id == unless.rule) else {
            return Err(AlertError::UnknownRule {
                wanted_for: format!("rule `{}`, `unless`", rule.id),
                rule: unless.rule.clone(),
                hint: spelling::among(&unless.rule, rules.iter().map(|rule| rule.id.as_str())),
            });
        };
        // What is wrong with the whole network explains everything else.
        let meet = other.is_of_network()
            || (rule.is_of_layers() == other.is_of_layers() && !rule.is_of_network());
        if !meet {
            return Err(bad(
                rule,
                format!(
                    "`unless` names `{}`, but the two look at different things (layers, metrics of the \
                     training, the whole network), so that they never meet",
                    other.id
                ),
            ));
        }
    }
    Ok(())
}

/// The order in which rules must be looked at, as positions: what explains others comes before them,
/// otherwise as they stand.
pub(crate) fn order(rules: &[Rule]) -> Result<Vec<usize>, AlertError> {
    let mut order = Vec::with_capacity(rules.len());
    let mut left: Vec<usize> = (0..rules.len()).collect();
    while !left.is_empty() {
        let waits = |at: usize| {
            let explains = |&other: &usize| {
                rules[at].unless.iter().any(|unless| unless.rule == rules[other].id)
            };
            left.iter().any(explains)
        };
        let Some(next) = left.iter().position(|&at| !waits(at)) else {
            let ids: Vec<String> = left.iter().map(|&at| format!("`{}`", rules[at].id)).collect();
            let problem = format!(
                "`unless` goes round in a circle among {}; take one of them away",
                ids.join(", ")
            );
            let rule = &rules[left[0]];
            return Err(bad(rule, problem).at(rule.origin.as_ref()));
        };
        order.push(left.remove(next));
    }
    Ok(order)
}
