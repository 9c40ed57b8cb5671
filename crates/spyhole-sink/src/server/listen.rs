//! Connections: a limited number at a time, and none that takes for ever to say what it wants.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Connections at once, open sockets apart. Those that come then are closed at once.
const MAX_CONNECTIONS: u32 = 384;

/// Memory for the head of one request.
const MAX_HEAD: usize = 32 << 10;

/// Pause when the system gives no connection: it has no more files to open.
const EXHAUSTED: Duration = Duration::from_millis(200);

/// Answers requests until `stop` is true, and then to the end those that have begun. A connection that does not send
/// the head of a request within `patience` is closed.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    patience: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(MAX_HEAD);
    let stopped = stop.clone();
    let mut stop = pin!(stop.wait_for(|stop| *stop));
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be accepted");
                    tokio::time::sleep(EXHAUSTED).await;
                    continue;
                }
            },
            _ = &mut stop => break,
        };
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let (http, router, stop) = (http.clone(), router.clone(), stopped.clone());
        tokio::spawn(async move {
            attend(http, stream, router, stop).await;
            drop(place);
        });
    }
    drop(listener);
    let _ = places.acquire_many(MAX_CONNECTIONS).await;
}

/// One connection, until it ends or becomes a socket.
async fn attend(
    http: http1::Builder,
    stream: TcpStream,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small messages may come late");
    }
    let service = TowerToHyperService::new(router);
    let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut connection = pin!(connection);
    let stopped = async {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = stopped => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
