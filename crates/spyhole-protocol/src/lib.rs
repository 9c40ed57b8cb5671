//! Every word spyhole says on the wire, on disk and on the screen.
//!
//! Data flows one way: a training run makes [`Event`]s, each is wrapped in a numbered [`Record`], and
//! the run store, the dashboard's socket and every export carry these same records. Replaying a run is
//! reading its records again. There is no second vocabulary, and one piece of logic: [`History`], which of a run's
//! records count when it was continued from an earlier epoch.
//!
//! The TypeScript types of the dashboard (`dashboard/src/generated/protocol.ts`) are generated from
//! these types; a test fails when the committed file is out of date.
//!
//! ```
//! use spyhole_protocol::{Event, Metric, Record, Split};
//!
//! let record = Record {
//!     seq: 7,
//!     time_ms: 1_700_000_000_000,
//!     event: Event::Metric(Metric {
//!         epoch: 3,
//!         split: Split::Valid,
//!         name: "Accuracy".into(),
//!         value: Some(97.5),
//!         unit: Some("%".into()),
//!         higher_is_better: true,
//!     }),
//! };
//! let json = serde_json::to_string(&record).unwrap();
//! assert!(json.contains(r#""kind":"metric""#));
//! assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
//! ```

mod alert;
mod budget;
mod distributions;
mod event;
mod evolution;
mod features;
mod filters;
mod health;
mod history;
mod message;
mod metric;
mod picture;
mod run;
mod runs;
mod state;
mod status;
mod study;
#[cfg(test)]
mod typescript;
mod watchlist;

pub use alert::{Alert, AlertState, Severity, Silence};
pub use budget::{Analysis, AnalysisPart, BudgetStatus, Clock, PlannedAnalysis};
pub use distributions::LayerDistributions;
pub use event::{
    EpochAnalysed, Event, Fault, Record, RunEnded, RunOutcome, SnapshotDropped, StopAsked,
};
pub use evolution::{EpochSimilarity, LayerEvolution, LayerSettling, RankCorrelation, Settling};
pub use features::{LayerFeatures, UnitView};
pub use filters::{FilterPicture, FilterReadings, FilterState, LayerFilters, SmoothnessTest};
pub use health::{LayerHealth, NetworkHealth, Place, PlaceKind};
pub use history::{Branch, History};
pub use message::{Answer, BULK_KINDS, ClientMessage, Hello, KINDS, ServerMessage, Snapshot};
pub use metric::{Metric, Split};
pub use picture::{Atlas, ImageId, Original, Region};
pub use run::{
    FieldStatus, Layer, LayerStatus, NotStudied, Output, OutputMeaning, Probe, ReceptiveField,
    RunStarted, shown_name,
};
pub use runs::{RecordPage, Report, RunList, RunSummary};
pub use state::LayerState;
pub use status::{RunState, Status};
pub use study::{
    ActivationSheet, Basis, BasisSheet, DirectionHit, DirectionSheet, DirectionView, Document,
    DocumentId, EmbeddingSheet, Fill, FillAgreement, MapReadings, MapView, NeighbourAgreement,
    Occasion, OccludedLayer, OccludedPrediction, OccludedQuantity, OcclusionAgreement,
    OcclusionSettings, OcclusionSheet, SearchedImages, Study, StudyProgress, StudySubject,
    SynthesisSheet, SyntheticView, UnitHit, UnitSheet, UnitTops,
};
pub use watchlist::{
    AlertLevel, AlertRule, Compare, NullBand, Scale, Statistic, Subject, Watchlist,
};

/// Version of the vocabulary. It is part of the socket's [`Hello`] and of the run store; it goes up
/// when an older reader would misunderstand what a newer writer says: a new kind of event, a field that is
/// gone or has another meaning. The run store then needs a step that reads the old words (`store/upgrade.rs` in
/// `spyhole-sink`) and a recorded run of the old version in `tests/fixtures`. A further field that may be absent
/// (`Option`, `#[serde(default)]`) is no reason.
pub const VERSION: u32 = 3;
