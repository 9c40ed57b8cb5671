use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

type Start = Arc<dyn Fn() + Send + Sync>;

thread_local!(static START: RefCell<Option<Start>> = const { RefCell::new(None) });

/// What each thread runs first that is started to compute for the calling one, and for those in turn. Whoever measures
/// or places what a thread computes reaches its [`helpers`] so.
pub fn on_start_of_helpers(start: impl Fn() + Send + Sync + 'static) {
    START.set(Some(Arc::new(start)));
}

/// A pool of `count` threads, at least one, that compute for the calling one. Their operations are shared out among
/// themselves, never in the pool that a process shares by default.
///
/// # Errors
/// When the system gives no threads.
pub fn helpers(count: usize) -> Result<ThreadPool, ThreadPoolBuildError> {
    let start = START.with_borrow(Clone::clone);
    ThreadPoolBuilder::new()
        .num_threads(count.max(1))
        // Its name tells whose panics are its panics.
        .thread_name(|_| "spyhole-helper".into())
        .start_handler(move |_| {
            if let Some(start) = &start {
                START.set(Some(start.clone()));
                start();
            }
        })
        .build()
}

/// Runs `own` here and `help` on up to `count` further threads; all results, in no order.
pub(crate) fn with_help<T: Send>(
    count: usize,
    help: impl Fn() -> T + Sync,
    own: impl FnOnce() -> T,
) -> Vec<T> {
    let helpers = if count > 0 { helpers(count).ok() } else { None };
    let Some(helpers) = helpers else { return vec![own()] };
    let found = Mutex::new(vec![]);
    let add = |result| found.lock().unwrap_or_else(PoisonError::into_inner).push(result);
    helpers.in_place_scope(|scope| {
        for _ in 0..count {
            scope.spawn(|_| add(help()));
        }
        add(own());
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn helpers_begin_as_it_was_said_and_those_who_help_them_too() {
        static BEGUN: AtomicUsize = AtomicUsize::new(0);
        let begun = || BEGUN.load(Ordering::Relaxed);
        let names = || {
            let name = || std::thread::current().name().unwrap_or_default().to_owned();
            let mut names = with_help(2, name, || "own".into());
            names.sort();
            names
        };
        assert_eq!(names(), ["own", "spyhole-helper", "spyhole-helper"]);
        assert_eq!(begun(), 0, "nothing was said");
        on_start_of_helpers(|| {
            BEGUN.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(helpers(1).unwrap().install(|| names().len()), 3);
        assert_eq!(begun(), 3, "one, and two for it");
        // Another thread has said nothing.
        std::thread::scope(|scope| scope.spawn(names).join()).unwrap();
        assert_eq!(begun(), 3);
        assert_eq!(with_help(0, || 1, || 2), [2]);
    }
}
