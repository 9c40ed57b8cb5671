use serde::{Deserialize, Serialize};

use crate::{Record, Status, StudySubject};

/// A text frame from the server to a dashboard.
///
/// A client opens `/socket?after=SEQ` with the last [`Record::seq`] it has (0 for none). It gets one
/// `Hello`, then every later record exactly once and in order, and the status whenever it changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message of a connection.
    Hello(Hello),
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
}

/// Whether a study that was asked for will be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Answer {
    /// The number that the client gave the question.
    pub number: u32,
    /// Number of the study; `None` if it is refused.
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
    /// Identifies the run; empty until the run has started. When it is not the run the client knows,
    /// the client forgets what it has and connects again from the beginning.
    pub run_id: String,
    /// The newest record there is: everything up to here is history.
    #[cfg_attr(test, ts(type = "number"))]
    pub head: u64,
    /// Whether the server runs inside the training process; otherwise the run is read from disk.
    pub live: bool,
}
