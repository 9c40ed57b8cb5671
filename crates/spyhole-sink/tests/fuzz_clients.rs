//! Clients that say anything at all: the server answers or closes, no thread of it panics, and others are served.
//! `SPYHOLE_FUZZ=5000` tries that many; the default keeps CI quick.
//!
//! This file holds one test, because a process has one panic hook.

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};

use common::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use spyhole_protocol::{ClientMessage, Silence, StudySubject};
use spyhole_sink::{Control, Hub, ServerOptions, Shelf, serve};

const TOKEN: &str = "a-token-of-some-length";

fn cases(default: u32) -> u32 {
    std::env::var("SPYHOLE_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Where the socket of the run is.
fn socket(hub: &Hub) -> String {
    format!("/runs/{}/socket?after=0", hub.run_id())
}

/// Refuses everything, at length.
#[derive(Debug)]
struct Refuses;

impl Control for Refuses {
    fn ask(&self, subject: &StudySubject) -> Result<u32, String> {
        Err(format!("no {subject:?}"))
    }

    fn cancel(&self, _id: u32) {}

    fn silence(&self, silence: &Silence) -> Result<(), String> {
        Err(format!("no {silence:?}"))
    }

    fn stop(&self) -> Result<(), String> {
        Err("no".into())
    }
}

/// What a client does.
#[derive(Clone, Debug)]
enum Act {
    /// Sends bytes in place of a request.
    NoRequest(Vec<u8>),
    /// Asks for a path, with a header of its own.
    Get(Vec<u8>, Vec<u8>),
    /// Opens the socket and sends frames.
    Frames(Vec<Frame>),
}

#[derive(Clone, Debug)]
enum Frame {
    /// Bytes in place of a frame.
    Raw(Vec<u8>),
    /// A frame as the protocol of websockets wants it (operation 0 to 15), with any content.
    Framed(u8, Vec<u8>),
    /// A text that begins as a message does.
    Nearly(String),
    /// A good message.
    Good(u32),
}

fn act() -> impl Strategy<Value = Act> {
    let bytes = |most: usize| proptest::collection::vec(any::<u8>(), 0..most);
    let good = serde_json::to_string(&ClientMessage::Ask {
        number: 5,
        subject: StudySubject::Units { layer: "a".into() },
    })
    .unwrap();
    let nearly = (0..good.len(), "\\PC{0,6}", 0..6usize).prop_map(move |(at, put, cut)| {
        let end = (at + cut).min(good.len());
        format!("{}{put}{}", &good[..at], &good[end..])
    });
    let frame = prop_oneof![
        2 => bytes(300).prop_map(Frame::Raw),
        3 => (0..16u8, bytes(200)).prop_map(|(operation, content)| Frame::Framed(operation, content)),
        4 => nearly.prop_map(Frame::Nearly),
        2 => any::<u32>().prop_map(Frame::Good),
        1 => Just(Frame::Framed(1, vec![b'['; 4000])),
        1 => Just(Frame::Framed(1, vec![b'x'; 70_000])),
    ];
    prop_oneof![
        2 => bytes(600).prop_map(Act::NoRequest),
        2 => ("[!-~]{0,60}", bytes(100)).prop_map(|(path, header)| Act::Get(path.into_bytes(), header)),
        6 => proptest::collection::vec(frame, 1..6).prop_map(Act::Frames),
    ]
}

/// A frame of a client, masked with zeros.
fn framed(operation: u8, content: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | operation];
    match content.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length @ 126..=65_535 => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(content);
    frame
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Opens the run's socket.
fn open_socket(port: u16, path: &str) -> TcpStream {
    let mut stream = connect(port);
    stream.write_all(&request(port, path.as_bytes(), UPGRADE)).unwrap();
    let mut answer = vec![];
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.extend(byte);
    }
    assert!(answer.starts_with(b"HTTP/1.1 101 "), "{}", String::from_utf8_lossy(&answer));
    stream
}

/// Sends all of it, says that nothing more comes, and reads until the server hangs up.
fn talk(mut stream: TcpStream, parts: &[Vec<u8>]) {
    for part in parts {
        // The server may have hung up already.
        if stream.write_all(part).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("the server neither answers nor hangs up");
            }
            Err(_) => return,
        }
    }
}

fn request(port: u16, path: &[u8], headers: &[u8]) -> Vec<u8> {
    let head = format!(" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: spyhole_{port}={TOKEN}\r\n");
    [b"GET ", path, head.as_bytes(), headers, b"\r\n\r\n"].concat()
}

const UPGRADE: &[u8] =
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

#[test]
fn whatever_a_client_says_is_answered_or_ends_its_connection() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    record(&hub, 1..=3);
    let control: Option<Arc<dyn Control>> = Some(Arc::new(Refuses));
    let options = ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() };
    let server = serve(Shelf::training(hub.log(), control), options).unwrap();
    let port = server.port();

    // After the hub's own hook: sees the panics of every thread.
    let panics = Arc::new(Mutex::new(Vec::new()));
    let seen = panics.clone();
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let thread = std::thread::current().name().unwrap_or("a nameless thread").to_owned();
        if thread.starts_with("spyhole-") {
            seen.lock().unwrap().push(format!("{thread}: {panic}"));
        }
        usual(panic);
    }));

    let mut runner = TestRunner::new(Config::with_cases(cases(150)));
    let outcome = runner.run(&act(), |act| {
        let parts = match &act {
            Act::NoRequest(bytes) => vec![bytes.clone()],
            Act::Get(path, header) => {
                vec![request(port, &[b"/", &path[..]].concat(), &[b"X: ", &header[..]].concat())]
            }
            Act::Frames(frames) => {
                let frame = |frame: &Frame| match frame {
                    Frame::Raw(bytes) => bytes.clone(),
                    Frame::Framed(operation, content) => framed(*operation, content),
                    Frame::Nearly(text) => framed(1, text.as_bytes()),
                    Frame::Good(number) => {
                        let stop = ClientMessage::Stop { number: *number };
                        framed(1, serde_json::to_string(&stop).unwrap().as_bytes())
                    }
                };
                frames.iter().map(frame).collect()
            }
        };
        let stream = match act {
            Act::Frames(_) => open_socket(port, &socket(&hub)),
            Act::NoRequest(_) | Act::Get(..) => connect(port),
        };
        talk(stream, &parts);
        let panics = panics.lock().unwrap();
        prop_assert!(panics.is_empty(), "{panics:?}");
        Ok(())
    });
    drop(std::panic::take_hook());
    if let Err(error) = outcome {
        panic!("{error}");
    }

    // Others are served as before, and records are recorded.
    let mut stream = connect(port);
    stream.write_all(&request(port, b"/favicon.svg", b"Connection: close")).unwrap();
    let mut page = vec![];
    stream.read_to_end(&mut page).unwrap();
    assert!(page.starts_with(b"HTTP/1.1 200 "), "{:?}", String::from_utf8_lossy(&page));
    record(&hub, 4..=4);
    assert!(hub.flush(PATIENCE));
    drop(server);
    assert!(hub.close(PATIENCE));
}
