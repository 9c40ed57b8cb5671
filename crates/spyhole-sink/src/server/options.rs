//! How a dashboard is served, and to whom.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// How a dashboard is served.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The port; 0 for any free one.
    pub port: u16,
    /// The address to listen at. By default 127.0.0.1, which only programs on this machine can reach. Traffic is not
    /// encrypted: in a network, whoever can read it gets the token. An ssh tunnel is safer; see
    /// [`Server::warning`](crate::Server::warning).
    pub bind: IpAddr,
    /// Names, without ports, under which browsers may open the dashboard, besides `localhost` and addresses.
    pub hosts: Vec<String>,
    /// The secret in the URL; `None` for a fresh random one. 16 to 128 letters, digits, `-` or `_`.
    pub token: Option<String>,
    /// How long a connection may take to send the head of a request; three times as long to take one message,
    /// and six times to be heard of.
    pub patience: Duration,
    /// A client that is further behind than this many records gets a [`Snapshot`](spyhole_protocol::Snapshot) in
    /// their place.
    pub far_behind: u64,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            port: 0,
            bind: Ipv4Addr::LOCALHOST.into(),
            hosts: Vec::new(),
            token: None,
            patience: Duration::from_secs(10),
            far_behind: 2000,
        }
    }
}

/// Where this machine reaches a server that listens at `address`: not at the address that stands for all.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// What to tell whoever lets other machines in.
pub(super) fn warning(address: SocketAddr) -> Option<String> {
    let (ip, port) = (address.ip(), address.port());
    if ip.is_loopback() {
        return None;
    }
    let place =
        if ip.is_unspecified() { "every network of this machine".into() } else { ip.to_string() };
    Some(format!(
        "the dashboard is open to other machines ({place}, port {port}), and the connection is not encrypted: whoever \
         can read it has the token, and with it can stop the training. Safer: listen on 127.0.0.1 and, on the other \
         machine, open a tunnel with\n    ssh -N -L {port}:127.0.0.1:{port} USER@THIS-MACHINE\nand then the same URL \
         there."
    ))
}
