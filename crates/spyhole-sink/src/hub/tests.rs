//! What the public interface cannot bring about.

use std::sync::Arc;
use std::time::Duration;

use spyhole_protocol::{EpochAnalysed, Event};

use super::*;
use crate::store::Row;
use crate::{Attached, Picture};

fn entry(epoch: u32, images: Vec<Picture>) -> Entry {
    Entry::with_images(
        Event::EpochAnalysed(EpochAnalysed { epoch, seconds: 1.0, parts: vec![] }),
        images,
    )
}

fn with(picture: Picture) -> Attached {
    Attached { images: vec![picture], documents: vec![] }
}

#[test]
fn on_a_disk_that_stays_full_everything_is_still_readable_here() {
    let dir = tempfile::tempdir().unwrap();
    let options = HubOptions { retry: Duration::from_millis(10), ..HubOptions::default() };
    let writer = Writer::open(dir.path(), options.busy_timeout).unwrap();
    writer.limit_pages(16);
    let hub = Hub::start(dir.path(), writer, options, Vec::new(), Vec::new(), None).unwrap();
    let picture = Picture::new(vec![1; 1 << 20]);
    assert!(hub.record(entry(1, vec![picture.clone()])));
    assert!(hub.record(entry(2, vec![])));
    assert!(!hub.close(Duration::from_millis(300)), "not everything is on disk");

    let log = hub.log();
    let records = log.records_after(0, 99).unwrap();
    assert!(matches!(&records[0].event, Event::EpochAnalysed(e) if e.epoch == 1));
    let faults: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.event {
            Event::Fault(fault) => Some(fault.message.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("make room on the disk"), "{faults:?}");
    assert_eq!(log.image(picture.id()).unwrap().as_ref(), Some(picture.png()));
    assert!(hub.log().records_after(0, 99).unwrap().iter().map(|r| r.seq).eq(1..=3));
}

#[test]
fn waiting_pictures_go_before_records_do() {
    let live = Live::new(0, starting(), 100_000);
    let row = |seq| {
        let event = entry(1, vec![]).event;
        Row::new(&spyhole_protocol::Record { seq, time_ms: 0, event }).unwrap()
    };
    let picture = |byte: u8| Picture::new(vec![byte; 40_000]);
    for seq in 1..=3 {
        assert!(live.push(row(seq), &with(picture(seq as u8))));
    }
    assert_eq!(live.image(picture(1).id()), None, "the oldest made room");
    assert!(live.image(picture(2).id()).is_some() && live.image(picture(3).id()).is_some());
    assert_eq!(live.take_blobs_dropped(), 1);

    let taken = (4..).take_while(|seq| live.push(row(*seq), &Attached::default())).count();
    assert!(taken > 100, "records alone are refused only when they fill it all");
    assert_eq!(live.head(), 3 + taken as u64);
    assert_eq!(live.take_blobs_dropped(), 2);

    let waiting = live.waiting();
    assert!(waiting.attached.images.is_empty() && waiting.rows.len() == 3 + taken);
    live.written(&waiting);
    assert!(live.is_written());
    assert!(live.push(row(live.head() + 1), &with(picture(9))), "room again");
}

#[test]
fn what_arrives_during_a_write_is_not_forgotten_with_it() {
    let live = Arc::new(Live::new(0, starting(), 1 << 20));
    let record =
        |seq| spyhole_protocol::Record { seq, time_ms: 0, event: entry(seq as u32, vec![]).event };
    assert!(live.push(Row::new(&record(1)).unwrap(), &Attached::default()));
    let waiting = live.waiting();
    let late = Picture::new(*b"late");
    assert!(live.push(Row::new(&record(2)).unwrap(), &with(late.clone())));
    live.written(&waiting);
    assert_eq!(live.rows_after(0, 9).iter().map(|row| row.seq).collect::<Vec<_>>(), [2]);
    assert!(live.image(late.id()).is_some());
}

#[test]
fn a_flush_waits_for_the_disk_and_says_whether_it_took_everything() {
    let dir = tempfile::tempdir().unwrap();
    let hub = Hub::open(dir.path(), HubOptions::default(), Vec::new()).unwrap();
    for epoch in 1..=50 {
        hub.record(entry(epoch, vec![]));
        assert!(hub.flush(Duration::from_secs(60)));
        // Another reader, as another process would be.
        let records = crate::RunLog::open(dir.path()).unwrap().records_after(0, 99).unwrap();
        assert_eq!(records.len(), epoch as usize);
    }
    hub.close(Duration::from_secs(60));
    assert!(!hub.flush(Duration::from_millis(10)), "there is no thread any more");
}
