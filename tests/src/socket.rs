//! A dashboard's end of the socket.

use std::net::TcpStream;

use spyhole_protocol::{Answer, ClientMessage, ServerMessage, StudySubject};
use tungstenite::client::IntoClientRequest;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// An open socket.
pub type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

/// Opens the socket behind a dashboard's address, as the dashboard does.
///
/// # Panics
/// When the address is not a dashboard's, or nobody answers.
pub fn connect(url: &str) -> Socket {
    let opened = || {
        let (door, token) = url.split_once("/?token=")?;
        let address = door.strip_prefix("http://")?;
        let port = address.rsplit(':').next()?;
        let mut request = format!("ws://{address}/socket?after=0").into_client_request().ok()?;
        request.headers_mut().insert("Cookie", format!("spyhole_{port}={token}").parse().ok()?);
        tungstenite::connect(request).ok()
    };
    opened().unwrap_or_else(|| panic!("no socket behind {url}")).0
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
    let question = ClientMessage::Ask { number: 7, subject: subject.clone() };
    let question = serde_json::to_string(&question).unwrap_or_else(|error| panic!("{error}"));
    socket.send(Message::text(question)).unwrap_or_else(|error| panic!("{error}"));
    loop {
        if let ServerMessage::Answer(answer) = receive(socket) {
            return answer;
        }
    }
}
