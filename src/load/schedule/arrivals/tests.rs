//! Promises of the schedule: what it follows from, and how it is distributed.

use super::*;
use crate::load::schedule::Pacer;
use crate::shape::{Constant, Curve, Part, Ramp, Shape, Sine, Spike};
use crate::units::Span;

fn course(shape: &Shape, end: f64) -> Arc<Course> {
    Arc::new(Course::new(shape, end))
}

fn times(arrivals: Arrivals, rate: f64, seed: u64, producer: u32, count: usize) -> Vec<u64> {
    let course = course(&Shape::constant(rate), 1e6);
    let mut due = DueTimes::new(arrivals, &course, 1.0, seed, producer);
    (0..count).map(|_| due.advance()).collect()
}

/// Due times of `producers` that send `rate` together until `end` seconds, merged.
fn merged(arrivals: Arrivals, shape: &Shape, producers: u32, seed: u64, end: f64) -> Vec<u64> {
    let (course, share) = (course(shape, end), 1.0 / f64::from(producers));
    let schedules = (0..producers).map(|producer| DueTimes::new(arrivals, &course, share, seed, producer));
    let mut pacer = Pacer::new(schedules.collect(), (end * 1e9) as u64);
    std::iter::from_fn(|| pacer.take_due(u64::MAX)).map(|(due, _)| due).collect()
}

const BURSTS: Arrivals = Arrivals::Bursts { on: Span::from_millis(200), off: Span::from_millis(600) };

#[test]
fn the_schedule_follows_from_seed_and_producer_alone() {
    for arrivals in [Arrivals::Poisson, BURSTS] {
        assert_eq!(times(arrivals, 1e3, 7, 3, 100), times(arrivals, 1e3, 7, 3, 100));
        assert_ne!(times(arrivals, 1e3, 7, 3, 100), times(arrivals, 1e3, 7, 4, 100));
        assert_ne!(times(arrivals, 1e3, 7, 3, 100), times(arrivals, 1e3, 8, 3, 100));
    }
}

#[test]
fn constant_arrivals_have_equal_gaps_and_a_phase_of_their_own() {
    let due = times(Arrivals::Constant, 1e4, 1, 0, 1_000);
    assert!(due.windows(2).all(|pair| (pair[1] - pair[0]).abs_diff(100_000) <= 1));
    assert!(due[0] < 100_000);
    assert_ne!(due[0], times(Arrivals::Constant, 1e4, 1, 1, 1)[0]);
}

/// Anderson and Darling's A² of gaps against the exponential distribution of a known mean; above 3.86 one time in a hundred (Stephens 1974, table 1, case 0).
fn misfit(due: &[u64], mean_ns: f64) -> f64 {
    let mut gaps: Vec<f64> = due.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / mean_ns).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len();
    let term = |index: usize| {
        // ln F of the i-th least, and ln (1 - F) = -gap of the i-th greatest.
        let least = -(-gaps[index].max(1e-12)).exp_m1();
        (2 * index + 1) as f64 * (least.ln() - gaps[n - 1 - index])
    };
    -(n as f64) - (0..n).map(term).sum::<f64>() / n as f64
}

#[test]
fn many_poisson_producers_are_like_one_of_as_much_and_many_constant_ones_are_not() {
    let (rate, end) = (10_000.0, 10.0);
    for producers in [1, 10, 1_000] {
        let due = merged(Arrivals::Poisson, &Shape::constant(rate), producers, 3, end);
        assert!((due.len() as f64 / (rate * end) - 1.0).abs() < 0.01, "{producers}: {}", due.len());
        let misfit = misfit(&due, 1e9 / rate);
        assert!(misfit < 3.86, "{producers} producers: A² is {misfit}");
    }
    for producers in [1, 10] {
        let due = merged(Arrivals::Constant, &Shape::constant(rate), producers, 3, end);
        assert!((due.len() as f64 / (rate * end) - 1.0).abs() < 0.01);
        assert!(misfit(&due, 1e9 / rate) > 1_000.0, "{producers} producers");
    }
    let due = merged(BURSTS, &Shape::constant(rate), 3, 3, end);
    assert!(misfit(&due, 1e9 / rate) > 100.0, "bursts are not Poisson");
}

#[test]
fn a_shape_has_as_many_messages_in_each_second_as_its_integral_says() {
    let shape = Shape::new(vec![
        Part::Constant(Constant { rate: 5_000.0 }),
        Part::Ramp(Ramp { from: 0.0, to: 5_000.0, over: 6.0 }),
        Part::Sine(Sine { amplitude: 4_000.0, period: 3.3 }),
        Part::Spike(Spike { to: 20_000.0, at: 4.5, lasts: 1.5 }),
    ]);
    for arrivals in [Arrivals::Poisson, Arrivals::Constant] {
        for producers in [1, 40] {
            let due = merged(arrivals, &shape, producers, 11, 10.0);
            for second in 0..10 {
                let (from, to) = (f64::from(second), f64::from(second + 1));
                let expected = shape.integral(to) - shape.integral(from);
                let range = (from * 1e9) as u64..(to * 1e9) as u64;
                let counted = due.iter().filter(|due| range.contains(due)).count() as f64;
                // Constant arrivals are off by less than one a producer, Poisson's by five standard deviations at most.
                let most =
                    if arrivals == Arrivals::Constant { f64::from(producers) } else { 5.0 * expected.sqrt() };
                assert!(
                    (counted - expected).abs() <= most,
                    "{arrivals:?} {producers}, second {second}: {counted}, not {expected}"
                );
            }
        }
    }
}

#[test]
fn a_shape_of_one_rate_is_that_rate() {
    let halves = Shape::new(vec![Part::Constant(Constant { rate: 600.0 }); 2]);
    let (of_two, of_one) = (course(&halves, 50.0), course(&Shape::constant(1_200.0), 50.0));
    let due = |course| DueTimes::new(Arrivals::Poisson, course, 0.25, 5, 2);
    let (mut two, mut one) = (due(&of_two), due(&of_one));
    assert!((0..10_000).all(|_| two.advance().abs_diff(one.advance()) <= 1));
}

#[test]
fn bursts_keep_the_mean_rate_and_are_silent_in_between() {
    for (producers, end) in [(1, 40.0), (200, 40.0)] {
        let due = merged(BURSTS, &Shape::constant(5_000.0), producers, 2, end);
        assert!((due.len() as f64 / 5_000.0 / end - 1.0).abs() < 0.01, "{producers}: {}", due.len());
    }
    let due = merged(BURSTS, &Shape::constant(5_000.0), 1, 2, 40.0);
    let pauses: Vec<u64> =
        due.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 100_000_000).collect();
    assert!(pauses.len().abs_diff(50) <= 1, "{} pauses in 40 s of 0.8 s each", pauses.len());
    assert!(pauses.iter().all(|pause| pause.abs_diff(600_000_000) < 5_000_000), "{pauses:?}");
}

#[test]
fn bursts_of_a_shape_follow_it() {
    let ramp = Shape::new(vec![Part::Ramp(Ramp { from: 0.0, to: 10_000.0, over: 40.0 })]);
    let due = merged(BURSTS, &ramp, 500, 2, 40.0);
    let before = due.iter().filter(|due| **due < 20_000_000_000).count() as f64;
    assert!((before / 50_000.0 - 1.0).abs() < 0.03, "{before}");
    assert!(((due.len() as f64 - before) / 150_000.0 - 1.0).abs() < 0.03, "{}", due.len());
}

#[test]
fn where_the_rate_is_zero_nothing_is_due_and_after_the_end_never() {
    let spike = Shape::new(vec![Part::Spike(Spike { to: 100.0, at: 2.0, lasts: 1.0 })]);
    for arrivals in [Arrivals::Poisson, Arrivals::Constant, BURSTS] {
        let due = merged(arrivals, &spike, 20, 2, 10.0);
        assert!(due.len() > 30 && due.iter().all(|due| (2_000_000_000..3_000_000_000).contains(due)));
        let mut one = DueTimes::new(arrivals, &course(&spike, 10.0), 1.0, 1, 1);
        while one.advance() != u64::MAX {}
        assert_eq!((one.peek(), one.advance()), (u64::MAX, u64::MAX));
    }
}

#[test]
fn a_producer_takes_little_memory() {
    assert!(size_of::<DueTimes>() <= 160, "{}", size_of::<DueTimes>());
}
