//! The few pages that the server makes itself. They need no style: the policy allows none in the page.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// For a request that was meant for another host.
pub(super) fn wrong_host(port: u16, wide: bool) -> String {
    if wide {
        format!(
            "This server answers to IP addresses with its own port, and to the names that it was given with --host \
             NAME.\nThrough a tunnel, use the same port on both ends: ssh -N -L {port}:127.0.0.1:{port} HOST\n"
        )
    } else {
        format!(
            "This server answers to 127.0.0.1 and localhost with its own port only.\n\
             Through a tunnel, use the same port on both ends: ssh -N -L {port}:127.0.0.1:{port} HOST\n"
        )
    }
}

const UNAUTHORIZED: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>spyhole: not yet let in</title>
<h1>This dashboard needs its token</h1>
<p>Open the URL that the training (or <code>spyhole view</code>) has printed. It looks like
<code>http://127.0.0.1:PORT/?token=…</code> and is new for every start.</p>
<p>If you came here by a link from another page: <a href="/">open the dashboard</a>.</p>
</html>
"#;

const NOT_BUILT: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>spyhole: no dashboard in this build</title>
<h1>The dashboard was not built into this program</h1>
<p>The server works, but the page itself was missing when spyhole was compiled. In spyhole's sources:</p>
<pre>cd dashboard &amp;&amp; npm ci &amp;&amp; npm run build</pre>
<p>Then compile and start again.</p>
</html>
"#;

/// For a request with a wrong or without a token.
pub(super) fn unauthorized() -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (StatusCode::UNAUTHORIZED, headers, Html(UNAUTHORIZED)).into_response()
}

/// In place of the page, if there is none.
pub(super) fn not_built() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Html(NOT_BUILT)).into_response()
}

/// For a path that leads nowhere.
pub(super) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "not found\n").into_response()
}

/// For a key that is no run's.
pub(super) fn no_such_run() -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store")];
    let text = "there is no such run here; /runs lists those that there are\n";
    (StatusCode::NOT_FOUND, headers, text).into_response()
}
