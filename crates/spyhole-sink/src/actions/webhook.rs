use std::path::Path;
use std::time::Duration;

use spyhole_protocol::Severity;
use ureq::Agent;
use ureq::http::Uri;

use super::courier::Courier;
use super::message::AlertMessage;
use crate::SinkError;

/// Pauses between attempts: one more attempt than pauses.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// For connecting, sending and the answer together.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Posts alerts of that severity and above as JSON ([`AlertMessage`]) to `url` (`http` or `https`), three
/// attempts each.
///
/// # Errors
/// When `url` is none, or there is no thread. Whether anybody answers there is not tried.
pub fn webhook(
    run_dir: impl AsRef<Path>,
    url: &str,
    least: Severity,
) -> Result<Courier, SinkError> {
    let wrong = || SinkError::WebhookUrl(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(wrong());
    }
    // Its path may be a secret: only the host is shown.
    let name = format!("webhook {host}");
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("spyhole/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    Courier::start(name, run_dir.as_ref(), least, move |message| insist(&agent, &uri, message))
}

fn insist(agent: &Agent, uri: &Uri, message: &AlertMessage) -> Result<(), String> {
    for pause in PAUSES {
        if post(agent, uri, message).is_ok() {
            return Ok(());
        }
        std::thread::sleep(pause);
    }
    let attempts = PAUSES.len() + 1;
    post(agent, uri, message).map_err(|error| format!("{attempts} attempts failed: {error}"))
}

fn post(agent: &Agent, uri: &Uri, message: &AlertMessage) -> Result<(), String> {
    agent.post(uri).send_json(message).map(drop).map_err(|error| error.to_string())
}
