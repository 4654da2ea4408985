//! The p99 of all messages that were due in some seconds.

use std::ops::Range;

use crate::analyse::evidence::p99_ns;
use crate::analyse::reading::Reading;
use crate::analyse::watched::known_among;
use crate::books::{Sparse, Sum};
use crate::units::Quantile;

/// What it is read of.
#[derive(Debug)]
pub struct P99<'a> {
    /// Latencies by the second of the window in which their messages were due, in order of time.
    latencies: &'a [(i64, Sparse)],
    /// Messages due in each second of the window.
    due: &'a [f64],
    sum: Sum,
}

impl<'a> P99<'a> {
    pub fn of(latencies: &'a [(i64, Sparse)], due: &'a [f64]) -> Self {
        P99 { latencies, due, sum: Sum::default() }
    }

    /// Of seconds of the window together, in ms, by its rank among all that were due: beyond what is known where it is one of those that never came through, empty
    /// where none was due or nothing is known.
    pub fn within(&mut self, seconds: Range<usize>) -> Reading {
        let due: f64 = self.due[seconds.clone()].iter().sum();
        if due == 0.0 || self.latencies.is_empty() {
            return Reading::Empty;
        }
        let first = self.latencies.partition_point(|(second, _)| *second < seconds.start as i64);
        let own = self.latencies[first..].iter().take_while(|(second, _)| *second < seconds.end as i64);
        own.for_each(|(_, latencies)| self.sum.add(latencies));
        let all = self.sum.take();
        match known_among(&all, Quantile::At(0.99), due as u64) {
            Some(ns) => Reading::Value(ns as f64 / 1e6),
            None => Reading::Beyond(p99_ns(&all).unwrap_or_default() / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_p99_is_the_one_of_its_rank_among_all_that_were_due() {
        let ms = |ms: u64, count: u64| (ms * 1_000_000, count);
        let of = |all: &[(u64, u64)], due: f64| {
            let latencies = [(0, all.iter().copied().collect())];
            match P99::of(&latencies, &[due]).within(0..1) {
                Reading::Value(ms) => Reading::Value(ms.round()),
                other => other,
            }
        };
        // Of 600 that were due the 594th, of the 597 that came the 592nd.
        let came = [ms(5, 592), ms(50, 1), ms(80, 4)];
        assert_eq!(of(&came, 597.0), Reading::Value(5.0));
        assert_eq!(
            of(&came, 600.0),
            Reading::Value(80.0),
            "three that never came are greater than all that did"
        );
        assert!(
            matches!(of(&came, 604.0), Reading::Beyond(least) if (least - 5.0).abs() < 0.1),
            "the 598th never came"
        );
        assert!(matches!(of(&came, 603.0), Reading::Value(_)), "and the 597th did");
        assert_eq!(of(&[], 10.0), Reading::Beyond(0.0));
    }
}
