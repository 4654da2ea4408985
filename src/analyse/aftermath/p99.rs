//! The p99 of all messages that were due in some seconds.

use std::ops::Range;

use crate::analyse::evidence::p99_ns;
use crate::analyse::reading::Reading;
use crate::books::{Sparse, Sum};

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

    /// Of seconds of the window together, in ms: beyond what is known where more than one in a hundred of their messages never came through, empty where none was
    /// due or nothing is known.
    pub fn within(&mut self, seconds: Range<usize>) -> Reading {
        let due: f64 = self.due[seconds.clone()].iter().sum();
        if due == 0.0 || self.latencies.is_empty() {
            return Reading::Empty;
        }
        let first = self.latencies.partition_point(|(second, _)| *second < seconds.start as i64);
        let own = self.latencies[first..].iter().take_while(|(second, _)| *second < seconds.end as i64);
        own.for_each(|(_, latencies)| self.sum.add(latencies));
        let all = self.sum.take();
        let known = p99_ns(&all).map(|ns| ns / 1e6);
        match known {
            Some(ms) if all.len() as f64 >= 0.99 * due => Reading::Value(ms),
            known => Reading::Beyond(known.unwrap_or_default()),
        }
    }
}
