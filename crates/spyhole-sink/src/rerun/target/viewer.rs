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
use crate::rerun::VERSION;
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

    /// Whether the program that was started is of the right version.
    fn look(&self) -> Vec<String> {
        let Some(Started { program, .. }) = &self.started else { return vec![] };
        let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        // `rerun-cli 0.36.3 [rustc …] …`
        let found = text.unwrap_or_default().split_whitespace().nth(1).unwrap_or("?").to_owned();
        if found == VERSION {
            return vec![];
        }
        vec![format!(
            "{} is version {found}, this recording is made for {VERSION}: install that \
             (`pip install rerun-sdk=={VERSION}`)",
            program.display()
        )]
    }
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
