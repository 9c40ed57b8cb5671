//! A dashboard's end of the socket.

use std::net::TcpStream;

use spyhole_protocol::{Answer, Hello, Record, ServerMessage, Status};
use tungstenite::handshake::client::generate_key;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

use super::PATIENCE;
use super::http::{TOKEN, key};

pub struct Client {
    pub socket: WebSocket<TcpStream>,
    /// What has arrived, record by record or in snapshots.
    pub records: Vec<Record>,
    /// Numbers of the last records that finished snapshots stood for.
    pub snapshots: Vec<u64>,
    pub status: Option<Status>,
    pub answers: Vec<Answer>,
    pub closed: Option<(CloseCode, String)>,
    /// Up to where it is informed.
    pub upto: u64,
}

impl Client {
    /// Connects to the first run and reads the greeting.
    pub fn connect(port: u16, query: &str) -> (Self, Hello) {
        let mut client = Self::open(port, query);
        let hello = match client.next() {
            Some(ServerMessage::Hello(hello)) => hello,
            other => panic!("{other:?} instead of a greeting"),
        };
        (client, hello)
    }

    pub fn open(port: u16, query: &str) -> Self {
        Self::open_run(port, &key(port), query)
    }

    pub fn open_run(port: u16, key: &str, query: &str) -> Self {
        match Self::try_open(port, key, query) {
            Ok(client) => client,
            Err(status) => panic!("status {status} instead of a socket"),
        }
    }

    /// The status of the answer, if it is no socket.
    pub fn try_open(port: u16, key: &str, query: &str) -> Result<Self, u16> {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = tungstenite::http::Request::builder()
            .uri(format!("ws://127.0.0.1:{port}/runs/{key}/socket{query}"))
            .header("Host", format!("127.0.0.1:{port}"))
            .header("Origin", format!("http://127.0.0.1:{port}"))
            .header("Cookie", format!("spyhole_{port}={TOKEN}"))
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", generate_key())
            .body(())
            .unwrap();
        let socket = match tungstenite::client(request, stream) {
            Ok((socket, _)) => socket,
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                return Err(answer.status().as_u16());
            }
            Err(other) => panic!("{other:?}"),
        };
        Ok(Self {
            socket,
            records: Vec::new(),
            snapshots: Vec::new(),
            status: None,
            answers: Vec::new(),
            closed: None,
            upto: 0,
        })
    }

    /// The next message; `None` when the socket is closed.
    pub fn next(&mut self) -> Option<ServerMessage> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(frame)) => {
                    self.closed = frame.map(|frame| (frame.code, frame.reason.to_string()));
                }
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// Takes the next message; `false` when the socket is closed.
    pub fn step(&mut self) -> bool {
        match self.next() {
            Some(ServerMessage::Records { records }) => {
                assert!(!records.is_empty() && records.len() <= 200);
                self.upto = records.last().unwrap().seq;
                self.records.extend(records);
            }
            Some(ServerMessage::Snapshot(snapshot)) => {
                assert!(snapshot.records.len() <= 200);
                self.records.extend(snapshot.records);
                if let Some(upto) = snapshot.upto {
                    self.upto = upto;
                    self.snapshots.push(upto);
                }
            }
            Some(ServerMessage::Status(status)) => self.status = Some(status),
            Some(ServerMessage::Answer(answer)) => self.answers.push(answer),
            Some(ServerMessage::Hello(_)) => panic!("a second greeting"),
            None => return false,
        }
        true
    }

    /// Reads until the condition holds, or the socket is closed.
    pub fn read_until(&mut self, condition: impl Fn(&Self) -> bool) {
        while !condition(self) && self.step() {}
    }

    pub fn read_to(&mut self, seq: u64) {
        self.read_until(|client| client.upto >= seq);
    }

    /// Reads until the server closes, and returns why.
    pub fn read_to_the_end(&mut self) -> (CloseCode, String) {
        self.read_until(|_| false);
        self.closed.clone().expect("a closing frame with a reason")
    }

    pub fn say(&mut self, message: &spyhole_protocol::ClientMessage) {
        self.socket.send(Message::text(serde_json::to_string(message).unwrap())).unwrap();
    }

    pub fn assert_has_exactly(&self, seqs: std::ops::RangeInclusive<u64>) {
        let numbers: Vec<_> = self.records.iter().map(|record| record.seq).collect();
        assert_eq!(numbers, seqs.collect::<Vec<_>>());
    }
}
