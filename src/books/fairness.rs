//! How evenly producers were served.

use serde::{Deserialize, Serialize};

/// How evenly the producers of a trial were served, each by its acks in the window over what it offered in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fairness {
    /// Producers that offered anything in the window.
    pub producers: u32,
    /// Jain's index of their ratios: 1 where all were served alike, 1/n where one alone was (R. Jain, D. Chiu, W. Hawe, *A Quantitative Measure of
    /// Fairness and Discrimination for Resource Allocation in Shared Computer Systems*, DEC-TR-301, 1984).
    pub jain: f64,
    /// The one with the least ratio; the first of equals.
    pub slowest: Served,
    /// The one with the greatest.
    pub fastest: Served,
}

/// How one producer was served.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Served {
    /// Its number, as in `producers.csv` and in every message.
    pub producer: u32,
    /// Acked over offered, in percent.
    pub percent: f64,
}

/// Of each producer's offered and acked messages in the window, by its number; those that offered nothing are left out. None where fewer than two
/// offered anything, or nothing was acked.
pub fn fairness(offered_and_acked: impl IntoIterator<Item = (f64, u64)>) -> Option<Fairness> {
    let served: Vec<Served> = (0..)
        .zip(offered_and_acked)
        .filter(|(_, (offered, _))| *offered > 0.0)
        .map(|(producer, (offered, acked))| Served { producer, percent: 100.0 * acked as f64 / offered })
        .collect();
    let (sum, squares) = served.iter().fold((0.0, 0.0), |(sum, squares), one| {
        (sum + one.percent, one.percent.mul_add(one.percent, squares))
    });
    if served.len() < 2 || sum <= 0.0 {
        return None;
    }
    let pick = |better: fn(f64, f64) -> bool| {
        served.iter().copied().reduce(|best, one| if better(one.percent, best.percent) { one } else { best })
    };
    Some(Fairness {
        producers: served.len() as u32,
        jain: sum * sum / (served.len() as f64 * squares),
        slowest: pick(|one, best| one < best)?,
        fastest: pick(|one, best| one > best)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn those_served_alike_are_fair_whatever_each_offered() {
        let fair = fairness([(100.0, 50), (10.0, 5), (0.0, 0), (1_000.0, 500)]).unwrap();
        assert_eq!(fair.producers, 3, "one that offered nothing was not served badly");
        assert!((fair.jain - 1.0).abs() < 1e-12);
        assert!((fair.slowest.percent - 50.0).abs() < 1e-12 && (fair.fastest.percent - 50.0).abs() < 1e-12);
    }

    #[test]
    fn one_served_alone_is_as_unfair_as_can_be() {
        let unfair = fairness([(10.0, 0), (10.0, 10), (10.0, 0), (10.0, 0)]).unwrap();
        assert!((unfair.jain - 0.25).abs() < 1e-12);
        assert_eq!((unfair.slowest.producer, unfair.fastest.producer), (0, 1));
    }

    #[test]
    fn nothing_is_said_of_one_producer_or_of_nothing() {
        assert_eq!(fairness([(10.0, 5)]), None);
        assert_eq!(fairness([(10.0, 0), (10.0, 0)]), None);
    }

    proptest! {
        #[test]
        fn the_index_lies_between_one_over_n_and_one(counts in proptest::collection::vec((1..1_000_u64, 0..1_000_u64), 2..40)) {
            let of = fairness(counts.iter().map(|(offered, acked)| (*offered as f64, *acked)));
            if let Some(of) = of {
                prop_assert!(of.jain <= 1.0 + 1e-9 && of.jain >= 1.0 / counts.len() as f64 - 1e-9);
                prop_assert!(of.slowest.percent <= of.fastest.percent);
            }
        }
    }
}
