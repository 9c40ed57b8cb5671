//! The dashboard's server: the page, the pictures and the socket, on one loopback port.

mod assets;
mod content;
mod guard;
mod pages;
mod socket;

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::serve::ListenerExt;
use tokio::sync::{Semaphore, watch};

use crate::{Control, RunLog, SinkError};
pub use assets::report_template;
use guard::Guard;

/// Sockets at once; each costs a position in the log and one batch of it.
const MAX_SOCKETS: u32 = 256;

/// How long connections may take to end when the server does; more than a socket's goodbye.
const GRACE: Duration = Duration::from_millis(1500);

/// How a dashboard is served.
#[derive(Clone, Debug, Default)]
pub struct ServerOptions {
    /// The port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// The secret in the URL; `None` for a fresh random one. 16 to 128 letters, digits, `-` or `_`.
    pub token: Option<String>,
    /// Whether this is the process that trains, rather than one that reads the run from disk.
    pub live: bool,
    /// Who does what dashboards ask for; `None`: nobody, and they are told so.
    pub control: Option<Arc<dyn Control>>,
}

/// What every request needs.
struct Context {
    log: RunLog,
    guard: Guard,
    live: bool,
    control: Option<Arc<dyn Control>>,
    sockets: Arc<Semaphore>,
    /// True when the server ends.
    stop: watch::Receiver<bool>,
}

/// A running dashboard server. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    port: u16,
    stop: watch::Sender<bool>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// Serves the dashboard of `log` on 127.0.0.1, from a thread of its own, until the [`Server`] is
/// dropped. A port that cannot be opened is an error here.
pub fn serve(log: RunLog, options: ServerOptions) -> Result<Server, SinkError> {
    let token = match options.token {
        Some(token) if guard::is_token(&token) => token,
        Some(_) => return Err(SinkError::Token),
        None => crate::random_hex::<16>()?,
    };
    let bind = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => SinkError::PortInUse(options.port),
        _ => SinkError::Bind { port: options.port, source },
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).map_err(bind)?;
    listener.set_nonblocking(true).map_err(bind)?;
    let port = listener.local_addr().map_err(bind)?.port();
    let url = format!("http://127.0.0.1:{port}/?token={token}");

    let start = |source| SinkError::Start { what: "the dashboard server", source };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .thread_name("spyhole-server")
        .enable_all()
        .build()
        .map_err(start)?;
    let (stop, stopped) = watch::channel(false);
    let context = Arc::new(Context {
        log,
        guard: Guard::new(port, token),
        live: options.live,
        control: options.control,
        sockets: Arc::new(Semaphore::new(MAX_SOCKETS as usize)),
        stop: stopped,
    });
    let (end, ended) = channel();
    let thread = std::thread::Builder::new()
        .name("spyhole-server".into())
        .spawn(move || {
            if let Err(error) = runtime.block_on(run(listener, context)) {
                tracing::error!(%error, "the dashboard server ended");
            }
            runtime.shutdown_timeout(GRACE);
            let _ = end.send(());
        })
        .map_err(start)?;
    Ok(Server { url, port, stop, ended, thread: Some(thread) })
}

impl Server {
    /// The address to open in a browser, token included.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Tells the open dashboards that the server ends, and ends it: within some seconds, whatever the
    /// clients do.
    pub fn shutdown(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let _ = self.stop.send(true);
        match self.ended.recv_timeout(3 * GRACE) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                let _ = thread.join();
            }
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!("the dashboard server does not end; it is left behind");
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

async fn run(listener: TcpListener, context: Arc<Context>) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small messages may come late");
        }
    });
    let stopped = |mut stop: watch::Receiver<bool>| async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let graceful = stopped(context.stop.clone());
    let deadline = stopped(context.stop.clone());
    let sockets = context.sockets.clone();
    let server = axum::serve(listener, router(context)).with_graceful_shutdown(graceful);
    let served = async {
        server.await?;
        // The sockets are no longer the server's: give them time to say goodbye.
        let _ = sockets.acquire_many(MAX_SOCKETS).await;
        Ok(())
    };
    tokio::select! {
        result = served => result,
        () = async { deadline.await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/", get(assets::index))
        .route("/images/{file}", get(content::image))
        .route("/documents/{file}", get(content::document))
        .route("/socket", get(socket::open))
        .fallback(assets::asset)
        .layer(from_fn_with_state(context.clone(), guard::check))
        .with_state(context)
}
