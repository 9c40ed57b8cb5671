//! The names that a server answers to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::SinkError;

/// What `Host` and `Origin` may name.
///
/// A site that makes its own name point to this machine is refused, for its name is not ours; that an address is
/// the machine's own needs no check, for the request has arrived here. So, when other machines are let in, any IP
/// address will do, and names only if they were given.
pub(super) struct Hosts {
    pub(super) port: u16,
    /// Whether other machines are let in.
    pub(super) wide: bool,
    names: Vec<String>,
}

impl Hosts {
    /// # Errors
    /// When a name can be none.
    pub(super) fn new(port: u16, bind: IpAddr, names: &[String]) -> Result<Self, SinkError> {
        if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
            return Err(SinkError::HostName(wrong.clone()));
        }
        Ok(Self { port, wide: !bind.is_loopback(), names: names.to_vec() })
    }

    /// Whether `host`, as in `Host: NAME:PORT`, is this server.
    pub(super) fn has(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            // The last colon of an IPv6 address is inside of its brackets.
            Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
            _ => (host, None),
        };
        // A port without a sign or zeros in front, as browsers write it.
        let port_is_ours = match port {
            Some(port) => port == self.port.to_string(),
            None => self.port == 80,
        };
        port_is_ours && self.has_name(name)
    }

    fn has_name(&self, name: &str) -> bool {
        if name.eq_ignore_ascii_case("localhost")
            || self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            return true;
        }
        match address(name) {
            Some(_) if self.wide => true,
            Some(IpAddr::V4(address)) => address == Ipv4Addr::LOCALHOST,
            Some(IpAddr::V6(address)) => address == Ipv6Addr::LOCALHOST,
            None => false,
        }
    }
}

/// An IPv4 address, or an IPv6 address in brackets.
fn address(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.parse().ok().map(IpAddr::V6),
        None => name.parse().ok().map(IpAddr::V4),
    }
}

fn is_name(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
    };
    name.len() <= 253 && name.split('.').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_that_are_ours() {
        let check = |bind: &str, names: &[&str], port: u16, ours: &[&str], foreign: &[&str]| {
            let names: Vec<_> = names.iter().map(ToString::to_string).collect();
            let hosts = Hosts::new(port, bind.parse().unwrap(), &names).unwrap();
            for host in ours {
                assert!(hosts.has(host), "{host} at {bind}");
            }
            for host in foreign {
                assert!(!hosts.has(host), "{host} at {bind}");
            }
        };
        let never = [
            "",
            ":",
            ":8080",
            "[",
            "[]",
            "[]:8080",
            "evil.example",
            "evil.example:8080",
            "localhost.:8080",
            "127.0.0.1.:8080",
            "127.0.0.1",
            "127.0.0.1:8081",
            "127.0.0.1:08080",
            "127.0.0.1:+8080",
            "127.0.0.1:8080:8080",
            "127.1:8080",
            "0x7f.0.0.1:8080",
            "2130706433:8080",
            "::1:8080",
            "[::1]",
            "[::1]8080",
            "[::1%25lo]:8080",
            "127.0.0.1:8080@evil.example",
            "user@127.0.0.1:8080",
            "127.0.0.1:8080/",
            " 127.0.0.1:8080",
            "127.0.0.1:",
            "box.lan.evil.example:8080",
        ];
        let loopback = ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"];
        let network = ["192.168.1.7:8080", "0.0.0.0:8080", "[2001:db8::7]:8080", "[fe80::1]:8080"];
        for bind in ["127.0.0.1", "::1"] {
            check(bind, &[], 8080, &loopback, &never);
            check(bind, &[], 8080, &[], &network);
            check(bind, &[], 8080, &[], &["box.lan:8080"]);
            check(bind, &["box.lan"], 8080, &["box.lan:8080", "Box.LAN:8080"], &never);
        }
        for bind in ["0.0.0.0", "::", "192.168.1.7", "2001:db8::7"] {
            check(bind, &[], 8080, &loopback, &never);
            check(bind, &[], 8080, &network, &["box.lan:8080"]);
            check(bind, &["box.lan", "box"], 8080, &["box.lan:8080", "box:8080"], &never);
        }
        let bare = ["127.0.0.1", "localhost", "[::1]", "127.0.0.1:80", "[::1]:80"];
        check("127.0.0.1", &[], 80, &bare, &["127.0.0.1:8080", "evil.example"]);
    }

    #[test]
    fn what_can_be_no_name_is_refused() {
        for name in ["", ".", "a..b", "a b", "http://box", "box:80", "*.lan", "[::1]", "bäx"] {
            let hosts = Hosts::new(1, Ipv4Addr::LOCALHOST.into(), &[name.to_owned()]);
            assert!(matches!(hosts, Err(SinkError::HostName(wrong)) if wrong == name), "{name:?}");
        }
    }
}
