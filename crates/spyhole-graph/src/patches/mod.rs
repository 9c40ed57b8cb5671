//! The way forward in windows: what covers a few pixels changes a few units of each layer, so only those are
//! computed anew, for many places of the cover side by side. The result equals the forward pass of each
//! covered image.
//!
//! [`Plan`] follows, through every operation, which rows and columns of a tensor can change for each place of
//! the cover, and gives all places a window of one size in it. [`Pass`] fills these windows: an operation
//! reads the window that it needs from the clean tensor, with what has changed laid over it. Where an
//! operation needs whole planes, the windows are pasted into the clean plane and the rest is computed as
//! always.

mod clean;
mod locality;
mod pass;
mod plan;
mod stack;

pub(crate) use clean::Clean;
pub(crate) use locality::{Kernel, Locality, Sliding, SlidingOperation};
pub(crate) use pass::{Found, Pass};
pub(crate) use plan::{Frame, Plan, Track};
pub(crate) use stack::Stack;
