//! Watch a [Burn](https://burn.dev) training run: after every epoch see what each layer of your
//! convolutional network responds to, projected back to pixels, and whether its filters are more than
//! noise.
//!
//! With burn-train one line changes: `training.launch(Learner::new(model, optimizer, rate))` becomes
//! [`training.launch_watched(…)`](LaunchWatched::launch_watched).
//!
//! ```no_run
//! # use burn::prelude::*;
//! # use burn::train::{LearnerModel, SupervisedTraining};
//! # use spyhole::{LaunchWatched, ProbeSet, Spyhole, SpyholeError, Watched};
//! # fn example<M: LearnerModel>(
//! #     training: SupervisedTraining<Watched<M>>,
//! #     model: M,
//! #     optimizer: burn::optim::ModuleOptimizer,
//! #     images: Tensor<4>,
//! #     labels: Vec<usize>,
//! #     run: fn(&M, Tensor<4>) -> Tensor<2>,
//! # ) -> Result<(), SpyholeError> {
//! let probe = ProbeSet::new(images)
//!     .labels(labels)
//!     .class_names(["cat", "dog"])
//!     .normalisation([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
//! let spyhole = Spyhole::builder("runs/first", probe).build()?;
//! println!("watch it at {}", spyhole.url().unwrap_or("nowhere"));
//! let result = training.launch_watched(&spyhole, model, optimizer, 1e-3, run)?;
//! # Ok(())
//! # }
//! ```
//!
//! Your own training loop calls [`Watch::observe`] after each epoch instead.
//!
//! Training never waits for spyhole, is not changed by it, and does not fail with it: what is wrong
//! with the configuration is an error before the first step; whatever fails later becomes an event on
//! the dashboard.

mod alerts;
mod analysis;
mod background;
mod beginning;
mod builder;
mod burn_train;
mod capture;
mod controls;
mod device;
mod error;
mod events;
mod failure;
mod frozen;
mod gallery;
pub mod inspect;
mod kept;
mod meter;
mod misuse;
mod output;
mod probe_set;
mod queue;
mod schedule;
mod settling;
mod studio;
mod sweep;
mod tiles;
mod watch;
mod watched_layer;
mod worker;

pub use alerts::{Never, StopOnAlert};
pub use analysis::{Analysis, Look, Readings};
pub use builder::{Spyhole, SpyholeBuilder};
pub use burn_train::{LaunchWatched, Watched};
pub use error::SpyholeError;
pub use gallery::{Gallery, GalleryResult, TakeImages};
pub use output::Output;
pub use probe_set::ProbeSet;
pub use spyhole_alert::{AlertError, Alerts, Hint, Rule, rules, statistic};
/// The model as a graph, for [analyses](Analysis) of one's own.
pub use spyhole_graph as graph;
pub use spyhole_protocol::{Scale, Severity, Split, Statistic, Subject};
#[cfg(feature = "rerun")]
pub use spyhole_sink::rerun::Rerun;
pub use spyhole_sink::{SinkError, open_in_browser};
pub use studio::Studies;
pub use watch::Watch;
