//! What the end-to-end tests share: a network with batch norm and residual blocks, a small training
//! set, a started quickstart, and a reader of recorded runs.

pub mod data;
pub mod net;
pub mod program;
pub mod recorded;
#[cfg(feature = "rerun")]
pub mod rerun;
pub mod socket;
pub mod stubborn;
pub mod tiny;

/// The guide's examples, compiled.
#[cfg(doctest)]
mod guide {
    macro_rules! pages {
        ($($(#[$meta:meta])* $name:ident = $file:literal;)*) => {
            $($(#[$meta])* #[doc = include_str!(concat!("../../docs/src/", $file))] mod $name {})*
        };
    }
    pages! {
        burn_train = "attach/burn-train.md";
        own_loop = "attach/own-loop.md";
        #[cfg(feature = "rerun")]
        rerun = "rerun.md";
        devices = "attach/devices.md";
        inspect = "inspect.md";
        extend = "extend.md";
        units = "units.md";
    }
}
