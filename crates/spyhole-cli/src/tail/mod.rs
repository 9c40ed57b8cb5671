//! A training in the terminal: news come from a [`Source`], a run directory or a server; [`Story`] makes lines of
//! them; the [`Screen`] shows them; the [`End`] becomes the exit code.

mod address;
mod directory;
mod end;
mod screen;
mod server;
mod source;
mod story;

use std::io::{self, Write};
use std::time::{Duration, Instant};

use spyhole_protocol::{Record, RunState, Status};

pub(crate) use screen::{Screen, terminal_width};
pub(crate) use source::Source;

use crate::interrupt::Interrupt;
use crate::words;
use end::End;
use source::News;
use story::Story;

/// A status that was not renewed for this long while we looked, and is older than the patience by the clock, is that
/// of a killed training.
const LOOK: Duration = Duration::from_secs(3);

/// So often nothing new must come before what was said last counts as the last word.
const QUIET: u32 = 3;

pub(crate) struct Options {
    pub(crate) json: bool,
    pub(crate) from_start: bool,
    pub(crate) until_epoch: Option<u32>,
    pub(crate) patience: Duration,
}

/// Follows a training to its end, and returns the exit code.
pub(crate) fn follow<W: Write>(
    mut source: Source,
    screen: Screen<W>,
    options: &Options,
    interrupt: &Interrupt,
) -> io::Result<u8> {
    let mut tail = Tail {
        screen,
        options,
        story: Story::default(),
        present: false,
        away: false,
        quiet: 0,
        life: Life::new(options.patience),
    };
    let end = loop {
        if interrupt.check().is_err() {
            break End::Interrupted;
        }
        match source.next() {
            Ok(news) => tail.hear(news)?,
            Err(lost) => break End::Lost(lost.0),
        }
        if let Some(end) = tail.end() {
            break end;
        }
    };
    tail.finish(&end)
}

struct Tail<'a, W> {
    screen: Screen<W>,
    options: &'a Options,
    story: Story,
    /// Whether everything from before the beginning was heard.
    present: bool,
    /// Whether the connection is lost.
    away: bool,
    /// How often in a row there was nothing new.
    quiet: u32,
    life: Life,
}

impl<W: Write> Tail<'_, W> {
    fn hear(&mut self, news: News) -> io::Result<()> {
        match news {
            News::Records(records) => {
                (self.quiet, self.away) = (0, false);
                for record in &records {
                    self.record(record)?;
                }
            }
            News::Status(status) => {
                self.away = false;
                self.life.sign(&status);
                let lines = self.story.status(status);
                self.say(&lines)?;
            }
            News::Present => {
                self.present = true;
                if !self.options.from_start {
                    let lines = self.story.present();
                    self.say(&lines)?;
                }
            }
            News::Note(note) => self.note(&note)?,
            News::Away(why) => {
                self.away = true;
                self.note(&why)?;
            }
            News::Quiet => self.quiet += 1,
        }
        if !self.options.json {
            self.screen.progress(&self.story.progress())?;
        }
        self.screen.flush()
    }

    fn record(&mut self, record: &Record) -> io::Result<()> {
        let lines = self.story.record(record);
        if !self.present && !self.options.from_start {
            return Ok(());
        }
        if self.options.json {
            return self.screen.json(record);
        }
        self.say(&lines)
    }

    fn say(&mut self, lines: &[String]) -> io::Result<()> {
        if self.options.json || !(self.present || self.options.from_start) {
            return Ok(());
        }
        lines.iter().try_for_each(|line| self.screen.line(line))
    }

    /// Something about the looking, not the training.
    fn note(&mut self, note: &str) -> io::Result<()> {
        self.screen.hide_progress()?;
        let _ = writeln!(io::stderr(), "spyhole: {}", words::harmless(note));
        Ok(())
    }

    fn end(&self) -> Option<End> {
        if !self.present {
            return None;
        }
        if self.options.until_epoch.is_some_and(|epoch| self.story.reached(epoch)) {
            return Some(End::Reached);
        }
        let over = self.story.state() == Some(RunState::Ended);
        match self.story.outcome() {
            Some(outcome) if over || self.away || self.life.is_over() => {
                Some(End::Ended(Some(outcome)))
            }
            None if over && self.quiet > QUIET => Some(End::Ended(None)),
            // While the connection is lost, the source has the patience.
            None if !over && !self.away => self.life.is_over().then(|| {
                End::Lost(
                    "there is no sign of life: the training was killed or suspended, or its machine is gone"
                        .into(),
                )
            }),
            _ => None,
        }
    }

    fn finish(mut self, end: &End) -> io::Result<u8> {
        let last = self.story.rest();
        self.say(&last)?;
        let code = end.code(self.story.alerts.worst_seen());
        let words = end.words(&self.story);
        if self.options.json {
            let _ = writeln!(io::stderr(), "spyhole: {}", words::harmless(&words));
        } else {
            self.screen.line(&words)?;
        }
        self.screen.finish()?;
        Ok(code)
    }
}

/// Watches for signs of life.
struct Life {
    patience: Duration,
    alive_ms: Option<u64>,
    renewed: Instant,
}

impl Life {
    fn new(patience: Duration) -> Self {
        Self { patience, alive_ms: None, renewed: Instant::now() }
    }

    fn sign(&mut self, status: &Status) {
        if self.alive_ms != Some(status.alive_ms) {
            (self.alive_ms, self.renewed) = (Some(status.alive_ms), Instant::now());
        }
    }

    fn is_over(&self) -> bool {
        let looked = self.renewed.elapsed();
        // The training's clock need not be ours, so an old sign of life must also not be renewed before our eyes.
        let age = words::now_ms().saturating_sub(self.alive_ms.unwrap_or(0));
        let old = Duration::from_millis(age) >= self.patience;
        looked >= self.patience || self.alive_ms.is_some() && old && looked >= LOOK
    }
}
