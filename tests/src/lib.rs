//! What the end-to-end tests share: a network with batch norm and residual blocks, a small training
//! set, a started quickstart, and a reader of recorded runs.

pub mod data;
pub mod net;
pub mod program;
pub mod recorded;
pub mod rerun;
pub mod socket;
