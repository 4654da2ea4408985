//! What it takes to follow a group from outside: a second of a trial on a thousand partitions, of which each commits once a second, is to cost less than 20 ms.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kafka_bench::books::BySecond;
use kafka_bench::load::{Ack, AckBatch, AckLedger};
use kafka_bench::observe::{Committed, Passing, Told};
use kafka_bench::timeline::{QUARTER_NS, SECOND_NS};

const PARTITIONS: u32 = 1_000;
/// In each partition, each second: ten thousand messages a second in all.
const MESSAGES: i64 = 10;
/// Consumers that commit their partitions in one request each.
const MEMBERS: u32 = 100;

struct Followed {
    ledger: AckLedger,
    passing: Passing,
    batch: AckBatch,
    second: u64,
}

impl Followed {
    fn new() -> Self {
        let batch = AckBatch::with_capacity((i64::from(PARTITIONS) * MESSAGES) as usize, true);
        let passing = Passing::new(PARTITIONS, BySecond::growing());
        Followed { ledger: AckLedger::new(PARTITIONS), passing, batch, second: 1_000 }
    }

    /// Acks are booked, the topic tells a commit of each member, and four readings show all.
    fn second(&mut self) {
        let (start, before) = (self.second * SECOND_NS, (self.second - 1_000) as i64 * MESSAGES);
        self.second += 1;
        self.batch.clear();
        for partition in 0..PARTITIONS {
            for offset in before..before + MESSAGES {
                self.batch.push(None, Ack { partition, offset, due: start + offset as u64 % 10 * 1_000_000 });
            }
        }
        self.ledger.book(&self.batch);
        let committed = before + MESSAGES;
        for member in 0..MEMBERS {
            let own = start + SECOND_NS / 2 + u64::from(member) * 1_000_000;
            let offsets =
                (member..PARTITIONS).step_by(MEMBERS as usize).map(|partition| (partition, committed));
            self.passing.hear(Told { own, at: own + 1_000_000, offsets: offsets.collect() });
        }
        for quarter in 1..=4 {
            let at = start + quarter * QUARTER_NS;
            let offset = if quarter > 2 { committed } else { before };
            let offsets = vec![Some(offset); PARTITIONS as usize];
            black_box(self.ledger.lag(&offsets));
            let (ledger, passing) = (&self.ledger, &mut self.passing);
            passing.add(&Committed { asked: at, at, offsets, share: None }, |partition, offsets| {
                ledger.dues(partition, offsets)
            });
            self.ledger.forget(&self.passing.reached());
        }
    }
}

fn following(criterion: &mut Criterion) {
    let mut followed = Followed::new();
    criterion
        .bench_function("a second of a thousand partitions", |bencher| bencher.iter(|| followed.second()));
}

criterion_group!(benches, following);
criterion_main!(benches);
