//! Simulated trainings: the clock is a number.

use proptest::prelude::*;

use super::*;

const CLOCK: Measure = Measure { clock: Clock::Wall, cores: 1 };

/// What analyses really use, in seconds.
#[derive(Clone, Copy, Debug)]
struct Costs {
    weights: f64,
    forward: f64,
    maps: f64,
    activity: f64,
    evolution: f64,
    own: f64,
}

const TYPICAL: Costs = Costs {
    weights: 0.005,
    forward: 0.015,
    maps: 0.02,
    activity: 0.008,
    evolution: 0.01,
    own: 0.0,
};

impl Costs {
    fn of(&self, analysis: Analysis) -> f64 {
        match analysis {
            Analysis::Weights => self.weights,
            Analysis::Forward => self.forward,
            Analysis::Maps => self.maps,
            Analysis::Activity => self.activity,
            Analysis::Evolution => self.evolution,
            Analysis::Own => self.own,
        }
    }

    fn all(&self) -> f64 {
        self.weights + self.forward + self.maps + self.activity + self.evolution + self.own
    }

    fn times(self, factor: f64) -> Self {
        Self {
            weights: factor * self.weights,
            forward: factor * self.forward,
            maps: factor * self.maps,
            activity: factor * self.activity,
            evolution: factor * self.evolution,
            own: factor * self.own,
        }
    }
}

/// A training with epochs of one length, as the analysis thread sees it.
struct Simulation {
    schedule: Schedule,
    now: f64,
    spent: f64,
    /// The epochs that had each analysis.
    ran: std::collections::BTreeMap<Analysis, Vec<u32>>,
    reasons: Vec<String>,
}

impl Simulation {
    fn new(share: f64) -> Self {
        Self::with(Schedule::new(share, false, CLOCK))
    }

    /// With analyses of the user's own.
    fn with_own(share: f64) -> Self {
        Self::with(Schedule::new(share, true, CLOCK))
    }

    fn with(schedule: Schedule) -> Self {
        let (ran, reasons) = (Default::default(), vec![]);
        Self { schedule, now: 0.0, spent: 0.0, ran, reasons }
    }

    fn snapshot(&mut self, moment: Moment, epoch: u32, costs: Costs) -> Plan {
        let now = Duration::from_secs_f64(self.now);
        if moment != Moment::Step {
            self.schedule.epoch_ended(epoch, now);
        }
        let plan = self.schedule.plan(now, moment);
        let forward = plan.sweeps().then_some(Analysis::Forward);
        for analysis in plan.run.iter().copied().chain(forward) {
            self.schedule.paid(analysis, costs.of(analysis));
            self.spent += costs.of(analysis);
            self.ran.entry(analysis).or_default().push(epoch);
        }
        self.schedule.done(&plan, (moment != Moment::Step).then_some(epoch));
        self.reasons.extend(plan.skipped.iter().map(|(_, reason)| reason.clone()));
        plan
    }

    /// Epochs `first … last`; `steps` snapshots within each.
    fn run(
        &mut self,
        epochs: std::ops::RangeInclusive<u32>,
        length: f64,
        steps: u32,
        costs: Costs,
    ) {
        for epoch in epochs {
            for _ in 0..steps {
                self.now += length / f64::from(steps + 1);
                self.snapshot(Moment::Step, epoch, costs);
            }
            self.now += length / f64::from(steps + 1);
            self.snapshot(Moment::Epoch, epoch, costs);
        }
    }

    fn count(&self, analysis: Analysis) -> usize {
        self.ran.get(&analysis).map_or(0, Vec::len)
    }

    /// The longest run of epochs without an analysis, after `from`.
    fn longest_pause(&self, analysis: Analysis, from: u32) -> u32 {
        let ran: Vec<u32> =
            self.ran.get(&analysis).into_iter().flatten().copied().filter(|&e| e >= from).collect();
        ran.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(u32::MAX)
    }
}

#[test]
fn how_much_is_done_follows_from_the_length_of_epochs() {
    use Analysis::{Activity, Evolution, Maps, Weights};
    // Share, seconds per epoch; how many of 1000 epochs have weights, maps, activity and evolution.
    let cases: [(f64, f64, [std::ops::RangeInclusive<usize>; 4]); 6] = [
        // Ten minutes: everything.
        (0.07, 600.0, [1000..=1000, 1000..=1000, 1000..=1000, 1000..=1000]),
        (0.07, 0.9, [1000..=1000, 1000..=1000, 1000..=1000, 1000..=1000]),
        // Half of what all costs.
        (0.07, 0.4, [1000..=1000, 350..=600, 350..=600, 250..=600]),
        // A tenth of a second: the weights whenever it is time, the rest seldom, evenly.
        (0.07, 0.1, [1000..=1000, 40..=140, 40..=140, 30..=140]),
        // The weights alone are too much.
        (0.07, 0.02, [200..=350, 10..=30, 10..=30, 10..=30]),
        // No limit.
        (f64::INFINITY, 0.001, [1000..=1000, 1000..=1000, 1000..=1000, 1000..=1000]),
    ];
    for (share, length, expected) in cases {
        let mut training = Simulation::new(share);
        training.run(1..=1000, length, 0, TYPICAL);
        for (analysis, expected) in [Weights, Maps, Activity, Evolution].into_iter().zip(&expected)
        {
            let count = training.count(analysis);
            assert!(expected.contains(&count), "{analysis:?} {count} times at {share}, {length} s");
        }
    }
}

#[test]
fn the_last_epoch_has_everything() {
    for (mut training, all) in [(Simulation::new(0.0001), 4), (Simulation::with_own(0.0001), 5)] {
        training.run(1..=300, 0.1, 0, TYPICAL);
        let plan = training.snapshot(Moment::Last, 301, TYPICAL);
        assert_eq!((plan.run.len(), plan.skipped.len()), (all, 0), "{plan:?}");
    }
}

#[test]
fn analyses_of_ones_own_stand_in_the_line_like_all_others() {
    // A second each, on top of what takes 58 ms; an epoch earns 0.2 s.
    let costs = Costs { own: 1.0, ..TYPICAL };
    let mut training = Simulation::with_own(0.1);
    training.run(1..=200, 2.0, 0, costs);
    let own = training.count(Analysis::Own);
    assert!((20..=40).contains(&own), "{own}");
    assert!(training.longest_pause(Analysis::Own, 20) <= 12);
    let said =
        "needs 1 s, more than is left of the 10 % of the time that analyses may take: next in";
    assert!(training.reasons.iter().any(|reason| reason.contains(said)), "{:?}", training.reasons);
    // They go through the network by themselves, and pay for no sweep.
    let mut alone = Schedule::new(0.1, true, CLOCK);
    alone.paid(Analysis::Forward, 10.0);
    alone.paid(Analysis::Own, 0.001);
    alone.purse = 0.1;
    for _ in 0..3 {
        let plan = alone.plan(Duration::ZERO, Moment::Epoch);
        alone.done(&plan, Some(1));
    }
    alone.item_mut(Analysis::Own).skipped = 9;
    let plan = alone.plan(Duration::ZERO, Moment::Epoch);
    assert_eq!(plan.run, [Analysis::Weights, Analysis::Own], "{plan:?}");
    // Who has none is not told of them.
    let outlook = |own| Schedule::new(0.1, own, CLOCK).outlook().len();
    assert_eq!((outlook(false), outlook(true)), (4, 5));
}

#[test]
fn what_is_simulated_once_holds_up_nothing() {
    let mut training = Simulation::new(0.1);
    training.snapshot(Moment::Epoch, 0, Costs { weights: 7.0, ..TYPICAL });
    training.run(1..=12, 2.0, 0, TYPICAL);
    assert_eq!(training.count(Analysis::Weights), 13, "{:?}", training.reasons);
    assert_eq!(training.count(Analysis::Maps), 13, "{:?}", training.reasons);
    // What takes long each time is read every few epochs.
    let mut training = Simulation::new(0.1);
    training.run(0..=24, 2.0, 0, Costs { weights: 7.0, ..TYPICAL });
    assert!(training.count(Analysis::Weights) < 4, "{:?}", training.reasons);
}

#[test]
fn epochs_are_as_long_as_they_were_however_late_they_are_looked_at() {
    let mut schedule = Schedule::new(0.1, false, CLOCK);
    for (epoch, second) in [(0, 0), (1, 2), (2, 4), (5, 10)] {
        schedule.epoch_ended(epoch, Duration::from_secs(second));
        schedule.plan(Duration::from_secs(60), Moment::Epoch);
    }
    assert!(schedule.epoch.is_some_and(|length| (length - 2.0).abs() < 1e-9));
}

#[test]
fn nothing_is_bought_on_credit_but_the_weights() {
    let mut training = Simulation::new(0.07);
    training.run(1..=1, 0.1, 0, TYPICAL.times(400.0));
    // What has cost 23 s was not known before; now it is paid off.
    for epoch in 2..=2000 {
        training.now += 0.1;
        let plan = training.snapshot(Moment::Epoch, epoch, TYPICAL);
        assert!(!plan.sweeps(), "{epoch}: {plan:?}");
    }
}

#[test]
fn what_is_left_out_says_why() {
    let said = |length: f64, part: &str| {
        let mut training = Simulation::new(0.07);
        training.run(1..=200, length, 0, TYPICAL);
        let found = training.reasons.iter().any(|reason| reason.contains(part));
        assert!(found, "{part}: {:?}", &training.reasons[..training.reasons.len().min(9)]);
    };
    said(0.1, "more than is left of the 7 % of the time that analyses may take: next in about");
    said(0.1, "it is the turn of the feature maps first");
    said(0.02, "reading the weights alone takes 5 ms, more than 7 % of the time allow: every");
}

#[test]
fn costs_are_told_in_what_is_billed() {
    let said = |cores| {
        let measure = Measure { clock: Clock::Cpu, cores };
        let mut training = Simulation::with(Schedule::new(0.07, false, measure));
        training.run(1..=200, 0.1, 0, TYPICAL);
        (training.schedule.outlook()[0].seconds, training.reasons)
    };
    for (cores, of) in [(1, "one core"), (8, "8 cores")] {
        let (weights, reasons) = said(cores);
        // The simulated costs are bills: what all cores together would need for it.
        let expected = TYPICAL.weights * f64::from(cores);
        assert!(weights.is_some_and(|seconds| (seconds - expected).abs() < 1e-9), "{weights:?}");
        let end = format!(" of CPU time, more than is left of the 7 % of the time of {of} that");
        assert!(reasons.iter().any(|reason| reason.contains(&end)), "{end}: {:?}", &reasons[..9]);
    }
}

#[test]
fn who_is_behind_reads_the_weights_of_more_epochs() {
    // Everything is affordable, and takes four epochs by the clock: threads that give way wait for a core.
    let (length, all, weights) = (0.5, 2.0, 0.02);
    let mut training = Simulation::new(0.5);
    let mut queue = std::collections::VecDeque::new();
    let (mut free, mut dropped) = (0.0, 0);
    for epoch in 1..=400 {
        let end = f64::from(epoch) * length;
        while let Some(&(epoch, at)) = queue.front()
            && free < end
        {
            queue.pop_front();
            training.now = free.max(at);
            training.schedule.epoch_ended(epoch, Duration::from_secs_f64(at));
            let plan = training.schedule.plan(Duration::from_secs_f64(training.now), Moment::Epoch);
            for &analysis in &plan.run {
                training.schedule.paid(analysis, TYPICAL.of(analysis));
                training.ran.entry(analysis).or_default().push(epoch);
            }
            training.schedule.done(&plan, Some(epoch));
            training.reasons.extend(plan.skipped.iter().map(|(_, reason)| reason.clone()));
            free = training.now + if plan.sweeps() { all } else { weights };
        }
        if queue.len() == 2 {
            dropped += 1;
        } else {
            queue.push_back((epoch, end));
        }
    }
    // All looks at everything would leave out three of four.
    assert!(dropped < 180, "{dropped} dropped");
    assert!(training.count(Analysis::Weights) > 200, "{}", training.count(Analysis::Weights));
    assert!(training.count(Analysis::Evolution) > 60, "{}", training.count(Analysis::Evolution));
    assert!(training.reasons.iter().any(|reason| reason.contains("the analyses are behind")));
}

#[test]
fn moments_within_epochs_have_what_the_ends_leave() {
    let mut training = Simulation::new(0.07);
    training.run(1..=50, 0.1, 3, TYPICAL);
    let crowded = training.count(Analysis::Weights);
    let mut without = Simulation::new(0.07);
    without.run(1..=50, 0.1, 0, TYPICAL);
    let head_start = (HEAD_START / TYPICAL.weights) as usize;
    assert!(crowded < without.count(Analysis::Weights) + head_start);

    let mut training = Simulation::new(0.07);
    training.run(1..=50, 600.0, 3, TYPICAL);
    assert_eq!(training.count(Analysis::Weights), 200, "every step and every end");
    assert_eq!(training.count(Analysis::Maps), 200);
    assert_eq!(training.count(Analysis::Evolution), 50, "which compares the ends of epochs");
}

#[test]
fn a_machine_that_gets_busy_gets_less_to_do() {
    let mut training = Simulation::new(0.07);
    training.run(1..=100, 1.0, 0, TYPICAL);
    assert_eq!(training.count(Analysis::Maps), 100);
    training.run(101..=200, 1.0, 0, TYPICAL.times(5.0));
    let busy = training.count(Analysis::Maps) - 100;
    assert!((5..60).contains(&busy), "{busy}");
    training.run(201..=400, 1.0, 0, TYPICAL);
    let again = training.count(Analysis::Maps) - busy - 100;
    assert!(again > 150, "{again}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However long epochs are and whatever analyses cost: the budget holds in the long run, everything has its turn,
    /// and it comes evenly.
    #[test]
    fn the_budget_holds_and_nothing_starves(
        share in 0.005..0.5f64,
        length in 0.01..5.0f64,
        costs in prop::array::uniform6(0.0005..0.2f64),
        steps in 0..3u32,
    ) {
        let [weights, forward, maps, activity, evolution, own] = costs;
        let costs = Costs { weights, forward, maps, activity, evolution, own };
        let mut training = Simulation::with_own(share);
        let epochs = 1000;
        training.run(1..=epochs, length, steps, costs);
        let purse = HEAD_START.max(PURSE * costs.all());
        let most = share * training.now + purse + costs.all();
        prop_assert!(training.spent <= most, "spent {} of {most}", training.spent);
        let used = training.schedule.used(Duration::from_secs_f64(training.now));
        prop_assert!((used * training.now - training.spent).abs() < 1e-6);

        let income = share * length;
        // A quarter of the income is for the line, in any case; each has its turn within two rounds of it.
        let most = (2.0 * (costs.all() + 2.0 * forward) / (0.25 * income) + 4.0).ceil();
        if most < f64::from(epochs) / 4.0 {
            let from = (epochs / 4).max((purse / income) as u32 * 2).min(epochs / 2);
            for analysis in
                [Analysis::Weights, Analysis::Maps, Analysis::Activity, Analysis::Evolution, Analysis::Own]
            {
                let pause = f64::from(training.longest_pause(analysis, from));
                prop_assert!(pause <= most, "{analysis:?} paused for {pause} epochs, {most} at most");
            }
        }
    }

    /// Where all of it fits into the budget, nothing is left out.
    #[test]
    fn what_can_be_afforded_is_done(
        share in 0.01..0.5f64,
        costs in prop::array::uniform6(0.0005..0.2f64),
    ) {
        let [weights, forward, maps, activity, evolution, own] = costs;
        let costs = Costs { weights, forward, maps, activity, evolution, own };
        let length = 1.4 * costs.all() / share;
        let mut training = Simulation::with_own(share);
        training.run(1..=300, length, 0, costs);
        prop_assert_eq!(training.count(Analysis::Evolution), 300, "{:?}", training.reasons);
    }
}
