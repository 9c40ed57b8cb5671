//! The dashboard's server: the page, the runs with their pictures and sockets, on one port.

mod assets;
mod content;
mod guard;
mod hosts;
mod listen;
mod options;
mod pages;
mod query;
mod run;
mod runs;
mod shelf;
mod socket;

pub use assets::report_template;
pub use options::ServerOptions;
pub use shelf::Shelf;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::sync::{Semaphore, watch};

use crate::SinkError;
use guard::Guard;
use hosts::Hosts;

/// Sockets at once; each costs a position in a log and one message of it.
const MAX_SOCKETS: u32 = 256;

/// How long connections may take to end when the server does; more than a socket's goodbye.
const GRACE: Duration = Duration::from_millis(1500);

/// What every request needs.
struct Context {
    shelf: Arc<Shelf>,
    guard: Guard,
    far_behind: u64,
    patience: Duration,
    sockets: Arc<Semaphore>,
    /// True when the server ends.
    stop: watch::Receiver<bool>,
}

/// A running dashboard server. It ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    ended: Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

/// Serves the dashboard of a run, or of several, from a thread of its own, until the [`Server`] is dropped.
///
/// # Errors
/// When the port cannot be opened, or the token or a name is none.
pub fn serve(runs: impl Into<Shelf>, options: ServerOptions) -> Result<Server, SinkError> {
    let token = match options.token {
        Some(token) if guard::is_token(&token) => token,
        Some(_) => return Err(SinkError::Token),
        None => crate::random_hex::<16>()?,
    };
    let asked = SocketAddr::new(options.bind, options.port);
    let bind = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::AddrInUse => SinkError::PortInUse(asked),
        _ => SinkError::Bind { address: asked, source },
    };
    let listener = TcpListener::bind(asked).map_err(bind)?;
    listener.set_nonblocking(true).map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    let hosts = Hosts::new(address.port(), address.ip(), &options.hosts)?;
    let url = format!("http://{}/?token={token}", options::reachable(address));

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
        shelf: Arc::new(runs.into()),
        guard: Guard::new(hosts, token),
        far_behind: options.far_behind,
        patience: options.patience,
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
    Ok(Server { url, address, stop, ended, thread: Some(thread) })
}

impl Server {
    /// The address to open in a browser on this machine, token included.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// What to tell whoever has opened the dashboard to other machines; `None` if it is closed to them.
    pub fn warning(&self) -> Option<String> {
        options::warning(self.address)
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
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (stop, mut deadline) = (context.stop.clone(), context.stop.clone());
    let (sockets, patience) = (context.sockets.clone(), context.patience);
    let served = async {
        listen::serve(listener, router(context), patience, stop).await;
        // The sockets are no longer the server's: give them time to say goodbye.
        let _ = sockets.acquire_many(MAX_SOCKETS).await;
    };
    tokio::select! {
        () = served => {}
        () = async {
            let _ = deadline.wait_for(|stop| *stop).await;
            tokio::time::sleep(GRACE).await;
        } => {}
    }
    Ok(())
}

fn router(context: Arc<Context>) -> Router {
    Router::new()
        .route("/", get(assets::index))
        .route("/runs", get(runs::list))
        .route("/runs/{key}/socket", get(socket::open))
        .route("/runs/{key}/records", get(runs::records))
        .route("/runs/{key}/images/{file}", get(content::image))
        .route("/runs/{key}/documents/{file}", get(content::document))
        .fallback(assets::asset)
        .layer(from_fn_with_state(context.clone(), guard::check))
        .with_state(context)
}
