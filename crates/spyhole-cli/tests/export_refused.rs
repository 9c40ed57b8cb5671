//! What `spyhole export` refuses, and what it leaves behind when it cannot go on: nothing.

mod exporting;
mod made_up;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use exporting::{export, failed, spyhole, succeeded};
use made_up::Plan;

#[test]
fn what_is_there_is_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    made_up::run(&run, &Plan { epochs: 1, ..Plan::default() });

    fs::create_dir(&out).unwrap();
    succeeded(&export(&run, &out, &[]));
    fs::write(out.join("mine.txt"), "x").unwrap();
    failed(&export(&run, &out, &[]), &["exists and is not empty", "--force"]);
    assert!(out.join("mine.txt").exists());
    succeeded(&export(&run, &out, &["--force"]));
    assert!(!out.join("mine.txt").exists() && out.join("metrics.csv").exists());

    let foreign = dir.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("diary.txt"), "x").unwrap();
    failed(&export(&run, &foreign, &["--force"]), &["is not an export of spyhole"]);
    failed(&export(&run, &run, &["--force"]), &["is not an export of spyhole"]);
    failed(&export(&run, &foreign.join("diary.txt"), &["--force"]), &["is not a directory"]);
    assert!(foreign.join("diary.txt").exists() && run.join("run.sqlite").exists());
    let left: BTreeSet<_> =
        fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "nothing is left behind: {left:?}");
}

#[test]
fn a_report_needs_the_page_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    made_up::run(&run, &Plan { epochs: 1, ..Plan::default() });
    let file = dir.path().join("alone.html");
    let alone = || spyhole().arg("export").arg(&run).arg("--report").arg(&file).output().unwrap();
    let both = || spyhole().arg("export").arg(&run).arg("--out").arg(&out).output().unwrap();
    if spyhole_sink::report_template().is_none() {
        failed(&alone(), &["was not built into this program", "npm run build", "--no-report"]);
        failed(&both(), &["was not built into this program"]);
        assert!(!out.exists() && !file.exists());
        return;
    }
    succeeded(&both());
    assert!(out.join("report.html").is_file());
    succeeded(&alone());
    failed(&alone(), &["exists", "--force"]);
    let html = fs::read_to_string(&file).unwrap();
    let (_, rest) = html.split_once("id=\"spyhole-report\">").unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    let report: spyhole_protocol::Report = serde_json::from_str(json).unwrap();
    assert_eq!(report.records, records(&run));
}

#[test]
fn what_is_no_run_is_refused_with_a_reason() {
    let check = |prepare: &dyn Fn(&Path), expected: &[&str]| {
        let dir = tempfile::tempdir().unwrap();
        let (run, out) = (dir.path().join("run"), dir.path().join("out"));
        prepare(&run);
        failed(&export(&run, &out, &[]), expected);
        assert!(!out.exists());
    };
    let made = |run: &Path| made_up::run(run, &Plan { epochs: 1, ..Plan::default() });
    check(&|_| {}, &["no run in", "does not exist"]);
    check(&|run| fs::create_dir(run).unwrap(), &["no run in"]);
    let foreign = |run: &Path| {
        fs::create_dir(run).unwrap();
        fs::write(run.join("run.sqlite"), "a diary of mine").unwrap();
    };
    check(&foreign, &["not a run of spyhole"]);
    let newer = |run: &Path| {
        made(run);
        let store = rusqlite::Connection::open(run.join("run.sqlite")).unwrap();
        store.execute("UPDATE meta SET value = '99' WHERE key = 'format'", []).unwrap();
    };
    check(&newer, &["newer spyhole", "99", "update spyhole"]);
    let truncated = |run: &Path| {
        made(run);
        let file = fs::OpenOptions::new().write(true).open(run.join("run.sqlite")).unwrap();
        file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    };
    check(&truncated, &["is damaged"]);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    made_up::run(&run, &Plan { epochs: 1, ..Plan::default() });
    // A file where a directory should be stops everybody, root included.
    let file = dir.path().join("file");
    fs::write(&file, "x").unwrap();
    failed(&export(&run, &file.join("out"), &[]), &["cannot write", "nothing was exported"]);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_half_export() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    made_up::run(&run, &Plan { epochs: 30, ..Plan::default() });
    // Files may have 80 blocks (of 512 or 1024 bytes): writing more fails as on a full disk. (SQLite needs 32 KiB.)
    let script = "trap '' XFSZ; ulimit -f 80; exec \"$0\" export \"$1\" --out \"$2\" --no-report";
    let limited = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_spyhole")])
        .args([&run, &out])
        .output()
        .unwrap();
    failed(&limited, &["cannot write", "nothing was exported"]);
    let left: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["run"]);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let dir = tempfile::tempdir().unwrap();
    let (run, out) = (dir.path().join("run"), dir.path().join("out"));
    made_up::run(&run, &Plan { epochs: 1, ..Plan::default() });
    let mut child = spyhole()
        .args(["export", "--no-report"])
        .arg(&run)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(out.join("README.txt").exists());
}
