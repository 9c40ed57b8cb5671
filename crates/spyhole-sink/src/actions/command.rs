use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crossbeam::channel::bounded;
use spyhole_protocol::Severity;

use super::courier::Courier;
use super::message::AlertMessage;
use crate::SinkError;

/// A command that takes longer is killed.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How often a running command is looked at.
const POLL: Duration = Duration::from_millis(20);

/// How long a command that has failed is listened to.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Of what a failed command says, so many bytes are shown.
const SHOWN: u64 = 300;

/// Runs `command` (a program and its arguments, no shell) for each alert of that severity and above. The
/// alert is its standard input, as JSON ([`AlertMessage`]), and in a line in the environment variable
/// `SPYHOLE_ALERT`. What it prints is thrown away, except in the report of a failure.
///
/// # Errors
/// When there is no such program, or no thread.
pub fn command(
    run_dir: impl AsRef<Path>,
    command: &[String],
    least: Severity,
) -> Result<Courier, SinkError> {
    let program = command.first().map_or("", String::as_str);
    let found = which::which(program)
        .map_err(|_| SinkError::NoSuchProgram { program: program.to_owned() })?;
    let arguments = command.get(1..).unwrap_or_default().to_vec();
    let name = format!("command {program}");
    Courier::start(name, run_dir.as_ref(), least, move |message| {
        let mut command = Command::new(&found);
        command.args(&arguments);
        run(command, message)
    })
}

fn run(mut command: Command, message: &AlertMessage) -> Result<(), String> {
    let json = serde_json::to_vec(message).map_err(|error| error.to_string())?;
    let mut child = command
        .env("SPYHOLE_ALERT", &message.text)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("it cannot be started: {error}"))?;
    // On threads of their own: a command need not read, and may say more than a pipe holds.
    let input = child.stdin.take();
    std::thread::spawn(move || input.map(|mut input| input.write_all(&json)));
    let errors = child.stderr.take();
    let (tell, said) = bounded(1);
    std::thread::spawn(move || {
        let mut said = vec![];
        if let Some(mut errors) = errors {
            let _ = errors.by_ref().take(SHOWN).read_to_end(&mut said);
            let _ = tell.send(String::from_utf8_lossy(&said).trim().to_owned());
            let _ = std::io::copy(&mut errors, &mut std::io::sink());
        }
    });
    let status = wait(&mut child)?;
    if status.success() {
        return Ok(());
    }
    // Something that it started may hold the pipe open: do not wait for that.
    let said = said.recv_timeout(LAST_WORDS).unwrap_or_default();
    let colon = if said.is_empty() { "" } else { ": " };
    Err(format!("it ended with {status}{colon}{said}"))
}

fn wait(child: &mut Child) -> Result<std::process::ExitStatus, String> {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(POLL),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("it was killed after {} s", TIMEOUT.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}
