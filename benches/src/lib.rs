//! What the benchmark programs share: quickstart's network, trained well and badly, watched; and the networks
//! on which peers are measured too.

#[path = "../../examples/quickstart/src/batch.rs"]
mod batch;
#[path = "../../examples/quickstart/src/net.rs"]
mod net;
pub mod nets;
pub mod random_networks;
pub mod recipe;
