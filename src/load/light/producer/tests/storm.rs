//! A producer through any storm: connections that break before and after a batch was written, answers that say so or do not, and time.
//!
//! The broker of these tests checks sequences as Kafka does, so that what lies in its log afterwards is what would lie in Kafka's.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::broker::{Asked, Port, shore_of};
use super::{MS, Outcome};
use crate::cluster::Weight;
use crate::load::light::wire::Told;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Event {
    Give,
    Pass(u64),
    /// The oldest request is answered well.
    Serve,
    /// All that was asked is written, and the connection breaks before an answer.
    BreakAfter,
    /// The connection breaks before anything is written.
    BreakBefore,
    /// It is not written, and the broker says why.
    Refuse(i16),
    /// It is written, and the broker says that its replicas have it not.
    Append(i16),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Give),
        3 => (0..200_u64).prop_map(Event::Pass),
        4 => Just(Event::Serve),
        1 => Just(Event::BreakAfter),
        1 => Just(Event::BreakBefore),
        1 => prop_oneof![Just(7_i16), Just(6), Just(19)].prop_map(Event::Refuse),
        1 => prop_oneof![Just(7_i16), Just(6), Just(20)].prop_map(Event::Append),
    ]
}

type Known = (i32, Vec<(i32, i64)>);

/// The one broker, which leads all partitions.
struct Sea {
    port: Port,
    link: Option<u32>,
    asked: Vec<Asked>,
    /// By partition: the messages, in their order.
    logs: BTreeMap<i32, Vec<u64>>,
    /// By producer's id and partition: the next sequence, and the last batches with their offsets.
    known: BTreeMap<(i64, i32), Known>,
    identities: i64,
}

impl Sea {
    fn look(&mut self) {
        let link = self.link.or_else(|| self.port.dialled("one:1"));
        if let (None, Some(link)) = (self.link, link) {
            let address = self.port.shore.links[link as usize].0.clone();
            self.link = Some(self.port.connect(&address));
            self.port.advance(0);
        }
        if let Some(link) = self.link {
            if self.port.shore.is_closed(link) {
                self.link = None;
                self.asked.clear();
                return;
            }
            self.asked.extend(self.port.asked(link));
        }
    }

    /// Writes a batch as Kafka does; the code and the offset to answer with.
    fn write(&mut self, asked: &Asked) -> (i16, i64) {
        let Asked::Batch { partition, producer, sequence, count, dues, .. } = asked else { return (0, 0) };
        let log = self.logs.entry(*partition).or_default();
        let offset = log.len() as i64;
        if *producer >= 0 {
            let (next, last) = self.known.entry((*producer, *partition)).or_default();
            if let Some((_, offset)) = last.iter().rev().take(5).find(|(known, _)| known == sequence) {
                return (0, *offset);
            }
            if sequence != next {
                return (45, -1);
            }
            *next += *count as i32;
            last.push((*sequence, offset));
        }
        log.extend(dues);
        (0, offset)
    }

    /// Answers the oldest request: a batch is written unless it is refused, and a code may be answered all the same.
    fn serve(&mut self, (refuse, code): (bool, Option<i16>)) {
        let Some(link) = self.link else { return };
        if self.asked.is_empty() {
            return;
        }
        let asked = self.asked.remove(0);
        match &asked {
            Asked::Metadata => self.port.metadata(link, &[(1, "one", 1)], &[1, 1]),
            Asked::Identity => {
                self.identities += 1;
                self.port.identity(link, self.identities);
            }
            Asked::Batch { .. } => {
                let written = if refuse { (0, -1) } else { self.write(&asked) };
                // What it could not write it says first of all.
                let code = code.filter(|_| written.0 == 0);
                let (code, offset) = code.map_or(written, |code| (code, -1));
                self.port.produced(link, code, offset);
            }
        }
        self.port.advance(0);
    }

    fn break_link(&mut self, written: bool) {
        let Some(link) = self.link.take() else { return };
        for asked in std::mem::take(&mut self.asked).iter().filter(|_| written) {
            self.write(asked);
        }
        self.port.tell(link, &Told::Down(Weight::Lost, "storm".to_owned()));
        self.port.advance(0);
    }
}

/// After the events the sea lies still, and all is served.
fn sail(properties: &[(&str, &str)], events: &[Event]) -> (Sea, u64) {
    let port = shore_of("one:1", properties);
    let mut sea = Sea {
        port,
        link: None,
        asked: Vec::new(),
        logs: BTreeMap::new(),
        known: BTreeMap::new(),
        identities: 0,
    };
    let mut given = 0;
    sea.port.advance(0);
    for event in events {
        match event {
            Event::Give => {
                // Both partitions, in no order.
                sea.port.give_to(Some((given * 7 / 3 % 2) as i32), given);
                given += 1;
            }
            Event::Pass(ms) => sea.port.advance(*ms),
            Event::Serve => sea.serve((false, None)),
            Event::BreakAfter => sea.break_link(true),
            Event::BreakBefore => sea.break_link(false),
            Event::Refuse(code) => sea.serve((true, Some(*code))),
            Event::Append(code) => sea.serve((false, Some(*code))),
        }
        sea.look();
    }
    for _ in 0..4_000 {
        sea.port.advance(10);
        sea.look();
        sea.serve((false, None));
        sea.look();
    }
    (sea, given)
}

fn outcomes(sea: &Sea) -> (Vec<u64>, Vec<u64>) {
    let (mut acked, mut failed) = (Vec::new(), Vec::new());
    for (entries, outcome) in &sea.port.shore.done {
        let dues = entries.iter().map(|entry| entry.due);
        match outcome {
            Outcome::Acked(..) => acked.extend(dues),
            _ => failed.extend(dues),
        }
    }
    acked.sort_unstable();
    failed.sort_unstable();
    (acked, failed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_idempotent_producer_writes_each_message_once_and_in_order(
        events in proptest::collection::vec(event(), 1..120),
    ) {
        let (sea, given) = sail(&[("enable.idempotence", "true"), ("linger.ms", "1")], &events);
        let (acked, failed) = outcomes(&sea);
        prop_assert_eq!(&acked, &(0..given).collect::<Vec<_>>(), "{:?}", failed);
        for log in sea.logs.values() {
            prop_assert!(log.windows(2).all(|two| two[0] < two[1]), "{:?}", log);
        }
        prop_assert_eq!(sea.logs.values().map(Vec::len).sum::<usize>() as u64, given);
    }

    #[test]
    fn whatever_happens_every_message_ends_once_and_what_is_acked_is_written(
        events in proptest::collection::vec(event(), 1..120),
        idempotent in any::<bool>(),
    ) {
        let mut properties = vec![("linger.ms", "0"), ("delivery.timeout.ms", "400"), ("retries", "3")];
        if idempotent {
            properties.push(("enable.idempotence", "true"));
        }
        let (sea, given) = sail(&properties, &events);
        let (acked, failed) = outcomes(&sea);
        let mut all = [&acked[..], &failed].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..given).collect::<Vec<_>>());
        let mut written: Vec<u64> = sea.logs.values().flatten().copied().collect();
        written.sort_unstable();
        prop_assert!(acked.iter().all(|due| written.binary_search(due).is_ok()));
        if idempotent {
            prop_assert!(written.windows(2).all(|two| two[0] < two[1]), "twice: {:?}", written);
        }
    }
}

#[test]
fn a_calm_sea_takes_all_at_once() {
    let (sea, given) = sail(&[("linger.ms", "1")], &[Event::Give; 50]);
    assert_eq!((outcomes(&sea).0.len() as u64, given), (50, 50));
    assert!(sea.port.now > MS);
}
