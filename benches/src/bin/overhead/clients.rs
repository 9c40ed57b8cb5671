//! Dashboards, in a process of their own.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use tungstenite::client::IntoClientRequest;

/// The process, which ends with this.
pub struct Clients(Child);

impl Clients {
    /// Starts so many, and waits until all are connected.
    pub fn start(url: &str, count: usize, read: bool) -> Result<Self, Box<dyn Error>> {
        let mode = if read { "read" } else { "stall" };
        let mut child = Command::new(std::env::current_exe()?)
            .args(["clients", url, &count.to_string(), mode])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        if line.trim() != "connected" {
            return Err(format!("the dashboards did not connect: {line}").into());
        }
        Ok(Self(child))
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `clients URL COUNT read|stall`
pub fn main(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [url, count, mode] = arguments else { return Err("three arguments".into()) };
    let (door, token) = url.split_once("/?token=").ok_or("no dashboard's address")?;
    let address = door.strip_prefix("http://").ok_or("no dashboard's address")?;
    let port = address.rsplit(':').next().unwrap_or_default();
    let cookie = format!("spyhole_{port}={token}");
    let path = socket_path(address, &cookie)?;
    let mut sockets = vec![];
    for _ in 0..count.parse()? {
        let mut request = format!("ws://{address}{path}?after=0").into_client_request()?;
        request.headers_mut().insert("Cookie", cookie.parse()?);
        sockets.push(tungstenite::connect(request)?.0);
    }
    println!("connected");
    std::io::stdout().flush()?;
    if mode == "stall" {
        loop {
            std::thread::park();
        }
    }
    let readers = sockets.into_iter().map(|mut socket| {
        // Until the run is over.
        std::thread::spawn(move || while socket.read().is_ok() {})
    });
    for reader in readers.collect::<Vec<_>>() {
        reader.join().map_err(|_| "a dashboard panicked")?;
    }
    Ok(())
}

/// Where the newest run's socket is.
fn socket_path(address: &str, cookie: &str) -> Result<String, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET /runs HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let start = body.find('{').unwrap_or(body.len());
    let list: serde_json::Value = serde_json::from_str(&body[start..]).unwrap_or_default();
    let key = list["runs"][0]["key"].as_str().ok_or("the server lists no run")?;
    Ok(format!("/runs/{key}/socket"))
}
