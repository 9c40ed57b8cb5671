//! Runs side by side: [`Facts`] are read from each, a [`Comparison`] is made of them, and printed.

mod comparison;
mod facts;
mod text;

pub(crate) use comparison::Comparison;
pub(crate) use facts::Facts;
pub(crate) use text::print;
