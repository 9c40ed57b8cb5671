use std::fmt::Debug;

use spyhole_protocol::{Silence, StudySubject};

/// Who does what dashboards ask for. No call may wait.
pub trait Control: Debug + Send + Sync {
    /// Puts a study on the list and returns its number; the same number for what is on the list already.
    ///
    /// # Errors
    /// Why it is refused, in words for the user.
    fn ask(&self, subject: &StudySubject) -> Result<u32, String>;

    /// Ends a study that somebody asked for. One that is unknown, or over, is no error.
    fn cancel(&self, id: u32);

    /// Silences an alert, or lets it be heard again.
    ///
    /// # Errors
    /// Why it is refused, in words for the user.
    fn silence(&self, silence: &Silence) -> Result<(), String>;

    /// Ends the training after the epoch that it is in.
    ///
    /// # Errors
    /// Why it is refused, in words for the user.
    fn stop(&self) -> Result<(), String>;
}
