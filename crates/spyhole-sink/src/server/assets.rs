//! The built dashboard, embedded in the program.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::{Context, pages, query};

/// Vite puts a hash of the content into the names under this folder.
const HASHED: &str = "assets/";

#[derive(RustEmbed)]
#[folder = "dist/"]
#[allow_missing = true]
struct Dist;

/// The page. With a token in the URL: the cookie, and the page without the token, so that it stays out
/// of the history and out of screenshots.
pub(super) async fn index(
    State(context): State<Arc<Context>>,
    RawQuery(asked): RawQuery,
) -> Response {
    if query::parameter(asked.as_deref(), "token").is_some() {
        let headers = [
            (header::SET_COOKIE, context.guard.set_cookie()),
            (header::LOCATION, "/".into()),
            (header::CACHE_CONTROL, "no-store".into()),
        ];
        return (StatusCode::SEE_OTHER, headers).into_response();
    }
    file("index.html").unwrap_or_else(pages::not_built)
}

/// Every other file of the dashboard.
pub(super) async fn asset(uri: Uri) -> Response {
    file(uri.path().trim_start_matches('/')).unwrap_or_else(pages::not_found)
}

/// The page that shows one run out of a file, with everything it needs in it. The run goes, as JSON of a
/// [`Report`](spyhole_protocol::Report) in which `<` is written `\u003c`, into its empty element
/// `<script type="application/json" id="spyhole-report">`. `None`: the dashboard was not built into this program.
pub fn report_template() -> Option<String> {
    let page = Dist::get("report.html")?;
    String::from_utf8(page.data.into_owned()).ok()
}

fn file(path: &str) -> Option<Response> {
    // `.gitkeep` and the like are not part of the page.
    if path.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        return None;
    }
    let file = Dist::get(path)?;
    let kind = file.metadata.mimetype();
    let text = kind.starts_with("text/") || kind == "image/svg+xml";
    let kind = if text { format!("{kind}; charset=utf-8") } else { kind.to_owned() };
    let caching =
        if path.starts_with(HASHED) { "private, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching.into())];
    Some((headers, Body::from(file.data.into_owned())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_a_type_that_browsers_know_and_hashed_files_are_kept() {
        for path in Dist::iter().filter(|path| !path.contains("/.") && !path.starts_with('.')) {
            let response = file(&path).unwrap();
            let header = |name| response.headers()[name].to_str().unwrap();
            assert_ne!(header(header::CONTENT_TYPE), "application/octet-stream", "{path}");
            let kept = header(header::CACHE_CONTROL).contains("immutable");
            assert_eq!(kept, path.starts_with(HASHED), "{path}");
        }
    }

    #[test]
    fn nothing_outside_of_the_page_is_served() {
        for path in ["", ".gitkeep", "../Cargo.toml", "assets/../../Cargo.toml", "/etc/passwd"] {
            assert!(file(path).is_none(), "{path}");
        }
    }
}
