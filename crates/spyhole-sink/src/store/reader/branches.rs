//! What of a run counts, and what was left when it was continued from an earlier epoch: the rule of
//! [`History`], put to a store.

use rusqlite::{Connection, params};
use spyhole_protocol::{Branch, Event, History, RunStarted};

use super::RunLog;
use crate::SinkError;
use crate::store::{Row, upgrade};

/// The starts of the run, and the epoch that each begins with.
const STARTS: &str = "
    SELECT seq, CASE WHEN json_valid(body) THEN json_extract(body, '$.first_epoch') END
    FROM records WHERE kind = 'run_started' ORDER BY seq";

/// The newest epoch between two records that went to some end.
const REACHED: &str = "
    SELECT max(epoch) FROM records
    WHERE kind IN ('metric', 'epoch_analysed') AND +seq > ?1 AND +seq < ?2";

/// What the earlier starts of a run have left.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// The last of them.
    pub started: RunStarted,
    /// The newest epoch that counts; 0 if there is none.
    pub newest_epoch: u32,
}

impl RunLog {
    /// Which of the records count now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn history(&self) -> Result<History, SinkError> {
        let end = self.end();
        let waiting = match &self.inner.live {
            Some(live) => live.rows_after(0, usize::MAX),
            None => Vec::new(),
        };
        let first_waiting = waiting.first().map_or(u64::MAX, |row| row.seq);
        let mut history = History::default();
        if first_waiting > 1 {
            history = self
                .inner
                .connections
                .read(|c| stored(c, first_waiting.min(end.saturating_add(1))))?;
        }
        for row in waiting.iter().filter(|row| row.seq <= end) {
            match row.kind.as_str() {
                "run_started" => drop(history.start(row.seq, first_epoch(row))),
                "metric" | "epoch_analysed" => {
                    row.epoch.into_iter().for_each(|it| history.reach(it))
                }
                _ => {}
            }
        }
        Ok(history)
    }

    /// The parts of the run that were left when it was continued from an earlier epoch.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn branches(&self) -> Result<Vec<Branch>, SinkError> {
        Ok(self.history()?.branches().to_vec())
    }

    /// The run as it was when it left a branch; `None` if it has no branch of that number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn branch(&self, number: u32) -> Result<Option<Self>, SinkError> {
        let found = self.branches()?.into_iter().find(|branch| branch.number == number);
        Ok(found.map(|branch| Self { left: Some(branch), ..self.clone() }))
    }

    /// The branch that this is, if it is no run ([`branch`](Self::branch)).
    pub fn left(&self) -> Option<Branch> {
        self.left
    }

    /// What is on record of earlier starts; `None`: nothing was started yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn earlier(&self) -> Result<Option<Earlier>, SinkError> {
        let mut last = None;
        self.each_of_kinds(&["run_started"], |event| {
            if let Event::RunStarted(started) = event {
                last = Some(started.clone());
            }
        })?;
        let newest_epoch = self.history()?.newest().unwrap_or(0);
        Ok(last.map(|started| Earlier { started, newest_epoch }))
    }
}

/// The history of what is on disk before a number.
fn stored(connection: &Connection, before: u64) -> rusqlite::Result<History> {
    let as_sql = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    let mut starts: Vec<(u64, u32)> = Vec::new();
    let mut select = connection.prepare_cached(STARTS)?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let seq: u64 = row.get(0)?;
        // In a damaged file; such a start is no start.
        let first: Option<u32> = row.get(1).ok().flatten();
        if let Some(first) =
            first.filter(|_| seq < before && starts.last().is_none_or(|it| it.0 < seq))
        {
            starts.push((seq, first));
        }
    }
    let mut history = History::default();
    let mut select = connection.prepare_cached(REACHED)?;
    // What comes before the first start is of none.
    let starts =
        std::iter::once((0, None)).chain(starts.into_iter().map(|(seq, it)| (seq, Some(it))));
    let mut starts = starts.peekable();
    while let Some((seq, first)) = starts.next() {
        if let Some(first) = first {
            history.start(seq, first);
        }
        let end = starts.peek().map_or(before, |next| next.0);
        let newest: Option<u32> =
            select.query_row(params![as_sql(seq), as_sql(end)], |row| row.get(0))?;
        newest.into_iter().for_each(|newest| history.reach(newest));
    }
    Ok(history)
}

/// The epoch that a waiting start begins with.
fn first_epoch(row: &Row) -> u32 {
    match upgrade::event(&row.body) {
        Ok(Event::RunStarted(started)) => started.first_epoch,
        _ => u32::MAX,
    }
}
