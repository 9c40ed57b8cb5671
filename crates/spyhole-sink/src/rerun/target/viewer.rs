//! A viewer at an address, or one that this program starts.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use re_sdk::external::re_uri::RedapUri;
use re_sdk::log::LogMsg;
use re_sdk::sink::{GrpcSink, GrpcSinkConnectionState, LogSink, SinkFlushError};

use super::{Connection, Opened, State};
use crate::rerun::{OLDEST_VIEWER, VERSION};
use crate::{SinkError, lock};

pub(super) fn connect(url: &str) -> Result<Opened, SinkError> {
    let Ok(RedapUri::Proxy(uri)) = url.parse() else {
        return Err(SinkError::RerunUrl(url.to_owned()));
    };
    let viewer = Arc::new(Viewer { grpc: GrpcSink::new(uri), started: None });
    Ok(Opened { sink: Box::new(Sender(viewer.clone())), connection: viewer })
}

/// Starts the program on a free port of 127.0.0.1. rerun's own `spawn` listens to the whole network, and prints.
pub(super) fn spawn(program: &Path) -> Result<Opened, SinkError> {
    let missing = || SinkError::NoRerunViewer(program.display().to_string());
    let program = which::which(program).map_err(|_| missing())?;
    let port = free_port()
        .map_err(|source| SinkError::Start { what: "a port for rerun's viewer", source })?;
    let mut command = Command::new(&program);
    command
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--expect-data-soon"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Ctrl-C ends the training, not the viewer.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child =
        command.spawn().map_err(|source| SinkError::Start { what: "the rerun viewer", source })?;
    let url = format!("rerun+http://127.0.0.1:{port}/proxy");
    let Ok(RedapUri::Proxy(uri)) = url.parse() else { return Err(SinkError::RerunUrl(url)) };
    let started = Some(Started { program, child: Mutex::new(child) });
    let viewer = Arc::new(Viewer { grpc: GrpcSink::new(uri), started });
    Ok(Opened { sink: Box::new(Sender(viewer.clone())), connection: viewer })
}

fn free_port() -> std::io::Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr().map(|address| address.port())
}

struct Viewer {
    grpc: GrpcSink,
    started: Option<Started>,
}

struct Started {
    program: PathBuf,
    child: Mutex<Child>,
}

impl Connection for Viewer {
    fn state(&self) -> State {
        if let Some(started) = &self.started
            && let Ok(Some(status)) = lock(&started.child).try_wait()
        {
            return State::Broken(format!("it has ended ({status})"));
        }
        match self.grpc.status() {
            GrpcSinkConnectionState::Connecting { .. } => {
                State::Waiting("nobody answers there".into())
            }
            GrpcSinkConnectionState::Connected => State::Fine,
            GrpcSinkConnectionState::Disconnected(Ok(())) => State::Broken("it has hung up".into()),
            GrpcSinkConnectionState::Disconnected(Err(error)) => {
                State::Broken(format!("the connection is gone ({error})"))
            }
        }
    }

    /// Whether the program that was started is older than what was tried.
    fn look(&self) -> Option<String> {
        let Started { program, .. } = self.started.as_ref()?;
        let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
        note(program, &String::from_utf8_lossy(&output.stdout))
    }
}

/// What is to be known of a viewer that says so of its version: `rerun-cli 0.36.3 [rustc …] …`.
fn note(program: &Path, says: &str) -> Option<String> {
    let found = says.split_whitespace().nth(1)?;
    (version(found)? < version(OLDEST_VIEWER)?).then(|| {
        format!(
            "{} is version {found}; recordings of {VERSION} were looked at in {OLDEST_VIEWER} and newer viewers. \
             If something is missing here, install one (`pip install rerun-sdk=={VERSION}`)",
            program.display()
        )
    })
}

/// Major, minor and patch; what follows them makes no difference here.
fn version(text: &str) -> Option<[u64; 3]> {
    let release = text.split(['-', '+']).next()?;
    let mut numbers = release.split('.').map(|number| number.parse().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

struct Sender(Arc<Viewer>);

impl LogSink for Sender {
    fn send(&self, message: LogMsg) {
        self.0.grpc.send(message);
    }

    fn flush_blocking(&self, timeout: Duration) -> Result<(), SinkFlushError> {
        self.0.grpc.flush_blocking(timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_viewer_older_than_those_tried_gets_a_note() {
        let cases = [
            ("rerun-cli 0.34.1 [rustc 1.85.0]", None),
            ("rerun-cli 0.36.3 [rustc 1.92.0] x86_64", None),
            ("rerun-cli 0.41.0", None),
            ("rerun-cli 0.42.0-alpha.1+dev", None),
            ("rerun-cli 1.0.0", None),
            ("something else", None),
            ("", None),
            ("rerun-cli 0.34.0", Some("0.34.0")),
            ("rerun-cli 0.23.4-rc.2 [rustc 1.84.0]", Some("0.23.4-rc.2")),
            ("rerun-cli 0.9.1", Some("0.9.1")),
        ];
        for (says, expected) in cases {
            let found = note(Path::new("/bin/rerun"), says);
            let start = expected.map(|version| format!("/bin/rerun is version {version};"));
            match (&found, start) {
                (Some(note), Some(start)) => assert!(note.starts_with(&start), "{says}: {note}"),
                (found, start) => assert_eq!(*found, start, "{says}"),
            }
        }
    }
}
