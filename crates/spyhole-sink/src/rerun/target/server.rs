//! Viewers that come to a port of this machine.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use re_sdk::ServerOptions;
use re_sdk::grpc_server::GrpcServerSink;

use super::{Connection, Opened, State};
use crate::SinkError;

pub(super) fn open(port: u16) -> Result<Opened, SinkError> {
    // The server finds out on a thread of its own, where nobody hears it: look before.
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(address) {
        Ok(listener) => drop(listener),
        Err(source) if source.kind() == std::io::ErrorKind::AddrInUse => {
            return Err(SinkError::PortInUse(address));
        }
        Err(source) => return Err(SinkError::Bind { address, source }),
    }
    let sink = GrpcServerSink::new("127.0.0.1", port, ServerOptions::default())
        .map_err(|error| SinkError::RerunUrl(error.to_string()))?;
    Ok(Opened { sink: Box::new(sink), connection: Arc::new(Server) })
}

struct Server;

impl Connection for Server {
    fn state(&self) -> State {
        State::Fine
    }
}
