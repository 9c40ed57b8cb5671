//! Whatever a client goes through, it ends with exactly the records of the log.

mod common;

use std::collections::BTreeMap;

use common::client::Client;
use common::http::{TOKEN, history, key};
use common::*;
use proptest::prelude::*;
use spyhole_protocol::{BULK_KINDS, Event, Record, ServerMessage};
use spyhole_sink::{Entry, Hub, RunLog, Server, ServerOptions, Shelf, serve};

const FAR_BEHIND: u64 = 20;

/// What happens, in turn.
#[derive(Clone, Debug)]
enum Step {
    /// So many records are made.
    Record(Vec<u8>),
    /// The client takes so many messages, if there are any.
    Take(usize),
    /// The client catches up.
    CatchUp,
    /// The connection breaks, and the client comes back.
    Break,
    /// The server goes, another one comes: in the training process, or one that reads the directory.
    Move { live: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 1..60).prop_map(Step::Record),
        3 => (1..6usize).prop_map(Step::Take),
        2 => Just(Step::CatchUp),
        2 => Just(Step::Break),
        1 => any::<bool>().prop_map(|live| Step::Move { live }),
    ]
}

fn event(number: u32, what: u8) -> Event {
    match what % 8 {
        0..=3 => health(number, ["a", "b/c d", "é"][usize::from(what / 8 % 3)]),
        4 => settling(number),
        // Larger than a message otherwise is.
        5 if what > 200 => fault(format!("{number} {}", "x".repeat(300_000))),
        5 => fault(format!("{number}")),
        _ => analysed(number),
    }
}

/// A dashboard: it keeps what it has been told, by number.
#[derive(Default)]
struct Dashboard {
    records: BTreeMap<u64, Record>,
    /// Up to where it is informed.
    upto: u64,
    /// The ends of the stretches that a snapshot stood for.
    snapshots: usize,
}

impl Dashboard {
    /// Takes one message; `false` if the socket is closed.
    fn take(&mut self, client: &mut Client, parts: &mut Vec<Record>) -> bool {
        match client.next() {
            Some(ServerMessage::Records { records }) => {
                for record in records {
                    assert_eq!(record.seq, self.upto + 1, "in order and without gaps");
                    self.upto = record.seq;
                    assert!(self.records.insert(record.seq, record).is_none(), "doubled");
                }
            }
            Some(ServerMessage::Snapshot(snapshot)) => {
                parts.extend(snapshot.records);
                assert!(parts.is_sorted_by(|a, b| a.seq < b.seq), "in order and each once");
                if let Some(upto) = snapshot.upto {
                    assert!(upto - self.upto > FAR_BEHIND, "it was not far behind");
                    assert!(parts.first().is_none_or(|first| first.seq > self.upto));
                    assert!(parts.last().is_none_or(|last| last.seq <= upto));
                    self.upto = upto;
                    self.snapshots += 1;
                    for record in parts.drain(..) {
                        assert!(self.records.insert(record.seq, record).is_none(), "doubled");
                    }
                }
            }
            Some(ServerMessage::Hello(_)) => panic!("a second greeting"),
            Some(ServerMessage::Status(_) | ServerMessage::Answer(_)) => {}
            None => return false,
        }
        true
    }
}

fn server(hub: &Hub, live: bool) -> Server {
    let options =
        ServerOptions { token: Some(TOKEN.into()), far_behind: FAR_BEHIND, ..Default::default() };
    let shelf = if live {
        Shelf::training(hub.log(), None)
    } else {
        RunLog::open(hub.log().run_dir()).unwrap().into()
    };
    serve(shelf, options).unwrap()
}

fn play(steps: &[Step]) {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let mut server_now = server(&hub, true);
    let mut dashboard = Dashboard::default();
    let connect =
        |server: &Server, upto| Client::connect(server.port(), &format!("?after={upto}")).0;
    let mut client = connect(&server_now, 0);
    let mut parts = Vec::new();
    let mut made = 0;
    let catch_up = |dashboard: &mut Dashboard, client: &mut Client, parts: &mut _, made: u64| {
        while dashboard.upto < made {
            assert!(dashboard.take(client, parts), "the server ended: {:?}", client.closed);
        }
    };
    for step in steps.iter().chain([&Step::CatchUp]) {
        match step {
            Step::Record(what) => {
                for &what in what {
                    made += 1;
                    assert!(hub.record(Entry::new(event(made as u32, what))));
                }
            }
            Step::Take(messages) => {
                for _ in 0..*messages {
                    if dashboard.upto < made {
                        assert!(dashboard.take(&mut client, &mut parts));
                    }
                }
            }
            Step::CatchUp => catch_up(&mut dashboard, &mut client, &mut parts, made),
            Step::Break => {
                // What was half said is said again.
                parts.clear();
                client = connect(&server_now, dashboard.upto);
            }
            Step::Move { live } => {
                parts.clear();
                let next = server(&hub, *live);
                client = connect(&next, dashboard.upto);
                server_now = next;
            }
        }
    }
    assert!(hub.close(PATIENCE));

    let log = RunLog::open(dir.path()).unwrap();
    let all = log.records_after(0, usize::MAX).unwrap();
    assert_eq!(all.len() as u64, made);
    let told: Vec<_> = dashboard.records.values().cloned().collect();
    // What it was not told is of a kind in bulk, and there is a newer one that it was told.
    assert_eq!(essence(&all), essence(&told));
    let (port, key) = (server_now.port(), key(server_now.port()));
    for kind in BULK_KINDS {
        for record in history(port, &key, &format!("kind={kind}")) {
            let seq = record.seq;
            let before = dashboard.records.insert(seq, record.clone());
            assert!(before.is_none_or(|before| before == record), "record {seq} is another one");
        }
    }
    let told: Vec<_> = dashboard.records.into_values().collect();
    assert_eq!(all, told);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..Default::default() })]

    #[test]
    fn nothing_is_lost_or_doubled(steps in prop::collection::vec(step(), 1..14)) {
        play(&steps);
    }
}

#[test]
fn who_falls_behind_while_connected_gets_a_snapshot_and_then_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let hub = open(dir.path());
    let server = server(&hub, true);
    let (mut client, _) = Client::connect(server.port(), "?after=0");
    hub.record(Entry::new(fault("first")));
    client.read_to(1);
    assert!(client.snapshots.is_empty());
    // The client takes nothing meanwhile, and more than the buffers of a connection hold is waiting.
    let text = "x".repeat(200_000);
    for epoch in 1..=200 {
        hub.record(Entry::new(fault(format!("{epoch} {text}"))));
        for layer in ["a", "b", "c"] {
            hub.record(Entry::new(health(epoch, layer)));
        }
    }
    let head = 801;
    eventually("the records are accepted", || hub.log().head().unwrap() == head);
    client.read_to(head);
    assert!(!client.snapshots.is_empty(), "it was told that it does not get all");
    hub.record(Entry::new(health(201, "a")));
    client.read_to(head + 1);
    assert!(hub.close(PATIENCE));
    let all = RunLog::open(dir.path()).unwrap().records_after(0, usize::MAX).unwrap();
    assert_eq!(essence(&client.records), essence(&all));
    let faults = |records: &[Record]| common::faults(records).len();
    assert_eq!(faults(&client.records), 201, "none of these is left out");
}
