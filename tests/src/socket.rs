//! A dashboard's end of the socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use spyhole_protocol::{Answer, ClientMessage, RunList, ServerMessage, StudySubject};
use tungstenite::client::IntoClientRequest;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// An open socket.
pub type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

/// Opens the socket of the first run behind a dashboard's address, as the dashboard does.
///
/// # Panics
/// When the address is not a dashboard's, or nobody answers.
pub fn connect(url: &str) -> Socket {
    let opened = || {
        let (door, token) = url.split_once("/?token=")?;
        let address = door.strip_prefix("http://")?;
        let port = address.rsplit(':').next()?;
        let cookie = format!("spyhole_{port}={token}");
        let key = first_run(address, &cookie)?;
        let place = format!("ws://{address}/runs/{key}/socket?after=0");
        let mut request = place.into_client_request().ok()?;
        request.headers_mut().insert("Cookie", cookie.parse().ok()?);
        tungstenite::connect(request).ok()
    };
    opened().unwrap_or_else(|| panic!("no socket behind {url}")).0
}

/// The key of the first of the runs that a server shows.
fn first_run(address: &str, cookie: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!("GET /runs HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\n");
    stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let list: RunList = serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()?;
    list.runs.into_iter().next().map(|run| run.key)
}

/// The next message.
///
/// # Panics
/// When the socket is closed, or says something else.
pub fn receive(socket: &mut Socket) -> ServerMessage {
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => {
                return serde_json::from_str(&text)
                    .unwrap_or_else(|error| panic!("{error}: {text}"));
            }
            Ok(_) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// Asks for a study and waits for the answer. Records that come before it are not kept.
///
/// # Panics
/// When the socket is closed.
pub fn ask(socket: &mut Socket, subject: &StudySubject) -> Answer {
    say(socket, &ClientMessage::Ask { number: 7, subject: subject.clone() })
}

/// Says something that is answered, and waits for the answer. Other messages that come before it are not kept.
///
/// # Panics
/// When the socket is closed.
pub fn say(socket: &mut Socket, message: &ClientMessage) -> Answer {
    let message = serde_json::to_string(message).unwrap_or_else(|error| panic!("{error}"));
    socket.send(Message::text(message)).unwrap_or_else(|error| panic!("{error}"));
    loop {
        if let ServerMessage::Answer(answer) = receive(socket) {
            return answer;
        }
    }
}
