//! The dashboard's socket: everything once and in order, for every client at its own pace.

mod common;

use std::sync::{Arc, Mutex};

use common::client::Client;
use common::http::TOKEN;
use common::*;
use spyhole_protocol::{
    Answer, ClientMessage, Hello, RunState, ServerMessage, Silence, StudySubject, VERSION,
};
use spyhole_sink::{Control, Entry, Hub, RunLog, Server, ServerOptions, Shelf, serve};
use tempfile::TempDir;
use tungstenite::Message;
use tungstenite::protocol::frame::coding::CloseCode;

fn live() -> (TempDir, Hub, Server) {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let server = serve_on(hub.log(), 0, true);
    (dir, hub, server)
}

fn options_at(port: u16) -> ServerOptions {
    ServerOptions { port, token: Some(TOKEN.into()), ..ServerOptions::default() }
}

fn serve_on(log: RunLog, port: u16, live: bool) -> Server {
    let shelf = if live { Shelf::training(log, None) } else { log.into() };
    serve(shelf, options_at(port)).unwrap()
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
    let run_id = hub.run_id();
    assert_eq!(hello, Hello { version: VERSION, run_id, head: 450, live: true, branches: 0 });
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
fn what_is_asked_for_is_answered_once_and_by_who_trains_only() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let notes = Arc::new(Notes::default());
    let server = serve(Shelf::training(hub.log(), Some(notes.clone())), options_at(0)).unwrap();
    let replay = serve_on(hub.log(), 0, false);
    let silence =
        |rule: &str, silenced| Silence { rule: rule.into(), layer: Some("a".into()), silenced };
    let units = |layer: &str| StudySubject::Units { layer: layer.into() };
    let questions = [
        (ClientMessage::Ask { number: 3, subject: units("a") }, Ok(Some(7))),
        (ClientMessage::Ask { number: 4, subject: units("b") }, Err("there is only layer a")),
        (ClientMessage::Silence { number: 5, silence: silence("noise", true) }, Ok(None)),
        (ClientMessage::Silence { number: 6, silence: silence("noise", false) }, Ok(None)),
        (
            ClientMessage::Silence { number: 7, silence: silence("x", true) },
            Err("there is only the rule noise"),
        ),
        (ClientMessage::Stop { number: 4_294_967_295 }, Err("nobody listens")),
    ];
    let number_of = |message: &ClientMessage| match message {
        ClientMessage::Ask { number, .. }
        | ClientMessage::Silence { number, .. }
        | ClientMessage::Stop { number } => *number,
        ClientMessage::Cancel { .. } => panic!("not answered"),
    };
    let (mut client, _) = Client::connect(server.port(), "");
    let (mut other, _) = Client::connect(server.port(), "");
    let (mut reader, _) = Client::connect(replay.port(), "");
    for (question, _) in &questions {
        client.say(question);
        reader.say(question);
    }
    client.read_until(|client| client.answers.len() == questions.len());
    reader.read_until(|client| client.answers.len() == questions.len());
    for (place, (question, expected)) in questions.iter().enumerate() {
        let number = number_of(question);
        let (id, refused) = match expected {
            Ok(id) => (*id, None),
            Err(why) => (None, Some((*why).to_owned())),
        };
        assert_eq!(client.answers[place], Answer { number, id, refused });
        let Answer { number: same, id, refused } = &reader.answers[place];
        assert_eq!((*same, *id), (number, None));
        assert!(refused.as_ref().unwrap().contains("only the process that trains"), "{refused:?}");
    }
    client.say(&ClientMessage::Cancel { id: 9 });
    eventually("the study is cancelled", || notes.0.lock().unwrap().len() == questions.len() + 1);
    let expected = [
        r#"Units { layer: "a" }"#,
        r#"Units { layer: "b" }"#,
        r#"Silence { rule: "noise", layer: Some("a"), silenced: true }"#,
        r#"Silence { rule: "noise", layer: Some("a"), silenced: false }"#,
        r#"Silence { rule: "x", layer: Some("a"), silenced: true }"#,
        "stop",
        "cancel 9",
    ];
    assert_eq!(*notes.0.lock().unwrap(), expected);
    // Nobody else is answered.
    record(&hub, 1..=1);
    other.read_to(1);
    assert_eq!(other.answers, []);
}

#[test]
fn who_is_far_behind_can_still_ask() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let notes = Arc::new(Notes::default());
    let server = serve(Shelf::training(hub.log(), Some(notes.clone())), options_at(0)).unwrap();
    // More than the buffers of a connection hold, and none of it can be left out.
    let text = "x".repeat(20_000);
    for seq in 1..=2500 {
        assert!(hub.record(Entry::new(fault(format!("{seq} {text}")))));
    }
    accepted(&hub, 2500);
    let (mut client, _) = Client::connect(server.port(), "?after=0");
    client.say(&ClientMessage::Stop { number: 1 });
    client.read_until(|client| !client.answers.is_empty() && client.status.is_some());
    assert!(client.upto < 2500, "the answer comes before the end of the history");
    client.read_to(2500);
    client.assert_has_exactly(1..=2500);
}

#[test]
fn a_position_that_is_no_number_and_a_run_that_is_none_are_refused() {
    let (_dir, _hub, server) = live();
    let port = server.port();
    let key = http::key(port);
    for query in
        ["after=", "after", "after=-1", "after=x", "after=1.5", "after=18446744073709551616"]
    {
        let refused = Client::try_open(port, &key, &format!("?{query}")).err();
        assert_eq!(refused, Some(400), "{query}");
    }
    for key in ["x", "..", "%2e%2e", "%00", "a%2Fb"] {
        assert_eq!(Client::try_open(port, key, "").err(), Some(404), "{key}");
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
