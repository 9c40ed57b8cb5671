use serde::{Deserialize, Serialize};

use crate::{Record, Status};

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
