use tungstenite::http::Uri;

/// The address of a dashboard, as a training prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) token: String,
}

/// Why an address is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum AddressError {
    #[error(
        "`{0}` is no address of a dashboard; expected http://127.0.0.1:PORT/?token=…, as the training prints it"
    )]
    Unreadable(String),

    #[error("dashboards speak http, not {0}; give the address as the training prints it")]
    Scheme(String),

    #[error(
        "the address has no token; give all of it as the training prints it, in quotes: \
         'http://127.0.0.1:PORT/?token=…'"
    )]
    NoToken,
}

impl Address {
    /// Reads an address; `None`: it is not one but a path.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, AddressError> {
        let unreadable = || AddressError::Unreadable(text.to_owned());
        let with_scheme = match text.split_once("://") {
            Some(("http", _)) => text.to_owned(),
            Some((scheme @ ("https" | "ws" | "wss"), _)) => {
                return Err(AddressError::Scheme(scheme.to_owned()));
            }
            Some(_) => return Ok(None),
            None if text.contains("?token=") => format!("http://{text}"),
            None => return Ok(None),
        };
        let uri: Uri = with_scheme.parse().map_err(|_| unreadable())?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(unreadable)?;
        let token = uri
            .query()
            .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")))
            .filter(|token| !token.is_empty())
            .ok_or(AddressError::NoToken)?;
        if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return Err(unreadable());
        }
        let port = uri.port_u16().unwrap_or(80);
        Ok(Some(Self { host: host.to_owned(), port, token: token.to_owned() }))
    }

    /// Host and port.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// An address on this server that lets us in.
    pub(super) fn url(&self, scheme: &str, path_and_query: &str) -> String {
        let separator = if path_and_query.contains('?') { '&' } else { '?' };
        format!("{scheme}://{}{path_and_query}{separator}token={}", self.place(), self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_trainings_print_them() {
        let check = |text: &str, expected| assert_eq!(Address::parse(text), expected, "{text}");
        let address = |host: &str, port| {
            Ok(Some(Address { host: host.into(), port, token: "abc-_9".into() }))
        };
        check("http://127.0.0.1:8123/?token=abc-_9", address("127.0.0.1", 8123));
        check("http://127.0.0.1:8123/?token=abc-_9#/run/x/layers", address("127.0.0.1", 8123));
        check("http://localhost:8123/?a=b&token=abc-_9", address("localhost", 8123));
        check("http://[::1]:8123/?token=abc-_9", address("[::1]", 8123));
        check("127.0.0.1:8123/?token=abc-_9", address("127.0.0.1", 8123));
        check("http://localhost?token=abc-_9", address("localhost", 80));
        check("runs/first", Ok(None));
        check("C:\\runs\\first", Ok(None));
        check("https://127.0.0.1:8123/?token=abc", Err(AddressError::Scheme("https".into())));
        for text in ["http://127.0.0.1:8123/", "http://127.0.0.1:8123", "http://a/?token="] {
            check(text, Err(AddressError::NoToken));
        }
        for text in
            ["http://", "http:///?token=abc", "http://a b/?token=a", "http://a/?token=a%20b"]
        {
            check(text, Err(AddressError::Unreadable(text.into())));
        }
    }
}
