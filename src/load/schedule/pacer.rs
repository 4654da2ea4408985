//! Which producer's message is due next: the schedules of all producers of a segment, merged.
//!
//! Pure: it never asks what time it is and never sleeps, so a test walks it through an hour in a moment.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::arrivals::DueTimes;

/// The merged schedule, up to an end.
#[derive(Clone, Debug)]
pub struct Pacer {
    schedules: Vec<DueTimes>,
    next: BinaryHeap<Reverse<(u64, u32)>>,
    end_ns: u64,
}

impl Pacer {
    /// Merges the schedules of producers 0, 1, 2, …; nothing is due at `end_ns` or later.
    pub fn new(schedules: Vec<DueTimes>, end_ns: u64) -> Self {
        let mut next = BinaryHeap::with_capacity(schedules.len() + 1);
        for (producer, schedule) in schedules.iter().enumerate() {
            next.push(Reverse((schedule.peek(), producer as u32)));
        }
        Pacer { schedules, next, end_ns }
    }

    /// When the next message is due, in nanoseconds since time 0; `None` after the last.
    pub fn peek(&self) -> Option<u64> {
        self.next.peek().map(|Reverse((due, _))| *due).filter(|due| *due < self.end_ns)
    }

    /// Takes the next message if it is due by `elapsed_ns`: its due time and its producer.
    pub fn take_due(&mut self, elapsed_ns: u64) -> Option<(u64, u32)> {
        let mut top = self.next.peek_mut()?;
        let Reverse((due, producer)) = *top;
        if due > elapsed_ns || due >= self.end_ns {
            return None;
        }
        let schedule = &mut self.schedules[producer as usize];
        schedule.advance();
        *top = Reverse((schedule.peek(), producer));
        Some((due, producer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Course, Shape};
    use crate::spec::Arrivals;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn pacer(producers: u32, rate: f64, end_ns: u64) -> Pacer {
        let course = Arc::new(Course::new(&Shape::constant(rate), end_ns as f64 / 1e9));
        let share = 1.0 / f64::from(producers);
        let schedule = |producer| DueTimes::new(Arrivals::Poisson, &course, share, 11, producer);
        let schedules = (0..producers).map(schedule).collect();
        Pacer::new(schedules, end_ns)
    }

    #[test]
    fn an_hour_holds_what_was_offered() {
        let mut pacer = pacer(10, 100.0, 3_600_000_000_000);
        let count = std::iter::from_fn(|| pacer.take_due(u64::MAX)).count() as f64;
        assert!((count / 360_000.0 - 1.0).abs() < 0.01, "{count}");
    }

    proptest! {
        #[test]
        fn nothing_is_early_nothing_is_forgotten_and_steps_change_nothing(producers in 1..20_u32, step in 1..50_000_000_u64) {
            let mut whole = pacer(producers, 2_000.0, 1_000_000_000);
            let all: Vec<_> = std::iter::from_fn(|| whole.take_due(u64::MAX)).collect();
            prop_assert!(all.windows(2).all(|pair| pair[0].0 <= pair[1].0));
            let (mut stepped, mut elapsed, mut seen) = (pacer(producers, 2_000.0, 1_000_000_000), 0, Vec::new());
            while stepped.peek().is_some() {
                while let Some((due, producer)) = stepped.take_due(elapsed) {
                    prop_assert!(due <= elapsed);
                    seen.push((due, producer));
                }
                prop_assert!(stepped.peek().is_none_or(|due| due > elapsed));
                elapsed += step;
            }
            prop_assert_eq!(seen, all);
        }
    }
}
