//! Rules and actions as people write them.

mod run;

use proptest::prelude::*;
use run::*;
use spyhole_alert::{AlertError, Alerts, Command, Hint, Rule, Stop, Webhook, statistic};
use spyhole_protocol::{Alert, AlertRule, AlertState, Compare, Scale, Statistic, Subject};

fn described(alerts: &Alerts, id: &str) -> AlertRule {
    let (_, rules) =
        alerts.describe(&[layer(LAYER, true), layer("blocks.0.conv1", false)], Some(100));
    rules.into_iter().find(|rule| rule.id == id).unwrap()
}

const EVERYTHING: &str = r#"
[rules.noisy-filters]
warning = 0.6
critical = 0.9
clear = 0.4
layers = ["conv1", "none.*"]
patience = 5
clear_patience = 3
warm_up = { share = 0.2 }
unless = ["stuck-at-start", "dead-filters: warning"]

[rules.copies-of-input]
silenced = true

[rules.dead-maps]
critical = false
clear = false
layers = "first"
warm_up = 7

[rules.steps]
metric = "update_ratio"
compare = "at_least"
critical = 1_000
info = 0.5
title = "steps are too large"
sentence = "{layer} has changed by {value}"
meaning = "They are."
causes = ["The learning rate."]
advice = ["Lower it.", "Much."]

[rules.valid-not-finite]
metric = "valid:*"
compare = "not_finite"
warning = true

[[webhook]]
url = "https://user:secret@example.org:8443/hook?key=1#x"

[[webhook]]
url = "http://[::1]/"
severity = "info"

[[command]]
run = ["notify-send", "spyhole"]
severity = "critical"

[stop]
severity = "critical"
rules = ["noisy-layer", "steps"]
"#;

#[test]
fn a_file_changes_silences_and_adds() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.toml");
    std::fs::write(&path, EVERYTHING).unwrap();
    let alerts = Alerts::default().load(&path).unwrap();

    let noisy = described(&alerts, "noisy-filters");
    let levels: Vec<_> = noisy.levels.iter().map(|l| (l.severity, l.threshold)).collect();
    assert_eq!(levels, [(Warning, Some(0.6)), (Critical, Some(0.9))]);
    assert_eq!((noisy.clear, noisy.patience, noisy.clear_patience), (Some(0.4), 5, 3));
    assert_eq!((noisy.warm_up, noisy.layers), (20, vec![LAYER.to_owned()]));
    assert_eq!(noisy.unless, ["stuck-at-start", "dead-filters"]);
    assert_eq!(noisy.title, "filters look like noise");

    assert!(described(&alerts, "copies-of-input").silenced);
    let maps = described(&alerts, "dead-maps");
    assert_eq!((maps.levels.len(), maps.clear, maps.warm_up), (1, None, 7));
    assert_eq!(maps.layers, [LAYER]);

    let steps = described(&alerts, "steps");
    assert_eq!((steps.metric.as_str(), steps.compare), (statistic::UPDATE_RATIO, Compare::AtLeast));
    let levels: Vec<_> = steps.levels.iter().map(|l| (l.severity, l.threshold)).collect();
    assert_eq!(levels, [(Info, Some(0.5)), (Critical, Some(1000.0))]);
    assert_eq!((steps.patience, steps.clear_patience, steps.warm_up), (1, 1, 0));
    assert_eq!((steps.causes.len(), steps.advice.len()), (1, 2));
    let new: Vec<&str> = alerts.rules()[12..].iter().map(Rule::id).collect();
    assert_eq!(new, ["steps", "valid-not-finite"]);
    assert_eq!(described(&alerts, "valid-not-finite").levels[0].threshold, None);

    let actions = alerts.actions();
    let hooks: Vec<_> = actions.webhooks.iter().map(|hook| hook.from).collect();
    assert_eq!(hooks, [Warning, Info]);
    let command = Command { run: vec!["notify-send".into(), "spyhole".into()], from: Critical };
    assert_eq!(actions.commands, [command]);
    let rules = vec!["noisy-layer".into(), "steps".into()];
    assert_eq!(actions.stop, Stop { from: Some(Critical), rules });
}

#[test]
fn the_example_in_the_documentation_is_valid() {
    let source = include_str!("../src/alerts.rs");
    let (_, rest) = source.split_once("/// ```toml\n").unwrap();
    let (example, _) = rest.split_once("/// ```\n").unwrap();
    let example: String =
        example.lines().map(|line| line.trim_start_matches("///").to_owned() + "\n").collect();
    Alerts::default().parse(&example).unwrap();
}

#[test]
fn nothing_said_is_nothing_changed() {
    assert_eq!(Alerts::default().parse("").unwrap(), Alerts::default());
    assert!(Alerts::default().actions().is_empty());
    assert!(Alerts::none().rules().is_empty());
}

#[test]
fn code_does_what_the_file_does() {
    let alerts = Alerts::default()
        .with(Rule::at_least("steps", statistic::UPDATE_RATIO).info(0.5).critical(1000.0))
        .and_then(|alerts| alerts.silence("dead-maps"))
        .and_then(|alerts| alerts.webhook("https://example.org/hook", Warning))
        .and_then(|alerts| alerts.command(["notify-send", "spyhole"], Critical))
        .and_then(|alerts| alerts.stop_on("steps"))
        .unwrap()
        .stop_at(Critical);
    let actions = alerts.actions();
    assert_eq!(actions.webhooks[0].url, "https://example.org/hook");
    assert_eq!(actions.stop, Stop { from: Some(Critical), rules: vec!["steps".into()] });
    assert!(alerts.rules().iter().all(|rule| rule.is_silenced() == (rule.id() == "dead-maps")));
    // The same id takes the old one's place.
    let rules = alerts.rules().len();
    let alerts = alerts.with(Rule::at_least("steps", statistic::UPDATE_RATIO).info(0.1)).unwrap();
    assert_eq!(alerts.rules().len(), rules);
    assert_eq!(described(&alerts, "steps").levels.len(), 1);
}

#[test]
fn what_actions_want() {
    let mut alert: Alert = serde_json::from_value(serde_json::json!({
        "rule": "steps", "layer": null, "metric": "train:Loss", "state": "raised", "severity": "warning",
        "epoch": 1, "since": 1, "value": null, "threshold": null, "title": "", "message": "",
        "hints": [], "units": [],
    }))
    .unwrap();
    let hook = |from| Webhook { url: "https://example.org".into(), from };
    assert!(
        hook(Info).wants(&alert) && hook(Warning).wants(&alert) && !hook(Critical).wants(&alert)
    );
    assert!(Command { run: vec!["x".into()], from: Warning }.wants(&alert));
    let at = |from| Stop { from: Some(from), rules: Vec::new() };
    let on = |rule: &str| Stop { from: None, rules: vec![rule.into()] };
    assert!(at(Warning).wants(&alert) && !at(Critical).wants(&alert));
    assert!(on("steps").wants(&alert) && !on("other").wants(&alert));
    assert!(!Stop::default().wants(&alert));
    alert.state = AlertState::Resolved;
    assert!(hook(Warning).wants(&alert) && !at(Info).wants(&alert) && !on("steps").wants(&alert));
}

const RULES: &str = "not-finite, loss-not-finite, dead-filters, stuck-at-start, dominant-filter, \
                     growing-weights, duplicate-filters, noisy-filters, noisy-layer, dead-maps, \
                     saturated-maps, copies-of-input";
const KEYS: &str = "silenced, metric, compare, info, warning, critical, clear, patience, clear_patience, \
                    warm_up, layers, unless, title, sentence, meaning, causes, advice";
const METRICS: &str = "not_finite_places, not_finite, dead_filters, distance_from_start, dominance, growth, \
                       duplicate_filters, max_cosine, noise_share, structure_p_value, update_ratio, \
                       step_cosine, start_alignment, residual_noise_share, rms, sparsity, \
                       variance_entropy, orthogonality, dead_maps, saturated_maps, input_copies, \
                       input_likeness, zero_share, lifetime_sparseness, population_sparseness, \
                       localisation, train:NAME, valid:NAME, train:*, valid:*";

#[test]
fn what_is_wrong_in_a_file_is_said() {
    let own = "[rules.own]\nmetric = 'growth'\ncompare = 'at_least'\n";
    let cases: &[(&str, String)] = &[
        ("rules = 3", "line 1: the file: `rules` is 3; expected tables: [rules.NAME]".into()),
        ("rules.own = 3", "line 1: [rules]: `own` is 3; expected tables: [rules.NAME]".into()),
        ("[rule.own]", "line 1: the file: unknown key `rule`; did you mean `rules`? known: rules, webhook, command, stop".into()),
        ("[rules.noisy-filters]\nwarnin = 0.6", format!("line 2: rule `noisy-filters`: unknown key `warnin`; did you mean `warning`? known: {KEYS}")),
        ("[rules.noisy-filters]\nwarning = 'high'", "line 2: rule `noisy-filters`: `warning` is \"high\"; expected a threshold, or false for no such level".into()),
        ("[rules.noisy-filters]\nclear = []", "line 2: rule `noisy-filters`: `clear` is a list; expected a number, or false for the mildest threshold".into()),
        ("[rules.noisy-filters]\nsilenced = 1", "line 2: rule `noisy-filters`: `silenced` is 1; expected true or false".into()),
        ("[rules.noisy-filters]\npatience = 2.5", "line 2: rule `noisy-filters`: `patience` is 2.5; expected a whole number, 0 or more".into()),
        ("[rules.noisy-filters]\npatience = -1", "line 2: rule `noisy-filters`: `patience` is -1; expected a whole number, 0 or more".into()),
        ("[rules.noisy-filters]\npatience = 0", "line 1: rule `noisy-filters`: `patience` and `clear_patience` count readings and must be 1 or more".into()),
        ("[rules.noisy-filters]\nwarm_up = 'long'", "line 2: rule `noisy-filters`: `warm_up` is \"long\"; expected a number of epochs, or { epochs = 5, share = 0.1 }".into()),
        ("[rules.noisy-filters]\nwarm_up = { epoch = 5 }", "line 2: rule `noisy-filters`, `warm_up`: unknown key `epoch`; did you mean `epochs`? known: epochs, share".into()),
        ("[rules.noisy-filters]\nwarm_up = { share = 10 }", "line 1: rule `noisy-filters`: the warm-up's `share` is 10; expected 0 to 1".into()),
        ("[rules.noisy-filters]\nlayers = 'conv1'", "line 2: rule `noisy-filters`: `layers` is \"conv1\"; expected \"all\", \"first\", or a list of names such as [\"conv1\", \"blocks.*\"]".into()),
        ("[rules.noisy-filters]\nlayers = []", "line 1: rule `noisy-filters`: `layers` is empty or holds an empty name; expected layer names, \"first\" or \"all\"".into()),
        ("[rules.noisy-filters]\nadvice = 'Rest.'", "line 2: rule `noisy-filters`: `advice` is \"Rest.\"; expected a list of texts: [\"…\", \"…\"]".into()),
        ("[rules.noisy-filters]\ntitle = 5", "line 2: rule `noisy-filters`: `title` is 5; expected a text in quotation marks".into()),
        ("[rules.noisy-filters]\nwarning = nan", "line 1: rule `noisy-filters`: a threshold is NaN; expected a finite number".into()),
        ("[rules.noisy-filters]\nwarning = 60", "line 1: rule `noisy-filters`: a threshold is 60, but `noise_share` is a share from 0 to 1 (0.5 for 50 %)".into()),
        ("[rules.noisy-filters]\nwarning = 0.3", "line 1: rule `noisy-filters`: `clear` is 0.35, on the bad side of the mildest threshold 0.3, so that alerts would never settle; expected a number not above 0.3, or `clear = false`".into()),
        ("[rules.stuck-at-start]\nclear = 1e-4", "line 1: rule `stuck-at-start`: `clear` is 0.0001, on the bad side of the mildest threshold 0.001, so that alerts would never settle; expected a number not below 0.001, or `clear = false`".into()),
        ("[rules.dead-maps]\ncritical = 0.1", "line 1: rule `dead-maps`: its thresholds must rise from `info` to `warning` to `critical`".into()),
        ("[rules.stuck-at-start]\ncritical = 0.1", "line 1: rule `stuck-at-start`: its thresholds must fall from `info` to `warning` to `critical`".into()),
        ("[rules.noisy-filters]\nwarning = false", "line 1: rule `noisy-filters`: it has no level; expected at least one of `info`, `warning`, `critical`".into()),
        ("[rules.noisy-filters]\nwarning = true", "line 1: rule `noisy-filters`: a level is `true`; expected a threshold, a number".into()),
        ("[rules.loss-not-finite]\ncritical = 5", "line 1: rule `loss-not-finite`: `not_finite` compares with no number; expected one of `info`, `warning`, `critical` to be true, and no `clear`".into()),
        ("[rules.not-finite]\nlayers = 'first'", "line 1: rule `not-finite`: `not_finite_places` is a statistic of the whole network; it has no `layers`".into()),
        ("[rules.not-finite]\nunless = ['dead-maps']", "line 1: rule `not-finite`: `unless` names `dead-maps`, but the two look at different things (layers, metrics of the training, the whole network), so that they never meet".into()),
        ("[rules.loss-not-finite]\nlayers = 'first'", "line 1: rule `loss-not-finite`: `train:*` is a metric of the whole training; it has no `layers`".into()),
        ("[rules.noisy-filters]\nmetric = 'noise_shar'", format!("line 1: rule `noisy-filters`: unknown metric `noise_shar`; did you mean `noise_share`? known: {METRICS}")),
        ("[rules.noisy-filters]\nmetric = 'test:Loss'", format!("line 1: rule `noisy-filters`: unknown metric `test:Loss`; known: {METRICS}")),
        ("[rules.noisy-filters]\ncompare = 'more'", "line 2: rule `noisy-filters`: `compare` is \"more\"; expected \"at_least\", \"at_most\", \"not_finite\"".into()),
        ("[rules.noisy-filters]\nunless = ['dead-filter']", format!("line 1: rule `noisy-filters`, `unless`: there is no rule `dead-filter`; did you mean `dead-filters`? known: {RULES}")),
        ("[rules.noisy-filters]\nunless = ['dead-filters:bad']", "line 2: rule `noisy-filters`: `unless` is a list; expected rules, each alone or with a severity: \"dead-filters:critical\"".into()),
        ("[rules.noisy-filters]\nunless = ['loss-not-finite']", "line 1: rule `noisy-filters`: `unless` names `loss-not-finite`, but the two look at different things (layers, metrics of the training, the whole network), so that they never meet".into()),
        ("[rules.noisy-filters]\nunless = ['noisy-layer']", "line 1: rule `noisy-filters`: `unless` goes round in a circle among `noisy-filters`, `noisy-layer`; take one of them away".into()),
        ("\n[rules.noisy-filter]\nwarning = 0.6", "line 2: rule `noisy-filter`: a new rule needs `metric`, `compare`, and at least one of `info`, `warning`, `critical`; or did you mean `noisy-filters`?".into()),
        (own, "line 1: rule `own`: a new rule needs `metric`, `compare`, and at least one of `info`, `warning`, `critical`".into()),
        ("[rules.'my own']\nmetric = 'growth'\ncompare = 'at_least'\ninfo = 1", "line 1: rule `my own`: a rule's name is made of letters, digits, `-`, `_` and `.`".into()),
        ("webhook = 'https://x'", "line 1: the file: `webhook` is \"https://x\"; expected tables: [[webhook]]".into()),
        ("[[webhook]]\nadress = 'https://x'", "line 2: [[webhook]]: unknown key `adress`; known: url, severity".into()),
        ("[[webhook]]\nseverity = 'info'", "line 1: [[webhook]]: the `url` must begin with https:// or http://".into()),
        ("[[webhook]]\nurl = 'ftp://secret'", "line 1: [[webhook]]: the `url` must begin with https:// or http://".into()),
        ("[[webhook]]\nurl = 'https:///secret'", "line 1: [[webhook]]: the `url` names no host; expected https://host/path".into()),
        ("[[webhook]]\nurl = 'https://secret me'", "line 1: [[webhook]]: the `url` holds spaces or control characters; expected https://host/path".into()),
        ("[[webhook]]\nurl = 'https://host:port/'", "line 1: [[webhook]]: the `url` has a port that is not a number up to 65535".into()),
        ("[[webhook]]\nurl = 'https://host/'\nseverity = 'high'", "line 3: [[webhook]]: `severity` is \"high\"; expected \"info\", \"warning\", \"critical\"".into()),
        ("[[command]]\nrun = []", "line 1: [[command]]: `run` names no program; expected run = [\"program\", \"argument\", …]".into()),
        ("[[command]]\nrun = 'notify-send'", "line 2: [[command]]: `run` is \"notify-send\"; expected a list of texts: [\"…\", \"…\"]".into()),
        ("[[command]]\nrun = [\"a\\u0000\"]", "line 1: [[command]]: `run` holds a NUL character, which no program can be given".into()),
        ("[stop]", "line 1: [stop]: it says nothing; expected `severity` or `rules`".into()),
        ("[stop]\nrules = ['nois']", format!("line 1: [stop]: there is no rule `nois`; known: {RULES}")),
        ("stop = true", "line 1: the file: `stop` is true; expected a table: [stop]".into()),
    ];
    for (text, expected) in cases {
        let error = Alerts::default().parse(text).unwrap_err();
        assert_eq!(error.to_string(), *expected, "{text}");
        assert!(!error.to_string().contains("secret"), "{text}");
    }
}

#[test]
fn a_file_is_named_in_its_errors() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alerts.toml");
    let shown = path.display();
    let error = Alerts::default().load(&path).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot read the alert file {shown}: ")), "{error}");

    for (text, expected) in [
        ("[rules.noisy-filters]\nwarning = ", "line 2: this is not valid TOML: "),
        ("[rules.a]\n[rules.a]\n", "line 2: this is not valid TOML: duplicate key"),
        ("\n\n[stop]\nwhen = 'now'", "line 4: [stop]: unknown key `when`; known: severity, rules"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Alerts::default().load(&path).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{shown}, {expected}")), "{error}");
    }

    std::fs::write(&path, "[rules.noisy-filters]\nlayers = ['conv1', 'conv9']").unwrap();
    let error = Alerts::default().load(&path).unwrap().check(&[layer(LAYER, true)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{shown}, line 1: rule `noisy-filters`: no layer matches `conv9`; did you mean `conv1`? known: \
             conv1"
        )
    );
}

#[test]
fn layers_are_checked_when_they_are_known() {
    let layers = [layer(LAYER, true), layer("blocks.0.conv1", false)];
    let rule = |patterns: &[&str]| noise().layers(patterns.iter().copied());
    let check = |alerts: Alerts| alerts.check(&layers).map_err(|error| error.to_string());
    let with = |patterns: &[&str]| Alerts::default().with(rule(patterns)).unwrap();
    assert_eq!(check(Alerts::default()), Ok(()));
    assert_eq!(check(with(&["*"])), Ok(()));
    assert_eq!(check(with(&["conv1", "blocks.*.conv1"])), Ok(()));
    let expected = "rule `noise`: no layer matches `block.*`; known: conv1, blocks.0.conv1";
    assert_eq!(check(with(&["conv1", "block.*"])), Err(expected.into()));
    assert_eq!(check(with(&["block.*"]).silence("noise").unwrap()), Ok(()));
    let error = with(&["conv1"]).check(&[]).unwrap_err().to_string();
    assert_eq!(error, "rule `noise`: no layer matches `conv1`; there are none");
}

#[test]
fn what_is_wrong_in_code_is_said() {
    let said = |result: Result<Alerts, AlertError>| result.unwrap_err().to_string();
    let alerts = Alerts::default;
    assert_eq!(
        said(alerts().silence("dead-map")),
        format!("silence: there is no rule `dead-map`; did you mean `dead-maps`? known: {RULES}")
    );
    assert!(said(alerts().stop_on("x")).starts_with("stop: there is no rule `x`; known: "));
    assert_eq!(
        said(alerts().webhook("example.org", Info)),
        "[[webhook]]: the `url` must begin with https:// or http://"
    );
    assert!(said(alerts().command([""], Info)).starts_with("[[command]]: `run` names no program"));
    let rule = || Rule::at_least("own", statistic::GROWTH).warning(2.0);
    for (rule, expected) in [
        (
            Rule::at_least("own", statistic::GROWTH),
            "rule `own`: it has no level; expected at least one of `info`, `warning`, `critical`",
        ),
        (rule().clear(f64::INFINITY), "rule `own`: a threshold is inf; expected a finite number"),
        (
            rule().hint(Hint::new("x").when_at_least("rms", f64::NAN)),
            "rule `own`: a hint compares with NaN; expected a number",
        ),
        (
            Rule::at_least("own", "train:Loss").warning(1.0).hint(Hint::new("x")),
            "rule `own`: hints look at statistics of a layer; a metric of the whole training has none",
        ),
        (
            rule().unless("own"),
            "rule `own`: `unless` goes round in a circle among `own`; take one of them away",
        ),
        (
            Rule::at_most("own", statistic::STEP_COSINE).warning(-2.0),
            "rule `own`: a threshold is -2, but `step_cosine` is a number from -1 to 1",
        ),
    ] {
        assert_eq!(said(Alerts::none().with(rule)), expected);
    }
    let hint = Hint::new("x").when_at_most("rmss", 1.0);
    let error = said(Alerts::none().with(rule().hint(hint)));
    assert_eq!(
        error,
        format!("rule `own`: unknown metric `rmss`; did you mean `rms`? known: {METRICS}")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}") {
        let _ = Alerts::default().parse(&text);
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0..EVERYTHING.len(), cut in 0..20usize, put in "[\\[\\]{}='\"0-9.a-z\n]{0,4}") {
        let bytes = EVERYTHING.as_bytes();
        let end = (at + cut).min(bytes.len());
        let damaged = [&bytes[..at], put.as_bytes(), &bytes[end..]].concat();
        if let Ok(alerts) = Alerts::default().parse(&String::from_utf8(damaged).unwrap()) {
            let _ = alerts.check(&[layer(LAYER, true)]);
            let _ = alerts.describe(&[layer(LAYER, true)], Some(u32::MAX));
        }
    }

    #[test]
    fn no_value_makes_it_panic(
        key in proptest::sample::select(KEYS.split(", ").collect::<Vec<_>>()),
        value in proptest::sample::select(vec![
            "nan", "inf", "-inf", "1e400", "-0.0", "9223372036854775807", "0xff", "''", "[]", "[1]",
            "['']", "['*']", "{}", "true", "false", "1979-05-27", "'first'", "[':']", "['a:b:c']",
            "{ share = nan }", "{ epochs = 4294967296 }",
        ]),
    ) {
        let _ = Alerts::default().parse(&format!("[rules.noisy-filters]\n{key} = {value}"));
        let _ = Alerts::default().parse(&format!("[rules.own]\n{key} = {value}"));
    }
}

fn own(name: &str, scale: Scale) -> Statistic {
    let text = || String::from("…");
    let (label, meaning, formula) = ("Colour".into(), text(), text());
    Statistic { name: name.into(), label, meaning, formula, subject: Subject::Filters, scale }
}

#[test]
fn rules_look_at_statistics_of_ones_own() {
    let rule = Rule::at_most("grey", "colour").warning(0.1);
    let unknown = Alerts::default().with(rule.clone()).unwrap_err();
    assert!(matches!(unknown, AlertError::UnknownMetric { .. }), "{unknown}");

    let known = Alerts::none().statistic(own("colour", Scale::Share)).unwrap();
    let again = known.clone().statistic(own("colour", Scale::Share)).unwrap();
    assert_eq!(again, known, "the same one again");
    let hint = Hint::new("Grey.").when_at_most("colour", 0.0);
    let alerts = known.clone().with(rule.clone().hint(hint)).unwrap();
    let from_file =
        known.clone().parse("[rules.grey]\nmetric = 'colour'\ncompare = 'at_most'\nwarning = 0.1");
    assert_eq!(from_file.unwrap().rules().len(), 1);
    let (statistics, _) = alerts.describe(&[layer(LAYER, true)], None);
    assert_eq!(statistics.last().map(|statistic| statistic.name.as_str()), Some("colour"));

    // Scale and label are its own.
    let share = known_error(&alerts, Rule::at_least("red", "colour").warning(50.0));
    assert!(share.contains("a share from 0 to 1"), "{share}");
    let misspelt = known_error(&alerts, Rule::at_least("red", "color").warning(0.5));
    assert!(misspelt.contains("colour"), "{misspelt}");
    for (name, expected) in
        [("colour", "another statistic"), ("rms", "another statistic"), ("a b", "made of letters")]
    {
        let error = alerts.clone().statistic(own(name, Scale::Linear)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

fn known_error(alerts: &Alerts, rule: Rule) -> String {
    alerts.clone().with(rule).unwrap_err().to_string()
}
