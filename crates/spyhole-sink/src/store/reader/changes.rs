//! To wait for what is new in a run.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::watch;

use super::Inner;
use super::connections::Pooled;
use crate::store::file_identity;

/// How often a run that another process writes is looked at.
const POLL: Duration = Duration::from_millis(300);

/// Wakes its owner when a run has new records or a new status.
#[derive(Clone, Debug)]
pub struct Changes(pub(super) watch::Receiver<u64>);

impl Changes {
    /// Waits for a change that was not reported yet; several may be reported as one.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

/// Looks for changes by another process for as long as the log is in use.
pub(super) fn start_polling(inner: &Arc<Inner>) {
    let weak = Arc::downgrade(inner);
    let started =
        std::thread::Builder::new().name("spyhole-poll".into()).spawn(move || poll(&weak));
    if let Err(error) = started {
        tracing::warn!(%error, "no thread to look for changes: the run is shown as it was when opened");
    }
}

fn poll(weak: &Weak<Inner>) {
    let mut watched: Option<(Pooled, i64)> = None;
    loop {
        let Some(inner) = weak.upgrade() else { return };
        let identity = file_identity(&inner.connections.file);
        // `data_version` goes up when another connection has written; it counts per connection.
        let version = |pooled: &Pooled| {
            pooled.connection.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0)).ok()
        };
        let now = watched.take().filter(|(pooled, _)| pooled.identity == identity);
        let changed = match now {
            Some((pooled, before)) => {
                let version = version(&pooled);
                watched = version.map(|version| (pooled, version));
                version != Some(before)
            }
            None => {
                watched = inner.connections.take().ok().and_then(|pooled| {
                    let version = version(&pooled)?;
                    Some((pooled, version))
                });
                // A run that was replaced is news as well: readers shall find out.
                watched.is_some() || identity.is_some()
            }
        };
        if changed {
            inner.changes.send_modify(|generation| *generation += 1);
        }
        drop(inner);
        std::thread::sleep(POLL);
    }
}
