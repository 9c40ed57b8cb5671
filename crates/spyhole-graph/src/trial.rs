//! Running code that may panic, the user's or a backend's: what it says becomes part of an error, and the terminal,
//! which is the user's, does not show it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::path::Path;
use std::sync::Once;

thread_local! {
    /// How many trials this thread is in, one within another.
    static TRIALS: Cell<usize> = const { Cell::new(0) };
    /// Where this thread has panicked last.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A panic, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic {
    /// What it said, on one line, without the names of Rust's types and functions.
    pub message: String,
    /// File and line, if they are the user's own: those of libraries tell nothing.
    pub place: Option<String>,
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.place.as_ref().map_or(Ok(()), |place| write!(f, " ({place})"))
    }
}

/// Runs `work`. A panic in it is returned instead of shown; those of other threads, and of this one later, are shown
/// as before.
///
/// Where panics abort the program (`panic = "abort"`) nothing can be returned, and the panic is shown.
///
/// # Errors
/// When `work` panics.
pub fn tried<T>(work: impl FnOnce() -> T) -> Result<T, Panic> {
    keep_off_the_terminal();
    PLACE.with_borrow_mut(|place| *place = None);
    TRIALS.set(TRIALS.get() + 1);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    TRIALS.set(TRIALS.get() - 1);
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let message = text.map_or("it gave no message".into(), plain);
        Panic { message, place: PLACE.with_borrow_mut(Option::take) }
    })
}

fn keep_off_the_terminal() {
    static ONCE: Once = Once::new();
    // A thread that panics must not touch the hook.
    if std::thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if cfg!(panic = "unwind") && TRIALS.get() > 0 {
                let place = panic.location().and_then(own_place);
                PLACE.with_borrow_mut(|last| *last = place);
            } else {
                others(panic);
            }
        }));
    });
}

/// Cargo compiles the files of one's own workspace by relative paths, and those of libraries by absolute ones.
fn own_place(location: &Location<'_>) -> Option<String> {
    let file = location.file();
    Path::new(file).is_relative().then(|| format!("{file}, line {}", location.line()))
}

/// One line without Burn's headings, and without what Rust puts before an error that was unwrapped.
fn plain(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let mut line = words.join(" ");
    for before in
        ["called `Result::unwrap()` on an `Err` value: ", "=== Tensor Operation Error === "]
    {
        line = line.replace(before, "");
    }
    line.replace("called `Option::unwrap()` on a `None` value", "a value was missing")
        .replace("Reason: 1. ", "")
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn panics_come_back_in_words_with_the_place_of_the_users_code() {
        let nothing: Option<u8> = black_box(None);
        let failed: Result<u8, &str> = black_box(Err("out of memory"));
        type Work<'a> = Box<dyn Fn() + 'a>;
        let cases: [(Work<'_>, &str); 5] = [
            (Box::new(|| panic!("expects 32 pixels, got {}", 16)), "expects 32 pixels, got 16"),
            (Box::new(|| std::panic::panic_any(7)), "it gave no message"),
            (Box::new(|| assert!(nothing.unwrap() > 0)), "a value was missing"),
            (Box::new(|| assert!(failed.unwrap() > 0)), "\"out of memory\""),
            (
                Box::new(|| {
                    panic!(
                        "=== Tensor Operation Error ===\n  Operation: 'Add'\n  Reason:\n    1. Sizes differ. \n"
                    )
                }),
                "Operation: 'Add' Sizes differ",
            ),
        ];
        for (work, expected) in cases {
            let panic = tried(work).expect_err("it panics");
            assert_eq!(panic.message, expected);
            let place = panic.place.unwrap_or_default();
            assert!(place.contains("trial.rs, line "), "{place}");
        }
        assert_eq!(tried(|| 1), Ok(1));
    }

    #[test]
    fn a_trial_within_a_trial_is_one() {
        let inner =
            tried(|| tried(|| panic!("inner")).is_err() && tried(|| panic!("again")).is_err());
        assert_eq!(inner, Ok(true));
        assert_eq!(TRIALS.get(), 0);
    }
}
