//! Which readings of a training are alarming: rules as data, and a fold over spyhole's events.
//!
//! ```text
//! Alerts (rules + actions; defaults, a TOML file, code) ──▶ Engine ──▶ Alert: raised, updated, resolved
//!                                events of the run ──▶ observe ┘
//! ```
//!
//! Nothing is measured here, and nothing is done about an alert: the statistics arrive as
//! [`LayerHealth`](spyhole_protocol::LayerHealth), and [`Actions`] only says what is wanted.
//! [`statistic`] lists what can be looked at, [`rules`] what is looked at by default, and [`Alerts`] how
//! that is changed.
//!
//! ```
//! use spyhole_alert::{Alerts, Engine, Rule, statistic};
//! use spyhole_protocol::{AlertState, Event, LayerHealth};
//!
//! # fn main() -> Result<(), spyhole_alert::AlertError> {
//! let rule = Rule::at_least("noise", statistic::NOISE_SHARE)
//!     .title("filters look like noise")
//!     .sentence("{value} of {layer}'s filters cannot be told from noise")
//!     .warning(0.5)
//!     .clear(0.35)
//!     .patience(3, 2);
//! let mut engine = Engine::new(&Alerts::none().with(rule)?);
//!
//! let mut told = Vec::new();
//! for (epoch, share) in (1..).zip([0.9, 0.8, 0.75, 0.4, 0.3, 0.2]) {
//!     let event = Event::LayerHealth(LayerHealth {
//!         epoch,
//!         layer: "conv1".into(),
//!         values: [(statistic::NOISE_SHARE.to_string(), Some(share))].into(),
//!         ..LayerHealth::default()
//!     });
//!     told.extend(engine.observe(&event));
//! }
//! assert_eq!(told[0].state, AlertState::Raised);
//! assert_eq!(
//!     told[0].message,
//!     "75 % of conv1's filters cannot be told from noise (alert from 50 %, 3 epochs running)."
//! );
//! assert_eq!(told[1].state, AlertState::Resolved);
//! assert_eq!(told.len(), 2);
//! # Ok(())
//! # }
//! ```

mod actions;
mod alerts;
mod condition;
mod engine;
mod error;
mod file;
mod layers;
mod metric;
mod rule;
pub mod rules;
mod spelling;
pub mod statistic;
mod validate;

pub use actions::{Actions, Command, Stop, Webhook};
pub use alerts::Alerts;
pub use condition::Hint;
pub use engine::Engine;
pub use error::{AlertError, Place};
pub use rule::Rule;
