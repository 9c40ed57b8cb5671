//! Threads that give way to the training.

use std::io;
use std::thread::JoinHandle;

use rayon::ThreadPoolBuilder;

use crate::meter::Crew;

/// By how much an analysis is nicer than the training: on Linux it gets about an eighth of a core that both want, and
/// all of one that the training leaves idle. Not the most there is: who holds a lock that the training waits for has
/// to get on.
#[cfg(target_os = "linux")]
const NICER: i32 = 9;

/// Starts a thread whose tensor operations have a pool of their own, at low priority if it `gives_way`; all of its
/// threads belong to the `crew`. In the pool that a process shares by default, the parts of the training's operations
/// would stand in line behind those of an analysis.
pub(crate) fn spawn(
    name: &'static str,
    gives_way: bool,
    crew: Crew,
    work: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let pool = ThreadPoolBuilder::new()
        .thread_name(move |index| format!("{name}-{index}"))
        .start_handler(move |_| {
            if gives_way {
                give_way();
            }
            crew.enlist();
        })
        .build()
        .map_err(io::Error::other)?;
    std::thread::Builder::new().name(name.into()).spawn(move || pool.install(work))
}

/// A nice value belongs to a thread on Linux; elsewhere to the whole process, or there is none.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICER) {
        tracing::debug!("the analyses run at the training's priority: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn work_has_a_pool_of_its_own_and_gives_way_to_a_training() {
        for gives_way in [true, false] {
            let (sender, receiver) = mpsc::channel();
            let thread = spawn("spyhole-test", gives_way, Crew::default(), move || {
                let name = || std::thread::current().name().map(str::to_owned);
                let seen = rayon::broadcast(|_| (name(), niceness()));
                sender.send(seen).expect("the test waits");
            });
            thread.expect("there are threads").join().expect("it does not panic");
            let seen = receiver.recv().expect("it was sent");
            assert_eq!(seen.len(), rayon::current_num_threads());
            let nicer = if gives_way && cfg!(target_os = "linux") { 9 } else { 0 };
            let expected = (niceness() + nicer).min(19);
            for (name, nice) in seen {
                assert!(name.as_ref().is_some_and(|name| name.starts_with("spyhole-test-")));
                assert_eq!(nice, expected, "{name:?}");
            }
        }
    }

    #[cfg(target_os = "linux")]
    fn niceness() -> i32 {
        rustix::process::nice(0).expect("reading it is allowed")
    }

    #[cfg(not(target_os = "linux"))]
    fn niceness() -> i32 {
        0
    }
}
