use serde::{Deserialize, Serialize};

use crate::{Record, Silence, Status, StudySubject};

/// Kinds of events, by their names in JSON, of which there is one per layer and epoch (`settling`: one per
/// epoch, and only the newest counts). A [`Snapshot`] has the newest of each layer only; the earlier ones are
/// read from `/runs/KEY/records` when somebody looks at them.
pub const BULK_KINDS: [&str; 6] = [
    "layer_features",
    "layer_filters",
    "layer_health",
    "layer_distributions",
    "layer_evolution",
    "settling",
];

/// All kinds of events, by their names in JSON.
pub const KINDS: [&str; 18] = [
    "run_started",
    "watchlist",
    "metric",
    "layer_features",
    "layer_filters",
    "layer_health",
    "network_health",
    "layer_distributions",
    "alert",
    "silence",
    "stop_asked",
    "layer_evolution",
    "settling",
    "study",
    "epoch_analysed",
    "snapshot_dropped",
    "fault",
    "run_ended",
];

/// A text frame from the server to a dashboard.
///
/// A client opens `/runs/KEY/socket?after=SEQ` with the last [`Record::seq`] it has (0 for none). It gets one
/// `Hello`, then what came after: record by record, each exactly once and in order, or, whenever it is far
/// behind or has nothing from after the run was last continued from an earlier epoch, as a `Snapshot`, in which is
/// nothing that was left ([`History`](crate::History)). The status comes whenever it changes, and before any records
/// that wait. A server that finds more to have been left hangs up, and the next `Hello` says so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message of a connection.
    Hello(Hello),
    /// In place of many records, for a client that is far behind.
    Snapshot(Snapshot),
    /// The next records of the log.
    Records {
        /// In order of [`Record::seq`].
        records: Vec<Record>,
    },
    /// Where the run is now.
    Status(Status),
    /// What becomes of something that this client has asked for.
    Answer(Answer),
}

/// What a client that is far behind needs of the records it does not have: of the [`BULK_KINDS`] the newest of
/// each layer, of the others all. It comes in parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Snapshot {
    /// The records of this part, in order of [`Record::seq`].
    pub records: Vec<Record>,
    /// Number of the last record that the snapshot stands for; the last part has it. The next message of records
    /// goes on behind it.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub upto: Option<u64>,
}

/// A text frame from a dashboard to the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Asks for a study with the newest weights. Its result comes as a record, to all clients; until then it is
    /// among [`Status::studies`].
    Ask {
        /// The client's own number for the question; it comes back in the [`Answer`].
        number: u32,
        /// What to study.
        subject: StudySubject,
    },
    /// Ends a study that somebody asked for, whether it waits or runs.
    Cancel {
        /// Number of the study, as in [`StudyProgress::id`](crate::StudyProgress::id).
        id: u32,
    },
    /// Silences an alert, or lets it be heard again. It goes on to be shown, as silenced; actions do not carry it.
    Silence {
        /// The client's own number for the question; it comes back in the [`Answer`].
        number: u32,
        /// What to silence.
        silence: Silence,
    },
    /// Asks the training to end after the epoch that it is in.
    Stop {
        /// The client's own number for the question; it comes back in the [`Answer`].
        number: u32,
    },
}

/// Whether something that was asked for will be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Answer {
    /// The number that the client gave the question.
    pub number: u32,
    /// Number of the study, if one was asked for and is not refused.
    pub id: Option<u32>,
    /// Why it is refused, in words for the user.
    pub refused: Option<String>,
}

/// The first message of a connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Hello {
    /// [`VERSION`](crate::VERSION) of the server. A dashboard of another version says so and stops.
    pub version: u32,
    /// Identifies the run. When it is not the run the client knows, the client forgets what it has and
    /// connects again from the beginning.
    pub run_id: String,
    /// The newest record there is: everything up to here is history.
    #[cfg_attr(test, ts(type = "number"))]
    pub head: u64,
    /// Whether the server runs inside the training process; otherwise the run is read from disk.
    pub live: bool,
    /// How many parts of the run were left so far ([`Branch`](crate::Branch)). When there are more than the client
    /// knows of, part of what it has no longer counts: it forgets that and connects again from the beginning.
    #[serde(default)]
    pub branches: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Event;

    #[test]
    fn the_kinds_are_those_of_the_events() {
        let error = serde_json::from_str::<Event>(r#"{"kind":""}"#).unwrap_err().to_string();
        let known: Vec<_> = error.split('`').skip(3).step_by(2).collect();
        assert_eq!(known, KINDS, "{error}");
        assert!(BULK_KINDS.iter().all(|kind| KINDS.contains(kind)));
    }
}
