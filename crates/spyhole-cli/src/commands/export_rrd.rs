//! `export --rrd FILE`: a run as a recording for the rerun viewer.

use std::path::Path;

use spyhole_sink::RunLog;

use super::CommandResult;

/// Writes the recording and says what became of it.
#[cfg(feature = "rerun")]
pub(crate) fn export_rrd(log: &RunLog, file: &Path) -> CommandResult {
    use std::io::Write;

    use spyhole_sink::rerun::{VERSION, export};

    let exported = export(log, file)?;
    for missing in &exported.missing {
        eprintln!("warning: not in the recording: {missing}");
    }
    // A terminal that does not listen is no reason to fail.
    let _ = writeln!(
        std::io::stdout(),
        "{}: {} records, {} bytes; open it with `rerun {}` (version {VERSION})",
        file.display(),
        exported.records,
        exported.bytes,
        file.display()
    );
    Ok(())
}

/// Says how to get what was asked for.
#[cfg(not(feature = "rerun"))]
pub(crate) fn export_rrd(_log: &RunLog, _file: &Path) -> CommandResult {
    Err("this `spyhole` was built without rerun; build it with the cargo feature `rerun`: `cargo run --release -p \
         spyhole-cli --features rerun -- export RUN_DIR --rrd FILE`"
        .into())
}
