//! Pictures and documents, by content address: the same address is always the same content, so it is fetched
//! once.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use spyhole_protocol::{DocumentId, ImageId};

use super::{Context, pages};
use crate::SinkError;

const FOR_EVER: (HeaderName, &str) =
    (header::CACHE_CONTROL, "private, max-age=31536000, immutable");

/// `/images/{id}.png`
pub(super) async fn image(
    State(context): State<Arc<Context>>,
    Path(file): Path<String>,
) -> Response {
    let Some(id) = id_in(&file, ".png") else { return pages::not_found() };
    let id = ImageId(id.to_owned());
    let headers = [(header::CONTENT_TYPE, "image/png"), FOR_EVER];
    read(headers, move || context.log.image(&id)).await
}

/// `/documents/{id}.json`, compressed: every browser understands that.
pub(super) async fn document(
    State(context): State<Arc<Context>>,
    Path(file): Path<String>,
) -> Response {
    let Some(id) = id_in(&file, ".json") else { return pages::not_found() };
    let id = DocumentId(id.to_owned());
    let kind = (header::CONTENT_TYPE, "application/json");
    let headers = [kind, (header::CONTENT_ENCODING, "gzip"), FOR_EVER];
    read(headers, move || context.log.document_gzip(&id)).await
}

async fn read<const N: usize>(
    headers: [(HeaderName, &'static str); N],
    read: impl FnOnce() -> Result<Option<Arc<[u8]>>, SinkError> + Send + 'static,
) -> Response {
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(Some(body))) => (headers, body.to_vec()).into_response(),
        Ok(Ok(None)) => pages::not_found(),
        Ok(Err(error)) => failed(&error.to_string()),
        Err(error) => failed(&error.to_string()),
    }
}

/// The content address in a file's name.
fn id_in<'a>(file: &'a str, ending: &str) -> Option<&'a str> {
    let hexadecimal = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    file.strip_suffix(ending).filter(|id| id.len() == 32 && id.bytes().all(hexadecimal))
}

fn failed(error: &str) -> Response {
    tracing::warn!(error, "cannot read a picture or document");
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (StatusCode::INTERNAL_SERVER_ERROR, headers, format!("{error}\n")).into_response()
}
