//! What the hot path is made of: the schedule, the envelope, a histogram, the books of offsets.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kafka_bench::books::{BySecond, OffsetSet};
use kafka_bench::envelope::{Envelope, Kind};
use kafka_bench::load::{DueTimes, Pacer};
use kafka_bench::spec::Arrivals;
use kafka_bench::units::Rate;

fn pacer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pacer");
    group.throughput(Throughput::Elements(1));
    for producers in [1_u32, 50] {
        let Some(rate) = Rate::per_second(1e6 / f64::from(producers)) else { continue };
        let schedules =
            (0..producers).map(|producer| DueTimes::new(Arrivals::Poisson, rate, 1, producer)).collect();
        let mut pacer = Pacer::new(schedules, u64::MAX);
        group.bench_function(format!("{producers} producers"), |bencher| {
            bencher.iter(|| black_box(pacer.take_due(u64::MAX - 1)));
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

criterion_group!(benches, pacer, parts);
criterion_main!(benches);
