//! Records of earlier versions, in today's words. The file is not changed: a record is read anew each time.
//!
//! Nearly every record is in today's words, whatever its version: fields that were added later are optional. What was
//! said differently has a step here. A step looks at the fields, not at the version of the store, for a run that is
//! continued by a newer program has records of both; it must leave today's records as they are.

use serde_json::{Map, Value, json};
use spyhole_protocol::Event;

type Fields = Map<String, Value>;

/// Puts what was said differently as it is put now.
type Step = fn(&mut Fields);

/// The kind of event that was said differently, and how it is put now; oldest first.
const STEPS: [(&str, Step); 2] = [
    // Vocabulary 1, before receptive fields had a status and before filters had a health of their own.
    ("run_started", fields_of_unknown_status),
    ("layer_filters", filters_one_by_one),
];

/// Reads an event as it is in a store of this version or an earlier one.
pub(super) fn event(body: &str) -> serde_json::Result<Event> {
    let error = match serde_json::from_str(body) {
        Ok(event) => return Ok(event),
        Err(error) => error,
    };
    let Ok(mut fields) = serde_json::from_str::<Fields>(body) else { return Err(error) };
    for (kind, step) in STEPS {
        if fields.get("kind").is_some_and(|found| found == kind) {
            step(&mut fields);
        }
    }
    serde_json::from_value(Value::Object(fields)).map_err(|_| error)
}

/// The box was said to hold all that a unit sees, and not whether it is the smallest one: an upper bound.
fn fields_of_unknown_status(event: &mut Fields) {
    let layers = event.get_mut("layers").and_then(Value::as_array_mut);
    for layer in layers.into_iter().flatten() {
        if let Some(field) = layer.get_mut("receptive_field").and_then(Value::as_object_mut) {
            field.entry("status").or_insert_with(|| "upper_bound".into());
        }
    }
}

/// Each filter had an object with its readings, and only convolutions that see the image were recorded. What was not
/// read then stays unknown; the share of noise-like filters is a statistic of the layer's health now.
fn filters_one_by_one(event: &mut Fields) {
    let Some(Value::Array(filters)) = event.remove("filters") else { return };
    let column = |name: &str| -> Vec<Value> {
        filters.iter().map(|filter| filter.get(name).cloned().unwrap_or(Value::Null)).collect()
    };
    let state = |verdict: Value| match verdict.as_str() {
        Some("not_applicable") => "not_judged".into(),
        _ => verdict,
    };
    let unknown = vec![Value::Null; filters.len()];
    let readings = json!({
        "state": column("verdict").into_iter().map(state).collect::<Vec<_>>(),
        "q": column("q"),
        "p_value": column("p_value"),
        "r1": column("r1"),
        "rms": column("rms"),
        "change": unknown,
        "distance": unknown,
        "duplicate_of": unknown,
    });
    event.insert("picture".into(), "weights".into());
    event.insert("readings".into(), readings);
}

#[cfg(test)]
mod tests {
    use spyhole_protocol::{FieldStatus, FilterPicture, FilterState};

    use super::*;

    #[test]
    fn filters_recorded_one_by_one_become_columns() {
        let old = r#"{"kind":"layer_filters","epoch":2,"layer":"conv","parameter":"conv.weight",
            "atlas":{"image":"00","tile_height":3,"tile_width":3,"columns":2,"count":2},"scale":0.5,
            "filters":[
                {"q":1.5,"p_value":0.25,"r1":-0.5,"rms":0.125,"verdict":"noise_like"},
                {"q":null,"p_value":null,"r1":null,"rms":null,"verdict":"not_applicable"}],
            "test":{"degrees_of_freedom":4,"q_critical":9.5,"level":0.05,"r1_null_deviation":0.3,"caution":null},
            "noise_share":1.0}"#;
        let Ok(Event::LayerFilters(filters)) = event(old) else { panic!("not read") };
        assert_eq!((filters.epoch, filters.picture), (2, FilterPicture::Weights));
        let readings = filters.readings;
        assert_eq!(readings.state, [FilterState::NoiseLike, FilterState::NotJudged]);
        assert_eq!((readings.q, readings.rms), (vec![Some(1.5), None], vec![Some(0.125), None]));
        assert_eq!(readings.duplicate_of, [None, None]);
    }

    #[test]
    fn a_receptive_field_without_a_status_is_an_upper_bound() {
        let old = r#"{"kind":"run_started","run_id":"1","name":"n","spyhole_version":"0.1.0","first_epoch":1,
            "last_epoch":null,"input_shape":[1,8,8],"parameters":3,"layers":[{"name":"conv","description":"conv",
            "shape":[1,8,8],"receptive_field":{"size":[3,3]},"status":{"status":"supported"},"followed":[0],
            "first":true}],"probe":{"atlas":{"image":"00","tile_height":8,"tile_width":8,"columns":1,"count":1},
            "labels":[],"class_names":[]}}"#;
        let Ok(Event::RunStarted(started)) = event(old) else { panic!("not read") };
        let field = started.layers[0].receptive_field.unwrap();
        assert_eq!((field.size, field.status), ([3, 3], FieldStatus::UpperBound));
    }

    #[test]
    fn what_is_damaged_stays_damaged_and_the_error_is_about_todays_words() {
        let half = r#"{"kind":"layer_filters","epoch":2,"filters":[]}"#;
        for body in [half, r#"{"kind":"from the future"}"#, "[1]", "{", "", "null"] {
            let today = serde_json::from_str::<Event>(body).unwrap_err().to_string();
            assert_eq!(event(body).unwrap_err().to_string(), today);
        }
    }
}
