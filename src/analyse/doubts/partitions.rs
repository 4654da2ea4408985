//! Limits that follow from how messages were spread over the partitions.

use crate::analyse::doubt::{Doubt, limits};
use crate::analyse::facts::Facts;
use crate::record::Partitions;

/// Of the busiest partition, over an even share: with more, it and not their number decides what the partitions together can do.
const HOT: f64 = 1.5;
/// How often chance alone may give any partition so much: of a few messages one partition always gets more, and of many partitions one gets much more.
const CHANCE: f64 = 1e-3;
/// Batches that go to one partition in a row: clients stay with it for 10 ms by default, and linger for 5.
const BATCHES_AT_ONCE: f64 = 3.0;
/// The kind of event that adds partitions.
const GROWN: &str = "topic";
/// So many partitions have their shares told one by one.
const TOLD: usize = 12;

/// All of them.
pub(super) fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    let Some(partitions) = &facts.record.partitions else { return Vec::new() };
    if facts.record.injected.iter().any(|one| one.kind == GROWN) {
        // Those that were added had less time than the others.
        return Vec::new();
    }
    empty_partitions(partitions).into_iter().chain(hot_partition(facts, partitions)).collect()
}

fn empty_partitions(partitions: &Partitions) -> Option<Doubt> {
    let acked = &partitions.acked;
    let empty = acked.iter().filter(|count| **count == 0).count();
    (empty > 0 && empty < acked.len()).then(|| {
        limits(
            "empty_partitions",
            format!("{empty} of {} partitions got no message", acked.len()),
            "more distinct keys, or no fixed `partition`, would use them: throughput is that of the others alone",
        )
    })
}

/// The partition that got far more of the window's messages than an even share, and how much of the lag lies in it.
fn hot_partition(facts: &Facts<'_>, partitions: &Partitions) -> Option<Doubt> {
    let acked = &partitions.acked_in_window;
    let all: u64 = acked.iter().sum();
    let even = all as f64 / acked.len() as f64;
    let (hot, most) = acked.iter().enumerate().reduce(|most, one| if one.1 > most.1 { one } else { most })?;
    let times = *most as f64 / even;
    if all == 0 || times <= HOT || chance(*most as f64, even, Thrown::of(facts), acked.len()) > CHANCE {
        return None;
    }
    let share = |part: u64, of: u64| 100.0 * part as f64 / of as f64;
    let lag = partitions.lag_end.as_ref().and_then(|lags| Some((*lags.get(hot)?, lags.iter().sum::<u64>())));
    let lag = match lag {
        None => "its lag is not known".to_owned(),
        Some((_, 0)) => "nothing lagged at the window's end".to_owned(),
        Some((own, of)) => {
            format!("it held {own} of the {of} messages of lag at the window's end ({:.1} %)", share(own, of))
        }
    };
    let each: Vec<String> = acked.iter().map(|count| format!("{:.1}", share(*count, all))).collect();
    let each = if each.len() <= TOLD { format!(" (all, in %: {})", each.join(", ")) } else { String::new() };
    let doubt = limits(
        "hot_partition",
        format!(
            "partition {hot} of {} got {:.1} % of the messages{each}, {times:.2} times an even share (limit {HOT}); {lag}",
            acked.len(),
            share(*most, all)
        ),
        "what one partition and its one reader do is measured: more distinct keys, or none, spread the messages",
    );
    Some(doubt.of(times, HOT, "times an even share"))
}

/// Messages that chance throws as one: those without a key come in whole batches.
#[derive(Clone, Copy)]
struct Thrown {
    /// As many as the variance tells: of batches of sizes s, thrown at random, `E[s²] ÷ E[s]`.
    usual: f64,
    /// The most.
    largest: f64,
}

impl Thrown {
    fn of(facts: &Facts<'_>) -> Self {
        let Some(wire) = facts.record.wire.filter(|wire| wire.batches > 0 && wire.records > 0) else {
            return Thrown { usual: 1.0, largest: 1.0 };
        };
        let records = wire.records as f64;
        let (Some(squared), Some(largest)) = (wire.records_squared, wire.largest_batch) else {
            let mean = (records / wire.batches as f64).max(1.0);
            return Thrown { usual: mean, largest: mean };
        };
        let usual = BATCHES_AT_ONCE * (squared as f64 / records).max(1.0);
        Thrown { usual, largest: usual.max(BATCHES_AT_ONCE * largest as f64) }
    }
}

/// At most how often chance gives any of so many partitions that many messages or more: Bennett's inequality (1962) for sums of bounded variables, for as
/// many of them as there are partitions.
fn chance(most: f64, even: f64, thrown: Thrown, partitions: usize) -> f64 {
    let variance = even * thrown.usual;
    let beyond = thrown.largest * (most - even) / variance;
    let exponent = variance / thrown.largest.powi(2) * ((1.0 + beyond) * beyond.ln_1p() - beyond);
    partitions as f64 * (-exponent).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::Synthetic;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_pcg::Pcg32;

    fn hot(acked_in_window: &[u64], lag_end: Option<&[u64]>) -> Option<Doubt> {
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.wire = None;
        let partitions = Partitions {
            acked_in_window: acked_in_window.to_vec(),
            lag_end: lag_end.map(<[u64]>::to_vec),
            ..Partitions::default()
        };
        let facts = Facts::new(&record, &[], &trial.latencies());
        hot_partition(&facts, &partitions)
    }

    #[test]
    fn a_hot_partition_is_named_with_its_share_of_acks_and_of_lag() {
        let doubt = hot(&[500, 8_500, 600, 400], Some(&[10, 4_289, 20, 20])).unwrap();
        for said in
            ["partition 1 of 4 got 85.0 %", "5.0, 85.0, 6.0, 4.0", "3.40 times", "4289 of the 4339", "98.8 %"]
        {
            assert!(doubt.what.contains(said), "`{said}` is not in: {}", doubt.what);
        }
        assert!(!doubt.spoils);
        assert!((doubt.figure.unwrap().value - 3.4).abs() < 1e-9);
        assert!(hot(&[500, 8_500, 600, 400], Some(&[0; 4])).unwrap().what.contains("nothing lagged"));
        assert!(hot(&[500, 8_500, 600, 400], None).unwrap().what.contains("not known"));
    }

    #[test]
    fn what_is_nearly_even_or_only_chance_is_no_hot_partition() {
        assert_eq!(hot(&[1_000, 1_400, 900, 900], None), None);
        assert_eq!(hot(&[1, 4, 2, 1], None), None, "a few messages always fall unevenly");
        assert_eq!(hot(&[1_000], None), None, "one has all of them");
        assert_eq!(hot(&[0, 0], None), None);
        assert_eq!(hot(&[], None), None);
    }

    /// Batches, small ones and some large, thrown at random into a thousand partitions, three at a time.
    fn by_chance(seed: u64, batches: usize) -> Option<Doubt> {
        let mut random = Pcg32::seed_from_u64(seed);
        let mut acked = vec![0_u64; 1_000];
        let (mut records, mut squared, mut partition) = (0, 0, 0);
        for number in 0..batches {
            let size = if number % 20 == 0 { 60 } else { 5 };
            if number % 3 == 0 {
                partition = random.random_range(0..1_000);
            }
            acked[partition] += size;
            (records, squared) = (records + size, squared + size * size);
        }
        let trial = Synthetic::default();
        let mut record = trial.record();
        let wire = record.wire.as_mut().unwrap();
        (wire.batches, wire.records) = (batches as u64, records);
        (wire.records_squared, wire.largest_batch) = (Some(squared), Some(60));
        let partitions = Partitions { acked_in_window: acked, ..Partitions::default() };
        hot_partition(&Facts::new(&record, &[], &trial.latencies()), &partitions)
    }

    proptest! {
        #[test]
        fn what_chance_gives_the_busiest_of_a_thousand_partitions_is_none(seed: u64, batches in 1_000..40_000_usize) {
            prop_assert_eq!(by_chance(seed, batches), None);
        }
    }

    #[test]
    fn four_times_an_even_share_of_many_messages_is_one_also_among_a_thousand() {
        let mut acked = vec![100; 1_000];
        acked[7] = 400;
        assert!(hot(&acked, None).unwrap().what.contains("partition 7 of 1000 got 0.4 %"));
    }
}
