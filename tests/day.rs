//! A trial's memory does not grow with its length: a day of made-up seconds goes through all that counts, and the allocator says what is held. Nor is a
//! day's log held when it is read.
#![expect(unsafe_code, reason = "an allocator that counts can only be written so")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use kafka_bench::analyse::judge;
use kafka_bench::books::{BySecond, InstanceSecond, Shelves as _, codec};
use kafka_bench::consumers::{Event, Gathered, Line, Report, ToldQuarters};
use kafka_bench::driver::Journal;
use kafka_bench::load::{AckBatch, AckLatencies, AckLedger, Acks, Delivery, Fate, LoadCounts, ToLedger};
use kafka_bench::record::{SavedTrial, Scroll, Spool, check_trial};
use kafka_bench::timeline::{Clock, QUARTER_NS, SECOND_NS, quarter_of, second_of};
use kafka_bench::units::Latency;

static HELD: AtomicI64 = AtomicI64::new(0);
/// The most that was held since it was last set.
static MOST: AtomicI64 = AtomicI64::new(0);
/// Held by a test while it looks at what is held.
static ALONE: Mutex<()> = Mutex::new(());

struct Counting;

impl Counting {
    fn took(size: usize) {
        let held = HELD.fetch_add(size as i64, Relaxed) + size as i64;
        MOST.fetch_max(held, Relaxed);
    }
}

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counting::took(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Counting::took(layout.size());
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size() as i64, Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MIB: f64 = (1 << 20) as f64;
const DAY: u64 = 86_400;
const INSTANCES: u32 = 1;
/// Messages a second; each stands for many.
const RATE: u64 = 4;
const EMULATED: u32 = 3;

fn held_mib() -> f64 {
    HELD.load(Relaxed) as f64 / MIB
}

/// What an instance says of a second: latencies of messages that were due in it, and of some that were due long before.
fn report(seq: u64, at_ns: u64) -> Report {
    let second = second_of(at_ns);
    let histogram = |ms: u64| codec::encode(&(0..RATE).map(|n| (ms * 1_000_000 + n * 10_000, 1)).collect());
    let late = (second % 16 == 15).then(|| (second - 900, histogram(900)));
    let seconds = || [(second, histogram(5))].into_iter().chain(late.clone()).collect();
    let quarters = ToldQuarters { first: quarter_of(at_ns), counts: vec![1, 2, 3, 4] };
    let offset = (seq * 100) as i64;
    Report {
        seq,
        at_ns,
        processed: BTreeMap::from([(0, vec![(offset, offset + 100)].into())]),
        received_quarters: quarters.clone(),
        processed_quarters: quarters.clone(),
        processed_bytes: quarters,
        latencies: [Latency::Receive, Latency::EndToEnd, Latency::ProcessService]
            .map(|one| (one, seconds()))
            .into(),
        ..Report::default()
    }
}

/// What goes wrong and moves in each second: as much as an instance tells of a broker that does not come back.
fn trouble(at_ns: u64) -> [Line; 4] {
    let (thread, partitions) = (0, (0..6).collect::<Vec<_>>());
    let text = format!("BrokerTransportFailure (Local: Broker transport failure): 127.0.0.1:9092/1: {at_ns}");
    [
        Line::Error { text: text.clone(), fatal: false, at_ns: Some(at_ns), times: 9 },
        Line::Error { text, fatal: false, at_ns: None, times: 1 },
        Line::Revoked { thread, partitions: partitions.clone() },
        Line::Assigned { thread, partitions },
    ]
}

/// What each emulated instance did in a second.
fn emulated(second: u64) -> Vec<InstanceSecond> {
    let of = |instance| InstanceSecond {
        t_s: second as f64,
        group: "orders".to_owned(),
        instance,
        used_vcpus: 0.1,
        balance_credits: Some(0.5),
        memory_mib: Some(30.0),
        ..InstanceSecond::default()
    };
    (0..EMULATED).map(of).collect()
}

/// What was held at most while something was done, beyond what was held before.
fn most_mib_of<T>(done: impl FnOnce() -> T) -> (T, f64) {
    let before = HELD.load(Relaxed);
    MOST.store(before, Relaxed);
    let made = done();
    (made, (MOST.load(Relaxed) - before) as f64 / MIB)
}

#[test]
fn a_day_of_seconds_is_held_in_less_than_a_mebibyte_an_hour() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let zero = 1_700_000_000 * SECOND_NS;
    let before = held_mib();
    let spool = Spool::create(folder.path()).unwrap();
    let seconds = |latency| BySecond::with_seconds(second_of(zero), DAY as usize).onto(spool.shelf(latency));
    let counts = Arc::new(
        LoadCounts::new(quarter_of(zero), 4 * DAY as usize).of_producers(1, zero..zero + DAY * SECOND_NS),
    );
    let ((full, filled), (emptied, empty)) = (mpsc::sync_channel(4), mpsc::sync_channel(4));
    let latencies =
        AckLatencies { from_due: Some(seconds(Latency::Ack)), service: seconds(Latency::AckService) };
    let to_ledger = ToLedger { full, empty, with_dues: true };
    let mut acks = Acks::new(Clock::anchor(), Arc::clone(&counts), latencies, to_ledger, 0..u64::MAX);
    let mut delays = [seconds(Latency::SendDelay), seconds(Latency::AcceptDelay)];
    let mut ledger = AckLedger::new(1);
    let mut gathered = Gathered::default();
    gathered.put_onto(Box::new(spool.clone()));
    gathered.expect((zero, zero + DAY * SECOND_NS));
    let mut lags = Scroll::create(folder.path()).unwrap();
    let mut journal = Journal::create(folder.path()).unwrap();
    let book = |ledger: &mut AckLedger| {
        for mut batch in filled.try_iter() {
            let batch: &mut AckBatch = &mut batch;
            ledger.book(batch);
            batch.clear();
            emptied.try_send(std::mem::take(batch)).ok();
        }
    };
    let mut hours = Vec::new();
    for second in 0..DAY {
        for message in 0..RATE {
            let due = zero + second * SECOND_NS + message * SECOND_NS / RATE;
            counts.due.count(due);
            counts.producers.due(0, 1, due);
            counts.sent.count(due);
            counts.producers.sent(0, 1);
            for delay in &mut delays {
                delay.record(second_of(due), 1_000 * message);
            }
            let fate = match message {
                0 => Fate::Untold,
                _ => Fate::Acked { partition: 0, offset: (second * RATE + message) as i64 },
            };
            acks.deliver_at(
                &Delivery { fate, producer: 0, due, stamp: due },
                due + 3_000_000 + message * 10_000,
            );
        }
        acks.flush();
        book(&mut ledger);
        let at = zero + (second + 1) * SECOND_NS;
        for instance in 0..INSTANCES {
            let line = Line::Report(Box::new(report(second, at - QUARTER_NS)));
            gathered.add(instance, at, Event::Line(line));
            for line in trouble(at) {
                gathered.add(instance, at, Event::Line(line));
            }
        }
        journal.write(&gathered.take_happened(), &emulated(second));
        // Commits are a second behind.
        let committed = [Some((second * RATE) as i64)];
        for quarter in 0..4 {
            let lag = ledger.lag(&committed);
            lags.push(&(at + quarter * QUARTER_NS, lag.messages, lag.oldest_due));
        }
        ledger.forget(&committed);
        assert!(counts.so_far().is_settled());
        if second % 3_600 == 3_599 {
            hours.push(held_mib() - before);
        }
    }
    let grown = (hours[23] - hours[0]) / 23.0;
    assert!(grown < 1.0, "{hours:?}");
    assert!(hours[23] < 48.0, "{hours:?}");
    let journal = journal.finish().unwrap();
    assert_eq!(journal.happened(None).unwrap().count() as u64, 4 * DAY * u64::from(INSTANCES));
    assert_eq!(journal.seconds().unwrap().count() as u64, DAY * u64::from(EMULATED));
    gathered.flush();
    delays.iter_mut().for_each(BySecond::flush);
    let AckLatencies { from_due, service } = acks.into_latencies();
    from_due.into_iter().chain([service]).for_each(|mut one| one.flush());
    let read = spool.read().unwrap();
    for (latency, count) in [
        (Latency::SendDelay, DAY * RATE),
        (Latency::Ack, DAY * (RATE - 1)),
        (Latency::EndToEnd, DAY * RATE * u64::from(INSTANCES) * 17 / 16),
    ] {
        assert_eq!(read.sum(latency).unwrap().len(), count, "{latency}");
    }
    assert_eq!((gathered.processed(), counts.due.total()), (DAY * 10 * u64::from(INSTANCES), DAY * RATE));
}

/// A trial of so many seconds: the record of one that was run, each second of whose log and series is one that it really had.
fn long_trial(folder: &Path, length: u64) -> SavedTrial {
    let runs = Path::new(env!("CARGO_MANIFEST_DIR")).join("results/partitions");
    let run = fs::read_dir(runs).unwrap().next().unwrap().unwrap().path();
    let trials = fs::read_dir(run.join("trials")).unwrap();
    let trial = trials.map(|trial| trial.unwrap().path()).min().unwrap();
    let mut record = SavedTrial::load(trial.clone()).unwrap().record;
    (record.asked.warm_up_s, record.asked.measure_s) = (0.0, length as f64);
    record.due_in_window = u64::MAX; // most are without a value
    fs::write(folder.join("trial.json"), serde_json::to_vec(&record).unwrap()).unwrap();
    let log = fs::read_to_string(trial.join("latency.hlog")).unwrap();
    let of_second = |line: &&str| line.starts_with("Tag=") && line.contains(",3.000,1.000,");
    let (seconds, rest): (Vec<&str>, Vec<&str>) = log.lines().partition(of_second);
    assert!(seconds.len() >= 3, "{seconds:?}");
    let mut long = BufWriter::new(File::create(folder.join("latency.hlog")).unwrap());
    rest.iter().filter(|line| !line.starts_with("Tag=")).for_each(|line| writeln!(long, "{line}").unwrap());
    for second in 0..length {
        for line in &seconds {
            writeln!(long, "{}", line.replace(",3.000,1.000,", &format!(",{second}.000,1.000,"))).unwrap();
        }
    }
    for line in rest.iter().filter(|line| line.contains("_of_window,")) {
        writeln!(long, "{}", line.replace(",1.000,5.000,", &format!(",0.000,{length}.000,"))).unwrap();
    }
    long.flush().unwrap();
    let series = fs::read_to_string(trial.join("series.csv")).unwrap();
    let (heading, rows) = series.split_once('\n').unwrap();
    let quarters = ["3.0,", "3.25,", "3.5,", "3.75,"]
        .map(|start| rows.lines().find_map(|row| row.strip_prefix(start)).unwrap());
    let mut long = BufWriter::new(File::create(folder.join("series.csv")).unwrap());
    writeln!(long, "{heading}").unwrap();
    for second in 0..length {
        for (at, quarter) in quarters.iter().enumerate() {
            writeln!(long, "{:?},{quarter}", second as f64 + at as f64 / 4.0).unwrap();
        }
    }
    long.flush().unwrap();
    SavedTrial::load(folder.to_owned()).unwrap()
}

#[test]
fn what_a_day_is_judged_by_is_read_in_a_small_part_of_its_log() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let trial = long_trial(folder.path(), DAY);
    let log_mib = fs::metadata(folder.path().join("latency.hlog")).unwrap().len() as f64 / MIB;
    assert!(log_mib > 200.0, "{log_mib}");
    let (judged, most) = most_mib_of(|| trial.latencies_of_window().unwrap());
    assert!(judged.count(DAY as i64 - 1, Latency::Ack) > 0, "where values are missing its seconds count");
    assert!(most < 48.0, "{most} of {log_mib} MiB");
    let (delays, most) = most_mib_of(|| trial.all_seconds(Latency::SendDelay).unwrap());
    assert_eq!(delays.len() as u64, DAY);
    assert!(most < 96.0, "{most} of {log_mib} MiB");
}

#[test]
fn the_rows_of_a_day_are_held_in_less_than_their_text_takes() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let trial = long_trial(folder.path(), DAY);
    let text_mib = fs::metadata(folder.path().join("series.csv")).unwrap().len() as f64 / MIB;
    let (rows, most) = most_mib_of(|| trial.rows().unwrap());
    assert_eq!(rows.iter().count() as u64, 4 * DAY);
    assert!(most < text_mib && most < 40.0, "{most} of {text_mib} MiB");
    // A part of the day, since a test is not to take one.
    let folder = tempfile::tempdir().unwrap();
    let trial = long_trial(folder.path(), DAY / 8);
    let rows = trial.rows().unwrap();
    let (judged, most) = most_mib_of(|| judge(&trial.record, &rows, &trial.latencies_of_window().unwrap()));
    assert_eq!(judged.window.unwrap().seconds as u64, DAY / 8);
    assert!(most < 12.0, "{most} MiB beside the rows");
}

#[test]
fn a_long_log_and_a_long_series_are_checked_without_being_held() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    long_trial(folder.path(), DAY / 24);
    let log_mib = fs::metadata(folder.path().join("latency.hlog")).unwrap().len() as f64 / MIB;
    let (odd, most) = most_mib_of(|| check_trial(folder.path()).1);
    assert!(odd.iter().any(|odd| odd.what.contains("is not the sum of its seconds")), "{odd:?}");
    // Its last row was read.
    assert!(odd.iter().any(|odd| odd.what.starts_with("`due` comes to ")), "{odd:?}");
    assert!(most < log_mib / 2.0, "{most} of {log_mib} MiB");
}
