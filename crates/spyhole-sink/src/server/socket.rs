//! The socket: each client has its own position in the log, and is sent what comes after it as fast as
//! it takes it. Nothing is queued for it, so a slow client slows nobody, and misses nothing.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use spyhole_protocol::{Answer, ClientMessage, Hello, ServerMessage, Status};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::{Context, guard};
use crate::store::BatchLimit;
use crate::{Control, RunLog, SinkError};

/// What a client may send in one message.
const MAX_INCOMING: usize = 4096;

/// Records alone can neither compute nor stop anything.
const NO_CONTROL: &str =
    "only the process that trains can do this, and this page reads a recorded run";

/// Size of one message of records.
const BATCH: BatchLimit = BatchLimit { records: 200, bytes: 1 << 20 };

/// A client that takes nothing for this long is gone.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// How often a client is asked whether it is there.
const PING: Duration = Duration::from_secs(20);

/// Pings in a row without an answer after which the client is gone.
const UNANSWERED: u32 = 2;

/// How long to wait for the client's half of the closing handshake.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// Why a socket ends.
enum End {
    /// The client left or is out of reach: there is nobody to tell.
    Gone,
    /// The client is told a code and a reason.
    Told(u16, String),
}

/// `/socket?after=SEQ`
pub(super) async fn open(
    State(context): State<Arc<Context>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Response {
    if !context.guard.origin_is_ours(&headers) {
        return (StatusCode::FORBIDDEN, "foreign origin\n").into_response();
    }
    let after = match guard::parameter(query.as_deref(), "after").map(str::parse) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => {
            let text = "`after` must be the number of the last record you have, 0 for none\n";
            return (StatusCode::BAD_REQUEST, text).into_response();
        }
    };
    match upgrade {
        Ok(upgrade) => upgrade
            .max_message_size(MAX_INCOMING)
            .max_frame_size(MAX_INCOMING)
            .on_upgrade(move |socket| run(socket, context, after)),
        Err(rejection) => rejection.into_response(),
    }
}

async fn run(socket: WebSocket, context: Arc<Context>, after: u64) {
    let mut stop = context.stop.clone();
    let (log, control) = (context.log.clone(), context.control.clone());
    let mut client = Client { socket, log, control, after, status: None };
    // Held until the last word is said: the server waits for its places before it ends.
    let place = context.sockets.clone().try_acquire_owned();
    let end = if place.is_ok() {
        tokio::select! {
            end = client.serve(context.live) => end,
            _ = stop.wait_for(|stop| *stop) => {
                End::Told(close_code::AWAY, "the server ends".into())
            }
        }
    } else {
        End::Told(close_code::AGAIN, "too many dashboards are open on this run".into())
    };
    if let End::Told(code, reason) = end {
        client.close(code, reason).await;
    }
}

struct Client {
    socket: WebSocket,
    log: RunLog,
    control: Option<Arc<dyn Control>>,
    /// The last record that was sent.
    after: u64,
    /// The last status that was sent.
    status: Option<Status>,
}

impl Client {
    async fn serve(&mut self, live: bool) -> End {
        match self.try_serve(live).await {
            Err(end) => end,
        }
    }

    async fn try_serve(&mut self, live: bool) -> Result<std::convert::Infallible, End> {
        // From here on no change is missed.
        let mut changes = self.log.changes();
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unanswered = 0;

        let head = self.read(RunLog::head).await?;
        let run_id = self.log.run_id().to_owned();
        let version = spyhole_protocol::VERSION;
        self.send(ServerMessage::Hello(Hello { version, run_id, head, live })).await?;
        loop {
            self.catch_up().await?;
            // Only a change of the run is worth a look.
            loop {
                tokio::select! {
                    () = changes.changed() => break,
                    message = self.socket.recv() => match message {
                        None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
                        Some(Ok(message)) => {
                            unanswered = 0;
                            self.hear(message).await?;
                        }
                        Some(Err(error)) => return Err(incoming_error(error)),
                    },
                    _ = ping.tick() => {
                        if unanswered == UNANSWERED {
                            return Err(End::Told(close_code::POLICY, "no answer".into()));
                        }
                        unanswered += 1;
                        self.send_frame(Message::Ping(Default::default())).await?;
                    }
                }
            }
        }
    }

    /// Does what the client asks for.
    async fn hear(&mut self, message: Message) -> Result<(), End> {
        let parsed = match &message {
            Message::Text(text) => serde_json::from_str(text),
            Message::Binary(bytes) => serde_json::from_slice(bytes),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(()),
        };
        let message = parsed
            .map_err(|error| End::Told(close_code::POLICY, format!("not understood: {error}")))?;
        let control = self.control.as_deref().ok_or(NO_CONTROL);
        let (number, outcome) = match message {
            ClientMessage::Cancel { id } => {
                if let Ok(control) = control {
                    control.cancel(id);
                }
                return Ok(());
            }
            ClientMessage::Ask { number, subject } => {
                (number, control.map_err(String::from).and_then(|it| it.ask(&subject)).map(Some))
            }
            ClientMessage::Silence { number, silence } => {
                let done = control.map_err(String::from).and_then(|it| it.silence(&silence));
                (number, done.map(|()| None))
            }
            ClientMessage::Stop { number } => {
                (number, control.map_err(String::from).and_then(Control::stop).map(|()| None))
            }
        };
        let answer = match outcome {
            Ok(id) => Answer { number, id, refused: None },
            Err(why) => Answer { number, id: None, refused: Some(why) },
        };
        self.send(ServerMessage::Answer(answer)).await
    }

    /// Sends everything that the client does not have yet.
    async fn catch_up(&mut self) -> Result<(), End> {
        loop {
            let after = self.after;
            let records = self.read(move |log| log.batch(after, BATCH)).await?;
            let Some(last) = records.last() else { break };
            self.after = last.seq;
            self.send(ServerMessage::Records { records }).await?;
        }
        let status = self.read(RunLog::status).await?;
        if let Some(status) = status
            && self.status.as_ref() != Some(&status)
        {
            self.status = Some(status.clone());
            self.send(ServerMessage::Status(status)).await?;
        }
        Ok(())
    }

    /// Reads the log on a thread that may wait for the disk.
    async fn read<T: Send + 'static>(
        &mut self,
        read: impl FnOnce(&RunLog) -> Result<T, SinkError> + Send + 'static,
    ) -> Result<T, End> {
        let log = self.log.clone();
        let failed = |error: String| {
            tracing::warn!(error, "cannot read the run for a dashboard");
            End::Told(close_code::ERROR, error)
        };
        match tokio::task::spawn_blocking(move || read(&log)).await {
            Ok(result) => result.map_err(|error| failed(error.to_string())),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    async fn send(&mut self, message: ServerMessage) -> Result<(), End> {
        match serde_json::to_string(&message) {
            Ok(json) => self.send_frame(Message::Text(json.into())).await,
            Err(error) => Err(End::Told(close_code::ERROR, error.to_string())),
        }
    }

    async fn send_frame(&mut self, message: Message) -> Result<(), End> {
        match timeout(SEND_TIMEOUT, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    /// Says why, and gives the client a moment to hear it: an early end of the connection would cut it
    /// short.
    async fn close(mut self, code: u16, reason: String) {
        let frame = CloseFrame { code, reason: shortened(reason).into() };
        let _ = timeout(CLOSE_PATIENCE, async {
            self.socket.send(Message::Close(Some(frame))).await?;
            while let Some(Ok(_)) = self.socket.recv().await {}
            Ok::<_, axum::Error>(())
        })
        .await;
    }
}

/// A frame that cannot be read: too large, or not of the protocol.
fn incoming_error(error: axum::Error) -> End {
    let text = error.to_string();
    if text.contains("too long") || text.contains("too big") {
        End::Told(close_code::SIZE, format!("messages may have {MAX_INCOMING} bytes"))
    } else {
        End::Told(close_code::PROTOCOL, text)
    }
}

/// A close frame holds 123 bytes of reason.
fn shortened(mut reason: String) -> String {
    let mut end = reason.len().min(120);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    reason
}
