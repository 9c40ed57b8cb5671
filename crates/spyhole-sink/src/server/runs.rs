//! The list of runs, and pages of a run's history.

use std::io::Write;
use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use spyhole_protocol::KINDS;

use super::shelf::Missing;
use super::{Context, pages, query, run::Run};

/// Below this, compression saves nothing that matters.
const WORTH_COMPRESSING: usize = 1024;

/// `/runs`
pub(super) async fn list(State(context): State<Arc<Context>>, headers: HeaderMap) -> Response {
    let shelf = context.shelf.clone();
    let accepts = accepts_gzip(&headers);
    blocking(move || answer(&shelf.list(), accepts)).await
}

/// `/runs/{key}/records?kind=KIND[&layer=NAME][&before=SEQ]`
pub(super) async fn records(
    State(context): State<Arc<Context>>,
    Path(key): Path<String>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Response {
    let run = match find(&context, key).await {
        Ok(run) => run,
        Err(response) => return response,
    };
    let asked = asked.as_deref();
    let Some(kind) = query::parameter(asked, "kind") else {
        return bad(&format!("give `kind`: one of {}\n", KINDS.join(", ")));
    };
    if !KINDS.contains(&kind.as_ref()) {
        return bad(&format!("there is no kind `{kind}`; expected one of {}\n", KINDS.join(", ")));
    }
    let before = match query::parameter(asked, "before").map(|before| before.parse()) {
        None => None,
        Some(Ok(before)) => Some(before),
        Some(Err(_)) => {
            return bad("`before` must be the number of a record: the page ends in front of it\n");
        }
    };
    let layer = query::parameter(asked, "layer").map(|layer| layer.into_owned());
    let kind = kind.into_owned();
    let accepts = accepts_gzip(&headers);
    blocking(move || {
        let page = run.log.page(&kind, layer.as_deref(), before);
        let known = |layer: &str| run.log.has_layer(layer);
        match (page, layer) {
            (Err(error), _) => failed(&error.to_string()),
            (Ok(page), Some(layer)) if page.records.is_empty() => match known(&layer) {
                Ok(true) => answer(&page, accepts),
                Ok(false) => bad(&format!("this run has no layer `{layer}`\n")),
                Err(error) => failed(&error.to_string()),
            },
            (Ok(page), _) => answer(&page, accepts),
        }
    })
    .await
}

/// The run under a key, or the answer that there is none.
pub(super) async fn find(context: &Arc<Context>, key: String) -> Result<Arc<Run>, Response> {
    let shelf = context.shelf.clone();
    match tokio::task::spawn_blocking(move || shelf.find(&key)).await {
        Ok(Ok(run)) => Ok(run),
        Ok(Err(Missing::Unknown)) => Err(pages::no_such_run()),
        Ok(Err(Missing::Problem(error))) => Err(failed(&error.to_string())),
        Err(error) => Err(failed(&error.to_string())),
    }
}

/// For what went wrong here.
pub(super) fn failed(error: &str) -> Response {
    tracing::warn!(error, "cannot answer a dashboard");
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (StatusCode::INTERNAL_SERVER_ERROR, headers, format!("{error}\n")).into_response()
}

fn bad(why: &str) -> Response {
    (StatusCode::BAD_REQUEST, [(header::CACHE_CONTROL, "no-store")], why.to_owned()).into_response()
}

async fn blocking(answer: impl FnOnce() -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(answer).await {
        Ok(response) => response,
        Err(error) => failed(&error.to_string()),
    }
}

fn answer(content: &impl serde::Serialize, gzip: bool) -> Response {
    let json = match serde_json::to_vec(content) {
        Ok(json) => json,
        Err(error) => return failed(&error.to_string()),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept-encoding"),
    ];
    if !gzip || json.len() < WORTH_COMPRESSING {
        return (headers, json).into_response();
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len() / 4), Compression::fast());
    match encoder.write_all(&json).and_then(|()| encoder.finish()) {
        Ok(body) => (headers, [(header::CONTENT_ENCODING, "gzip")], body).into_response(),
        Err(error) => failed(&error.to_string()),
    }
}

/// Whether gzip is named, and not with a weight of nought.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case("gzip");
            let weight = parts.find_map(|part| part.strip_prefix("q="));
            named.then(|| weight.is_none_or(|q| q.parse::<f32>().is_ok_and(|q| q > 0.0)))
        })
        .any(|accepted| accepted)
}
