//! Records in order, and by their numbers.

use rusqlite::{Connection, OptionalExtension};
use spyhole_protocol::{Event, Fault, Record};

use super::RunLog;
use crate::SinkError;
use crate::store::upgrade;

/// Records that are read at once where a whole history goes by.
const PORTION: BatchLimit = BatchLimit { records: 1000, bytes: 8 << 20 };

/// How much is returned at most; one record always.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchLimit {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

impl RunLog {
    /// The records after number `seq`, in order and without gaps, at most `limit`. Empty at the end. They are all that
    /// was recorded: what was [left](spyhole_protocol::History) when the run was continued from an earlier epoch, too;
    /// [`current_after`](Self::current_after) goes without.
    ///
    /// A record that is damaged in the file is replaced by a fault that says so; one whose number goes back is left
    /// out.
    pub fn records_after(&self, seq: u64, limit: usize) -> Result<Vec<Record>, SinkError> {
        self.batch(seq, BatchLimit { records: limit, bytes: usize::MAX })
    }

    /// Of the records after number `seq`, at most `limit`, those that count now ([`history`](Self::history)), and the
    /// number that they go up to; `None` at the end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn current_after(
        &self,
        seq: u64,
        limit: usize,
    ) -> Result<Option<(Vec<Record>, u64)>, SinkError> {
        let mut records = self.records_after(seq, limit)?;
        let Some(upto) = records.last().map(|record| record.seq) else { return Ok(None) };
        let history = self.history()?;
        records.retain(|record| history.is_current(record));
        Ok(Some((records, upto)))
    }

    /// Calls `look` with the recorded events of these kinds (their names in JSON: `metric`) that count now
    /// ([`history`](Self::history)), in order. Damaged ones are left out, unless faults are wanted.
    pub fn each_of_kinds(
        &self,
        kinds: &[&str],
        mut look: impl FnMut(&Event),
    ) -> Result<(), SinkError> {
        self.each_record_of_kinds(kinds, 0, |record| look(&record.event))
    }

    /// The same for the records after number `after`.
    pub(crate) fn each_record_of_kinds(
        &self,
        kinds: &[&str],
        after: u64,
        mut look: impl FnMut(&Record),
    ) -> Result<(), SinkError> {
        let history = self.history()?;
        self.each_ever_of_kinds(kinds, after, |record| {
            if history.is_current(record) {
                look(record);
            }
        })
    }

    /// The same with those that do not count.
    pub(crate) fn each_ever_of_kinds(
        &self,
        kinds: &[&str],
        after: u64,
        mut look: impl FnMut(&Record),
    ) -> Result<(), SinkError> {
        let seqs = self.numbers_of_kinds(kinds, after)?;
        let faults = kinds.contains(&"fault");
        let mut rest = &seqs[..];
        // In portions, so that a long history is never in memory as a whole.
        while !rest.is_empty() {
            let (records, read) = self.pick(rest, PORTION)?;
            let wanted = |record: &&Record| faults || !matches!(record.event, Event::Fault(_));
            records.iter().filter(wanted).for_each(&mut look);
            rest = &rest[read..];
        }
        Ok(())
    }

    pub(crate) fn batch(&self, seq: u64, limit: BatchLimit) -> Result<Vec<Record>, SinkError> {
        // What waits is looked at first: whatever is written between the two looks is found twice
        // rather than not at all.
        let waiting = match &self.inner.live {
            Some(live) => live.rows_after(seq, limit.records),
            None => Vec::new(),
        };
        let mut batch = Batch { records: Vec::new(), last: seq, bytes: 0, limit };
        if waiting.first().is_none_or(|row| row.seq > seq.saturating_add(1)) {
            self.inner.connections.read(|connection| batch.read(connection))?;
        }
        for row in waiting {
            if row.seq > batch.last && !batch.push(row.seq, row.time_ms, &row.body) {
                break;
            }
        }
        let end = self.end();
        batch.records.truncate(batch.records.partition_point(|record| record.seq <= end));
        Ok(batch.records)
    }

    /// The first of the records with these numbers, in their order, and how many of the numbers they stand for:
    /// all, or as many as the limit allows. A number without a record is passed over.
    pub(crate) fn pick(
        &self,
        seqs: &[u64],
        limit: BatchLimit,
    ) -> Result<(Vec<Record>, usize), SinkError> {
        let seqs = &seqs[..seqs.len().min(limit.records.max(1))];
        // First what waits, for the same reason as above.
        let waiting = self.inner.live.as_ref().map(|live| live.rows(seqs)).unwrap_or_default();
        let mut batch = Batch { records: Vec::new(), last: 0, bytes: 0, limit };
        let mut read = 0;
        let all_wait = waiting.len() == seqs.len();
        let mut waiting = waiting.into_iter().peekable();
        let mut take = |connection: Option<&Connection>| -> rusqlite::Result<()> {
            let mut select = connection
                .map(|it| it.prepare_cached("SELECT time_ms, body FROM records WHERE seq = ?1"))
                .transpose()?;
            for &seq in seqs {
                let taken = if let Some(row) = waiting.next_if(|row| row.seq == seq) {
                    batch.push(seq, row.time_ms, &row.body)
                } else if let Some(select) = &mut select {
                    let found = select.query_row([seq], |row| {
                        let body = row.get_ref(1)?.as_bytes()?;
                        Ok(batch.push(seq, row.get(0)?, &String::from_utf8_lossy(body)))
                    });
                    found.optional()?.unwrap_or(true)
                } else {
                    true
                };
                if !taken {
                    break;
                }
                read += 1;
            }
            Ok(())
        };
        if all_wait {
            // Nothing is needed of a disk that may be in trouble.
            let _ = take(None);
        } else {
            self.inner.connections.read(|connection| take(Some(connection)))?;
        }
        Ok((batch.records, read))
    }
}

/// What is shown in place of a damaged record.
fn damage(seq: u64, error: &serde_json::Error) -> Event {
    Event::Fault(Fault {
        part: "run store".into(),
        message: format!("record {seq} is damaged and cannot be shown ({error})"),
        epoch: None,
    })
}

/// Collects records up to a limit.
struct Batch {
    records: Vec<Record>,
    last: u64,
    bytes: usize,
    limit: BatchLimit,
}

impl Batch {
    fn read(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut select = connection
            .prepare_cached("SELECT seq, time_ms, body FROM records WHERE seq > ?1 ORDER BY seq")?;
        // SQLite counts to i64::MAX.
        let after = i64::try_from(self.last).unwrap_or(i64::MAX);
        let mut rows = select.query([after])?;
        while let Some(row) = rows.next()? {
            let seq = row.get(0)?;
            // In a damaged file. Who reads on from there would read the same again, for ever.
            if seq <= self.last {
                continue;
            }
            let body = row.get_ref(2)?.as_bytes()?;
            if !self.push(seq, row.get(1)?, &String::from_utf8_lossy(body)) {
                break;
            }
        }
        Ok(())
    }

    /// Takes the record if the limit allows.
    fn push(&mut self, seq: u64, time_ms: u64, body: &str) -> bool {
        let full = self.records.len() >= self.limit.records
            || self.bytes.saturating_add(body.len()) > self.limit.bytes;
        if full && !(self.records.is_empty() && self.limit.records > 0) {
            return false;
        }
        self.bytes += body.len();
        self.last = seq;
        let event = upgrade::event(body).unwrap_or_else(|error| damage(seq, &error));
        self.records.push(Record { seq, time_ms, event });
        true
    }
}
