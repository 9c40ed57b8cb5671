//! What is done about alerts: a line in the log, a message to a web address, a command.
//!
//! Each is a [`Sink`](crate::Sink). Web addresses and commands may take their time, so each has a thread
//! of its own behind a bounded queue, a [`Courier`]; what cannot be delivered is counted and becomes a
//! [`Fault`](spyhole_protocol::Fault).

mod command;
mod courier;
mod log;
mod message;
mod webhook;

pub use command::command;
pub use courier::Courier;
pub use log::LogAction;
pub use message::AlertMessage;
pub use webhook::webhook;
