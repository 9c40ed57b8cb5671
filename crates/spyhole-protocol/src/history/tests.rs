use proptest::prelude::*;

use super::*;
use crate::{Fault, Metric, RunEnded, RunOutcome, Split};

fn record(seq: u64, event: Event) -> Record {
    Record { seq, time_ms: seq, event }
}

fn metric(epoch: u32) -> Event {
    Event::Metric(Metric {
        epoch,
        split: Split::Valid,
        name: "Loss".into(),
        value: Some(1.0),
        unit: None,
        higher_is_better: false,
    })
}

fn fault(epoch: u32) -> Event {
    Event::Fault(Fault { part: "maps".into(), message: "failed".into(), epoch: Some(epoch) })
}

/// A start at an epoch, or a record of one.
#[derive(Clone, Copy, Debug)]
enum Step {
    Start(u32),
    Epoch(u32),
}

use Step::{Epoch, Start};

/// Which epochs count in the end, in the order of their records, and what was left.
fn check(steps: &[Step], counts: &[u32], left: &[&str]) {
    let mut history = History::default();
    let mut epochs = vec![];
    for (seq, step) in (1..).zip(steps) {
        match *step {
            Start(first) => {
                history.start(seq, first);
            }
            Epoch(epoch) => {
                history.see(&record(seq, metric(epoch)));
                epochs.push((seq, epoch));
            }
        }
    }
    epochs.retain(|&(seq, epoch)| history.counts(seq, Some(epoch)));
    assert_eq!(epochs.iter().map(|&(_, epoch)| epoch).collect::<Vec<_>>(), counts, "{steps:?}");
    let words: Vec<_> = history.branches().iter().map(Branch::to_string).collect();
    assert_eq!(words, left, "{steps:?}");
}

fn trained(first: u32, last: u32) -> Vec<Step> {
    std::iter::once(Start(first)).chain((first..=last).map(Epoch)).collect()
}

#[test]
fn a_start_leaves_what_was_recorded_from_its_epoch_on() {
    check(&trained(1, 3), &[1, 2, 3], &[]);
    // Continued where it ended, or before anything was recorded.
    check(&[trained(1, 3), trained(4, 5)].concat(), &[1, 2, 3, 4, 5], &[]);
    check(&[vec![Start(1)], trained(1, 2)].concat(), &[1, 2], &[]);
    check(&[vec![Start(1), Epoch(0)], trained(1, 2)].concat(), &[1, 2], &[]);
    // From the checkpoint of epoch 3 after 8, to 5.
    let left = "branch 1: epochs 4 to 8, left when the training was continued from epoch 3";
    check(&[trained(1, 8), trained(4, 5)].concat(), &[1, 2, 3, 4, 5], &[left]);
    // And once more, from before and from behind.
    let second = "branch 2: epochs 2 to 5, left when the training was continued from epoch 1";
    check(&[trained(1, 8), trained(4, 5), trained(2, 2)].concat(), &[1, 2], &[left, second]);
    let second = "branch 2: epoch 5, left when the training was continued from epoch 4";
    let twice = [trained(1, 8), trained(4, 5), trained(5, 6)].concat();
    check(&twice, &[1, 2, 3, 4, 5, 6], &[left, second]);
    // Another training in the same store, as it was recorded once.
    let anew = "branch 1: epochs 1 to 6, left when the training began anew";
    check(&[trained(1, 6), trained(1, 3)].concat(), &[1, 2, 3], &[anew]);
}

#[test]
fn what_is_of_no_epoch_and_what_failed_stays() {
    let mut history = History::default();
    history.start(1, 1);
    let ended = RunEnded { outcome: RunOutcome::Finished, reason: None, studies_left_out: 0 };
    let [stays, failed, left] =
        [record(2, Event::RunEnded(ended)), record(3, fault(7)), record(4, metric(7))];
    history.see(&left);
    assert_eq!(history.newest(), Some(7));
    history.start(5, 5);
    assert_eq!(history.newest(), Some(4));
    assert!(history.is_current(&stays) && history.is_current(&failed));
    assert!(!history.is_current(&left));
    assert_eq!(history.branch_of(&left), history.branches().first());
    assert_eq!(history.branch_of(&failed), None);
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![2 => (1..9_u32).prop_map(Start), 5 => (0..9_u32).prop_map(Epoch)]
}

proptest! {
    /// The fold keeps a list of cuts; here every record looks at every start behind it.
    #[test]
    fn it_is_what_the_rule_says(steps in proptest::collection::vec(step(), 0..40)) {
        let mut history = History::default();
        for (seq, step) in (1..).zip(&steps) {
            match *step {
                Start(first) => drop(history.start(seq, first)),
                Epoch(epoch) => history.reach(epoch),
            }
            let mut newest = None;
            for (earlier, step) in (1..=seq).zip(&steps) {
                let Epoch(epoch) = *step else { continue };
                let behind = &steps[earlier as usize..seq as usize];
                let leaves = |step: &Step| {
                    matches!(*step, Start(first) if epoch >= first || first == 1)
                };
                let counts = !behind.iter().any(leaves);
                prop_assert_eq!(history.counts(earlier, Some(epoch)), counts, "{} of {:?}", earlier, steps);
                if !counts && epoch > 0 {
                    // It is in the branch of the first start that leaves it.
                    let by = earlier + 1 + behind.iter().position(leaves).unwrap_or(0) as u64;
                    let branch = history.branch_of(&record(earlier, metric(epoch)));
                    prop_assert_eq!(branch.map(|branch| branch.left_by), Some(by));
                }
                newest = if counts { newest.max(Some(epoch)) } else { newest };
            }
            prop_assert!(history.newest() >= newest);
            prop_assert!(history.cuts().map(|(_, from)| from).is_sorted());
        }
    }
}
