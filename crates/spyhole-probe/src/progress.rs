//! Telling how far an analysis is, and stopping it.

use std::cell::Cell;
use std::ops::ControlFlow;

use spyhole_graph::Activations;

use crate::error::ProbeError;
use crate::pass::Pass;

/// Is told how much is done, of how much in all. `Break` stops the analysis with [`ProbeError::Cancelled`].
pub type Progress<'a> = dyn FnMut(usize, usize) -> ControlFlow<()> + 'a;

/// Tells how far it is.
pub(crate) fn tell(
    progress: &mut Progress<'_>,
    done: usize,
    total: usize,
) -> Result<(), ProbeError> {
    match progress(done, total) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ProbeError::Cancelled),
    }
}

/// One sweep over all images that ends at the first error.
pub(crate) fn sweep(
    pass: &Pass<'_>,
    mut look: impl FnMut(usize, &Activations<'_>) -> Result<(), ProbeError>,
) -> Result<(), ProbeError> {
    let (going, mut result) = (Cell::new(true), Ok(()));
    pass.each(
        |_| going.get(),
        |first, activations| {
            result = look(first, activations);
            going.set(result.is_ok());
        },
    )?;
    result
}
