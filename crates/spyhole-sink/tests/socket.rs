//! The dashboard's socket: everything once and in order, for every client at its own pace.

mod common;

use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use common::*;
use spyhole_protocol::{
    Answer, ClientMessage, Hello, Record, RunState, ServerMessage, Silence, Status, StudySubject,
    VERSION,
};
use spyhole_sink::{Control, Entry, Hub, RunLog, Server, ServerOptions, serve};
use tempfile::TempDir;
use tungstenite::handshake::client::generate_key;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

const TOKEN: &str = "a-token-of-some-length";

struct Client {
    socket: WebSocket<TcpStream>,
    /// What has arrived.
    records: Vec<Record>,
    status: Option<Status>,
    answers: Vec<Answer>,
    closed: Option<(CloseCode, String)>,
}

impl Client {
    /// Connects and reads the greeting.
    fn connect(port: u16, query: &str) -> (Self, Hello) {
        let mut client = Self::open(port, query);
        let hello = match client.next() {
            Some(ServerMessage::Hello(hello)) => hello,
            other => panic!("{other:?} instead of a greeting"),
        };
        (client, hello)
    }

    fn open(port: u16, query: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = tungstenite::http::Request::builder()
            .uri(format!("ws://127.0.0.1:{port}/socket{query}"))
            .header("Host", format!("127.0.0.1:{port}"))
            .header("Origin", format!("http://127.0.0.1:{port}"))
            .header("Cookie", format!("spyhole_{port}={TOKEN}"))
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", generate_key())
            .body(())
            .unwrap();
        let (socket, _) = tungstenite::client(request, stream).unwrap();
        Self { socket, records: Vec::new(), status: None, answers: Vec::new(), closed: None }
    }

    /// The next message; `None` when the socket is closed.
    fn next(&mut self) -> Option<ServerMessage> {
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

    /// Reads until the condition holds, or the socket is closed.
    fn read_until(&mut self, condition: impl Fn(&Self) -> bool) {
        while !condition(self) {
            match self.next() {
                Some(ServerMessage::Records { records }) => {
                    assert!(!records.is_empty() && records.len() <= 200);
                    self.records.extend(records);
                }
                Some(ServerMessage::Status(status)) => self.status = Some(status),
                Some(ServerMessage::Answer(answer)) => self.answers.push(answer),
                Some(ServerMessage::Snapshot(_)) => panic!("not that far behind"),
                Some(ServerMessage::Hello(_)) => panic!("a second greeting"),
                None => return,
            }
        }
    }

    fn read_to(&mut self, seq: u64) {
        self.read_until(|client| client.records.last().is_some_and(|last| last.seq >= seq));
    }

    /// Reads until the server closes, and returns why.
    fn read_to_the_end(&mut self) -> (CloseCode, String) {
        self.read_until(|_| false);
        self.closed.clone().expect("a closing frame with a reason")
    }

    fn assert_has_exactly(&self, seqs: std::ops::RangeInclusive<u64>) {
        let numbers: Vec<_> = self.records.iter().map(|record| record.seq).collect();
        assert_eq!(numbers, seqs.collect::<Vec<_>>());
    }
}

fn live() -> (TempDir, Hub, Server) {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let server = serve_on(hub.log(), 0, true);
    (dir, hub, server)
}

fn serve_on(log: RunLog, port: u16, live: bool) -> Server {
    serve(log, ServerOptions { port, token: Some(TOKEN.into()), live, control: None }).unwrap()
}

fn accepted(hub: &Hub, head: u64) {
    eventually("the records are accepted", || hub.log().head().unwrap() >= head);
}

#[test]
fn first_what_was_then_what_comes() {
    let (_dir, hub, server) = live();
    record(&hub, 1..=450);
    accepted(&hub, 450);
    let (mut client, hello) = Client::connect(server.port(), "?after=0");
    let run_id = hub.run_id().to_owned();
    assert_eq!(hello, Hello { version: VERSION, run_id, head: 450, live: true });
    client.read_to(450);
    for epoch in 451..=460 {
        record(&hub, epoch..=epoch);
        client.read_to(epoch.into());
    }
    client.assert_has_exactly(1..=460);
    assert_eq!(client.records, hub.log().records_after(0, 9999).unwrap());
    assert!(hub.close(PATIENCE));
}

#[test]
fn the_status_comes_and_its_changes_follow() {
    let (_dir, hub, server) = live();
    let (mut client, _) = Client::connect(server.port(), "");
    client.read_until(|client| client.status.is_some());
    hub.update_status(|status| {
        status.state = RunState::Training;
        status.epoch = 4;
    });
    client.read_until(|client| client.status.as_ref().unwrap().epoch == 4);
    let alive = client.status.as_ref().unwrap().alive_ms;
    client.read_until(|client| client.status.as_ref().unwrap().alive_ms > alive);
    assert!(client.closed.is_none() && client.records.is_empty());
}

#[test]
fn who_comes_back_gets_exactly_the_rest() {
    let (_dir, hub, server) = live();
    record(&hub, 1..=300);
    accepted(&hub, 300);
    for after in [0, 1, 199, 200, 299] {
        let (mut client, _) = Client::connect(server.port(), &format!("?after={after}"));
        client.read_to(300);
        client.assert_has_exactly(after + 1..=300);
    }
    for query in ["?after=300", "?after=18446744073709551615"] {
        let (mut client, hello) = Client::connect(server.port(), query);
        assert_eq!(hello.head, 300);
        client.read_until(|client| client.status.is_some());
        assert!(client.records.is_empty(), "{query}");
    }
}

#[test]
fn a_client_survives_the_end_and_return_of_the_server() {
    let (dir, hub, server) = live();
    let port = server.port();
    record(&hub, 1..=10);
    let (mut client, hello) = Client::connect(port, "?after=0");
    client.read_to(10);
    server.shutdown();
    assert_eq!(client.read_to_the_end().0, CloseCode::Away);
    record(&hub, 11..=20);
    assert!(hub.close(PATIENCE));

    let server = serve_on(RunLog::open(dir.path()).unwrap(), port, false);
    let (mut again, hello_again) = Client::connect(server.port(), "?after=10");
    assert_eq!(hello.run_id, hello_again.run_id);
    assert!(hello.live && !hello_again.live);
    again.read_to(20);
    again.assert_has_exactly(11..=20);
}

#[test]
fn a_run_is_followed_from_its_directory_alone() {
    let (dir, hub, _server) = live();
    record(&hub, 1..=5);
    accepted(&hub, 5);
    let server = serve_on(RunLog::open(dir.path()).unwrap(), 0, false);
    let (mut client, hello) = Client::connect(server.port(), "?after=0");
    assert!(!hello.live);
    client.read_to(5);
    record(&hub, 6..=9);
    client.read_to(9);
    client.assert_has_exactly(1..=9);
    hub.update_status(|status| status.state = RunState::Ended);
    assert!(hub.close(PATIENCE));
    client.read_until(|c| c.status.as_ref().is_some_and(|s| s.state == RunState::Ended));
    assert!(client.closed.is_none());
}

#[test]
fn a_slow_client_slows_nobody_and_misses_nothing() {
    let (_dir, hub, server) = live();
    let (mut slow, _) = Client::connect(server.port(), "?after=0");
    // More than the buffers of a connection hold.
    let text = "x".repeat(100_000);
    for seq in 1..=300 {
        assert!(hub.record(Entry::new(fault(format!("{seq} {text}")))));
    }
    let (mut quick, _) = Client::connect(server.port(), "?after=0");
    quick.read_to(300);
    quick.assert_has_exactly(1..=300);
    assert!(hub.close(PATIENCE), "the run goes on");
    slow.read_to(300);
    slow.assert_has_exactly(1..=300);
    assert_eq!(slow.records, quick.records);
}

#[test]
fn what_is_not_understood_ends_that_connection_and_no_other() {
    let (_dir, hub, server) = live();
    let check = |name: &str, message: Message, expected: Option<CloseCode>| {
        let (mut client, _) = Client::connect(server.port(), "?after=0");
        if client.socket.send(message).is_err() {
            // The server hung up in the middle of it.
            assert!(expected.is_some(), "{name}");
            return;
        }
        let head = hub.log().head().unwrap() + 1;
        match expected {
            None => {
                record(&hub, 1..=1);
                client.read_to(head);
                client.assert_has_exactly(1..=head);
            }
            Some(code) => {
                let (closed, reason) = client.read_to_the_end();
                assert_eq!(closed, code, "{name}");
                assert!(!reason.is_empty(), "{name}");
            }
        }
    };
    let not_understood = Some(CloseCode::Policy);
    check("a text", Message::text("hello"), not_understood);
    check("bytes", Message::binary(vec![0; 100]), not_understood);
    check("no JSON", Message::text("{\"type\":"), not_understood);
    check("an unknown kind", Message::text("{\"type\":\"sing\"}"), not_understood);
    check("no subject", Message::text("{\"type\":\"ask\",\"number\":1}"), not_understood);
    check("the largest", Message::text("x".repeat(4096)), not_understood);
    check("a ping", Message::Ping(vec![1].into()), None);
    check("an unasked pong", Message::Pong(vec![1].into()), None);
    check("a byte more", Message::binary(vec![0; 4097]), Some(CloseCode::Size));
    check("much more", Message::text("x".repeat(1 << 20)), Some(CloseCode::Size));
    let (mut after, _) = Client::connect(server.port(), "?after=0");
    after.read_to(hub.log().head().unwrap());
}

/// Takes what is about layer `a`, and remembers everything.
#[derive(Debug, Default)]
struct Notes(Mutex<Vec<String>>);

impl Control for Notes {
    fn ask(&self, subject: &StudySubject) -> Result<u32, String> {
        self.0.lock().unwrap().push(format!("{subject:?}"));
        match subject.layer().map(String::as_str) {
            Some("a") => Ok(7),
            _ => Err("there is only layer a".into()),
        }
    }

    fn cancel(&self, id: u32) {
        self.0.lock().unwrap().push(format!("cancel {id}"));
    }

    fn silence(&self, silence: &Silence) -> Result<(), String> {
        self.0.lock().unwrap().push(format!("{silence:?}"));
        match silence.rule.as_str() {
            "noise" => Ok(()),
            _ => Err("there is only the rule noise".into()),
        }
    }

    fn stop(&self) -> Result<(), String> {
        self.0.lock().unwrap().push("stop".into());
        Err("nobody listens".into())
    }
}

#[test]
fn who_asks_for_a_study_gets_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let notes = Arc::new(Notes::default());
    let options = ServerOptions {
        token: Some(TOKEN.into()),
        control: Some(notes.clone()),
        ..ServerOptions::default()
    };
    let server = serve(hub.log(), options).unwrap();
    let replay = serve_on(hub.log(), 0, false);
    let ask = |server: &Server, number, layer: &str| {
        let (mut client, _) = Client::connect(server.port(), "");
        let subject = StudySubject::Units { layer: layer.into() };
        let message = serde_json::to_string(&ClientMessage::Ask { number, subject }).unwrap();
        client.socket.send(Message::text(message)).unwrap();
        client.read_until(|client| !client.answers.is_empty());
        client.answers.remove(0)
    };
    let refused = |number, why: &str| Answer { number, id: None, refused: Some(why.into()) };
    assert_eq!(ask(&server, 3, "a"), Answer { number: 3, id: Some(7), refused: None });
    assert_eq!(ask(&server, 4, "b"), refused(4, "there is only layer a"));
    assert!(ask(&replay, 5, "a").refused.unwrap().contains("only the process that trains"));

    let (mut client, _) = Client::connect(server.port(), "");
    client.socket.send(Message::text(r#"{"type":"cancel","id":9}"#)).unwrap();
    eventually("the study is cancelled", || notes.0.lock().unwrap().len() == 3);
    let expected = [r#"Units { layer: "a" }"#, r#"Units { layer: "b" }"#, "cancel 9"];
    assert_eq!(*notes.0.lock().unwrap(), expected);
}

#[test]
fn a_position_that_is_no_number_is_refused() {
    let (_dir, _hub, server) = live();
    let port = server.port();
    for query in
        ["after=", "after", "after=-1", "after=x", "after=1.5", "after=18446744073709551616"]
    {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let request = tungstenite::http::Request::builder()
            .uri(format!("ws://127.0.0.1:{port}/socket?{query}"))
            .header("Host", format!("127.0.0.1:{port}"))
            .header("Cookie", format!("spyhole_{port}={TOKEN}"))
            .header("Connection", "Upgrade")
            .header("Upgrade", "websocket")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", generate_key())
            .body(())
            .unwrap();
        match tungstenite::client(request, stream) {
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                assert_eq!(answer.status(), 400, "{query}");
            }
            other => panic!("{query}: {other:?}"),
        }
    }
}

#[test]
fn clients_that_vanish_make_room_for_others() {
    let (_dir, hub, server) = live();
    record(&hub, 1..=1);
    let mut clients: Vec<_> =
        (0..256).map(|_| Client::connect(server.port(), "?after=0").0).collect();
    let mut refused = Client::open(server.port(), "?after=0");
    let (code, reason) = refused.read_to_the_end();
    assert_eq!(code, CloseCode::Again);
    assert!(reason.contains("too many"), "{reason}");
    for client in &mut clients {
        client.read_to(1);
    }
    // Without a goodbye.
    drop(clients);
    eventually("there is room again", || {
        matches!(Client::open(server.port(), "?after=0").next(), Some(ServerMessage::Hello(_)))
    });
    record(&hub, 2..=2);
    let (mut client, _) = Client::connect(server.port(), "?after=0");
    client.read_to(2);
    client.assert_has_exactly(1..=2);
}

#[test]
fn every_client_is_told_when_the_server_ends() {
    let (_dir, hub, server) = live();
    record(&hub, 1..=1);
    let mut clients: Vec<_> =
        (0..50).map(|_| Client::connect(server.port(), "?after=0").0).collect();
    let ending = std::thread::spawn(|| server.shutdown());
    for client in &mut clients {
        assert_eq!(client.read_to_the_end().0, CloseCode::Away);
    }
    ending.join().unwrap();
}
