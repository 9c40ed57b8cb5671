use std::path::Path;
use std::time::Duration;

use spyhole_protocol::{Record, Severity};
use ureq::Agent;
use ureq::http::Uri;

use super::courier::Courier;
use super::message::{AlertMessage, Desk};
use crate::{Picture, Sink, SinkError, SinkResult};

/// Pauses between attempts: one more attempt than pauses.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// For connecting, sending and the answer together.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Posts alerts as JSON ([`AlertMessage`]) to a web address, three attempts each.
#[derive(Debug)]
pub struct Webhook {
    name: String,
    desk: Desk,
    courier: Courier,
}

impl Webhook {
    /// Posts alerts of that severity and above to `url` (`http` or `https`).
    ///
    /// # Errors
    /// When `url` is none, or there is no thread. Whether anybody answers there is not tried.
    pub fn new(run_dir: impl AsRef<Path>, url: &str, least: Severity) -> Result<Self, SinkError> {
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
        let courier =
            Courier::start("spyhole-webhook", move |message| insist(&agent, &uri, message))?;
        Ok(Self { name, desk: Desk::new(run_dir.as_ref(), least), courier })
    }
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

impl Sink for Webhook {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, record: &Record, _images: &[Picture]) -> SinkResult {
        match self.desk.message(record) {
            Some(message) => self.courier.send(message),
            None => Ok(()),
        }
    }

    fn troubles(&mut self) -> Vec<String> {
        self.courier.troubles()
    }

    fn close(&mut self) -> SinkResult {
        self.courier.close();
        Ok(())
    }
}
