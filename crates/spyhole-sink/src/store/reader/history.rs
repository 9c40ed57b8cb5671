//! A run in excerpts: what somebody far behind needs of it, and pages of one kind of records.
//!
//! Everything starts with the numbers of the records, which the indices have; no body is read that is not sent.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};
use spyhole_protocol::{BULK_KINDS, Event, History, RecordPage};

use super::RunLog;
use super::records::BatchLimit;
use crate::SinkError;

/// Size of a page.
const PAGE: BatchLimit = BatchLimit { records: 10_000, bytes: 2 << 20 };

/// Every record of the kinds that are not in bulk. The kinds that occur are found by jumping through the index
/// from one to the next.
const OTHERS: &str = "
    WITH RECURSIVE kinds (kind) AS (
        SELECT min(kind) FROM records
        UNION ALL
        SELECT (SELECT min(kind) FROM records WHERE kind > kinds.kind)
        FROM kinds WHERE kinds.kind IS NOT NULL
    )
    SELECT records.seq, records.kind, records.epoch FROM kinds CROSS JOIN records ON records.kind = kinds.kind
    WHERE kinds.kind NOT IN (SELECT value FROM json_each(?1))
      AND +records.seq > ?2 AND +records.seq <= ?3";

/// The newest record of each kind in bulk and layer.
const NEWEST: &str = "
    SELECT kind, layer, max(seq) FROM records
    WHERE kind IN (SELECT value FROM json_each(?1)) AND +seq > ?2 AND +seq <= ?3
    GROUP BY kind, layer";

/// Where something was left: of these records only those that count. `cuts` has pairs of a number and an epoch; what
/// was recorded before the number, of the epoch or a later one, was left. Faults stay.
const CURRENT: &str = "
    (kind = 'fault' OR epoch IS NULL OR NOT EXISTS (
        SELECT 1 FROM json_each(?cuts) AS cut
        WHERE json_extract(cut.value, '$[0]') > records.seq
          AND json_extract(cut.value, '$[1]') <= records.epoch
    ))";

const OF_KINDS: &str = "
    SELECT seq FROM records
    WHERE kind IN (SELECT value FROM json_each(?1)) AND +seq > ?2";

const OF_KIND_BEFORE: &str = "
    SELECT seq FROM records WHERE kind = ?1 AND +seq < ?2 ORDER BY +seq DESC LIMIT ?3";

const OF_LAYER_BEFORE: &str = "
    SELECT seq FROM records WHERE kind = ?1 AND layer = ?4 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";

/// Numbers of the records that stand for all of a stretch of the log.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// In order.
    pub(crate) seqs: Vec<u64>,
    /// The last record of the stretch; 0 if there is none.
    pub(crate) upto: u64,
}

impl RunLog {
    /// What somebody needs who has everything up to `after`: of the [`BULK_KINDS`] the newest record of each layer,
    /// of the others all; nothing that was left when the run was continued from an earlier epoch.
    pub(crate) fn excerpt(&self, after: u64) -> Result<Excerpt, SinkError> {
        let history = self.history()?;
        let mut waiting = match &self.inner.live {
            Some(live) => live.rows_after(after, usize::MAX),
            None => Vec::new(),
        };
        waiting.retain(|row| row.seq <= self.end());
        let mut newest = BTreeMap::new();
        let mut seqs = BTreeSet::new();
        let mut upto = 0;
        if waiting.first().is_none_or(|row| row.seq > after.saturating_add(1)) {
            let bulk = serde_json::to_string(&BULK_KINDS).unwrap_or_default();
            self.inner.connections.read(|connection| {
                upto = newest_record(connection)?.min(self.end());
                let stretch = params![bulk, as_sql(after), as_sql(upto)];
                let mut select = connection.prepare_cached(OTHERS)?;
                let mut rows = select.query(stretch)?;
                while let Some(row) = rows.next()? {
                    let (seq, kind, epoch) = (row.get(0)?, row.get_ref(1)?, row.get(2)?);
                    if kind.as_str().is_ok_and(|kind| kind == "fault") || history.counts(seq, epoch)
                    {
                        seqs.insert(seq);
                    }
                }
                let (newest_of, cuts) = current(NEWEST, &history);
                let mut select = connection.prepare_cached(&newest_of)?;
                let all = params![bulk, as_sql(after), as_sql(upto), cuts];
                let of_all = if cuts.is_some() { all } else { stretch };
                let mut rows = select.query(of_all)?;
                while let Some(row) = rows.next()? {
                    let what: (String, Option<String>) = (row.get(0)?, row.get(1)?);
                    newest.insert(what, row.get(2)?);
                }
                Ok(())
            })?;
        }
        for row in waiting.iter().filter(|row| row.seq > upto) {
            if row.kind != "fault" && !history.counts(row.seq, row.epoch) {
                continue;
            }
            if BULK_KINDS.contains(&row.kind.as_str()) {
                newest.insert((row.kind.clone(), row.layer.clone()), row.seq);
            } else {
                seqs.insert(row.seq);
            }
        }
        upto = waiting.last().map_or(upto, |row| row.seq.max(upto));
        seqs.extend(newest.into_values());
        Ok(Excerpt { seqs: seqs.into_iter().collect(), upto })
    }

    /// The newest records of a kind (its name in JSON), or of a kind and layer, with numbers below `before`: about
    /// 2 MiB of them, in ascending order. `None` of a layer stands for all. Only records that count now
    /// ([`history`](Self::history)).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn page(
        &self,
        kind: &str,
        layer: Option<&str>,
        before: Option<u64>,
    ) -> Result<RecordPage, SinkError> {
        let before = before.unwrap_or(u64::MAX).min(self.end().saturating_add(1));
        let history = self.history()?;
        let mut seqs: BTreeSet<u64> = match &self.inner.live {
            Some(live) => live
                .rows_after(0, usize::MAX)
                .iter()
                .filter(|row| row.kind == kind && row.seq < before)
                .filter(|row| kind == "fault" || history.counts(row.seq, row.epoch))
                .filter(|row| layer.is_none() || row.layer.as_deref() == layer)
                .map(|row| row.seq)
                .collect(),
            None => BTreeSet::new(),
        };
        let most = PAGE.records + 1;
        self.inner.connections.read(|connection| {
            let statement = if layer.is_some() { OF_LAYER_BEFORE } else { OF_KIND_BEFORE };
            let (statement, cuts) = current(statement, &history);
            let mut select = connection.prepare_cached(&statement)?;
            let mut add = |parameters: &[&dyn rusqlite::ToSql]| -> rusqlite::Result<()> {
                for seq in select.query_map(parameters, |row| row.get::<_, u64>(0))? {
                    seqs.insert(seq?);
                }
                Ok(())
            };
            let before = as_sql(before);
            match (layer, cuts) {
                (Some(layer), None) => add(params![kind, before, most, layer]),
                (Some(layer), Some(cuts)) => add(params![kind, before, most, layer, cuts]),
                (None, None) => add(params![kind, before, most]),
                (None, Some(cuts)) => add(params![kind, before, most, cuts]),
            }
        })?;
        // An index that is damaged finds others too, and a page that is no earlier would be read for ever.
        let backwards: Vec<u64> = seqs.into_iter().rev().filter(|&seq| seq < before).collect();
        let (mut records, read) = self.pick(&backwards, PAGE)?;
        records.reverse();
        let more = read < backwards.len();
        Ok(RecordPage { records, before: backwards[..read].last().copied().filter(|_| more) })
    }

    /// Whether a layer of that name was watched, or is in a record.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_layer(&self, layer: &str) -> Result<bool, SinkError> {
        let waits = |live: &std::sync::Arc<crate::store::Live>| {
            live.rows_after(0, usize::MAX).iter().any(|row| row.layer.as_deref() == Some(layer))
        };
        if self.inner.live.as_ref().is_some_and(waits) {
            return Ok(true);
        }
        let recorded: bool = self.inner.connections.read(|connection| {
            let statement = "SELECT EXISTS (SELECT 1 FROM records WHERE layer = ?1)";
            connection.prepare_cached(statement)?.query_row([layer], |row| row.get(0))
        })?;
        let mut watched = false;
        if !recorded {
            self.each_of_kinds(&["run_started"], |event| {
                watched |= matches!(event, Event::RunStarted(started)
                    if started.layers.iter().any(|known| known.name == layer));
            })?;
        }
        Ok(recorded || watched)
    }

    /// Numbers of the records of these kinds after number `after`, in order.
    pub(super) fn numbers_of_kinds(
        &self,
        kinds: &[&str],
        after: u64,
    ) -> Result<Vec<u64>, SinkError> {
        let mut seqs: BTreeSet<u64> = match &self.inner.live {
            Some(live) => live
                .rows_after(after, usize::MAX)
                .iter()
                .filter(|row| kinds.contains(&row.kind.as_str()))
                .map(|row| row.seq)
                .collect(),
            None => BTreeSet::new(),
        };
        let kinds = serde_json::to_string(kinds).unwrap_or_default();
        self.inner.connections.read(|connection| {
            let mut select = connection.prepare_cached(OF_KINDS)?;
            for seq in
                select.query_map(params![kinds, as_sql(after)], |row| row.get::<_, u64>(0))?
            {
                seqs.insert(seq?);
            }
            Ok(())
        })?;
        seqs.retain(|seq| *seq <= self.end());
        Ok(seqs.into_iter().collect())
    }
}

/// A question that asks only for records that count, and its last parameter, if anything was left. Where nothing was,
/// it is left as it is: then no index has to be looked past.
fn current(statement: &str, history: &History) -> (String, Option<String>) {
    if history.starts() < 2 {
        return (statement.to_owned(), None);
    }
    let cuts: Vec<(u64, u32)> = history.cuts().collect();
    let number =
        (1..).map(|n| format!("?{n}")).find(|it| !statement.contains(it)).unwrap_or_default();
    let clause = format!("WHERE {} AND ", CURRENT.replace("?cuts", &number));
    let asked = statement.replacen("WHERE ", &clause, 1);
    (asked, Some(serde_json::to_string(&cuts).unwrap_or_default()))
}

/// Number of the newest record on disk, 0 if there is none.
pub(super) fn newest_record(connection: &Connection) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM records")?
        .query_row([], |row| row.get(0))
}

/// SQLite counts to `i64::MAX`.
fn as_sql(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
