use spyhole_protocol::{Alert, AlertState, Severity};

use crate::error::AlertError;

/// What is to be done about alerts. This crate only knows it; others carry it out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// Addresses that alerts are posted to.
    pub webhooks: Vec<Webhook>,
    /// Programs that are started for alerts.
    pub commands: Vec<Command>,
    /// Which alerts end the training.
    pub stop: Stop,
}

impl Actions {
    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.webhooks.is_empty() && self.commands.is_empty() && self.stop == Stop::default()
    }
}

/// Posts alerts to a web address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// An `http` or `https` address. It may hold a secret.
    pub url: String,
    /// The mildest alerts that are posted.
    pub from: Severity,
}

impl Webhook {
    pub(crate) fn new(url: String, from: Severity) -> Result<Self, AlertError> {
        // The address itself is not repeated, for it may hold a secret.
        let wrong = |problem| AlertError::BadAction { section: "[[webhook]]", problem };
        if url.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong(
                "the `url` holds spaces or control characters; expected https://host/path",
            ));
        }
        let rest = url
            .split_once("://")
            .filter(|(scheme, _)| ["http", "https"].iter().any(|s| s.eq_ignore_ascii_case(scheme)))
            .map(|(_, rest)| rest)
            .ok_or_else(|| wrong("the `url` must begin with https:// or http://"))?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        // Colons inside the brackets of an IPv6 address do not begin a port.
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
            _ => (host, None),
        };
        if name.is_empty() || name == "[]" {
            return Err(wrong("the `url` names no host; expected https://host/path"));
        }
        if port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(wrong("the `url` has a port that is not a number up to 65535"));
        }
        Ok(Self { url, from })
    }

    /// Whether this alert is to be posted. The end of an alert counts as severe as it was at its worst,
    /// so whoever heard of it hears of its end.
    #[must_use]
    pub fn wants(&self, alert: &Alert) -> bool {
        alert.severity >= self.from
    }
}

/// Starts a program for alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments. No shell is involved.
    pub run: Vec<String>,
    /// The mildest alerts that it is started for.
    pub from: Severity,
}

impl Command {
    pub(crate) fn new(run: Vec<String>, from: Severity) -> Result<Self, AlertError> {
        let wrong = |problem| AlertError::BadAction { section: "[[command]]", problem };
        if run.first().is_none_or(|program| program.trim().is_empty()) {
            return Err(wrong(
                "`run` names no program; expected run = [\"program\", \"argument\", …]",
            ));
        }
        if run.iter().any(|part| part.contains('\0')) {
            return Err(wrong("`run` holds a NUL character, which no program can be given"));
        }
        Ok(Self { run, from })
    }

    /// Whether it is to be started for this alert; ends of alerts as for [`Webhook::wants`].
    #[must_use]
    pub fn wants(&self, alert: &Alert) -> bool {
        alert.severity >= self.from
    }
}

/// Which alerts end the training; by default none. Either condition is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// Alerts of this severity and above, whatever the rule.
    pub from: Option<Severity>,
    /// Alerts of these rules, whatever the severity.
    pub rules: Vec<String>,
}

impl Stop {
    pub(crate) fn on(&mut self, rule: String) {
        if !self.rules.contains(&rule) {
            self.rules.push(rule);
        }
    }

    /// Whether the training is to end because of this alert. The end of an alert stops nothing.
    #[must_use]
    pub fn wants(&self, alert: &Alert) -> bool {
        alert.state != AlertState::Resolved
            && (self.from.is_some_and(|from| alert.severity >= from)
                || self.rules.contains(&alert.rule))
    }
}
