//! Any text as a file of rules: it is understood, or the error says in which line it is not; and what is understood is
//! what was written. `SPYHOLE_FUZZ=5000` tries that many; the default keeps CI quick.

mod run;

use proptest::prelude::*;
use proptest::sample::select;
use run::*;
use spyhole_alert::Alerts;
use spyhole_protocol::Compare;

fn cases(default: u32) -> u32 {
    std::env::var("SPYHOLE_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Lines of a file, sensible or not.
fn line() -> impl Strategy<Value = String> {
    let key = select(vec![
        "warning", "critical", "info", "clear", "layers", "patience", "warm_up", "unless",
        "metric", "compare", "title", "silenced", "url", "run", "severity", "rules", "'", "a.b",
        "",
    ]);
    let value = select(vec![
        "0.5",
        "1e308",
        "-1",
        "nan",
        "true",
        "false",
        "'all'",
        "'first'",
        "['conv']",
        "{ share = 0.1 }",
        "'growth'",
        "'noise_share'",
        "'at_least'",
        "'at_most'",
        "'not_finite'",
        "'https://x.org'",
        "\"",
        "[",
        "'''",
        "2026-11-27",
    ]);
    let section = select(vec![
        "[rules.own]",
        "[rules.noisy-filters]",
        "[[webhook]]",
        "[[command]]",
        "[stop]",
        "[rules]",
        "[rules.\"a b\"]",
        "[",
    ]);
    prop_oneof![
        6 => (key, value).prop_map(|(key, value)| format!("{key} = {value}")),
        3 => section.prop_map(String::from),
        1 => "\\PC{0,30}",
    ]
}

/// The number behind `line`, if the text begins so.
fn line_of(error: &str) -> Option<usize> {
    error.strip_prefix("line ")?.split(':').next()?.parse().ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(1000)))]

    #[test]
    fn an_error_names_a_line_of_the_file(lines in proptest::collection::vec(line(), 0..12)) {
        let text = lines.join("\n");
        if let Err(error) = Alerts::default().parse(&text) {
            let error = error.to_string();
            let line = line_of(&error);
            prop_assert!(line.is_some_and(|line| (1..=lines.len().max(1)).contains(&line)), "{error}\n{text}");
        }
    }

    #[test]
    fn what_was_written_is_what_is_described(
        id in "[a-z]{1,8}-[a-z0-9]{1,5}",
        at_least: bool,
        thresholds in (-1e6..1e6f64, 0.001..1e6f64),
        patience in 1..1000u32,
        clear_patience in 1..1000u32,
        warm_up in 0..50u32,
        silenced: bool,
        title in "[^\\p{C}]{1,40}",
    ) {
        let (mild, more) = thresholds;
        let (compare, severe) = match at_least {
            true => ("at_least", mild + more),
            false => ("at_most", mild - more),
        };
        let title = title.trim().to_owned() + "!";
        let quoted = serde_json::to_string(&title).unwrap();
        let text = format!(
            "[rules.{id}]\nmetric = 'growth'\ncompare = '{compare}'\nwarning = {mild:?}\ncritical = {severe:?}\n\
             patience = {patience}\nclear_patience = {clear_patience}\nwarm_up = {warm_up}\nsilenced = {silenced}\n\
             title = {quoted}\n"
        );
        let alerts = Alerts::none().parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let (_, rules) = alerts.describe(&[layer(LAYER, true)], None);
        let rule = rules.iter().find(|rule| rule.id == id).expect("the rule");
        let levels: Vec<_> = rule.levels.iter().map(|level| level.threshold).collect();
        prop_assert_eq!(levels, [Some(mild), Some(severe)]);
        let compared = if at_least { Compare::AtLeast } else { Compare::AtMost };
        prop_assert_eq!(rule.compare, compared);
        prop_assert_eq!((rule.patience, rule.clear_patience, rule.warm_up), (patience, clear_patience, warm_up));
        prop_assert_eq!((rule.silenced, &rule.title), (silenced, &title));
    }
}
