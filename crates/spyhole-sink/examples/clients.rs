//! What a dashboard waits for: a long run's snapshot, pages of its history, and a new record on 50 dashboards at once.
//!
//! `cargo run --release -p spyhole-sink --example clients [EPOCHS] [LAYERS]`
#![allow(clippy::print_stdout, reason = "it prints its numbers")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use spyhole_protocol::{
    Atlas, EpochAnalysed, EpochSimilarity, Event, ImageId, LayerDistributions, LayerEvolution,
    LayerFeatures, LayerHealth, Metric, RecordPage, Region, RunList, ServerMessage, Settling,
    Split, UnitView,
};
use spyhole_sink::{
    Entry, Hub, HubOptions, RunLog, STORE_FILE, Server, ServerOptions, Shelf, serve,
};
use tungstenite::client::IntoClientRequest;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

type Failed = Box<dyn Error + Send + Sync>;

const CLIENTS: usize = 50;
const ROUNDS: usize = 9;
const TOKEN: &str = "a-token-of-some-length";
const PATIENCE: Duration = Duration::from_secs(600);

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u32>());
    let epochs = arguments.next().transpose()?.unwrap_or(1000);
    let layers = arguments.next().transpose()?.unwrap_or(30);
    let dir = tempfile::tempdir()?;
    let hub = Hub::open(dir.path(), HubOptions::default(), Vec::new())?;
    let start = Instant::now();
    for epoch in 1..=epochs {
        events(epoch, layers).into_iter().for_each(|event| {
            hub.record(Entry::new(event));
        });
        hub.flush(PATIENCE);
    }
    let head = hub.log().head()?;
    let size = std::fs::metadata(dir.path().join(STORE_FILE))?.len() >> 20;
    println!(
        "{head} records of {epochs} epochs and {layers} layers, {size} MiB, written in {:.1?}",
        start.elapsed()
    );

    let server = served(Shelf::training(hub.log(), None))?;
    let port = server.port();
    snapshots(port, head)?;
    pages(port)?;
    baseline(dir.path(), head)?;
    live(port, &hub, head)?;
    if !hub.close(PATIENCE) {
        return Err("not everything was written".into());
    }
    Ok(())
}

fn served(shelf: Shelf) -> Result<Server, Failed> {
    Ok(serve(shelf, ServerOptions { token: Some(TOKEN.into()), ..ServerOptions::default() })?)
}

/// From the first request to the last part of the snapshot, alone and for many at once.
fn snapshots(port: u16, head: u64) -> Result<(), Failed> {
    let mut size = (0, 0);
    let alone = median(ROUNDS, || {
        let start = Instant::now();
        let mut client = Client::connect(port)?;
        size = client.read_to(head)?;
        Ok(start.elapsed())
    })?;
    println!("snapshot: {alone:.1?} ({} records, {} KiB)", size.0, size.1 >> 10);
    let before = resident();
    let start = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(move || Client::connect(port)?.read_to(head)))
            .collect();
        clients.into_iter().try_for_each(|client| match client.join() {
            Ok(result) => result.map(|_| ()),
            Err(_) => Err("a client panicked".into()),
        })
    })?;
    let memory = resident().saturating_sub(before);
    println!(
        "snapshots of {CLIENTS} at once: {:.1?}, memory +{memory} MiB, clients included",
        start.elapsed()
    );
    Ok(())
}

/// The whole history of one layer's features, page by page.
fn pages(port: u16) -> Result<(), Failed> {
    let key = first_key(port)?;
    for (name, header) in [("plain", ""), ("gzip", "Accept-Encoding: gzip\r\n")] {
        let mut wire = 0;
        let mut count = 0;
        let mut times = Vec::new();
        let mut before = String::new();
        loop {
            let path =
                format!("/runs/{key}/records?kind=layer_features&layer=blocks.7.conv1{before}");
            let start = Instant::now();
            let body = get(port, &path, header)?;
            times.push(start.elapsed());
            wire += body.len();
            let json = if header.is_empty() {
                body
            } else {
                let mut json = Vec::new();
                flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut json)?;
                json
            };
            count += json.len();
            match serde_json::from_slice::<RecordPage>(&json)?.before {
                Some(next) => before = format!("&before={next}"),
                None => break,
            }
        }
        let total: Duration = times.iter().sum();
        times.sort();
        let speed = (count >> 10) as f64 / 1024.0 / total.as_secs_f64();
        println!(
            "pages, {name}: {} of {:.1?} (median), {speed:.0} MiB/s of JSON, {} KiB on the wire",
            times.len(),
            times[times.len() / 2],
            wire >> 10
        );
    }
    Ok(())
}

/// What the snapshot stands for: all records, read, parsed and written as JSON again.
fn baseline(dir: &Path, head: u64) -> Result<(), Failed> {
    let log = RunLog::open(dir)?;
    let (mut read, mut written) = (Duration::ZERO, Duration::ZERO);
    let (mut last, mut bytes) = (0, 0);
    while last < head {
        let start = Instant::now();
        let records = log.records_after(last, 1000)?;
        read += start.elapsed();
        last = records.last().map_or(head, |record| record.seq);
        let start = Instant::now();
        bytes += serde_json::to_vec(&records)?.len();
        written += start.elapsed();
    }
    println!(
        "all records: {} MiB, read and parsed in {read:.1?}, written in {written:.1?}",
        bytes >> 20
    );
    Ok(())
}

/// From a record to the last of many dashboards.
fn live(port: u16, hub: &Hub, head: u64) -> Result<(), Failed> {
    let before = resident();
    let (seen, sightings) = channel();
    for _ in 0..CLIENTS {
        let client = Client::connect_after(port, head)?;
        let seen = seen.clone();
        std::thread::spawn(move || watch(client, &seen));
    }
    drop(seen);
    let mut latencies = Vec::new();
    for epoch in 1..=100 {
        let start = Instant::now();
        hub.record(Entry::new(features(epoch, "blocks.0.conv1")));
        for _ in 0..CLIENTS {
            sightings.recv_timeout(PATIENCE)?;
        }
        latencies.push(start.elapsed());
    }
    latencies.sort();
    let memory = resident().saturating_sub(before);
    println!(
        "a record on {CLIENTS} dashboards: {:.1?} (median), {:.1?} (95 %), memory +{memory} MiB, clients included",
        latencies[50], latencies[95]
    );
    Ok(())
}

fn watch(mut client: Client, seen: &Sender<()>) {
    while let Ok(message) = client.next() {
        if let ServerMessage::Records { records } = message {
            for _ in records {
                if seen.send(()).is_err() {
                    return;
                }
            }
        }
    }
}

struct Client {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    bytes: usize,
}

impl Client {
    fn connect(port: u16) -> Result<Self, Failed> {
        Self::connect_after(port, 0)
    }

    fn connect_after(port: u16, after: u64) -> Result<Self, Failed> {
        let key = first_key(port)?;
        let url = format!("ws://127.0.0.1:{port}/runs/{key}/socket?after={after}");
        let mut request = url.into_client_request()?;
        request.headers_mut().insert("Cookie", format!("spyhole_{port}={TOKEN}").parse()?);
        Ok(Self { socket: tungstenite::connect(request)?.0, bytes: 0 })
    }

    fn next(&mut self) -> Result<ServerMessage, Failed> {
        loop {
            if let Message::Text(text) = self.socket.read()? {
                self.bytes += text.len();
                return Ok(serde_json::from_str(&text)?);
            }
        }
    }

    /// Reads up to that record, and returns how many records and bytes that took.
    fn read_to(&mut self, head: u64) -> Result<(usize, usize), Failed> {
        let mut count = 0;
        loop {
            let upto = match self.next()? {
                ServerMessage::Snapshot(snapshot) => {
                    count += snapshot.records.len();
                    snapshot.upto
                }
                ServerMessage::Records { records } => {
                    count += records.len();
                    records.last().map(|record| record.seq)
                }
                _ => None,
            };
            if upto >= Some(head) {
                return Ok((count, self.bytes));
            }
        }
    }
}

fn first_key(port: u16) -> Result<String, Failed> {
    let list: RunList = serde_json::from_slice(&get(port, "/runs", "")?)?;
    Ok(list.runs.first().ok_or("no run")?.key.clone())
}

fn get(port: u16, path: &str, header: &str) -> Result<Vec<u8>, Failed> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let host = format!("Host: 127.0.0.1:{port}\r\nCookie: spyhole_{port}={TOKEN}\r\n");
    let request = format!("GET {path} HTTP/1.1\r\n{host}Connection: close\r\n{header}\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no answer")?;
    Ok(answer.split_off(end + 4))
}

fn median(
    rounds: usize,
    mut round: impl FnMut() -> Result<Duration, Failed>,
) -> Result<Duration, Failed> {
    let mut times = (0..rounds).map(|_| round()).collect::<Result<Vec<_>, _>>()?;
    times.sort();
    Ok(times[rounds / 2])
}

/// Memory of this process in MiB; 0 where the system does not say.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kib.unwrap_or(0) >> 10
}

/// What one epoch of a run leaves behind, in sizes as quickstart's.
fn events(epoch: u32, layers: u32) -> Vec<Event> {
    let mut events = Vec::new();
    for (split, name) in [
        (Split::Train, "Loss"),
        (Split::Valid, "Loss"),
        (Split::Train, "Accuracy"),
        (Split::Valid, "Accuracy"),
    ] {
        let value = Some(1.0 / f64::from(epoch));
        let unit = None;
        let metric =
            Metric { epoch, split, name: name.into(), value, unit, higher_is_better: false };
        events.push(Event::Metric(metric));
    }
    for layer in 0..layers {
        let name = format!("blocks.{}.conv{}", layer / 2, layer % 2 + 1);
        events.push(features(epoch, &name));
        let value = |i: u32| Some(f64::from(epoch * 31 + i * 7 + layer).sin());
        let values = (0..24).map(|i| (format!("some_statistic_{i}"), value(i))).collect();
        let units = [("dead_maps".to_owned(), vec![1, 2, 3])].into();
        events.push(Event::LayerHealth(LayerHealth {
            epoch,
            step: None,
            layer: name.clone(),
            state: None,
            values,
            units,
        }));
        let reading = |i: u32| {
            (format!("reading_{i}"), [1, 2, 3, 4, 5].map(|p| (p * i + epoch) as f32 / 7.0))
        };
        let readings = (0..8).map(reading).collect();
        let distributions =
            LayerDistributions { epoch, step: None, layer: name.clone(), live: 60, readings };
        events.push(Event::LayerDistributions(distributions));
        events.push(evolution(epoch, name));
    }
    let layers = Vec::new();
    events.push(Event::Settling(Settling { epoch, layers, order: None, statement: "…".into() }));
    events.push(Event::EpochAnalysed(EpochAnalysed { epoch, seconds: 0.25, parts: vec![] }));
    events
}

fn evolution(epoch: u32, layer: String) -> Event {
    let number = |i: u32| f64::from(epoch * 17 + i).cos();
    let earlier = |i: u32| EpochSimilarity { epoch: i * epoch / 33, similarity: number(i) };
    Event::LayerEvolution(LayerEvolution {
        epoch,
        layer,
        state: None,
        previous: epoch.checked_sub(1),
        change: Some(number(40)),
        floor: Some(number(41)),
        weight_change: Some(number(42)),
        top_overlap: Some(number(43)),
        top_rank_overlap: Some(number(44)),
        jumps: Some(number(45)),
        projection_similarity: Some(number(46)),
        to_earlier: (0..33).map(earlier).collect(),
        close_since: None,
        top_close_since: None,
    })
}

fn features(epoch: u32, layer: &str) -> Event {
    let view = |place: u32| UnitView {
        map: place * 3,
        image: (epoch + place) % 64,
        row: (epoch * place) % 28,
        column: (epoch + 5 * place) % 28,
        value: Some((epoch as f32 + place as f32 / 3.0).sin()),
        field: Region { top: 11, left: -3, height: 35, width: 35 },
        patch: Some(2 * place),
        projection: Some(2 * place + 1),
        projection_scale: Some(0.123_456_7 * place as f32),
        not_projected: None,
    };
    let image = ImageId(format!("{epoch:032x}"));
    let atlas =
        Atlas { image, tile_height: 35, tile_width: 35, columns: 10, count: 50, original: None };
    Event::LayerFeatures(LayerFeatures {
        step: None,
        epoch,
        layer: layer.into(),
        strongest: (0..9).map(view).collect(),
        followed: (9..25).map(view).collect(),
        atlas,
    })
}
