//! The dashboard's server over real connections: who gets in, and what they get.

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::channel;

use common::http::{TOKEN, cookie, get, key};
use common::*;
use spyhole_protocol::{Document, EmbeddingSheet};
use spyhole_sink::{Entry, Picture, RunLog, Server, ServerOptions, Sheet, SinkError, serve};
use tempfile::TempDir;

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
fn pictures_are_served_by_address_and_kept_by_the_browser() {
    let (_dir, server) = server();
    let port = server.port();
    let picture = picture(2);
    let (key, id) = (key(port), &picture.id().0);
    let answer = get(port, &format!("/runs/{key}/images/{id}.png"), &cookie(port));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, &picture.png()[..]);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!(answer.header("cache-control"), Some("private, max-age=31536000, immutable"));

    let unknown = "0".repeat(32);
    for path in [
        format!("/runs/{key}/images/{unknown}.png"),
        format!("/runs/{key}/images/{id}"),
        format!("/runs/{key}/images/{}.png", id.to_uppercase()),
        format!("/runs/{key}/images/{}.png", &id[1..]),
        format!("/runs/{key}/images/.png"),
        format!("/runs/{key}/images/"),
        format!("/runs/{key}/images/..%2f..%2frun.sqlite"),
        format!("/runs/{key}/images/%ff.png"),
        format!("/runs/{key}"),
        format!("/runs/nobody/images/{id}.png"),
        format!("/images/{id}.png"),
        "/runs/".into(),
        "/runs/%ff/socket".into(),
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
        no_neighbours: None,
    });
    let sheet = Sheet::new(&document).unwrap();
    let id = sheet.id().clone();
    hub.record(Entry::new(analysed(3)).with_document(sheet));
    let check = |log: &RunLog, port: u16| {
        assert_eq!(log.document(&id).unwrap().as_ref(), Some(&document));
        let documents = format!("/runs/{}/documents", key(port));
        let path = format!("{documents}/{}.json", id.0);
        let answer = get(port, &path, &cookie(port));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("content-encoding"), Some("gzip"));
        assert_eq!(answer.header("cache-control"), Some("private, max-age=31536000, immutable"));
        assert!(answer.body.len() < 1000, "a thousand points in {} bytes", answer.body.len());
        assert_eq!(answer.body, log.document_gzip(&id).unwrap().unwrap()[..]);
        for file in ["0".into(), "0".repeat(32)] {
            let path = format!("{documents}/{file}.json");
            assert_eq!(get(port, &path, &cookie(port)).status, 404, "{path}");
        }
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
fn an_occupied_port_is_an_error_that_says_what_to_do() {
    let (dir, first) = server();
    let log = spyhole_sink::RunLog::open(dir.path()).unwrap();
    let options = ServerOptions { port: first.port(), ..ServerOptions::default() };
    let error = serve(log.clone(), options.clone()).unwrap_err();
    assert!(matches!(error, SinkError::PortInUse(at) if at.port() == first.port()));
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

#[test]
fn the_server_ends_while_somebody_takes_nothing_of_a_picture() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    // More than the buffers of a connection hold.
    let large = Picture::new(vec![7; 32 << 20]);
    assert!(hub.record(Entry::with_images(analysed(1), vec![large.clone()])));
    eventually("it is accepted", || hub.log().head().unwrap() == 1);
    let options = ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() };
    let server = serve(hub.log(), options).unwrap();
    let port = server.port();
    let (key, token) = (key(port), cookie(port));
    let mut lazy = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let path = format!("/runs/{key}/images/{}.png", large.id().0);
    write!(lazy, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{token}\r\n").unwrap();
    lazy.read_exact(&mut [0; 1000]).unwrap();
    let (done, ended) = channel();
    std::thread::spawn(move || {
        server.shutdown();
        let _ = done.send(());
    });
    ended.recv_timeout(PATIENCE).expect("the server ends");
    TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
}
