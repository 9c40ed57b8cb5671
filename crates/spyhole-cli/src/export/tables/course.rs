use spyhole_protocol::Event;

use super::{Cell, EPOCH, RECORD, TIME, Table, column};
use crate::words;

pub(super) const EPOCHS: Table = Table {
    file: "epochs.csv",
    about: "An epoch that was analysed, or was not because an earlier one was still being analysed.",
    columns: &[
        RECORD,
        TIME,
        EPOCH,
        column("what", "", "analysed or dropped"),
        column("seconds", "s", "wall time of the analyses, waiting for a core included"),
        column("cpu_seconds", "s", "CPU time that they used; empty where it is not counted"),
        column("dropped_so_far", "", "snapshots that the run has dropped up to this one"),
    ],
    rows: |look, rows| {
        let (epoch, what, [seconds, cpu, dropped]): (_, _, [Cell<'_>; 3]) = match look.event() {
            Event::EpochAnalysed(it) => {
                let used = it.parts.iter().filter_map(|part| part.cpu_seconds);
                let cpu = used.reduce(|sum, part| sum + part);
                (it.epoch, "analysed", [it.seconds.into(), cpu.into(), Cell::Empty])
            }
            Event::SnapshotDropped(it) => {
                (it.epoch, "dropped", [Cell::Empty, Cell::Empty, it.total.into()])
            }
            _ => return,
        };
        rows.push(&[look.record(), look.time(), epoch.into(), what.into(), seconds, cpu, dropped]);
    },
};

pub(super) const COURSE: Table = Table {
    file: "course.csv",
    about: "A start of the training, a wish to end it, or an end.",
    columns: &[
        RECORD,
        TIME,
        column("what", "", "started, stop_asked or ended"),
        column("epoch", "", "of a start the first epoch it trains; of a wish the epoch it came in"),
        column("last_epoch", "", "of a start: the last epoch planned"),
        column("outcome", "", "of an end: finished, interrupted or failed"),
        column("words", "", "of a start the run's name; of a wish who asked; of an end its reason"),
    ],
    rows: |look, rows| {
        let (what, epoch, last, outcome, words): (_, Cell<'_>, Cell<'_>, Cell<'_>, Cell<'_>) =
            match look.event() {
                Event::RunStarted(it) => (
                    "started",
                    it.first_epoch.into(),
                    it.last_epoch.into(),
                    Cell::Empty,
                    (&it.name).into(),
                ),
                Event::StopAsked(it) => {
                    ("stop_asked", it.epoch.into(), Cell::Empty, Cell::Empty, (&it.by).into())
                }
                Event::RunEnded(it) => (
                    "ended",
                    Cell::Empty,
                    Cell::Empty,
                    words::outcome(it.outcome).into(),
                    it.reason.as_ref().into(),
                ),
                _ => return,
            };
        rows.push(&[look.record(), look.time(), what.into(), epoch, last, outcome, words]);
    },
};

pub(super) const FAULTS: Table = Table {
    file: "faults.csv",
    about: "Something in the monitoring failed; the training went on.",
    columns: &[
        RECORD,
        TIME,
        EPOCH,
        column("part", "", "what failed: an analysis or a sink"),
        column("message", "", "what went wrong"),
        column("damaged", "", "true: this stands for a record that is damaged in the store"),
    ],
    rows: |look, rows| {
        if let Event::Fault(it) = look.event() {
            rows.push(&[
                look.record(),
                look.time(),
                it.epoch.into(),
                (&it.part).into(),
                (&it.message).into(),
                words::is_damaged(look.record).into(),
            ]);
        }
    },
};
