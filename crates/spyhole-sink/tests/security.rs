//! Who gets in, and that nobody who does not can do any harm.

mod common;

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use common::client::Client;
use common::http::{Answer, TOKEN, cookie, get, key, send, try_send};
use common::*;
use spyhole_sink::{Hub, Server, ServerOptions, Shelf, SinkError, serve};
use tempfile::TempDir;

const UPGRADE: &str = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

fn options() -> ServerOptions {
    ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() }
}

fn live(options: ServerOptions) -> (TempDir, Hub, Server) {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    record(&hub, 1..=3);
    eventually("the records are accepted", || hub.log().head().unwrap() == 3);
    let server = serve(Shelf::training(hub.log(), None), options).unwrap();
    (dir, hub, server)
}

/// Every route, with the status that who is let in gets.
fn routes(port: u16) -> Vec<(String, u16)> {
    let key = key(port);
    let unknown = "0".repeat(32);
    vec![
        ("/".into(), 200),
        ("/runs".into(), 200),
        ("/assets/x.js".into(), 404),
        ("/nowhere".into(), 404),
        (format!("/runs/{key}/socket"), 400),
        (format!("/runs/{key}/records?kind=metric"), 200),
        (format!("/runs/{key}/images/{}.png", picture(1).id().0), 200),
        (format!("/runs/{key}/documents/{unknown}.json"), 404),
        ("/runs/nobody/socket".into(), 404),
        ("/runs/nobody/records?kind=metric".into(), 404),
    ]
}

fn assert_protected(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{what}"));
    for part in ["default-src 'none'", "script-src 'self';", "frame-ancestors 'none'"] {
        assert!(policy.contains(part), "{what}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{what}");
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{what}");
    assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), None, "{what}");
}

#[test]
fn every_route_lets_in_who_holds_the_token_and_nobody_else() {
    let (_dir, _hub, server) = live(options());
    let other_token = "the-token-of-another-server";
    let (_other_dir, _other_hub, other) =
        live(ServerOptions { token: Some(other_token.into()), ..options() });
    let port = server.port();
    let right = cookie(port);
    let wrong = format!("Cookie: spyhole_{port}={}\r\n", TOKEN.replace('a', "b"));
    for (path, inside) in routes(port) {
        let headers = [
            ("nothing", String::new(), 401),
            ("the page's own origin", format!("Origin: http://127.0.0.1:{port}\r\n"), 401),
            ("a wrong cookie", wrong.clone(), 401),
            ("a part of the token", format!("Cookie: spyhole_{port}={}\r\n", &TOKEN[..10]), 401),
            ("more than the token", format!("Cookie: spyhole_{port}={TOKEN}x\r\n"), 401),
            ("another server's token", format!("Cookie: spyhole_{port}={other_token}\r\n"), 401),
            (
                "another server's cookie",
                format!("Cookie: spyhole_{}={other_token}\r\n", other.port()),
                401,
            ),
            ("a cookie of another port", format!("Cookie: spyhole_{}={TOKEN}\r\n", port ^ 1), 401),
            ("an empty cookie", format!("Cookie: spyhole_{port}=\r\n"), 401),
            ("a header that is no cookie", format!("Authorization: Bearer {TOKEN}\r\n"), 401),
            ("the cookie", right.clone(), inside),
            ("two cookies, one right", format!("{wrong}{right}"), inside),
        ];
        for (what, headers, expected) in headers {
            let answer = get(port, &path, &headers);
            assert_eq!(answer.status, expected, "{path} with {what}");
            assert_protected(&answer, &format!("{path} with {what}"));
            if expected == 401 {
                let text = answer.text();
                assert!(text.contains("Open the URL"), "says what to do: {text}");
                assert!(!text.contains(TOKEN));
                assert_eq!(answer.header("set-cookie"), None);
            }
        }
        let glue = if path.contains('?') { '&' } else { '?' };
        for token in ["token=", "token=wrong", "token", "x=1&token=zzzzzzzzzzzzzzzzzzzzzz"] {
            let path = format!("{path}{glue}{token}");
            assert_eq!(get(port, &path, &right).status, 401, "{path}");
        }
    }
}

#[test]
fn every_route_refuses_other_names_and_methods() {
    let (_dir, _hub, server) = live(options());
    let port = server.port();
    let token = cookie(port);
    for (path, inside) in routes(port) {
        let ask = |method: &str, hosts: &str| {
            let more = format!("Connection: close\r\nContent-Length: 0\r\n{token}");
            send(port, &format!("{method} {path} HTTP/1.1\r\n{hosts}{more}\r\n"))
        };
        let ours = format!("Host: 127.0.0.1:{port}\r\n");
        for host in [
            "evil.example".to_owned(),
            format!("evil.example:{port}"),
            format!("127.0.0.1.evil.example:{port}"),
            format!("localhost.:{port}"),
            format!("127.0.0.1:{}", port ^ 1),
            format!("127.0.0.1:{port}@evil.example"),
            format!("192.168.1.7:{port}"),
            "127.0.0.1".into(),
            String::new(),
        ] {
            let answer = ask("GET", &format!("Host: {host}\r\n"));
            assert_eq!(answer.status, 403, "{path} at {host:?}");
            assert_protected(&answer, &path);
            assert!(answer.text().contains("ssh -N -L"), "says what to do");
        }
        for host in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"] {
            assert_eq!(ask("GET", &format!("Host: {host}:{port}\r\n")).status, inside, "{host}");
        }
        for hosts in [format!("{ours}Host: evil.example\r\n"), format!("{ours}{ours}")] {
            assert!(matches!(ask("GET", &hosts).status, 400 | 403), "{path} at {hosts:?}");
        }
        assert_eq!(ask("GET", "").status, 403, "{path} without a host");
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            let answer = ask(method, &ours);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_protected(&answer, &path);
        }
    }
    let old = format!("GET / HTTP/1.0\r\n{token}\r\n");
    assert_eq!(send(port, &old).status, 403, "no host at all");
}

#[test]
fn foreign_pages_open_no_socket() {
    let (_dir, _hub, server) = live(options());
    let port = server.port();
    let key = key(port);
    let open = |origin: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let token = cookie(port);
        write!(
            stream,
            "GET /runs/{key}/socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: upgrade\r\n\
             {UPGRADE}{origin}{token}\r\n"
        )
        .unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        String::from_utf8(start[9..].to_vec()).unwrap()
    };
    let own = format!("Origin: http://127.0.0.1:{port}\r\n");
    for origin in [
        "http://evil.example".to_owned(),
        format!("http://evil.example:{port}"),
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        format!("http://127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}.evil.example"),
        format!("http://192.168.1.7:{port}"),
        "http://127.0.0.1".into(),
        "file://".into(),
        "null".into(),
        String::new(),
    ] {
        assert_eq!(open(&format!("Origin: {origin}\r\n")), "403", "{origin:?}");
        assert_eq!(open(&format!("{own}Origin: {origin}\r\n")), "403", "one of two: {origin:?}");
    }
    assert_eq!(open(&own), "101");
    assert_eq!(open(&format!("Origin: http://localhost:{port}\r\n")), "101");
    assert_eq!(open(""), "101", "no page at all: a program");
}

#[test]
fn nothing_but_the_page_and_the_run_can_be_read() {
    let (dir, _hub, server) = live(options());
    let port = server.port();
    let key = key(port);
    let secret = dir.path().join("secret.txt");
    std::fs::write(&secret, "a diary").unwrap();
    let absolute = secret.display();
    let up = "../".repeat(12);
    let coded = "%2e%2e%2f".repeat(12);
    for path in [
        format!("/{up}etc/passwd"),
        format!("/{coded}etc/passwd"),
        format!("/assets/{up}etc/passwd"),
        "/assets/..%5c..%5cetc%5cpasswd".into(),
        format!("/{absolute}"),
        format!("//{absolute}"),
        format!("/runs/{key}/../../secret.txt"),
        format!("/runs/{key}/images/..%2fsecret.txt"),
        format!("/runs/{key}/images/{coded}etc/passwd"),
        format!("/runs/{coded}etc/records?kind=metric"),
        format!("/runs/..%2f{key}/records?kind=metric"),
        "/.gitkeep".into(),
        "/%00".into(),
        "/run.sqlite".into(),
    ] {
        let answer = get(port, &path, &cookie(port));
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.text().contains("root:") && !answer.text().contains("diary"), "{path}");
    }
}

#[test]
fn requests_that_are_too_large_or_no_requests_end_their_connection_only() {
    let (_dir, _hub, server) = live(options());
    let port = server.port();
    let host = format!("Host: 127.0.0.1:{port}\r\nConnection: close\r\n{}", cookie(port));
    let long = "x".repeat(1 << 20);
    let many: String = (0..2000).map(|i| format!("X-{i}: y\r\n")).collect();
    for (what, request) in [
        ("a long address", format!("GET /{long} HTTP/1.1\r\n{host}\r\n")),
        ("a long query", format!("GET /runs?{long} HTTP/1.1\r\n{host}\r\n")),
        ("a long header", format!("GET / HTTP/1.1\r\n{host}X: {long}\r\n\r\n")),
        ("a long cookie", format!("GET / HTTP/1.1\r\n{host}Cookie: {long}\r\n\r\n")),
        ("many headers", format!("GET / HTTP/1.1\r\n{host}{many}\r\n")),
        ("no request", "hello\r\n\r\n".into()),
        ("a greeting of TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}".into()),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into()),
        ("a header without a name", format!("GET / HTTP/1.1\r\n{host}: x\r\n\r\n")),
        ("a header with a zero", format!("GET / HTTP/1.1\r\n{host}X: \0\r\n\r\n")),
        ("two lengths", format!("GET / HTTP/1.1\r\n{host}Content-Length: 1, 2\r\n\r\n")),
    ] {
        let answer = try_send(port, request.as_bytes());
        let status = answer.map_or(400, |answer| answer.status);
        assert!((400..500).contains(&status), "{what}: {status}");
        assert_eq!(get(port, "/runs", &cookie(port)).status, 200, "after {what}");
    }
}

/// Whether the other end has closed.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
    match stream.read(&mut [0; 4096]) {
        Ok(0) => true,
        Ok(_) => false,
        Err(error) => {
            !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
        }
    }
}

#[test]
fn who_does_not_say_what_they_want_is_shown_out() {
    let (_dir, _hub, server) =
        live(ServerOptions { patience: Duration::from_millis(500), ..options() });
    let port = server.port();
    let connect = || TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut silent = connect();
    let mut half = connect();
    half.write_all(b"GET / HTTP/1.1\r\nHost: 127.0").unwrap();
    let mut shut = connect();
    shut.shutdown(std::net::Shutdown::Write).unwrap();
    let mut loris = connect();
    loris.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    eventually("one that never ends its request", || {
        let _ = loris.write_all(b"X: y\r\n");
        is_closed(&mut loris)
    });
    for (what, stream) in [("silent", &mut silent), ("half", &mut half), ("shut", &mut shut)] {
        eventually(what, || is_closed(stream));
    }
    // A dashboard with nothing to say is no such thing.
    let (mut client, _) = Client::connect(port, "");
    let long_after = Instant::now() + Duration::from_millis(1500);
    client.read_until(|client| client.upto == 3 && Instant::now() > long_after);
    assert!(client.closed.is_none());
}

#[test]
fn who_answers_no_ping_is_let_go_and_who_does_stays() {
    let (_dir, _hub, server) =
        live(ServerOptions { patience: Duration::from_millis(500), ..options() });
    let (mut mute, _) = Client::connect(server.port(), "");
    let listening = std::thread::spawn(move || {
        let deadline = Instant::now() + PATIENCE;
        let (mut heard, mut buffer, mut closed) = (vec![], [0; 4096], false);
        while !closed && Instant::now() < deadline {
            // Below the websocket, which would answer.
            let count = mute.socket.get_mut().read(&mut buffer).unwrap_or(0);
            closed = count == 0;
            heard.extend_from_slice(&buffer[..count]);
        }
        (closed, String::from_utf8_lossy(&heard).into_owned())
    });
    let (mut client, _) = Client::connect(server.port(), "");
    client.read_until(|_| listening.is_finished());
    let (closed, heard) = listening.join().unwrap();
    assert!(closed && heard.contains("no answer"), "{heard}");
    assert!(client.closed.is_none() && client.step(), "the other is still served");
}

#[test]
fn who_takes_nothing_is_let_go_and_nothing_piles_up() {
    let (_dir, hub, server) =
        live(ServerOptions { patience: Duration::from_millis(300), ..options() });
    let (mut client, _) = Client::connect(server.port(), "?after=0");
    // More than the buffers of a connection hold.
    let text = "x".repeat(1 << 20);
    for _ in 0..40 {
        hub.record(spyhole_sink::Entry::new(fault(&*text)));
    }
    eventually("the records are accepted", || hub.log().head().unwrap() == 43);
    std::thread::sleep(Duration::from_secs(4));
    client.read_until(|_| false);
    assert!(client.upto < 43, "the server has given up, rather than keep {} for it", client.upto);
    // It comes back, and goes on from where it was.
    let (mut again, _) = Client::connect(server.port(), &format!("?after={}", client.upto));
    again.read_to(43);
    again.assert_has_exactly(client.upto + 1..=43);
}

#[test]
fn a_crowd_at_the_door_keeps_nobody_out_for_long() {
    // More than there are places.
    let crowd = |port: u16| -> Vec<_> {
        (0..420).filter_map(|_| TcpStream::connect(("127.0.0.1", port)).ok()).collect()
    };
    let (_dir, _hub, server) = live(ServerOptions { patience: 2 * PATIENCE, ..options() });
    let mut all = crowd(server.port());
    assert!(all.len() > 384);
    eventually("whoever comes then is sent away at once", || all.iter_mut().any(is_closed));
    drop((all, server));

    let (_dir, _hub, server) =
        live(ServerOptions { patience: Duration::from_secs(1), ..options() });
    let port = server.port();
    let all = crowd(port);
    assert!(all.len() > 384);
    let request = format!(
        "GET /runs HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{}\r\n",
        cookie(port)
    );
    eventually("there is a place again", || {
        try_send(port, request.as_bytes()).is_some_and(|answer| answer.status == 200)
    });
}

#[test]
fn other_machines_are_let_in_only_if_that_was_asked_for() {
    let at = |bind: &str, hosts: &[&str]| {
        let hosts = hosts.iter().map(ToString::to_string).collect();
        live(ServerOptions { bind: bind.parse().unwrap(), hosts, ..options() })
    };
    let status = |port: u16, host: &str| {
        let token = cookie(port);
        let request =
            format!("GET /runs HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{token}\r\n");
        send(port, &request).status
    };

    let (_dir, _hub, closed) = at("127.0.0.1", &[]);
    assert_eq!(closed.warning(), None);
    for host in ["192.168.1.7", "[2001:db8::7]", "box.lan"] {
        assert_eq!(status(closed.port(), &format!("{host}:{}", closed.port())), 403, "{host}");
    }

    let (_dir, _hub, wide) = at("0.0.0.0", &["box.lan"]);
    let port = wide.port();
    assert_eq!(wide.url(), format!("http://127.0.0.1:{port}/?token={TOKEN}"));
    let warning = wide.warning().unwrap();
    for part in
        ["not encrypted", &format!("ssh -N -L {port}:127.0.0.1:{port}"), "stop the training"]
    {
        assert!(warning.contains(part), "{part:?} is not in {warning:?}");
    }
    assert!(!warning.contains(TOKEN));
    for host in ["192.168.1.7", "127.0.0.1", "[2001:db8::7]", "localhost", "BOX.lan"] {
        assert_eq!(status(port, &format!("{host}:{port}")), 200, "{host}");
        assert_eq!(status(port, host), 403, "{host} without a port");
    }
    for host in ["evil.example", "box.lan.evil.example", "box", "192.168.1.7.evil.example"] {
        assert_eq!(status(port, &format!("{host}:{port}")), 403, "{host}");
    }

    let named = |names: &[&str]| {
        let hosts = names.iter().map(ToString::to_string).collect();
        let dir = tempfile::tempdir().unwrap();
        let hub = open(dir.path());
        serve(hub.log(), ServerOptions { hosts, ..options() }).map(|_| ())
    };
    assert!(matches!(named(&["http://box"]), Err(SinkError::HostName(_))));
}

#[test]
fn the_loopback_of_ipv6_will_do_as_well() {
    let bind: IpAddr = "::1".parse().unwrap();
    if TcpListener::bind((bind, 0)).is_err() {
        // This machine has no IPv6.
        return;
    }
    let (_dir, _hub, server) = live(ServerOptions { bind, ..options() });
    let port = server.port();
    assert_eq!(server.url(), format!("http://[::1]:{port}/?token={TOKEN}"));
    assert_eq!(server.warning(), None);
    let status = |host: &str, origin: &str| {
        let mut stream = TcpStream::connect((bind, port)).unwrap();
        let token = cookie(port);
        write!(
            stream,
            "GET /runs/x/socket HTTP/1.1\r\nHost: {host}\r\nConnection: upgrade, close\r\n\
             Origin: {origin}\r\n{UPGRADE}{token}\r\n"
        )
        .unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).unwrap();
        String::from_utf8(start[9..].to_vec()).unwrap()
    };
    let ours = format!("[::1]:{port}");
    assert_eq!(status(&ours, &format!("http://{ours}")), "404", "let in; there is no such run");
    assert_eq!(status(&ours, &format!("http://[::2]:{port}")), "403");
    assert_eq!(status(&format!("[::2]:{port}"), &format!("http://{ours}")), "403");
    assert_eq!(status("[::1]", &format!("http://{ours}")), "403");
}
