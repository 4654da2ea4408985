//! What the hot path is made of, to be counted in instructions: `scripts/instructions` runs it under valgrind.
//!
//! Without arguments it names its parts; with a name and a number it does that part so many times.
#![expect(clippy::print_stdout, reason = "its parts are named on stdout")]

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use kafka_bench::books::{BySecond, OffsetSet};
use kafka_bench::envelope::{self, Envelope, Kind};
use kafka_bench::load::KeyDraw;
use kafka_bench::load::{Ack, AckBatch, AckLedger, DueTimes, Pacer};
use kafka_bench::shape::{Course, Shape};
use kafka_bench::spec::{Arrivals, Keys};

/// So long that no part comes to its end.
const LENGTH_S: f64 = 1e6;

type Part = (&'static str, fn(u64));

const PARTS: [Part; 8] = [
    ("pacer-1-producer", |count| pacer(count, 1)),
    ("pacer-50-producers", |count| pacer(count, 50)),
    ("key-zipf", key_zipf),
    ("envelope-write", envelope_write),
    ("envelope-read", envelope_read),
    ("histogram-record", histogram_record),
    ("offset-insert", offset_insert),
    ("ledger-book", ledger_book),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [name, count] => {
            let part = PARTS.iter().find(|(known, _)| known == name);
            let (Some((_, run)), Ok(count)) = (part, count.parse()) else { return ExitCode::FAILURE };
            run(count);
        }
        _ => PARTS.iter().for_each(|(name, _)| println!("{name}")),
    }
    ExitCode::SUCCESS
}

fn pacer(count: u64, producers: u32) {
    let (course, share) =
        (Arc::new(Course::new(&Shape::constant(1e6), LENGTH_S)), 1.0 / f64::from(producers));
    let due = |producer| DueTimes::new(Arrivals::Poisson, &course, share, 1, producer);
    let mut pacer = Pacer::new((0..producers).map(due).collect(), u64::MAX);
    for _ in 0..count {
        black_box(pacer.take_due(u64::MAX - 1));
    }
}

fn key_zipf(count: u64) {
    let mut draw = KeyDraw::new(Keys::Zipf { count: 10_000, exponent: 1.1 }, 1);
    for sequence in 0..count {
        black_box(draw.key(3, black_box(sequence)).len());
    }
}

fn envelope_write(count: u64) {
    let mut payload = [0; envelope::BYTES];
    for sequence in 0..count {
        let envelope = Envelope { kind: Kind::Message, trial: 1, producer: 2, sequence, due: 4 };
        black_box(envelope.write(black_box(&mut payload)));
    }
}

fn envelope_read(count: u64) {
    let mut payload = [0; envelope::BYTES];
    black_box(
        Envelope { kind: Kind::Message, trial: 1, producer: 2, sequence: 3, due: 4 }.write(&mut payload),
    );
    for _ in 0..count {
        black_box(Envelope::read(black_box(&payload)));
    }
}

fn histogram_record(count: u64) {
    let mut seconds = BySecond::with_seconds(0, 2);
    let mut value = 1_u64;
    for _ in 0..count {
        value = value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        seconds.record(black_box(1), value >> 40);
    }
    black_box(seconds.out_of_range());
}

fn offset_insert(count: u64) {
    let mut set = OffsetSet::new();
    for offset in 0..count {
        black_box(set.insert(black_box(offset as i64)));
    }
}

/// As acks come: runs of a hundred messages of one partition.
fn ledger_book(count: u64) {
    let mut ledger = AckLedger::new(6);
    let mut batch = AckBatch::with_capacity(100, true);
    for run in 0..count / 100 {
        for offset in run / 6 * 100..(run / 6 + 1) * 100 {
            batch.push(
                None,
                black_box(Ack { partition: (run % 6) as u32, offset: offset as i64, due: offset }),
            );
        }
        ledger.book(&batch);
        batch.clear();
    }
    black_box(ledger.acked().len());
}
