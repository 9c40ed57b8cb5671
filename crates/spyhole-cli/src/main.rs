//! The spyhole command.
fn main() {}
