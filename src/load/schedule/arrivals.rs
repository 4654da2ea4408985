//! When one producer's messages are due.
//!
//! A rule, not a clock: due times follow from the seed, the producer's number, its share and the course of the total rate alone, so that the schedule
//! stands before the first send and nothing that happens later can bend it.
//!
//! Time is changed: arrivals are drawn where the rate is one, and the inverse of the rate's integral says at which second that is. A Poisson process
//! stays one under it (Çinlar, Introduction to Stochastic Processes, 1975, ch. 4.7), and constant arrivals keep one message for each unit of the integral.

use std::sync::Arc;

use rand::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardUniform};
use rand_pcg::Pcg64;

use super::bursts::Bursts;
use crate::shape::Course;
use crate::spec::Arrivals;

/// Later than any trial ends.
const NEVER: u64 = u64::MAX;

/// The due times of one producer, in nanoseconds since time 0, ascending; `u64::MAX` where the course has ended.
#[derive(Clone, Debug)]
pub struct DueTimes {
    rule: Rule,
    course: Arc<Course>,
    /// Messages of all producers together for one of this producer.
    gap: f64,
    /// Messages of all producers together that are due until the next one.
    level: f64,
    piece: u32,
    next_s: f64,
    next: u64,
    random: Pcg64,
}

#[derive(Clone, Debug)]
enum Rule {
    Poisson,
    Constant,
    Bursts(Bursts),
}

impl DueTimes {
    /// The schedule of producer number `producer` under `seed`, for its `share` (above 0, at most 1) of the total rate.
    pub fn new(arrivals: Arrivals, course: &Arc<Course>, share: f64, seed: u64, producer: u32) -> Self {
        let mut random =
            Pcg64::seed_from_u64(seed ^ (u64::from(producer) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let gap = 1.0 / share;
        let (rule, level) = match arrivals {
            Arrivals::Poisson => (Rule::Poisson, exponential(&mut random) * gap),
            Arrivals::Constant => (Rule::Constant, phase(&mut random) * gap),
            Arrivals::Bursts { on, off } => {
                let (on, off) = (on.as_secs_f64(), off.as_secs_f64());
                let mut bursts = Bursts::new(on, off, phase(&mut random), course);
                let level = bursts.advance(exponential(&mut random) * gap, 0.0, course);
                (Rule::Bursts(bursts), level)
            }
        };
        let course = Arc::clone(course);
        let mut due = DueTimes { rule, course, gap, level, piece: 0, next_s: 0.0, next: 0, random };
        due.place();
        due
    }

    /// The next due time, without taking it.
    pub fn peek(&self) -> u64 {
        self.next
    }

    /// Takes the next due time.
    pub fn advance(&mut self) -> u64 {
        let due = self.next;
        match &mut self.rule {
            Rule::Poisson => self.level += exponential(&mut self.random) * self.gap,
            Rule::Constant => self.level += self.gap,
            Rule::Bursts(bursts) => {
                let need = exponential(&mut self.random) * self.gap;
                self.level = bursts.advance(need, self.level, &self.course);
            }
        }
        self.place();
        due
    }

    fn place(&mut self) {
        match self.course.second_of(self.level, &mut self.piece, self.next_s) {
            Some(second) => {
                self.next_s = second;
                self.next = (second * 1e9) as u64;
            }
            None => self.next = NEVER,
        }
    }
}

fn exponential(random: &mut Pcg64) -> f64 {
    Exp1.sample(random)
}

fn phase(random: &mut Pcg64) -> f64 {
    StandardUniform.sample(random)
}

#[cfg(test)]
mod tests;
