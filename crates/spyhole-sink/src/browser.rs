use std::process::{Command, Stdio};

use crate::SinkError;

/// Asks the desktop to show `url` and does not wait for the browser. A failure is worth a note to the
/// user, never more: the URL works by hand as well.
///
/// The URL, and so the dashboard's token, is visible to other users of this machine in the list of
/// processes while the browser starts.
pub fn open_in_browser(url: &str) -> Result<(), SinkError> {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/C", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    };
    let mut child = command
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(SinkError::Browser)?;
    // Somebody has to collect the exit status; nobody has to wait for it.
    let _ = std::thread::Builder::new().name("spyhole-browser".into()).spawn(move || child.wait());
    Ok(())
}
