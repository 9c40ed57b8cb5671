//! What `export --rrd` does, with the cargo feature and without.

use std::error::Error;
use std::time::Duration;

use spyhole_protocol::{EpochAnalysed, Event};
use spyhole_sink::{Entry, Hub, HubOptions, RunLog};

type CommandResult = Result<(), Box<dyn Error>>;

#[path = "../src/commands/export_rrd.rs"]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to its terminal")]
mod export_rrd;

#[test]
fn a_recording_is_written_or_it_is_said_what_to_build() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Hub::open(dir.path(), HubOptions::default(), Vec::new()).unwrap();
    hub.record(Entry::new(Event::EpochAnalysed(EpochAnalysed { epoch: 1, seconds: 0.25 })));
    assert!(hub.close(Duration::from_secs(30)));
    let log = RunLog::open(dir.path()).unwrap();
    let file = dir.path().join("run.rrd");
    let result = export_rrd::export_rrd(&log, &file);
    if cfg!(feature = "rerun") {
        result.unwrap();
        assert!(file.exists());
        let nowhere = export_rrd::export_rrd(&log, dir.path()).unwrap_err().to_string();
        assert!(nowhere.starts_with("cannot write the recording"), "{nowhere}");
    } else {
        let told = result.unwrap_err().to_string();
        assert!(told.contains("--features rerun"), "{told}");
        assert!(!file.exists());
    }
}
