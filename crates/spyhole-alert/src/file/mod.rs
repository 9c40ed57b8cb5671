//! The file in which people change rules and say what to do about alerts.

mod rule;
mod section;

use std::path::Path;

use spyhole_protocol::Severity;
use toml::de::DeTable;

use self::section::{Section, Source};
use crate::actions::{Command, Webhook};
use crate::alerts::Alerts;
use crate::error::AlertError;
use crate::validate;

/// Applies the text on top of what is there. After an error, some of it may be applied.
pub(crate) fn apply(
    alerts: &mut Alerts,
    text: &str,
    path: Option<&Path>,
) -> Result<(), AlertError> {
    let source = Source { text, path };
    let root = DeTable::parse(text).map_err(|error| {
        let place = source.place(error.span().map_or(0, |span| span.start));
        AlertError::Syntax(error.message().to_owned()).at(Some(&place))
    })?;
    let root = Section::new("the file", root.get_ref(), source);
    root.only(&["rules", "webhook", "command", "stop"])?;

    for (id, place, table) in root.tables("rules")? {
        let section = Section::new(format!("rule `{id}`"), table, source);
        rule::apply(alerts, id, place, &section)?;
    }
    validate::rules(alerts.rules(), alerts.own())?;

    for (place, table) in root.list_of_tables("webhook")? {
        let section = Section::new("[[webhook]]", table, source);
        section.only(&["url", "severity"])?;
        let url = section.text("url")?.unwrap_or_default();
        let from = section.severity("severity")?.unwrap_or(Severity::Warning);
        let webhook = Webhook::new(url, from).map_err(|error| error.at(Some(&place)))?;
        alerts.actions_mut().webhooks.push(webhook);
    }
    for (place, table) in root.list_of_tables("command")? {
        let section = Section::new("[[command]]", table, source);
        section.only(&["run", "severity"])?;
        let run = section.texts("run")?.unwrap_or_default();
        let from = section.severity("severity")?.unwrap_or(Severity::Warning);
        let command = Command::new(run, from).map_err(|error| error.at(Some(&place)))?;
        alerts.actions_mut().commands.push(command);
    }
    if let Some((place, table)) = root.table("stop")? {
        let section = Section::new("[stop]", table, source);
        section.only(&["severity", "rules"])?;
        let from = section.severity("severity")?;
        let rules = section.texts("rules")?.unwrap_or_default();
        if from.is_none() && rules.is_empty() {
            let problem = "it says nothing; expected `severity` or `rules`";
            return Err(AlertError::BadAction { section: "[stop]", problem }.at(Some(&place)));
        }
        for rule in &rules {
            alerts.known(rule, "[stop]").map_err(|error| error.at(Some(&place)))?;
        }
        let stop = &mut alerts.actions_mut().stop;
        stop.from = from.or(stop.from);
        rules.into_iter().for_each(|rule| stop.on(rule));
    }
    Ok(())
}
