use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Branch, Document, DocumentId, ImageId, Record, Severity, Status};

/// What `/runs` answers: the runs that a server shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunList {
    /// [`VERSION`](crate::VERSION) of the server.
    pub version: u32,
    /// The newest start first; runs that cannot be read last.
    pub runs: Vec<RunSummary>,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunSummary {
    /// What stands for the run in addresses: `/runs/KEY/socket`. It is the run's id, with an addition where a
    /// copy of the run is shown as well.
    pub key: String,
    /// The name that the user gave the run; its directory's if it has not started.
    pub name: String,
    /// The run directory, as the user would write it.
    pub directory: String,
    /// Why the run cannot be read, in words for the user; then the rest is empty.
    pub problem: Option<String>,
    /// First start, in milliseconds since 1970-01-01 UTC.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub started_ms: Option<u64>,
    /// Where it is.
    pub status: Option<Status>,
    /// The worst alert that is active and not silenced.
    pub worst_alert: Option<Severity>,
    /// How many alerts are active and not silenced.
    pub active_alerts: u32,
    /// Whether the server runs inside the process that trains this run.
    pub live: bool,
    /// What the run has left when it was continued from earlier epochs; as runs they have keys of their own, `KEY~1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<Branch>>"))]
    pub branches: Vec<Branch>,
    /// It is no run of its own but a part that a run has left: what is shown is the run as it was then. Left out of
    /// runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub branch: Option<Branch>,
}

/// What `/runs/KEY/records?kind=…&layer=…&before=…` answers: a page of history, read backwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RecordPage {
    /// In order of [`Record::seq`].
    pub records: Vec<Record>,
    /// Ask again with `before` = this for what comes before; `None`: there is no more.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub before: Option<u64>,
}

/// A run in one file: the page that `spyhole export` writes has this in it and reads nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Report {
    /// [`VERSION`](crate::VERSION) of the writer.
    pub version: u32,
    /// When it was made, in milliseconds since 1970-01-01 UTC.
    #[cfg_attr(test, ts(type = "number"))]
    pub made_ms: u64,
    /// The run.
    pub run: RunSummary,
    /// Its records, in order of [`Record::seq`]; not those that were left out.
    pub records: Vec<Record>,
    /// The PNG files of the pictures that the records point to, in base64.
    #[cfg_attr(test, ts(type = "{ [id: string]: string }"))]
    pub images: BTreeMap<ImageId, String>,
    /// The documents that the records point to.
    #[cfg_attr(test, ts(type = "{ [id: string]: Document }"))]
    pub documents: BTreeMap<DocumentId, Document>,
    /// What was left out to keep the file small, in words for the user; `None`: nothing.
    pub left_out: Option<String>,
}
