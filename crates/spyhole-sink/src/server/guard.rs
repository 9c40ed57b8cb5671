//! Who may come in: every request passes here first.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::hosts::Hosts;
use super::{Context, pages, query};

/// On every response. Pictures may be data URLs; everything else comes from this server alone.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The server's secret and the names it answers to.
pub(super) struct Guard {
    token: String,
    cookie: String,
    hosts: Hosts,
}

/// Whether `token` can be a server's secret.
pub(super) fn is_token(token: &str) -> bool {
    (16..=128).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

impl Guard {
    pub(super) fn new(hosts: Hosts, token: String) -> Self {
        Self { token, cookie: format!("spyhole_{}", hosts.port), hosts }
    }

    /// Whether the request was meant for this server. A page of a foreign site that made its own name
    /// point here (DNS rebinding) sends that name.
    fn host_is_ours(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        host.to_str().is_ok_and(|host| self.hosts.has(host))
    }

    /// Whether a socket is opened by our own page, or by no page at all.
    pub(super) fn origin_is_ours(&self, headers: &HeaderMap) -> bool {
        headers.get_all(header::ORIGIN).iter().all(|origin| {
            let host = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            host.is_some_and(|host| self.hosts.has(host))
        })
    }

    /// For who asks for another host.
    fn wrong_host(&self) -> String {
        pages::wrong_host(self.hosts.port, self.hosts.wide)
    }

    /// A token in the URL is judged alone; without one, the cookie is.
    fn admits(&self, query: Option<&str>, headers: &HeaderMap) -> bool {
        match query::parameter(query, "token") {
            Some(token) => self.is_right(&token),
            None => self.cookies(headers).any(|token| self.is_right(token)),
        }
    }

    fn cookies<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter_map(|(name, value)| (name == self.cookie).then_some(value))
    }

    /// Takes the same time wherever the first difference is.
    fn is_right(&self, token: &str) -> bool {
        let (ours, theirs) = (self.token.as_bytes(), token.as_bytes());
        let difference = ours.iter().zip(theirs).fold(0, |sum, (a, b)| sum | (a ^ b));
        ours.len() == theirs.len() && std::hint::black_box(difference) == 0
    }

    /// The header that lets the browser in from now on.
    pub(super) fn set_cookie(&self) -> String {
        format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.cookie, self.token)
    }
}

/// Lets a request through or answers it.
pub(super) async fn check(
    State(context): State<Arc<Context>>,
    request: Request,
    next: Next,
) -> Response {
    let guard = &context.guard;
    let mut response = if !guard.host_is_ours(request.headers()) {
        (StatusCode::FORBIDDEN, guard.wrong_host()).into_response()
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")], "read only\n")
            .into_response()
    } else if !guard.admits(request.uri().query(), request.headers()) {
        pages::unauthorized()
    } else {
        next.run(request).await
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
