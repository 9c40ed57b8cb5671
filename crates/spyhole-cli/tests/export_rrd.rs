//! What `export --rrd` does, with the cargo feature and without.

mod made_up;

use std::path::Path;
use std::process::{Command, Output};

use made_up::Plan;

fn export(run: &Path, file: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_spyhole"));
    command.arg("export").arg(run).arg("--rrd").arg(file).args(more);
    command.output().expect("spyhole runs")
}

#[test]
fn a_recording_is_written_or_it_is_said_what_to_build() {
    let temp = tempfile::tempdir().unwrap();
    let run = temp.path().join("run");
    let (hub, plan) = (made_up::open(&run), Plan::default());
    made_up::start(&hub, &plan);
    (0..=plan.epochs).for_each(|epoch| made_up::epoch(&hub, &plan, epoch));
    assert!(hub.close(made_up::PATIENCE));
    let file = temp.path().join("run.rrd");
    let check = |file: &Path, more: &[&str], expected: Result<&str, &str>| {
        let output = export(&run, file, more);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let words = expected.unwrap_or_else(|words| words);
        assert_eq!(output.status.success(), expected.is_ok(), "{said}");
        assert!(said.contains(words), "{said}");
    };
    if !cfg!(feature = "rerun") {
        check(&file, &[], Err("--features rerun"));
        assert!(!file.exists());
        return;
    }
    check(&file, &[], Ok("recording: "));
    assert!(std::fs::read(&file).unwrap().starts_with(b"RRF2"), "it is rerun's format");
    check(&file, &[], Err("replace it with --force"));
    check(&file, &["--force"], Ok("recording: "));
    check(temp.path(), &[], Err("is a directory"));
    check(Path::new("/proc/nowhere/run.rrd"), &[], Err("cannot write the recording"));
}
