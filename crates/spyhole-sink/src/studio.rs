use std::fmt::Debug;

use spyhole_protocol::StudySubject;

/// Who makes the studies that dashboards ask for. Both calls must return at once.
pub trait Studio: Debug + Send + Sync {
    /// Puts a study on the list and returns its number; the same number for what is on the list already.
    ///
    /// # Errors
    /// Why it is refused, in words for the user.
    fn ask(&self, subject: &StudySubject) -> Result<u32, String>;

    /// Ends a study that somebody asked for. One that is unknown, or over, is no error.
    fn cancel(&self, id: u32);
}
