//! News from a dashboard's server: one socket, opened again whenever it breaks, from the last record on.

use std::collections::VecDeque;
use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use spyhole_protocol::{
    BULK_KINDS, Branch, Event, Hello, Record, RunList, RunSummary, ServerMessage, VERSION,
};
use tungstenite::handshake::HandshakeError;
use tungstenite::{Message, WebSocket};

use super::address::Address;
use super::source::{Lost, News, WAIT};
use crate::words;

/// How long opening a connection may take.
const OPENING: Duration = Duration::from_secs(10);

/// A server says something every 20 seconds; after this long without a word it is out of reach.
const SILENT: Duration = Duration::from_secs(70);

/// Pauses before a lost connection is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// So often in a row, without a new record between, may a server say what makes no sense.
const NONSENSE: u32 = 3;

/// Why a server cannot be followed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ServerError {
    #[error(
        "nothing answers at {0}; has the training ended? Give the run's directory instead of the address to \
         see how"
    )]
    NotThere(String),

    #[error("{0} does not answer: {1}")]
    Unreachable(String, String),

    #[error(
        "{0} does not take the token of this address; it is new for every start: give the address that the \
         training printed last"
    )]
    Token(String),

    #[error(
        "{0} does not answer like a dashboard of spyhole ({1}); is the address that of another program?"
    )]
    Foreign(String, String),

    #[error(
        "{place} is a spyhole that speaks version {found}, this one speaks {VERSION}; use the same version \
         of both"
    )]
    Version { place: String, found: u32 },

    #[error("{0} shows no run")]
    Empty(String),

    #[error("{place} shows no run `{asked}`; it shows: {known}")]
    NoSuchRun { place: String, asked: String, known: String },

    #[error("the run `{name}` cannot be read: {problem}")]
    Problem { name: String, problem: String },

    #[error("{0} shows another run now")]
    AnotherRun(String),
}

impl ServerError {
    /// Whether it may be gone when one tries again.
    fn may_pass(&self) -> bool {
        matches!(self, Self::NotThere(_) | Self::Unreachable(..))
    }
}

type Socket = WebSocket<TcpStream>;

/// The run on a server.
pub(crate) struct Server {
    address: Address,
    key: String,
    run_id: String,
    socket: Option<Socket>,
    /// The last record that was handed out.
    after: u64,
    /// The last record from before we looked, until it was handed out.
    head: Option<u64>,
    /// A snapshot in the making.
    parts: Vec<Record>,
    /// Whether records of the bulk kinds are wanted.
    bulk: bool,
    waiting: VecDeque<News>,
    patience: Duration,
    heard: Instant,
    /// Since when the connection is lost; until something is heard again.
    lost: Option<Instant>,
    pause: Duration,
    again_at: Instant,
    nonsense: u32,
}

impl Server {
    /// Finds the run and opens its socket.
    pub(super) fn connect(
        address: Address,
        which: Option<&str>,
        patience: Duration,
        bulk: bool,
    ) -> Result<Self, ServerError> {
        let list = list(&address)?;
        let parts = list.runs.iter().filter_map(|run| Some((run.key.clone(), run.branch?)));
        let parts: Vec<(String, Branch)> = parts.collect();
        let (run, others) = choose(&address, list, which)?;
        let left = parts.into_iter().filter(|(key, _)| {
            key.strip_prefix(&run.key).is_some_and(|rest| rest.starts_with('~'))
        });
        let (socket, hello) = open(&address, &run.key, 0)?;
        let mut waiting = VecDeque::new();
        for (key, branch) in left {
            let note = format!("{branch}; it is not told (--run {key} tells it)");
            waiting.push_back(News::Note(note));
        }
        if !others.is_empty() {
            let note = format!("following {}; --run takes others: {}", run.name, others.join(", "));
            waiting.push_back(News::Note(note));
        }
        Ok(Self {
            address,
            key: run.key,
            run_id: hello.run_id,
            socket: Some(socket),
            after: 0,
            head: Some(hello.head),
            parts: vec![],
            bulk,
            waiting,
            patience,
            heard: Instant::now(),
            lost: None,
            pause: FIRST_PAUSE,
            again_at: Instant::now(),
            nonsense: 0,
        })
    }

    pub(super) fn next(&mut self) -> Result<News, Lost> {
        if let Some(news) = self.waiting.pop_front() {
            return Ok(news);
        }
        if self.head.is_some_and(|head| self.after >= head) {
            self.head = None;
            return Ok(News::Present);
        }
        let Some(socket) = &mut self.socket else { return self.reconnect() };
        match socket.read() {
            Ok(Message::Text(text)) => match serde_json::from_str(&text) {
                Ok(message) => self.hear(message),
                Err(error) => self.nonsense(format!("it sent what is not understood ({error})")),
            },
            Ok(Message::Close(frame)) => {
                let reason = frame.map(|frame| frame.reason.to_string()).unwrap_or_default();
                let reason = if reason.is_empty() { "it closed".into() } else { reason };
                Ok(self.away(&reason))
            }
            Ok(_) => {
                self.heard = Instant::now();
                Ok(News::Quiet)
            }
            Err(error) if is_timeout(&error) && self.heard.elapsed() < SILENT => Ok(News::Quiet),
            Err(error) if is_timeout(&error) => Ok(self.away("it has fallen silent")),
            Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed) => {
                Ok(self.away("it closed"))
            }
            Err(error) => Ok(self.away(&error.to_string())),
        }
    }

    fn hear(&mut self, message: ServerMessage) -> Result<News, Lost> {
        self.heard = Instant::now();
        if self.lost.take().is_some() {
            self.pause = FIRST_PAUSE;
            let note = format!("connected again, goes on after record {}", self.after);
            self.waiting.push_back(News::Note(note));
        }
        match message {
            ServerMessage::Records { mut records } => {
                records.retain(|record| record.seq > self.after);
                let numbers = records.iter().map(|record| record.seq);
                if !numbers.eq((self.after + 1..).take(records.len())) {
                    let text = format!("records after number {} are missing", self.after);
                    return self.nonsense(text);
                }
                self.after += records.len() as u64;
                Ok(self.in_turn(records))
            }
            ServerMessage::Snapshot(snapshot) => {
                let wanted = |record: &Record| self.bulk || !is_bulk(&record.event);
                self.parts.extend(snapshot.records.into_iter().filter(wanted));
                let Some(upto) = snapshot.upto else { return Ok(News::Quiet) };
                let mut records = std::mem::take(&mut self.parts);
                records.retain(|record| record.seq > self.after);
                if self.bulk {
                    let note = format!(
                        "the server summed up the records {} to {upto}: of {} there are only the newest \
                         (`spyhole export` writes all)",
                        self.after + 1,
                        BULK_KINDS.join(", ")
                    );
                    self.waiting.push_back(News::Note(note));
                }
                self.after = upto.max(self.after);
                Ok(self.in_turn(records))
            }
            ServerMessage::Status(status) => {
                self.waiting.push_back(News::Status(status));
                Ok(self.waiting.pop_front().unwrap_or(News::Quiet))
            }
            ServerMessage::Hello(_) | ServerMessage::Answer(_) => Ok(News::Quiet),
        }
    }

    /// The records, after what waits.
    fn in_turn(&mut self, records: Vec<Record>) -> News {
        self.nonsense = 0;
        if !records.is_empty() {
            self.waiting.push_back(News::Records(records));
        }
        self.waiting.pop_front().unwrap_or(News::Quiet)
    }

    fn nonsense(&mut self, text: String) -> Result<News, Lost> {
        self.nonsense += 1;
        if self.nonsense >= NONSENSE {
            return Err(Lost(format!("{}: {text}, again and again", self.address.place())));
        }
        Ok(self.away(&text))
    }

    fn away(&mut self, why: &str) -> News {
        self.socket = None;
        self.parts.clear();
        self.again_at = Instant::now() + self.pause;
        let first = self.lost.is_none();
        self.lost.get_or_insert_with(Instant::now);
        if first {
            News::Away(format!(
                "lost the connection to {} ({why}); trying again",
                self.address.place()
            ))
        } else {
            News::Quiet
        }
    }

    fn reconnect(&mut self) -> Result<News, Lost> {
        let wait = self.again_at.saturating_duration_since(Instant::now());
        if !wait.is_zero() {
            std::thread::sleep(wait.min(WAIT));
            return Ok(News::Quiet);
        }
        let opened = open(&self.address, &self.key, self.after).and_then(|(socket, hello)| {
            let same = hello.run_id == self.run_id && hello.head >= self.after;
            if same { Ok(socket) } else { Err(ServerError::AnotherRun(self.address.place())) }
        });
        let out_of_patience = self.lost.is_some_and(|since| since.elapsed() >= self.patience);
        match opened {
            Ok(socket) => {
                (self.socket, self.heard) = (Some(socket), Instant::now());
                Ok(News::Quiet)
            }
            Err(error) if error.may_pass() && !out_of_patience => {
                self.pause = (2 * self.pause).min(LONGEST_PAUSE);
                self.again_at = Instant::now() + self.pause;
                Ok(News::Quiet)
            }
            Err(error) => Err(Lost(error.to_string())),
        }
    }
}

/// The runs that a server shows.
fn list(address: &Address) -> Result<RunList, ServerError> {
    let place = address.place();
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(OPENING))
        .max_redirects(0)
        .proxy(None)
        .build()
        .into();
    let foreign = |found: String| ServerError::Foreign(place.clone(), found);
    let mut response = match agent.get(address.url("http", "/runs")).call() {
        Ok(response) => response,
        Err(ureq::Error::Io(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            return Err(ServerError::NotThere(place));
        }
        Err(ureq::Error::ConnectionFailed) => return Err(ServerError::NotThere(place)),
        Err(error @ (ureq::Error::Protocol(_) | ureq::Error::Http(_))) => {
            return Err(foreign(error.to_string()));
        }
        Err(error) => return Err(ServerError::Unreachable(place, error.to_string())),
    };
    match response.status().as_u16() {
        200 => {}
        401 => return Err(ServerError::Token(place)),
        other => return Err(foreign(format!("HTTP status {other}"))),
    }
    let text = response.body_mut().read_to_string().map_err(|error| foreign(error.to_string()))?;
    // The version first: the rest may have changed.
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|_| foreign("no JSON".into()))?;
    match json.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version == u64::from(VERSION) => {}
        Some(version) => {
            let found = u32::try_from(version).unwrap_or(u32::MAX);
            return Err(ServerError::Version { place, found });
        }
        None => return Err(foreign("no version".into())),
    }
    serde_json::from_value(json).map_err(|error| foreign(error.to_string()))
}

/// The run that is asked for, or the newest; and the names of the others.
fn choose(
    address: &Address,
    list: RunList,
    which: Option<&str>,
) -> Result<(RunSummary, Vec<String>), ServerError> {
    let place = address.place();
    // Parts that a run has left go by their key alone.
    let name = |run: &RunSummary| match run.branch {
        Some(_) => run.key.clone(),
        None => run.name.clone(),
    };
    let names: Vec<_> = list.runs.iter().map(name).collect();
    let is_it = |run: &RunSummary| which.is_none_or(|which| run.key == which || name(run) == which);
    let Some(at) = list.runs.iter().position(is_it) else {
        return Err(match which {
            Some(which) if !names.is_empty() => {
                ServerError::NoSuchRun { place, asked: which.to_owned(), known: names.join(", ") }
            }
            _ => ServerError::Empty(place),
        });
    };
    let Some(run) = list.runs.into_iter().nth(at) else { return Err(ServerError::Empty(place)) };
    if let Some(problem) = run.problem {
        return Err(ServerError::Problem { name: run.name, problem });
    }
    let others = names.into_iter().enumerate();
    let others = others.filter(|(other, name)| *other != at && !name.contains('~'));
    let others = others.map(|(_, name)| name).collect();
    // Who asked for a run knows what there is.
    Ok((run, if which.is_some() { vec![] } else { others }))
}

/// Opens the run's socket and reads its greeting.
fn open(address: &Address, key: &str, after: u64) -> Result<(Socket, Hello), ServerError> {
    let place = address.place();
    let unreachable = |error: io::Error| match error.kind() {
        io::ErrorKind::ConnectionRefused => ServerError::NotThere(place.clone()),
        _ => ServerError::Unreachable(place.clone(), error.to_string()),
    };
    let foreign = |found: String| ServerError::Foreign(place.clone(), found);

    let mut failed = io::Error::from(io::ErrorKind::NotFound);
    let mut stream = None;
    for to in (address.host.trim_matches(['[', ']']), address.port)
        .to_socket_addrs()
        .map_err(unreachable)?
    {
        match TcpStream::connect_timeout(&to, OPENING) {
            Ok(connected) => {
                stream = Some(connected);
                break;
            }
            Err(error) => failed = error,
        }
    }
    let stream = stream.ok_or(failed).map_err(unreachable)?;
    stream.set_read_timeout(Some(OPENING)).map_err(unreachable)?;
    stream.set_write_timeout(Some(OPENING)).map_err(unreachable)?;
    let url = address.url("ws", &format!("/runs/{key}/socket?after={after}"));
    let (mut socket, _) = match tungstenite::client(url, stream) {
        Ok(opened) => opened,
        Err(HandshakeError::Failure(tungstenite::Error::Http(response))) => {
            return Err(match response.status().as_u16() {
                401 => ServerError::Token(place),
                404 => ServerError::AnotherRun(place),
                other => foreign(format!("HTTP status {other}")),
            });
        }
        Err(HandshakeError::Failure(error)) => {
            return Err(ServerError::Unreachable(place, error.to_string()));
        }
        Err(HandshakeError::Interrupted(_)) => {
            return Err(ServerError::Unreachable(place, "it does not answer in time".into()));
        }
    };
    let text = match socket.read() {
        Ok(Message::Text(text)) => text,
        Ok(Message::Close(Some(frame))) => {
            return Err(ServerError::Unreachable(place, frame.reason.to_string()));
        }
        Ok(_) => return Err(foreign("no greeting".into())),
        Err(error) => return Err(ServerError::Unreachable(place, error.to_string())),
    };
    // The version first: the rest may have changed.
    let version = serde_json::from_str::<serde_json::Value>(&text)
        .ok()
        .and_then(|json| json.get("version").and_then(serde_json::Value::as_u64));
    if let Some(found) = version.filter(|found| *found != u64::from(VERSION)) {
        let found = u32::try_from(found).unwrap_or(u32::MAX);
        return Err(ServerError::Version { place, found });
    }
    let Ok(ServerMessage::Hello(hello)) = serde_json::from_str(&text) else {
        return Err(foreign("no greeting".into()));
    };
    socket.get_ref().set_read_timeout(Some(WAIT)).map_err(unreachable)?;
    Ok((socket, hello))
}

fn is_bulk(event: &Event) -> bool {
    BULK_KINDS.contains(&words::kind(event))
}

fn is_timeout(error: &tungstenite::Error) -> bool {
    matches!(error, tungstenite::Error::Io(error)
        if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
}
