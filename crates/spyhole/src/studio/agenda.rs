//! Which study is next. No threads and no clock here: a list and its rules.

use std::collections::VecDeque;

use spyhole_protocol::{Occasion, StudyProgress, StudySubject};

/// Studies that may wait at the request of dashboards.
const MOST_ASKED: usize = 16;

/// How many of those that wait are listed: enough for whoever has asked.
const LISTED: usize = 24;

/// Studies that are made together, because they share the costly part.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Errand<W> {
    pub(super) id: u32,
    pub(super) subjects: Vec<StudySubject>,
    /// The weights to study and their epoch; `None`: the newest when its turn comes.
    pub(super) weights: Option<(u32, W)>,
    pub(super) occasion: Occasion,
}

/// What waits and what runs.
#[derive(Debug)]
pub(super) struct Agenda<W> {
    waiting: VecDeque<Errand<W>>,
    running: Option<Running>,
    next_id: u32,
}

#[derive(Debug)]
struct Running {
    id: u32,
    subjects: Vec<StudySubject>,
    occasion: Occasion,
    epoch: u32,
    done: u32,
    total: u32,
    cancelled: bool,
}

/// Whether the running study is to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    GoOn,
    /// Nobody wants it any longer.
    Stop,
    /// It is scheduled, and somebody waits for another one.
    MakeWay,
}

impl<W: Clone> Agenda<W> {
    pub(super) fn new() -> Self {
        Self { waiting: VecDeque::new(), running: None, next_id: 1 }
    }

    /// Puts what somebody asks for in front of what is scheduled, behind what was asked before. `None`: too much
    /// waits already.
    pub(super) fn ask(&mut self, subject: &StudySubject) -> Option<u32> {
        let asked = |occasion| occasion == Occasion::Asked;
        let same = |subjects: &[StudySubject]| subjects == [subject.clone()];
        if let Some(running) = &self.running
            && asked(running.occasion)
            && !running.cancelled
            && same(&running.subjects)
        {
            return Some(running.id);
        }
        let mut before = self.waiting.iter().filter(|errand| asked(errand.occasion));
        if let Some(errand) = before.clone().find(|errand| same(&errand.subjects)) {
            return Some(errand.id);
        }
        let place = before.by_ref().count();
        if place >= MOST_ASKED {
            return None;
        }
        let id = self.number();
        let (subjects, occasion) = (vec![subject.clone()], Occasion::Asked);
        self.waiting.insert(place, Errand { id, subjects, weights: None, occasion });
        Some(id)
    }

    /// Puts a round of scheduled studies on the list. What is left of an earlier round makes way.
    pub(super) fn schedule(&mut self, epoch: u32, weights: &W, round: Vec<Vec<StudySubject>>) {
        self.waiting.retain(|errand| errand.occasion == Occasion::Asked);
        for subjects in round {
            let id = self.number();
            let (weights, occasion) = (Some((epoch, weights.clone())), Occasion::Scheduled);
            self.waiting.push_back(Errand { id, subjects, weights, occasion });
        }
    }

    fn number(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id = self.next_id.wrapping_add(1);
        id
    }

    /// Takes the next one off the list, to run it with `newest` weights or its own. What is scheduled waits until
    /// it is `in_time`.
    pub(super) fn start(&mut self, newest: &(u32, W), in_time: bool) -> Option<Errand<W>> {
        let ready = |errand: &mut Errand<W>| in_time || errand.occasion == Occasion::Asked;
        let mut errand = self.waiting.pop_front_if(ready)?;
        let (epoch, _) = errand.weights.get_or_insert_with(|| newest.clone());
        self.running = Some(Running {
            id: errand.id,
            subjects: errand.subjects.clone(),
            occasion: errand.occasion,
            epoch: *epoch,
            done: 0,
            total: 0,
            cancelled: false,
        });
        Some(errand)
    }

    /// Notes how far the running study is.
    pub(super) fn progress(&mut self, done: usize, total: usize) -> Verdict {
        let Some(running) = &mut self.running else { return Verdict::Stop };
        (running.done, running.total) = (done as u32, total as u32);
        let front = self.waiting.front().map(|errand| errand.occasion);
        match (running.cancelled, running.occasion, front) {
            (true, ..) => Verdict::Stop,
            (_, Occasion::Scheduled, Some(Occasion::Asked)) => Verdict::MakeWay,
            _ => Verdict::GoOn,
        }
    }

    /// Puts what has made way back on the list, in front of what is scheduled.
    pub(super) fn put_back(&mut self, errand: Errand<W>) {
        let asked = |errand: &&Errand<W>| errand.occasion == Occasion::Asked;
        let place = self.waiting.iter().take_while(asked).count();
        self.waiting.insert(place, errand);
    }

    pub(super) fn ended(&mut self) {
        self.running = None;
    }

    /// Ends a study that somebody asked for.
    pub(super) fn cancel(&mut self, id: u32) {
        self.waiting.retain(|errand| errand.id != id || errand.occasion == Occasion::Scheduled);
        if let Some(running) = &mut self.running
            && running.id == id
            && running.occasion == Occasion::Asked
        {
            running.cancelled = true;
        }
    }

    /// Ends everything, or everything that is scheduled. Returns how many scheduled studies that are.
    pub(super) fn give_up(&mut self, asked_too: bool) -> usize {
        let ends = |occasion: Occasion| asked_too || occasion == Occasion::Scheduled;
        let is_scheduled = |occasion: Occasion| occasion == Occasion::Scheduled;
        let scheduled: usize = self
            .waiting
            .iter()
            .filter(|errand| is_scheduled(errand.occasion))
            .map(|errand| errand.subjects.len())
            .sum();
        self.waiting.retain(|errand| !ends(errand.occasion));
        match &mut self.running {
            Some(running) if ends(running.occasion) => {
                running.cancelled = true;
                scheduled + running.subjects.len() * usize::from(is_scheduled(running.occasion))
            }
            _ => scheduled,
        }
    }

    /// Whether a scheduled study waits or runs.
    pub(super) fn has_scheduled(&self) -> bool {
        let waiting = self.waiting.iter().map(|errand| errand.occasion);
        let running = self.running.iter().map(|running| running.occasion);
        waiting.chain(running).any(|occasion| occasion == Occasion::Scheduled)
    }

    /// What runs, and the first ones that wait, for the status.
    pub(super) fn list(&self) -> Vec<StudyProgress> {
        let running = self.running.iter().flat_map(|running| {
            running.subjects.iter().map(|subject| StudyProgress {
                id: running.id,
                subject: subject.clone(),
                occasion: running.occasion,
                epoch: Some(running.epoch),
                done: running.done,
                total: running.total,
            })
        });
        let waiting = self.waiting.iter().flat_map(|errand| {
            errand.subjects.iter().map(|subject| StudyProgress {
                id: errand.id,
                subject: subject.clone(),
                occasion: errand.occasion,
                epoch: errand.weights.as_ref().map(|(epoch, _)| *epoch),
                done: 0,
                total: 0,
            })
        });
        running.chain(waiting.take(LISTED)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(layer: &str) -> StudySubject {
        StudySubject::Units { layer: layer.into() }
    }

    /// The ids in the order in which they would be made.
    fn order(mut agenda: Agenda<()>) -> Vec<u32> {
        std::iter::from_fn(|| agenda.start(&(9, ()), true).map(|errand| errand.id)).collect()
    }

    #[test]
    fn what_is_asked_for_comes_first_and_in_order() {
        let mut agenda = Agenda::new();
        agenda.schedule(5, &(), vec![vec![units("a"), units("b")], vec![units("c")]]);
        assert_eq!(agenda.ask(&units("a")), Some(3));
        assert_eq!(agenda.ask(&units("b")), Some(4));
        assert_eq!(agenda.ask(&units("a")), Some(3), "it is on the list already");
        assert_eq!(agenda.list().len(), 5);
        assert_eq!(order(agenda), [3, 4, 1, 2]);
    }

    #[test]
    fn what_is_scheduled_waits_for_its_time() {
        let mut agenda = Agenda::new();
        agenda.schedule(5, &(), vec![vec![units("a")]]);
        assert_eq!(agenda.start(&(5, ()), false), None);
        let id = agenda.ask(&units("b"));
        assert_eq!(agenda.start(&(5, ()), false).map(|errand| errand.id), id);
        assert_eq!(order(agenda), [1]);
    }

    #[test]
    fn what_is_asked_for_takes_the_newest_weights() {
        let mut agenda = Agenda::new();
        agenda.schedule(5, &"five", vec![vec![units("a")]]);
        agenda.ask(&units("b"));
        assert_eq!(agenda.start(&(7, "seven"), true).unwrap().weights, Some((7, "seven")));
        assert_eq!(agenda.list()[0].epoch, Some(7));
        agenda.ended();
        assert_eq!(agenda.start(&(7, "seven"), true).unwrap().weights, Some((5, "five")));
    }

    #[test]
    fn a_new_round_replaces_what_is_left_of_the_old_one() {
        let mut agenda = Agenda::new();
        agenda.schedule(5, &(), vec![vec![units("a")], vec![units("b"), units("c")]]);
        agenda.start(&(5, ()), true);
        agenda.ask(&units("d"));
        agenda.schedule(10, &(), vec![vec![units("a")]]);
        assert_eq!(order(agenda), [3, 4]);
    }

    #[test]
    fn what_is_scheduled_makes_way_for_who_waits() {
        let mut agenda = Agenda::new();
        agenda.schedule(5, &(), vec![vec![units("a")], vec![units("b")]]);
        let running = agenda.start(&(5, ()), true).unwrap();
        assert_eq!(agenda.progress(1, 4), Verdict::GoOn);
        agenda.ask(&units("c"));
        assert_eq!(agenda.progress(2, 4), Verdict::MakeWay);
        agenda.ended();
        agenda.put_back(running);
        assert_eq!(order(agenda), [3, 1, 2]);
    }

    #[test]
    fn only_so_much_may_be_asked_for() {
        let mut agenda = Agenda::<()>::new();
        for i in 0..MOST_ASKED {
            assert!(agenda.ask(&units(&i.to_string())).is_some());
        }
        assert_eq!(agenda.ask(&units("more")), None);
        assert!(agenda.ask(&units("0")).is_some());
    }

    #[test]
    fn what_is_cancelled_ends() {
        let mut agenda = Agenda::new();
        let scheduled = vec![vec![units("s")]];
        agenda.schedule(5, &(), scheduled);
        let (a, b) = (agenda.ask(&units("a")).unwrap(), agenda.ask(&units("b")).unwrap());
        agenda.start(&(5, ()), true);
        assert_eq!(agenda.progress(1, 4), Verdict::GoOn);
        agenda.cancel(b);
        agenda.cancel(1);
        assert_eq!(agenda.list().len(), 2, "what is scheduled is nobody's to cancel");
        agenda.cancel(a);
        assert_eq!(agenda.progress(2, 4), Verdict::Stop);
        assert_ne!(agenda.ask(&units("a")), Some(a), "a new one, for the old one ends");
        agenda.ended();
        assert_eq!(agenda.give_up(true), 1);
        assert!(agenda.list().is_empty() && !agenda.has_scheduled());
    }
}
