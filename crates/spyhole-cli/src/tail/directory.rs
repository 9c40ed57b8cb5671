use std::collections::VecDeque;
use std::time::{Duration, Instant};

use spyhole_protocol::{Branch, Status};
use spyhole_sink::{RunLog, SinkError};

use super::source::{BATCH, Lost, News, WAIT};

/// News from a run directory, whoever writes it.
pub(crate) struct Directory {
    log: RunLog,
    after: u64,
    /// The last record from before we looked, until it was handed out.
    head: Option<u64>,
    /// Branches that the user was not told of.
    left: VecDeque<Branch>,
    status: Option<Status>,
    patience: Duration,
    failing: Option<Instant>,
}

impl Directory {
    pub(super) fn new(log: RunLog, patience: Duration) -> Result<Self, SinkError> {
        let (head, left) = (Some(log.head()?), log.branches()?.into());
        Ok(Self { log, after: 0, head, left, status: None, patience, failing: None })
    }

    pub(super) fn next(&mut self) -> Result<News, Lost> {
        match self.look() {
            Ok(news) => {
                let again = self.failing.take().is_some();
                match news {
                    Some(news) => Ok(news),
                    None if again => Ok(News::Note("the run can be read again".into())),
                    None => {
                        std::thread::sleep(WAIT);
                        Ok(News::Quiet)
                    }
                }
            }
            Err(error @ (SinkError::Replaced(_) | SinkError::Gone(_))) => {
                Err(Lost(error.to_string()))
            }
            Err(error) => match self.failing {
                Some(since) if since.elapsed() >= self.patience => Err(Lost(error.to_string())),
                Some(_) => {
                    std::thread::sleep(WAIT);
                    Ok(News::Quiet)
                }
                None => {
                    self.failing = Some(Instant::now());
                    Ok(News::Away(format!("{error}; trying again")))
                }
            },
        }
    }

    fn look(&mut self) -> Result<Option<News>, SinkError> {
        if let Some(left) = self.left.pop_front() {
            let note = format!("{left}; it is not told (--branch {} tells it)", left.number);
            return Ok(Some(News::Note(note)));
        }
        if let Some(head) = self.head {
            if self.after >= head {
                self.head = None;
                return Ok(Some(News::Present));
            }
            // Of history only what still counts; what comes is told as it comes.
            if let Some((records, upto)) = self.log.current_after(self.after, BATCH)? {
                self.after = upto;
                return Ok(Some(News::Records(records)));
            }
        }
        let records = self.log.records_after(self.after, BATCH)?;
        if let Some(last) = records.last() {
            self.after = last.seq;
            return Ok(Some(News::Records(records)));
        }
        let status = self.log.status()?;
        if status != self.status {
            self.status = status;
            return Ok(self.status.clone().map(News::Status));
        }
        Ok(None)
    }
}
