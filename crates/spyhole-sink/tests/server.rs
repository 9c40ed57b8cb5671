//! The dashboard's server over real connections: who gets in, and what they get.

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use common::*;
use spyhole_protocol::{Document, EmbeddingSheet};
use spyhole_sink::{Entry, RunLog, Server, ServerOptions, Sheet, SinkError, serve};
use tempfile::TempDir;

const TOKEN: &str = "a-token-of-some-length";

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Sends a request as it stands and reads the answer.
fn send(port: u16, request: &str) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a header");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    Answer { status, headers, body: answer[end + 4..].to_vec() }
}

fn get(port: u16, path: &str, headers: &str) -> Answer {
    send(
        port,
        &format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}\r\n"
        ),
    )
}

fn cookie(port: u16) -> String {
    format!("Cookie: other=1; spyhole_{port}={TOKEN}\r\n")
}

fn server() -> (TempDir, Server) {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    record(&hub, 1..=3);
    assert!(hub.close(PATIENCE));
    let options = ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() };
    (dir, serve(hub.log(), options).unwrap())
}

#[test]
fn the_token_becomes_a_cookie_and_leaves_the_address() {
    let (_dir, server) = server();
    let port = server.port();
    assert_eq!(server.url(), format!("http://127.0.0.1:{port}/?token={TOKEN}"));
    let answer = get(port, &format!("/?token={TOKEN}"), "");
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), Some("/"));
    let set = answer.header("set-cookie").unwrap();
    let expected = format!("spyhole_{port}={TOKEN}; HttpOnly; SameSite=Strict; Path=/");
    assert_eq!(set, expected);

    let answer = get(port, "/", &cookie(port));
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
    assert!(matches!(answer.header("cache-control"), Some("no-cache" | "no-store")));
}

#[test]
fn only_who_holds_the_token_gets_in() {
    let (_dir, server) = server();
    let port = server.port();
    let image = format!("/images/{}.png", picture(1).id().0);
    let right = cookie(port);
    let wrong = format!("Cookie: spyhole_{port}={}\r\n", TOKEN.replace('a', "b"));
    let part = format!("Cookie: spyhole_{port}={}\r\n", &TOKEN[..10]);
    let other_port = format!("Cookie: spyhole_{}={TOKEN}\r\n", port ^ 1);
    for path in ["/", "/socket", "/assets/x.js", &image, "/nowhere"] {
        let inside = match path {
            "/" => 200,
            "/socket" => 400,
            path if path == image => 200,
            _ => 404,
        };
        for (what, headers, expected) in [
            ("nothing", "", 401),
            ("a wrong cookie", &wrong, 401),
            ("a part of the token", &part, 401),
            ("another server's cookie", &other_port, 401),
            ("an empty cookie", &format!("Cookie: spyhole_{port}=\r\n"), 401),
            ("the cookie", &right, inside),
            ("two cookies, one right", &format!("{wrong}{right}"), inside),
        ] {
            let answer = get(port, path, headers);
            assert_eq!(answer.status, expected, "{path} with {what}");
            if expected == 401 {
                let text = String::from_utf8(answer.body).unwrap();
                assert!(text.contains("Open the URL"), "says what to do: {text}");
                assert!(!text.contains(TOKEN));
            }
        }
        for query in ["token=", "token=wrong", "token", "x=1&token=zzzzzzzzzzzzzzzzzzzzzz"] {
            let answer = get(port, &format!("{path}?{query}"), &right);
            assert_eq!(answer.status, 401, "{path}?{query}");
        }
    }
}

#[test]
fn names_that_were_made_to_point_here_are_refused_everywhere() {
    let (_dir, server) = server();
    let port = server.port();
    let image = format!("/images/{}.png", picture(1).id().0);
    for path in ["/", "/socket", "/assets/x.js", &image] {
        for host in [
            "evil.example".to_owned(),
            format!("evil.example:{port}"),
            format!("127.0.0.1.evil.example:{port}"),
            "127.0.0.1".to_owned(),
            format!("127.0.0.1:{}", port ^ 1),
            format!("127.0.0.1:{port}@evil.example"),
            String::new(),
        ] {
            let token = cookie(port);
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{token}\r\n");
            assert_eq!(send(port, &request).status, 403, "{path} at {host:?}");
        }
    }
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
        let token = cookie(port);
        let request =
            format!("GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n{token}\r\n");
        assert_eq!(send(port, &request).status, 200, "{host}");
    }
    let none = format!("GET / HTTP/1.0\r\n{}\r\n", cookie(port));
    assert_eq!(send(port, &none).status, 403, "no host at all");
    let two = format!(
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\nConnection: close\r\n{}\r\n",
        cookie(port)
    );
    assert!(matches!(send(port, &two).status, 400 | 403), "two hosts");
}

#[test]
fn foreign_pages_open_no_socket() {
    let (_dir, server) = server();
    let port = server.port();
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let open = |origin: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let token = cookie(port);
        write!(
            stream,
            "GET /socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: upgrade\r\n\
             {upgrade}{origin}{token}\r\n"
        )
        .unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        String::from_utf8(start[9..].to_vec()).unwrap()
    };
    for origin in [
        "http://evil.example".to_owned(),
        format!("http://evil.example:{port}"),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        "null".to_owned(),
        String::new(),
    ] {
        assert_eq!(open(&format!("Origin: {origin}\r\n")), "403", "{origin:?}");
    }
    assert_eq!(open(&format!("Origin: http://127.0.0.1:{port}\r\n")), "101");
    assert_eq!(open(&format!("Origin: http://localhost:{port}\r\n")), "101");
    assert_eq!(open(""), "101", "no page at all: a program");
}

#[test]
fn every_answer_carries_the_protective_headers() {
    let (_dir, server) = server();
    let port = server.port();
    let image = format!("/images/{}.png", picture(1).id().0);
    let mut answers: Vec<_> = ["/", "/nowhere", "/socket", "/socket?after=x", &image]
        .iter()
        .flat_map(|path| [get(port, path, &cookie(port)), get(port, path, "")])
        .collect();
    answers.push(send(port, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"));
    answers.push(get(port, &format!("/?token={TOKEN}"), ""));
    for answer in &answers {
        let policy = answer.header("content-security-policy").unwrap();
        for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

#[test]
fn pictures_are_served_by_address_and_kept_by_the_browser() {
    let (_dir, server) = server();
    let port = server.port();
    let picture = picture(2);
    let id = &picture.id().0;
    let answer = get(port, &format!("/images/{id}.png"), &cookie(port));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, &picture.png()[..]);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!(answer.header("cache-control"), Some("private, max-age=31536000, immutable"));

    let unknown = "0".repeat(32);
    for path in [
        format!("/images/{unknown}.png"),
        format!("/images/{id}"),
        format!("/images/{}.png", id.to_uppercase()),
        format!("/images/{}.png", &id[1..]),
        "/images/.png".into(),
        "/images/".into(),
        "/images/..%2f..%2frun.sqlite".into(),
        "/images/%ff.png".into(),
        "/../run.sqlite".into(),
        "/index.html/".into(),
    ] {
        let answer = get(port, &path, &cookie(port));
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        let caching = answer.header("cache-control").unwrap_or("");
        assert!(!caching.contains("immutable"), "{path}: a miss is not kept");
    }
}

#[test]
fn documents_are_served_compressed_and_survive_in_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let points = vec![[0.5, -0.25]; 1000];
    let document = Document::Embedding(EmbeddingSheet {
        epoch: 3,
        layer: "a".into(),
        points,
        perplexity: 30.0,
        aligned_to: None,
        neighbours: None,
    });
    let sheet = Sheet::new(&document).unwrap();
    let id = sheet.id().clone();
    hub.record(Entry::new(analysed(3)).with_document(sheet));
    let check = |log: &RunLog, port: u16| {
        assert_eq!(log.document(&id).unwrap().as_ref(), Some(&document));
        let answer = get(port, &format!("/documents/{}.json", id.0), &cookie(port));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("content-encoding"), Some("gzip"));
        assert_eq!(answer.header("cache-control"), Some("private, max-age=31536000, immutable"));
        assert!(answer.body.len() < 1000, "a thousand points in {} bytes", answer.body.len());
        assert_eq!(answer.body, log.document_gzip(&id).unwrap().unwrap()[..]);
        for path in ["/documents/0.json".into(), format!("/documents/{}.json", "0".repeat(32))] {
            assert_eq!(get(port, &path, &cookie(port)).status, 404, "{path}");
        }
        assert_eq!(get(port, &format!("/documents/{}.json", id.0), "").status, 401);
    };
    eventually("it is accepted", || hub.log().head().unwrap() == 1);
    let options = ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() };
    let live = serve(hub.log(), options.clone()).unwrap();
    check(&hub.log(), live.port());
    assert!(hub.close(PATIENCE));
    let log = RunLog::open(dir.path()).unwrap();
    let replay = serve(log.clone(), options).unwrap();
    check(&log, replay.port());

    // A run from before there were studies has none, which is no error.
    let store = rusqlite::Connection::open(dir.path().join(spyhole_sink::STORE_FILE)).unwrap();
    store.execute_batch("DROP TABLE documents").unwrap();
    assert_eq!(RunLog::open(dir.path()).unwrap().document(&id).unwrap(), None);
}

#[test]
fn nothing_can_be_written() {
    let (_dir, server) = server();
    let port = server.port();
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let request = format!(
            "{method} / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{}\
             Content-Length: 0\r\n\r\n",
            cookie(port)
        );
        assert_eq!(send(port, &request).status, 405, "{method}");
    }
}

#[test]
fn an_occupied_port_is_an_error_that_says_what_to_do() {
    let (dir, first) = server();
    let log = spyhole_sink::RunLog::open(dir.path()).unwrap();
    let options = ServerOptions { port: first.port(), ..ServerOptions::default() };
    let error = serve(log.clone(), options.clone()).unwrap_err();
    assert!(matches!(error, SinkError::PortInUse(port) if port == first.port()));
    assert!(error.to_string().contains("--port 0"), "{error}");
    first.shutdown();
    serve(log, options).expect("the port is free again");
}

#[test]
fn tokens_are_long_enough_and_new_each_time() {
    let (dir, _server) = server();
    let log = spyhole_sink::RunLog::open(dir.path()).unwrap();
    let url = |token: Option<&str>| {
        let options = ServerOptions { token: token.map(String::from), ..ServerOptions::default() };
        serve(log.clone(), options).map(|server| server.url().to_owned())
    };
    for bad in ["", "short", "with blank and more", "semicolon;semicolon", &"x".repeat(129)] {
        assert!(matches!(url(Some(bad)), Err(SinkError::Token)), "{bad:?}");
    }
    let (one, two) = (url(None).unwrap(), url(None).unwrap());
    let token = |url: &str| url.split_once("token=").unwrap().1.to_owned();
    assert_eq!(token(&one).len(), 32, "128 bits");
    assert_ne!(token(&one), token(&two));
}

#[test]
fn the_server_ends_whatever_its_clients_do() {
    let (_dir, server) = server();
    let port = server.port();
    let mut half = TcpStream::connect(("127.0.0.1", port)).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").unwrap();
    let _silent = TcpStream::connect(("127.0.0.1", port)).unwrap();
    server.shutdown();
    TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
}
