//! Which analyses an epoch has, so that all of them together stay within their share of the time. No clock and no
//! thread here: times are handed in.
//!
//! Time comes in like money: a share of every second that passes, up to a limit. What an analysis uses is paid from it:
//! its [bill](crate::meter::Measure::bill), the seconds that it would have taken with all cores to itself. How long it
//! waited for a core costs nothing. The weights are always read, on credit if need be, unless they alone would take too much; then they are read
//! every few epochs. The feature maps, their activity, the evolution and the user's own analyses stand in a line: the
//! one that was left out longest is first, of two the more important one, and who cannot pay yet lets nobody pass. So
//! what is dear comes seldom, evenly, and never not at all. All but the user's own share the way of the images through
//! the network, so the second of them on one snapshot is cheaper than the first.

mod budget;
mod limits;

use std::time::Duration;

use spyhole_protocol::{Analysis, Clock, PlannedAnalysis};

use crate::meter::Measure;

pub(crate) use budget::Budget;
pub(crate) use limits::{Limits, Needs};

/// Seconds of one core's work that a run may spend before its share counts, so that its first pictures are there soon.
const HEAD_START: f64 = 1.0;

/// The part of the time that reading the weights may take alone.
const VITAL: f64 = 0.75;

/// How many times all analyses can be paid at once after a long pause.
const PURSE: f64 = 3.0;

/// The part of a new measurement in the estimate of a cost: high enough to follow a machine that gets busy.
const NEW: f64 = 0.3;

/// An analysis that begins so many epochs after its snapshot was taken is late: the next ones wait, and soon there is no
/// room for another.
const LATE: f64 = 1.5;

/// How many snapshots in a row have only their weights read to catch up. A queue is hardly longer.
const HURRIES: u32 = 3;

/// What stands in the line, with its weight there: the evolution of layers is read at half the pace.
const LINE: [(Analysis, f64); 4] = [
    (Analysis::Maps, 2.0),
    (Analysis::Activity, 2.0),
    (Analysis::Evolution, 1.0),
    (Analysis::Own, 2.0),
];

/// What looks at the probe images on their way through the network.
const SWEEP: [Analysis; 3] = [Analysis::Maps, Analysis::Activity, Analysis::Evolution];

/// What a snapshot is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The middle of an epoch: has what the ends of epochs leave.
    Step,
    /// The end of an epoch.
    Epoch,
    /// The end of the training: nobody waits any longer.
    Last,
}

/// What is computed of a snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    pub(crate) run: Vec<Analysis>,
    /// What is not, and why, in words.
    pub(crate) skipped: Vec<(Analysis, String)>,
}

impl Plan {
    pub(crate) fn has(&self, analysis: Analysis) -> bool {
        self.run.contains(&analysis)
    }

    /// Whether images go through the network.
    pub(crate) fn sweeps(&self) -> bool {
        SWEEP.iter().any(|&analysis| self.has(analysis))
    }
}

/// Estimates of what analyses cost, and what was spent so far.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    /// Share of the time; infinite: everything is affordable.
    share: f64,
    /// Whether there are analyses of the user's own.
    own: bool,
    /// What the costs are bills of, for words.
    measure: Measure,
    purse: f64,
    /// When the purse was filled last.
    filled: f64,
    spent: f64,
    /// The last epoch and when it ended, and how long epochs take.
    ended: Option<(u32, f64)>,
    epoch: Option<f64>,
    /// How many snapshots in a row were hurried through.
    hurried: u32,
    /// Whether the weights were read before.
    begun: bool,
    items: [Item; 6],
}

#[derive(Clone, Copy, Debug)]
struct Item {
    analysis: Analysis,
    /// Its bill; `None`: never measured.
    cost: Option<f64>,
    /// The last epoch that had it.
    last: Option<u32>,
    /// How many epochs did not have it since.
    skipped: u32,
    /// Epochs from one to the next.
    every: Option<f64>,
}

impl Schedule {
    /// With so large a share of the time; infinite for no limit. `own`: whether the user has analyses too.
    pub(crate) fn new(share: f64, own: bool, measure: Measure) -> Self {
        use Analysis::{Activity, Evolution, Forward, Maps, Own, Weights};
        let item = |analysis| Item { analysis, cost: None, last: None, skipped: 0, every: None };
        let items = [Weights, Forward, Maps, Activity, Evolution, Own].map(item);
        let (filled, spent, ended, epoch) = (0.0, 0.0, None, None);
        let (purse, hurried, begun) = (measure.bill(HEAD_START), 0, false);
        Self { share, own, measure, purse, filled, spent, ended, epoch, hurried, begun, items }
    }

    /// From here on something else is billed. What was spent so far stays a share of the time.
    pub(crate) fn measure(&mut self, measure: Measure) {
        self.measure = measure;
    }

    /// What is computed of a snapshot that was reached `now`, after the start. [`paid`](Self::paid) is told what it
    /// cost, and [`done`](Self::done) when it is.
    pub(crate) fn plan(&mut self, now: Duration, moment: Moment) -> Plan {
        self.fill(now.as_secs_f64());
        let mut plan = Plan::default();
        let line = self.line(moment);
        if moment == Moment::Last || self.share.is_infinite() {
            plan.run.push(Analysis::Weights);
            plan.run.extend(line);
            return plan;
        }
        let weights = self.cost(Analysis::Weights);
        let mut left = self.purse - weights;
        let every = self.weights_every();
        let due = moment == Moment::Epoch && self.item(Analysis::Weights).skipped + 1 >= every;
        // Out of turn there is only what nobody saves up for.
        let spare = left - self.total();
        if moment == Moment::Step {
            left = spare;
        }
        if !due && spare < 0.0 {
            let reason = format!(
                "reading the weights alone takes {}, more than {} allow: every {every} epochs",
                self.words(weights),
                self.allowance()
            );
            plan.skipped.push((Analysis::Weights, reason));
            let reason = "the weights are not read either";
            plan.skipped.extend(line.into_iter().map(|analysis| (analysis, reason.to_owned())));
            return plan;
        }
        plan.run.push(Analysis::Weights);
        if moment == Moment::Epoch && self.hurries(now.as_secs_f64()) {
            let reason = "the analyses are behind: of this epoch only the weights are read, so that the next ones \
                          are not dropped";
            plan.skipped.extend(line.into_iter().map(|analysis| (analysis, reason.to_owned())));
            return plan;
        }
        let mut through = self.cost(Analysis::Forward);
        let mut waits = None;
        for analysis in line {
            let sweeps = SWEEP.contains(&analysis);
            let cost = self.cost(analysis) + if sweeps { through } else { 0.0 };
            // What was never tried costs nothing until then.
            let affordable = if cost > 0.0 { cost <= left } else { left > 0.0 };
            if waits.is_none() && affordable {
                plan.run.push(analysis);
                // What it saves to go together may be borrowed for it.
                left -= self.cost(analysis);
                if sweeps {
                    through = 0.0;
                }
                continue;
            }
            let reason = match waits {
                None => self.wait(cost, left),
                Some(first) => format!("it is the turn of the {} first", name(first)),
            };
            waits.get_or_insert(analysis);
            plan.skipped.push((analysis, reason));
        }
        plan
    }

    /// An analysis has cost so much. The first reading of the weights costs nothing: what random weights would read is
    /// simulated in it, once, which says nothing of the next ones and would hold them up for long.
    pub(crate) fn paid(&mut self, analysis: Analysis, cost: f64) {
        self.spent += cost;
        if analysis == Analysis::Weights && !self.begun {
            self.begun = true;
            return;
        }
        self.purse -= cost;
        let item = self.item_mut(analysis);
        item.cost = Some(item.cost.map_or(cost, |old| old + NEW * (cost - old)));
    }

    /// The plan of an epoch was carried out; of a moment within one if `epoch` is `None`.
    pub(crate) fn done(&mut self, plan: &Plan, epoch: Option<u32>) {
        let Some(epoch) = epoch else { return };
        for item in &mut self.items {
            if plan.has(item.analysis) {
                let gap = f64::from(item.skipped + 1);
                let every = item.every.map_or(gap, |old| old + NEW * (gap - old));
                (item.last, item.skipped, item.every) = (Some(epoch), 0, Some(every));
            } else {
                item.skipped += 1;
            }
        }
    }

    /// The share of the time that was spent until `now`.
    pub(crate) fn used(&self, now: Duration) -> f64 {
        self.spent / now.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// For the status.
    pub(crate) fn outlook(&self) -> Vec<PlannedAnalysis> {
        let is_shown = |item: &&Item| match item.analysis {
            Analysis::Forward => false,
            Analysis::Own => self.own,
            _ => true,
        };
        let shown = self.items.iter().filter(is_shown);
        let shown = shown.map(|item| PlannedAnalysis {
            analysis: item.analysis,
            seconds: item.cost.map(|cost| self.measure.work(cost)),
            epoch: item.last,
            every: item.every.map(|every| every.max(f64::from(item.skipped + 1)).round() as u32),
            skipped: item.skipped,
        });
        shown.collect()
    }

    /// The line: urgent ones first.
    fn line(&self, moment: Moment) -> Vec<Analysis> {
        let allowed = |analysis| match analysis {
            Analysis::Evolution => moment != Moment::Step,
            Analysis::Own => self.own,
            _ => true,
        };
        let urgency = |&(analysis, weight): &(Analysis, f64)| {
            weight * f64::from(self.item(analysis).skipped + 1)
        };
        let mut line = LINE.to_vec();
        // Stable: of two that are equally urgent the more important one.
        line.sort_by(|a, b| urgency(b).total_cmp(&urgency(a)));
        line.into_iter().map(|(analysis, _)| analysis).filter(|&a| allowed(a)).collect()
    }

    fn fill(&mut self, now: f64) {
        let limit = self.measure.bill(HEAD_START).max(PURSE * self.total());
        let earned = self.share * (now - self.filled).max(0.0);
        self.purse = (self.purse + earned).min(limit.max(self.purse));
        self.filled = now;
    }

    /// An epoch ended `at` that time after the start, whenever it is looked at.
    pub(crate) fn epoch_ended(&mut self, epoch: u32, at: Duration) {
        let at = at.as_secs_f64();
        if let Some((before, ended)) = self.ended
            && epoch > before
        {
            // Those in between were dropped.
            let took = (at - ended).max(0.0) / f64::from(epoch - before);
            self.epoch = Some(self.epoch.map_or(took, |old| old + NEW * (took - old)));
        }
        self.ended = Some((epoch, at));
    }

    /// Whether there is nothing but the weights for this epoch, because what was affordable took long by the clock.
    fn hurries(&mut self, now: f64) -> bool {
        let late = match (self.ended, self.epoch) {
            (Some((_, ended)), Some(epoch)) => now - ended > LATE * epoch,
            _ => false,
        };
        self.hurried = if late && self.hurried < HURRIES { self.hurried + 1 } else { 0 };
        self.hurried > 0
    }

    /// Every how many epochs the weights are read.
    fn weights_every(&self) -> u32 {
        let Some(epoch) = self.epoch else { return 1 };
        let most = VITAL * self.share * epoch;
        let cost = self.cost(Analysis::Weights);
        if cost <= most { 1 } else { (cost / most.max(f64::MIN_POSITIVE)).ceil().min(1e9) as u32 }
    }

    /// When it is time, in words.
    fn wait(&self, cost: f64, left: f64) -> String {
        let income = self.epoch.map(|epoch| {
            let weights = self.cost(Analysis::Weights) / f64::from(self.weights_every());
            self.share * epoch - weights
        });
        let needs = format!(
            "needs {}, more than is left of the {} that analyses may take",
            self.words(cost),
            self.allowance()
        );
        match income {
            Some(income) if income > 0.0 => {
                let epochs = ((cost - left) / income).ceil().clamp(1.0, 1e9);
                let s = if epochs > 1.0 { "s" } else { "" };
                format!("{needs}: next in about {epochs} epoch{s}")
            }
            _ => format!("{needs}: later"),
        }
    }

    fn allowance(&self) -> String {
        let Measure { clock, cores } = self.measure;
        let of = match (clock, cores) {
            (Clock::Wall, _) => String::new(),
            (Clock::Cpu, 1) => " of one core".into(),
            (Clock::Cpu, cores) => format!(" of {cores} cores"),
        };
        format!("{} % of the time{of}", round(100.0 * self.share))
    }

    fn words(&self, cost: f64) -> String {
        let seconds = seconds(self.measure.work(cost));
        match self.measure.clock {
            Clock::Wall => seconds,
            Clock::Cpu => format!("{seconds} of CPU time"),
        }
    }

    fn total(&self) -> f64 {
        self.items.iter().filter_map(|item| item.cost).sum()
    }

    fn cost(&self, analysis: Analysis) -> f64 {
        self.item(analysis).cost.unwrap_or(0.0)
    }

    fn item(&self, analysis: Analysis) -> &Item {
        &self.items[place(analysis)]
    }

    fn item_mut(&mut self, analysis: Analysis) -> &mut Item {
        &mut self.items[place(analysis)]
    }
}

fn place(analysis: Analysis) -> usize {
    match analysis {
        Analysis::Weights => 0,
        Analysis::Forward => 1,
        Analysis::Maps => 2,
        Analysis::Activity => 3,
        Analysis::Evolution => 4,
        Analysis::Own => 5,
    }
}

fn name(analysis: Analysis) -> &'static str {
    match analysis {
        Analysis::Weights => "weights",
        Analysis::Forward => "forward pass",
        Analysis::Maps => "feature maps",
        Analysis::Activity => "activity",
        Analysis::Evolution => "evolution",
        Analysis::Own => "analyses of your own",
    }
}

fn seconds(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{} ms", round(1e3 * seconds))
    } else {
        format!("{} s", round(seconds))
    }
}

/// Two digits, as far as they say anything.
fn round(value: f64) -> String {
    if value < 10.0 {
        format!("{:.1}", value).trim_end_matches(".0").into()
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests;
