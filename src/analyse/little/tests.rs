//! The law on systems whose every message is known.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

use super::*;
use crate::books::Sparse;
use crate::record::empty_histogram;

const SECONDS: f64 = 10.0;

/// Messages (due, done) in a window from 0 to 10 s of a system that runs from −5 to 15 s; `clock_s` is what the consumers' clock is ahead.
fn law(messages: &[(f64, f64)], clock_s: f64) -> Option<Little> {
    let at = |t_s: f64| {
        let there = messages.iter().filter(|(due, done)| *due <= t_s && *done > t_s).count() as f64;
        Level { t_s, least: there, most: there }
    };
    let levels: Vec<Level> = (1..=40).map(|quarter| at(f64::from(quarter) / 4.0)).collect();
    let mut histogram = empty_histogram();
    for (due, done) in messages.iter().filter(|(due, _)| (0.0..SECONDS).contains(due)) {
        histogram.record(((done - due + clock_s) * 1e9) as u64).unwrap();
    }
    let done = messages.iter().filter(|(_, done)| (0.0..SECONDS).contains(done)).count() as u64;
    Little::of(SECONDS, done, (Some(at(0.0)), &levels), &Watched::known(Sparse::from(&histogram)))
}

/// One server after a queue: exponential gaps at this rate, work of this length on the average.
fn queue(seed: u64, rate: f64, work_s: f64) -> Vec<(f64, f64)> {
    let mut random = Pcg32::seed_from_u64(seed);
    let mut drawn = |mean: f64| -mean * (1.0 - random.random_range(0.0..1.0_f64)).ln();
    let (mut due, mut free, mut all) = (-5.0, -5.0_f64, Vec::new());
    while due < 15.0 {
        due += drawn(1.0 / rate);
        free = free.max(due) + drawn(work_s);
        all.push((due, free));
    }
    all
}

#[test]
fn the_law_holds_in_every_queue_and_its_clocks_are_found_out() {
    let (mut wolves, mut found) = (0, 0);
    for seed in 0..100 {
        // Loaded by 30 to 90 %.
        let work_s = 0.001 * (0.3 + 0.006 * seed as f64);
        let messages = queue(seed, 1_000.0, work_s);
        let own = law(&messages, 0.0).unwrap();
        wolves += u32::from(own.unexplained_percent() > own.limit_percent());
        // Clocks that are a whole queue apart.
        let late = law(&messages, own.expected / 1_000.0 * 3.0).unwrap();
        found += u32::from(late.unexplained_percent() > late.limit_percent());
    }
    assert!(wolves <= 1, "{wolves} of 100 cried wolf");
    assert!(found >= 95, "{found} of 100 were found");
}

#[test]
fn a_level_that_is_looked_at_is_held_against_what_goes_through_it() {
    // 100 messages a second that stay 200 ms each.
    let messages: Vec<(f64, f64)> =
        (-500..1_500).map(|at| f64::from(at) / 100.0 + 0.001).map(|due| (due, due + 0.2)).collect();
    let little = law(&messages, 0.0).unwrap();
    assert!((little.level - 20.0).abs() < 1e-9 && (little.expected - 20.0).abs() < 0.05, "{little:?}");
    // (20 + 20) · 0.1 s ÷ 10 s of the edges, 2.70 · √(20 ÷ 41) of 41 readings.
    assert!((little.excused - 0.4 - 1.889).abs() < 0.02, "{little:?}");
    assert!(little.unexplained_percent() < 1e-9 && little.error_percent() < 0.3);
    let late = law(&messages, 0.05).unwrap();
    assert!((late.error_percent() - 25.0).abs() < 0.3, "{late:?}");
    assert!(late.unexplained_percent() > 10.0, "{late:?}");
}

#[test]
fn of_what_never_ended_and_of_nothing_nothing_is_said() {
    assert_eq!(law(&[(1.01, 1.011)], 0.0), None, "it was never seen");
    let mut histogram = empty_histogram();
    histogram.record(1_000_000).unwrap();
    let mut watched = Watched::known(Sparse::from(&histogram));
    watched.censored = 1;
    let level = Level { t_s: 0.0, least: 1.0, most: 1.0 };
    assert_eq!(Little::of(10.0, 5, (Some(level), &[level; 40]), &watched), None);
}
