//! Pictures, by content address.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use spyhole_protocol::ImageId;

use super::{Context, pages};

/// `/images/{id}.png`. The same address is always the same picture, so it is fetched once.
pub(super) async fn image(
    State(context): State<Arc<Context>>,
    Path(file): Path<String>,
) -> Response {
    let Some(id) = file.strip_suffix(".png").filter(|id| is_id(id)) else {
        return pages::not_found();
    };
    let id = ImageId(id.to_owned());
    let read = tokio::task::spawn_blocking(move || context.log.image(&id)).await;
    match read {
        Ok(Ok(Some(png))) => {
            let headers = [
                (header::CONTENT_TYPE, "image/png"),
                (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
            ];
            (headers, png.to_vec()).into_response()
        }
        Ok(Ok(None)) => pages::not_found(),
        Ok(Err(error)) => failed(&error.to_string()),
        Err(error) => failed(&error.to_string()),
    }
}

fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn failed(error: &str) -> Response {
    tracing::warn!(error, "cannot read a picture");
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (StatusCode::INTERNAL_SERVER_ERROR, headers, format!("{error}\n")).into_response()
}
