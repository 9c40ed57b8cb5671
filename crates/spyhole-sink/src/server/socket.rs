//! The socket: each client has its own position in the log, and is sent what comes after it as fast as it takes
//! it. Nothing is queued for it, so a slow client slows nobody. One that is far behind gets an excerpt in place of
//! the records, which is how it is told: what it misses are older records of the kinds in bulk, and pages of those
//! can be asked for.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use spyhole_protocol::{Answer, ClientMessage, Hello, ServerMessage, Snapshot, Status};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::run::{self, BATCH, Run};
use super::{Context, query, runs};
use crate::{Control, RunLog};

/// What a client may send in one message.
const MAX_INCOMING: usize = 4096;

/// Records alone can neither compute nor stop anything.
const NO_CONTROL: &str =
    "only the process that trains can do this, and this page reads a recorded run";

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

/// `/runs/{key}/socket?after=SEQ`
pub(super) async fn open(
    State(context): State<Arc<Context>>,
    Path(key): Path<String>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if !context.guard.origin_is_ours(&headers) {
        return (StatusCode::FORBIDDEN, "foreign origin\n").into_response();
    }
    let after = match query::parameter(asked.as_deref(), "after").map(|after| after.parse()) {
        None => 0,
        Some(Ok(after)) => after,
        Some(Err(_)) => {
            let text = "`after` must be the number of the last record you have, 0 for none\n";
            return (StatusCode::BAD_REQUEST, text).into_response();
        }
    };
    let run = match runs::find(&context, key).await {
        Ok(run) => run,
        Err(response) => return response,
    };
    match upgrade {
        Ok(upgrade) => upgrade
            .max_message_size(MAX_INCOMING)
            .max_frame_size(MAX_INCOMING)
            .on_upgrade(move |socket| attend(socket, context, run, after)),
        Err(rejection) => rejection.into_response(),
    }
}

async fn attend(socket: WebSocket, context: Arc<Context>, run: Arc<Run>, after: u64) {
    let (asked_every, takes_within) = (2 * context.patience, 3 * context.patience);
    let mut client =
        Client { socket, run, after, status: None, asked_every, unanswered: 0, takes_within };
    // Held until the last word is said: the server waits for its places before it ends.
    let place = context.sockets.clone().try_acquire_owned();
    let end = if place.is_ok() {
        let mut stop: watch::Receiver<bool> = context.stop.clone();
        tokio::select! {
            Err(end) = client.serve(context.far_behind) => end,
            _ = stop.wait_for(|stop| *stop) => {
                End::Told(close_code::AWAY, "the server ends".into())
            }
        }
    } else {
        End::Told(close_code::AGAIN, "too many dashboards are open here".into())
    };
    if let End::Told(code, reason) = end {
        client.close(code, reason).await;
    }
}

struct Client {
    socket: WebSocket,
    run: Arc<Run>,
    /// The last record that was sent, or that an excerpt stood for.
    after: u64,
    /// The last status that was sent.
    status: Option<Status>,
    /// How often it is asked whether it is there.
    asked_every: Duration,
    /// Pings since the client was last heard.
    unanswered: u32,
    /// If it does not take one message in this long, it is gone.
    takes_within: Duration,
}

impl Client {
    async fn serve(&mut self, far_behind: u64) -> Result<std::convert::Infallible, End> {
        // From here on no change is missed.
        let mut changes = self.run.log.changes();
        let mut ping = interval_at(Instant::now() + self.asked_every, self.asked_every);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut head = self.read(RunLog::head).await?;
        let branches = self.read(RunLog::branches).await?;
        let run_id = self.run.log.run_id().to_owned();
        let (version, live) = (spyhole_protocol::VERSION, self.run.live);
        let known = u32::try_from(branches.len()).unwrap_or(u32::MAX);
        let hello = Hello { version, run_id, head, live, branches: known };
        self.send(&ServerMessage::Hello(hello)).await?;
        // What comes before this is sent without what was left.
        let last = branches.last().map_or(0, |branch| branch.left_by);
        loop {
            self.send_status().await?;
            let behind = head.saturating_sub(self.after) > far_behind || self.after < last;
            let more = if behind {
                self.send_excerpt().await?;
                true
            } else {
                self.send_records().await?
            };
            // Between two messages the client is heard; with nothing to send, only a change of the run is worth
            // another look.
            loop {
                tokio::select! {
                    biased;
                    message = self.socket.recv() => self.hear(message).await?,
                    _ = ping.tick() => self.ping().await?,
                    () = changes.changed(), if !more => break,
                    () = std::future::ready(()), if more => break,
                }
            }
            if self.run.log.is_over() {
                return Err(End::Told(close_code::AWAY, "another run is recorded now".into()));
            }
            head = self.read(RunLog::head).await?;
            if let Some(left) = self.read(RunLog::branches).await?.get(branches.len()) {
                // It has records that no longer count.
                return Err(End::Told(close_code::AWAY, left.to_string()));
            }
        }
    }

    /// Sends the next records; `false` if there are none.
    async fn send_records(&mut self) -> Result<bool, End> {
        let batch = self.run.batch(self.after).await.map_err(unreadable)?;
        let Some(batch) = batch else { return Ok(false) };
        self.after = batch.last;
        self.send_frame(Message::Text(batch.json)).await?;
        Ok(true)
    }

    /// Sends what the client needs of everything up to now.
    async fn send_excerpt(&mut self) -> Result<(), End> {
        let after = self.after;
        let excerpt = self.read(move |log| log.excerpt(after)).await?;
        let mut rest = excerpt.seqs;
        loop {
            let (records, left) = self
                .read(move |log| {
                    let (records, read) = log.pick(&rest, BATCH)?;
                    rest.drain(..read);
                    Ok((records, rest))
                })
                .await?;
            rest = left;
            let upto = rest.is_empty().then_some(excerpt.upto);
            self.send(&ServerMessage::Snapshot(Snapshot { records, upto })).await?;
            if upto.is_some() {
                self.after = excerpt.upto;
                return Ok(());
            }
            self.send_status().await?;
            self.hear_what_waits().await?;
        }
    }

    /// Sends the status if the client has another one.
    async fn send_status(&mut self) -> Result<(), End> {
        let status = self.read(RunLog::status).await?;
        if let Some(status) = status
            && self.status.as_ref() != Some(&status)
        {
            self.send(&ServerMessage::Status(status.clone())).await?;
            self.status = Some(status);
        }
        Ok(())
    }

    async fn hear_what_waits(&mut self) -> Result<(), End> {
        loop {
            tokio::select! {
                biased;
                message = self.socket.recv() => self.hear(message).await?,
                () = std::future::ready(()) => return Ok(()),
            }
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        if self.unanswered == UNANSWERED {
            return Err(End::Told(close_code::POLICY, "no answer".into()));
        }
        self.unanswered += 1;
        self.send_frame(Message::Ping(Default::default())).await
    }

    /// Does what the client asks for.
    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let message = match message {
            None | Some(Ok(Message::Close(_))) => return Err(End::Gone),
            Some(Ok(message)) => message,
            Some(Err(error)) => return Err(incoming_error(error)),
        };
        self.unanswered = 0;
        let parsed = match &message {
            Message::Text(text) => serde_json::from_str(text),
            Message::Binary(bytes) => serde_json::from_slice(bytes),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(()),
        };
        let message = parsed
            .map_err(|error| End::Told(close_code::POLICY, format!("not understood: {error}")))?;
        let control = self.run.control.as_deref().ok_or(NO_CONTROL);
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
        self.send(&ServerMessage::Answer(answer)).await
    }

    async fn read<T: Send + 'static>(
        &mut self,
        read: impl FnOnce(&RunLog) -> Result<T, crate::SinkError> + Send + 'static,
    ) -> Result<T, End> {
        self.run.read(read).await.map_err(unreadable)
    }

    async fn send(&mut self, message: &ServerMessage) -> Result<(), End> {
        let json = run::json(message).map_err(unreadable)?;
        self.send_frame(Message::Text(json)).await
    }

    async fn send_frame(&mut self, message: Message) -> Result<(), End> {
        match timeout(self.takes_within, self.socket.send(message)).await {
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

fn unreadable(error: String) -> End {
    End::Told(close_code::ERROR, error)
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
