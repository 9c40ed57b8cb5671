//! Pictures and documents, by content address: the same address is always the same content, so it is fetched
//! once.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use spyhole_protocol::{DocumentId, ImageId};

use super::{Context, pages, runs};
use crate::{RunLog, SinkError};

const FOR_EVER: (HeaderName, &str) =
    (header::CACHE_CONTROL, "private, max-age=31536000, immutable");

/// `/runs/{key}/images/{id}.png`
pub(super) async fn image(
    State(context): State<Arc<Context>>,
    Path((key, file)): Path<(String, String)>,
) -> Response {
    let Some(id) = id_in(&file, ".png") else { return pages::not_found() };
    let id = ImageId(id.to_owned());
    let headers = [(header::CONTENT_TYPE, "image/png"), FOR_EVER];
    read(&context, key, headers, move |log| log.image(&id)).await
}

/// `/runs/{key}/documents/{id}.json`, compressed: every browser understands that.
pub(super) async fn document(
    State(context): State<Arc<Context>>,
    Path((key, file)): Path<(String, String)>,
) -> Response {
    let Some(id) = id_in(&file, ".json") else { return pages::not_found() };
    let id = DocumentId(id.to_owned());
    let kind = (header::CONTENT_TYPE, "application/json");
    let headers = [kind, (header::CONTENT_ENCODING, "gzip"), FOR_EVER];
    read(&context, key, headers, move |log| log.document_gzip(&id)).await
}

async fn read<const N: usize>(
    context: &Arc<Context>,
    key: String,
    headers: [(HeaderName, &'static str); N],
    read: impl FnOnce(&RunLog) -> Result<Option<Arc<[u8]>>, SinkError> + Send + 'static,
) -> Response {
    let run = match runs::find(context, key).await {
        Ok(run) => run,
        Err(response) => return response,
    };
    match run.read(read).await {
        Ok(Some(body)) => (headers, Body::from(Bytes::from_owner(body))).into_response(),
        Ok(None) => pages::not_found(),
        Err(error) => runs::failed(&error),
    }
}

/// The content address in a file's name.
fn id_in<'a>(file: &'a str, ending: &str) -> Option<&'a str> {
    let hexadecimal = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    file.strip_suffix(ending).filter(|id| id.len() == 32 && id.bytes().all(hexadecimal))
}
