//! A dashboard's server that says what a test tells it to.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use spyhole_protocol::{
    Hello, Record, RunList, RunSummary, ServerMessage, Snapshot, Status, VERSION,
};
use tungstenite::handshake::server::{Request, Response};
use tungstenite::{Message, WebSocket};

pub const TOKEN: &str = "a-token-of-some-length";
pub const KEY: &str = "0123456789abcdef";

/// One connection of the socket.
pub struct Connection(WebSocket<TcpStream>);

/// What is said in a connection; its end ends it.
pub type Script = Box<dyn FnOnce(&mut Connection) + Send>;

pub struct Fake {
    pub port: u16,
    /// `after` of every connection of the socket.
    pub asked: Arc<Mutex<Vec<u64>>>,
}

impl Fake {
    /// Plays a script for each connection, then is gone.
    pub fn play(scripts: Vec<Script>) -> Self {
        Self::with(list(VERSION), scripts)
    }

    pub fn with(list: String, scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(vec![]));
        let heard = asked.clone();
        thread::spawn(move || {
            let mut scripts = scripts.into_iter().peekable();
            while scripts.peek().is_some() {
                let (mut stream, _) = listener.accept().unwrap();
                let line = first_line(&stream);
                if !line.contains(&format!("token={TOKEN}")) {
                    answer(&mut stream, "401 Unauthorized", "no");
                } else if line.starts_with("GET /runs?") {
                    answer(&mut stream, "200 OK", &list);
                } else if let Some(script) = scripts.next() {
                    #[allow(clippy::result_large_err, reason = "tungstenite asks for it")]
                    let keep = |request: &Request, response: Response| {
                        let query = request.uri().query().unwrap();
                        let after = query.split('&').find_map(|it| it.strip_prefix("after="));
                        heard.lock().unwrap().push(after.unwrap().parse().unwrap());
                        Ok(response)
                    };
                    script(&mut Connection(tungstenite::accept_hdr(stream, keep).unwrap()));
                }
            }
        });
        Self { port, asked }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/?token={TOKEN}", self.port)
    }
}

/// `/runs` with two runs.
pub fn list(version: u32) -> String {
    let run = |key: &str, name: &str| RunSummary {
        key: key.into(),
        name: name.into(),
        directory: format!("runs/{name}"),
        problem: None,
        started_ms: Some(1),
        status: None,
        worst_alert: None,
        active_alerts: 0,
        live: true,
        branches: vec![],
        branch: None,
    };
    let runs = vec![run(KEY, "newest"), run("f", "older")];
    serde_json::to_string(&RunList { version, runs }).unwrap()
}

fn first_line(stream: &TcpStream) -> String {
    let mut bytes = [0; 1024];
    loop {
        let read = stream.peek(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
        if let Some((line, _)) = text.split_once("\r\n") {
            return line.to_owned();
        }
        assert!(read > 0, "a connection without a request");
    }
}

fn answer(stream: &mut TcpStream, status: &str, body: &str) {
    let mut bytes = [0; 4096];
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut bytes).unwrap();
        head.extend_from_slice(&bytes[..read]);
        if read == 0 {
            return;
        }
    }
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .unwrap();
}

impl Connection {
    pub fn text(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    pub fn say(&mut self, message: &ServerMessage) {
        self.text(&serde_json::to_string(message).unwrap());
    }

    pub fn hello(&mut self, head: u64) {
        self.hello_of(head, KEY, VERSION);
    }

    pub fn hello_of(&mut self, head: u64, run_id: &str, version: u32) {
        let hello = Hello { version, run_id: run_id.into(), head, live: true, branches: 0 };
        self.say(&ServerMessage::Hello(hello));
    }

    pub fn records(&mut self, records: &[Record]) {
        self.say(&ServerMessage::Records { records: records.to_vec() });
    }

    pub fn snapshot(&mut self, records: &[Record], upto: Option<u64>) {
        self.say(&ServerMessage::Snapshot(Snapshot { records: records.to_vec(), upto }));
    }

    pub fn status(&mut self, status: &Status) {
        self.say(&ServerMessage::Status(status.clone()));
    }

    /// Waits until the client goes.
    pub fn wait(&mut self) {
        while self.0.read().is_ok() {}
    }
}
