//! Plain requests to a dashboard's server.

use std::io::{Read, Write};
use std::net::TcpStream;

use spyhole_protocol::{RecordPage, RunList};

use super::PATIENCE;

pub const TOKEN: &str = "a-token-of-some-length";

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }
}

/// Sends a request as it stands and reads the answer; `None` if the server hung up instead.
pub fn try_send(port: u16, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // A server that has heard enough does not listen to the end.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())).collect();
    Some(Answer { status, headers, body: answer[end + 4..].to_vec() })
}

pub fn send(port: u16, request: &str) -> Answer {
    try_send(port, request.as_bytes()).expect("an answer")
}

/// Asks as a browser does; `headers` end with a line break each.
pub fn get(port: u16, path: &str, headers: &str) -> Answer {
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    send(port, &format!("GET {path} HTTP/1.1\r\n{host}Connection: close\r\n{headers}\r\n"))
}

pub fn cookie(port: u16) -> String {
    format!("Cookie: other=1; spyhole_{port}={TOKEN}\r\n")
}

pub fn runs(port: u16) -> RunList {
    let answer = get(port, "/runs", &cookie(port));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    serde_json::from_slice(&answer.body).unwrap()
}

/// The key of the first of the runs.
pub fn key(port: u16) -> String {
    runs(port).runs[0].key.clone()
}

/// A page of records.
pub fn page(port: u16, key: &str, query: &str) -> RecordPage {
    let answer = get(port, &format!("/runs/{key}/records?{query}"), &cookie(port));
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

/// All records of a kind, in order, page by page.
pub fn history(port: u16, key: &str, query: &str) -> Vec<spyhole_protocol::Record> {
    let mut pages = vec![page(port, key, query)];
    while let Some(before) = pages.last().unwrap().before {
        pages.push(page(port, key, &format!("{query}&before={before}")));
    }
    pages.into_iter().rev().flat_map(|page| page.records).collect()
}
