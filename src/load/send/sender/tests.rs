//! Promises of the sender, kept with fake clients whose queues fill and free as told.

use std::sync::Mutex;
use std::sync::atomic::AtomicI64;

use super::*;
use crate::load::schedule::DueTimes;
use crate::shape::{Course, Shape};
use crate::spec::{Arrivals, Keys, Message, Size};
use crate::timeline::quarter_of;
use crate::units::Bytes;

/// A fake client that takes messages from `opens` on (Unix ns) and keeps their envelopes.
struct FakeClient {
    clock: Clock,
    opens: AtomicI64,
    taken: Mutex<Vec<Envelope>>,
    /// All that it was offered, whether it took it or not.
    seen: Mutex<Vec<Seen>>,
}

/// A message's sequence, key, size and partition.
type Seen = (u64, Vec<u8>, usize, Option<i32>);

impl Clients for Vec<Arc<FakeClient>> {
    fn produce(&mut self, producer: usize, message: &mut Outgoing<'_>) -> Handed {
        let client = &self[producer];
        let envelope = Envelope::read(message.payload).unwrap();
        let seen = (envelope.sequence, message.key.to_vec(), message.payload.len(), message.partition);
        client.seen.lock().unwrap().push(seen);
        if (client.clock.now() as i64) < client.opens.load(Relaxed) {
            return Handed::Full;
        }
        client.taken.lock().unwrap().push(envelope);
        Handed::Taken
    }
}

const MS: u64 = 1_000_000;

/// A sender of one lane a client, 1,000 messages a second each, for `length_ms`; time 0 lies `late_ms` in the past.
fn sender(
    opens_ms: &[u64],
    length_ms: u64,
    late_ms: u64,
    timeout_ms: u64,
) -> (Sender<Vec<Arc<FakeClient>>>, Vec<Arc<FakeClient>>) {
    let clock = Clock::anchor();
    let zero = clock.now() - late_ms * MS;
    let by_second = || BySecond::with_seconds(second_of(zero), 4);
    let client = |opens: &u64| {
        let opens = AtomicI64::new((zero + opens * MS) as i64);
        Arc::new(FakeClient { clock, opens, taken: Mutex::default(), seen: Mutex::default() })
    };
    let clients: Vec<_> = opens_ms.iter().map(client).collect();
    let course = Arc::new(Course::new(&Shape::constant(1_000.0), 60.0));
    let schedules =
        (0..clients.len() as u32).map(|p| DueTimes::new(Arrivals::Constant, &course, 1.0, 9, p)).collect();
    let size = Size::Normal { mean: Bytes::new(200), sd: Bytes::new(30) };
    let keys = Keys::Uniform { count: 1_000 };
    let message = Message { size, keys, ..Message::default() };
    let lane = |_: &Arc<FakeClient>| Lane {
        delivery_timeout_ns: timeout_ms * MS,
        line: WaitingLine::with_capacity(1_000),
        sequence: 0,
        partition: Some(3),
    };
    let sender = Sender {
        clock,
        zero,
        trial: 1,
        pacer: Pacer::new(schedules, length_ms * MS),
        waiting: Waiting::for_rate(1_000.0),
        lanes: clients.iter().map(lane).collect(),
        in_line: 0,
        most_in_line: usize::MAX,
        clients: clients.clone(),
        messages: Messages::new(&message, &[1.0], 1, 1),
        counts: Arc::new(LoadCounts::new(quarter_of(zero), 40).of_producers(clients.len(), 0..u64::MAX)),
        end_schedule: Arc::default(),
        give_up: Arc::default(),
        sent: Sent { send_delay: by_second(), accept_delay: by_second(), refusals: Refusals::default() },
    };
    (sender, clients)
}

fn longest_ms(latencies: &BySecond) -> u64 {
    latencies.sum(0, u64::MAX).iter().map(|(ns, _)| ns).last().unwrap_or(0) / MS
}

fn shortest_ms(latencies: &BySecond) -> u64 {
    latencies.sum(0, u64::MAX).iter().map(|(ns, _)| ns).next().unwrap_or(0) / MS
}

#[test]
fn late_sends_are_charged_from_when_they_were_due() {
    let (sender, clients) = sender(&[0], 100, 500, 10_000);
    let sent = sender.run();
    assert_eq!(clients[0].taken.lock().unwrap().len(), 100);
    assert!(shortest_ms(&sent.send_delay) >= 400, "the last was due 400 ms before the sender began");
    assert!(longest_ms(&sent.accept_delay) < 400, "bench's own lateness is not the client's");
}

#[test]
fn a_full_queue_is_charged_to_the_client_and_keeps_the_order_of_due_times() {
    let (sender, clients) = sender(&[150], 100, 0, 10_000);
    let counts = Arc::clone(&sender.counts);
    let sent = sender.run();
    let taken = clients[0].taken.lock().unwrap();
    assert!(
        taken.windows(2).all(|pair| pair[0].due < pair[1].due && pair[0].sequence + 1 == pair[1].sequence)
    );
    let (shortest, longest) = (shortest_ms(&sent.accept_delay), longest_ms(&sent.accept_delay));
    let own = longest_ms(&sent.send_delay);
    assert!(
        shortest + own >= 48 && longest + own >= 148,
        "{shortest} to {longest} ms, own lateness up to {own} ms"
    );
    assert!(shortest_ms(&sent.send_delay) < 49, "waiting for the client is no send delay");
    assert_eq!((counts.due.total(), counts.sent.total(), counts.refused.total()), (100, 100, 0));
}

#[test]
fn one_full_client_delays_no_other() {
    let (sender, clients) = sender(&[0, 300], 100, 0, 10_000);
    let clock = sender.clock;
    let give_up = Arc::clone(&sender.give_up);
    let first_done = clock.now() + 280 * MS;
    let run = std::thread::spawn(move || sender.run());
    // The free client has all of its messages before the full one has any.
    while clients[0].taken.lock().unwrap().len() < 100 {
        assert!(clock.now() < first_done, "the free client was kept waiting");
        std::thread::yield_now();
    }
    assert!(clients[1].taken.lock().unwrap().is_empty());
    run.join().unwrap();
    assert_eq!(clients[1].taken.lock().unwrap().len(), 100);
    assert!(!give_up.load(Relaxed));
}

#[test]
fn a_message_is_refused_once_its_delivery_timeout_has_passed() {
    let (sender, clients) = sender(&[3_600_000], 100, 0, 50);
    let counts = Arc::clone(&sender.counts);
    sender.run();
    assert!(clients[0].taken.lock().unwrap().is_empty());
    assert_eq!((counts.due.total(), counts.sent.total(), counts.refused.total()), (100, 0, 100));
}

#[test]
fn whoever_still_waits_at_the_end_is_refused_and_not_forgotten() {
    let (sender, _clients) = sender(&[3_600_000], 100, 200, 10_000);
    let counts = Arc::clone(&sender.counts);
    sender.give_up.store(true, Relaxed);
    sender.run();
    assert_eq!((counts.due.total(), counts.refused.total()), (100, 100));
}

#[test]
fn a_message_that_waits_keeps_its_key_its_size_and_its_partition() {
    let (sender, clients) = sender(&[150], 100, 0, 10_000);
    sender.run();
    let seen = clients[0].seen.lock().unwrap();
    let of = |sequence: u64| seen.iter().filter(move |one| one.0 == sequence).collect::<Vec<_>>();
    assert!(of(0).len() > 1, "the first was asked for again");
    assert!(of(0).windows(2).all(|pair| pair[0] == pair[1]));
    assert!(seen.iter().all(|one| one.3 == Some(3)));
    assert!(of(1)[0].1 != of(2)[0].1 || of(1)[0].1 != of(3)[0].1);
}

#[test]
fn each_producer_has_its_own_counts_and_they_add_up() {
    let (sender, _clients) = sender(&[0, 3_600_000], 100, 0, 50);
    let counts = Arc::clone(&sender.counts);
    sender.run();
    let each = counts.producers.read();
    assert_eq!((each[0].due, each[0].sent, each[0].refused), (100, 100, 0));
    assert_eq!((each[1].due, each[1].sent, each[1].refused), (100, 0, 100));
    assert_eq!((counts.due.total(), counts.sent.total(), counts.refused.total()), (200, 100, 100));
}
