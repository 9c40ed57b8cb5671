//! Panics in spyhole's own threads: they are caught and recorded as faults, so the terminal need not show them. It
//! belongs to the user; a training's display may be on it.

use std::sync::Once;

/// How the names of spyhole's threads begin.
const OURS: &str = "spyhole-";

/// From now on, what spyhole's own threads have to say about a panic goes to the log. Other threads' panics are
/// shown as before.
pub(crate) fn keep_off_the_terminal() {
    static ONCE: Once = Once::new();
    // A thread that panics must not touch the hook.
    if std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().name().is_some_and(|name| name.starts_with(OURS)) {
                tracing::error!("{panic}");
            } else {
                others(panic);
            }
        }));
    });
}
