//! Threads for work that makes way for the training: they ask the operating system for what others leave.

use rayon::{ThreadPool, ThreadPoolBuilder};

/// A pool of such threads. What runs in it spreads over all cores, as it would elsewhere.
#[derive(Debug)]
pub(crate) struct Background(Option<ThreadPool>);

impl Background {
    pub(crate) fn new(name: &'static str) -> Self {
        let pool = ThreadPoolBuilder::new()
            .thread_name(move |number| format!("{name}-{number}"))
            .start_handler(|_| yield_to_others())
            .build();
        // Without a pool the work is done all the same.
        Self(pool.map_err(|error| tracing::warn!(%error, "no threads for the background")).ok())
    }

    /// Does the work in the pool, and waits for it.
    pub(crate) fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.0 {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }
}

/// Lowers the priority of this thread, on Linux: elsewhere that would take privileges, or concern the whole process.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = thread_priority::ThreadPriority::Min.set_for_current() {
        tracing::debug!(?error, "the priority of a background thread stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_on_threads_of_its_own() {
        let background = Background::new("test");
        let (here, there) =
            (std::thread::current().id(), background.run(|| std::thread::current().id()));
        assert_ne!(here, there);
        assert_eq!(Background(None).run(|| std::thread::current().id()), here);
        let sum = background.run(|| {
            use rayon::prelude::*;
            (0..1000u64).into_par_iter().sum::<u64>()
        });
        assert_eq!(sum, 499_500);
    }
}
