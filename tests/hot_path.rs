//! The hot path of the load allocates nothing: counted by the allocator itself.
#![expect(unsafe_code, reason = "an allocator that counts can only be written so")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, mpsc};

use kafka_bench::books::{BySecond, Topics};
use kafka_bench::load::{
    AckBatch, AckLatencies, Acks, BURST, Client, ClientSpec, Clients, Delivery, DueTimes, Fate, Fleet,
    Handed, Lane, LoadCounts, LoadSpec, Messages, Outgoing, Pacer, Refusals, Saturator, Sender, Sent,
    ToLedger, Waiting, WaitingLine,
};
use kafka_bench::record::Spool;
use kafka_bench::shape::{Constant, Course, Part, Shape, Sine};
use kafka_bench::spec::{Arrivals, Keys, Load, Message, Size, Volume};
use kafka_bench::timeline::{Clock, quarter_of, second_of};
use kafka_bench::units::{Bytes, Rate, Span};
use rdkafka::ClientConfig;

thread_local! {
    static COUNTED: Cell<Option<u64>> = const { Cell::new(None) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNTED.with(|counted| counted.set(counted.get().map(|count| count + 1)));
        BYTES.with(|bytes| bytes.set(bytes.get() + layout.size()));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations_in<T>(work: impl FnOnce() -> T) -> (u64, T) {
    COUNTED.with(|counted| counted.set(Some(0)));
    let result = work();
    (COUNTED.with(Cell::take).unwrap_or_default(), result)
}

fn bytes_in<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let before = BYTES.with(Cell::get);
    let result = work();
    (BYTES.with(Cell::get) - before, result)
}

/// Fake clients: they take all but every hundredth message at first sight.
struct FakeClients {
    asked: u64,
}

impl Clients for FakeClients {
    fn produce(&mut self, _producer: usize, _message: &mut Outgoing<'_>) -> Handed {
        self.asked += 1;
        if self.asked.is_multiple_of(100) { Handed::Full } else { Handed::Taken }
    }
}

#[test]
fn sending_allocates_nothing_even_when_queues_are_full() {
    let clock = Clock::anchor();
    let zero = clock.now();
    let length_ns = 300_000_000;
    let by_second = || BySecond::with_seconds(second_of(zero), 3);
    let counts = Arc::new(LoadCounts::new(quarter_of(zero), 16).of_producers(5, 0..u64::MAX));
    let sine =
        [Part::Constant(Constant { rate: 100_000.0 }), Part::Sine(Sine { amplitude: 50_000.0, period: 0.1 })];
    let course = Arc::new(Course::new(&Shape::new(sine.to_vec()), 0.3));
    let bursts = Arrivals::Bursts { on: Span::from_millis(20), off: Span::from_millis(20) };
    let arrivals = |producer: u32| [Arrivals::Poisson, Arrivals::Constant, bursts][producer as usize % 3];
    let schedule = |producer| DueTimes::new(arrivals(producer), &course, 0.2, 1, producer);
    let message = Message {
        size: Size::LogNormal { median: Bytes::new(200), sigma: 0.5 },
        keys: Keys::Zipf { count: 100_000, exponent: 1.1 },
        ..Message::default()
    };
    let lane = |_| Lane {
        delivery_timeout_ns: 1_000_000_000,
        line: WaitingLine::with_capacity(20_000),
        sequence: 0,
        partition: None,
    };
    let sender = Sender {
        clock,
        zero,
        trial: 1,
        pacer: Pacer::new((0..5).map(schedule).collect(), length_ns),
        waiting: Waiting::for_rate(100_000.0),
        lanes: (0..5).map(lane).collect(),
        in_line: 0,
        most_in_line: usize::MAX,
        clients: FakeClients { asked: 0 },
        messages: Messages::new(&message, &[1.0], 1, 1),
        counts: Arc::clone(&counts),
        end_schedule: Arc::new(AtomicBool::new(false)),
        give_up: Arc::new(AtomicBool::new(false)),
        sent: Sent { send_delay: by_second(), accept_delay: by_second(), refusals: Refusals::default() },
    };
    let (allocations, sent) = allocations_in(|| sender.run());
    assert!(counts.due.total() > 25_000, "only {} were due", counts.due.total());
    assert_eq!(counts.due.total(), counts.sent.total());
    assert_eq!(sent.send_delay.len(), counts.due.total());
    assert_eq!(counts.producers.read().iter().map(|one| one.sent).sum::<u64>(), counts.sent.total());
    assert_eq!(allocations, 0);
}

#[test]
fn sending_at_max_allocates_nothing() {
    let clock = Clock::anchor();
    let message = Message {
        size: Size::Normal { mean: Bytes::new(200), sd: Bytes::new(50) },
        keys: Keys::Zipf { count: 1_000, exponent: 1.1 },
        ..Message::default()
    };
    let messages = Messages::new(&message, &[1.0], 1, BURST);
    let zero = clock.now();
    let counts = Arc::new(LoadCounts::new(quarter_of(zero), 16).of_producers(5, 0..u64::MAX));
    let saturator = Saturator {
        clock,
        zero,
        end: zero + 50_000_000,
        trial: 1,
        first: 0,
        sequences: vec![0; 3],
        clients: FakeClients { asked: 0 },
        partition: None,
        messages,
        counts: Arc::clone(&counts),
        end_schedule: Arc::new(AtomicBool::new(false)),
        refusals: Refusals::default(),
    };
    let (allocations, (refusals, _)) = allocations_in(|| saturator.run());
    assert!(counts.sent.total() > 10_000, "only {} were sent", counts.sent.total());
    assert_eq!((counts.due.total(), refusals.iter().count()), (counts.sent.total(), 0));
    assert_eq!(counts.producers.read().iter().map(|one| one.sent).sum::<u64>(), counts.sent.total());
    assert_eq!(allocations, 0);
}

#[test]
fn taking_acks_allocates_nothing() {
    let clock = Clock::anchor();
    let zero = clock.now();
    let by_second = || BySecond::with_seconds(second_of(zero), 3);
    let counts = Arc::new(LoadCounts::new(quarter_of(zero), 16).of_producers(5, 0..u64::MAX));
    let (full, filled) = mpsc::sync_channel(64);
    let (emptied, empty) = mpsc::sync_channel(64);
    for _ in 0..64 {
        emptied.send(AckBatch::with_capacity(4096, true)).unwrap();
    }
    let latencies = AckLatencies { from_due: Some(by_second()), service: by_second() };
    let ledger = ToLedger { full, empty, with_dues: true };
    let mut acks = Acks::new(clock, Arc::clone(&counts), latencies, ledger, 0..u64::MAX);
    let (allocations, ()) = allocations_in(|| {
        for offset in 0..100_000 {
            let fate = Fate::Acked { partition: 0, offset };
            acks.deliver(&Delivery { fate, producer: 0, due: zero, stamp: zero });
        }
        acks.flush();
    });
    assert_eq!((counts.acked.total(), counts.producers.read()[0].acked), (100_000, 100_000));
    assert_eq!(filled.try_iter().map(|batch| batch.len()).sum::<usize>(), 100_000);
    assert_eq!(allocations, 0);
}

#[test]
fn payloads_are_made_before_time_0_is_fixed() {
    let client = |config: ClientConfig| ClientSpec {
        client: Client::Librdkafka(config),
        share: 1.0,
        partition: None,
        delivery_timeout_ns: 1_000_000_000,
        transactions: None,
    };
    for volume in [Volume::Max, Volume::Rate(Rate::per_second(100.0).unwrap())] {
        let message = Message {
            size: Size::LogNormal { median: Bytes::new(1024), sigma: 3.0 },
            keys: Keys::Zipf { count: 60_000, exponent: 1.1 },
            ..Message::default()
        };
        let pool = message.pool_bytes() as usize;
        let spec = LoadSpec {
            clients: vec![client(ClientConfig::new())],
            volume,
            arrivals: Arrivals::Poisson,
            message,
            topics: Topics::one("t", 1),
            shares: vec![1.0],
            starts: Vec::new(),
            trial: 1,
            seed: 1,
            with_dues: true,
            with_seconds: false,
            load: Load::default(),
        };
        let clock = Clock::anchor();
        let (made, fleet) = bytes_in(|| Fleet::open(spec, clock));
        let mut fleet = fleet.unwrap();
        assert!((pool..2 * pool).contains(&made), "{made} bytes before, {pool} in a pool");
        let zero = clock.now() + 1_000_000_000;
        let spool = Spool::create(&std::env::temp_dir()).unwrap();
        let (made, started) = bytes_in(|| fleet.start(clock, zero, zero..zero + 1, 1, spool));
        started.unwrap();
        assert!(made < pool / 2, "{made} bytes after, {pool} in a pool");
        fleet.finish().unwrap();
    }
}
