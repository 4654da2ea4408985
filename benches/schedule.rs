//! What the hot path is made of: the schedule, keys and sizes, the envelope, a histogram, the books of offsets.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kafka_bench::books::{BySecond, OffsetSet};
use kafka_bench::envelope::{Envelope, Kind};
use kafka_bench::load::{DueTimes, KeyDraw, Pacer, SizeDraw};
use kafka_bench::shape::{Constant, Course, Part, Ramp, Shape, Sine};
use kafka_bench::spec::{Arrivals, Keys, Size};
use kafka_bench::units::{Bytes, Span};

fn pacer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pacer");
    group.throughput(Throughput::Elements(1));
    for producers in [1_u32, 50] {
        let mut pacer = schedule(Arrivals::Poisson, &Shape::constant(1e6), producers);
        group.bench_function(format!("{producers} producers"), |bencher| {
            bencher.iter(|| black_box(pacer.take_due(u64::MAX - 1)));
        });
    }
    let bursts = Arrivals::Bursts { on: Span::from_millis(200), off: Span::from_millis(800) };
    let ramp = Part::Ramp(Ramp { from: 0.0, to: 2e6, over: LENGTH_S });
    let sine = Part::Sine(Sine { amplitude: 9e5, period: 60.0 });
    let base = Part::Constant(Constant { rate: 1e6 });
    for (name, arrivals, shape) in [
        ("constant arrivals", Arrivals::Constant, Shape::constant(1e6)),
        ("bursts", bursts, Shape::constant(1e6)),
        ("a ramp", Arrivals::Poisson, Shape::new(vec![ramp])),
        ("a sine", Arrivals::Poisson, Shape::new(vec![base, sine])),
    ] {
        let mut pacer = schedule(arrivals, &shape, 1);
        group.bench_function(name, |bencher| bencher.iter(|| black_box(pacer.take_due(u64::MAX - 1))));
    }
    group.finish();
}

/// So long that no bench comes to its end.
const LENGTH_S: f64 = 1e6;

fn schedule(arrivals: Arrivals, shape: &Shape, producers: u32) -> Pacer {
    let (course, share) = (Arc::new(Course::new(shape, LENGTH_S)), 1.0 / f64::from(producers));
    let due = |producer| DueTimes::new(arrivals, &course, share, 1, producer);
    Pacer::new((0..producers).map(due).collect(), u64::MAX)
}

fn messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("messages");
    group.throughput(Throughput::Elements(1));
    for (name, keys) in [
        ("key, round robin", Keys::RoundRobin { count: 10_000 }),
        ("key, uniform", Keys::Uniform { count: 10_000 }),
        ("key, zipf of ten thousand", Keys::Zipf { count: 10_000, exponent: 1.1 }),
        ("key, zipf of a million", Keys::Zipf { count: 1_000_000, exponent: 1.1 }),
    ] {
        let (mut draw, mut sequence) = (KeyDraw::new(keys, 1), 0);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                sequence += 1;
                draw.key(3, black_box(sequence)).len()
            });
        });
    }
    for (name, size) in [
        ("size, normal", Size::Normal { mean: Bytes::new(1024), sd: Bytes::new(100) }),
        ("size, log-normal", Size::LogNormal { median: Bytes::new(1024), sigma: 0.5 }),
    ] {
        let (draw, mut sequence) = (SizeDraw::new(&size, 1), 0);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                sequence += 1;
                draw.size(3, black_box(sequence))
            });
        });
    }
    group.finish();
}

fn parts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parts");
    group.throughput(Throughput::Elements(1));
    let mut payload = [0; 100];
    let envelope = Envelope { kind: Kind::Message, trial: 1, producer: 2, sequence: 3, due: 4 };
    group.bench_function("envelope written and read", |bencher| {
        bencher.iter(|| (black_box(&envelope).write(&mut payload), Envelope::read(black_box(&payload))));
    });
    let mut seconds = BySecond::with_seconds(0, 2);
    let mut value = 1_u64;
    group.bench_function("latency recorded", |bencher| {
        bencher.iter(|| {
            value = value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            seconds.record(1, value >> 40);
        });
    });
    let mut set = OffsetSet::new();
    let mut offset = 0;
    group.bench_function("offset booked", |bencher| {
        bencher.iter(|| {
            offset += 1;
            set.insert(black_box(offset))
        });
    });
    group.finish();
}

criterion_group!(benches, pacer, messages, parts);
criterion_main!(benches);
