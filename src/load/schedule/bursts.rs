//! Arrivals in bursts: a producer is silent for `off`, then sends for `on`, then is silent again.
//!
//! Both have a fixed length, and each producer a phase of its own, uniform over the two together: a whole cycle offers what it should, however few of them
//! a trial holds, and producers are independent of each other. Within `on` arrivals are Poisson at (on + off) / on times the producer's rate, so that
//! the mean rate is what was asked for.

use crate::shape::Course;

/// Where a producer stands in its bursts.
#[derive(Clone, Copy, Debug)]
pub struct Bursts {
    on: f64,
    off: f64,
    /// The end of the burst, in seconds since time 0, and the messages of all producers that the course has due until then.
    until: f64,
    until_level: f64,
}

impl Bursts {
    /// `on` and `off` in seconds; `phase` from 0 to 1 says how much of a cycle, which begins with `on`, is over at time 0.
    pub fn new(on: f64, off: f64, phase: f64, course: &Course) -> Self {
        let until = on - phase * (on + off);
        Bursts { on, off, until, until_level: course.level_at(until) }
    }

    /// From a level of the course to the one at which the next message is due, `need` messages of all producers later; beyond the course's end where it
    /// holds no more.
    pub fn advance(&mut self, need: f64, mut level: f64, course: &Course) -> f64 {
        let mut need = need * self.on / (self.on + self.off);
        loop {
            let room = self.until_level - level;
            if need < room {
                return level + need;
            }
            need -= room.max(0.0);
            let start = self.until + self.off;
            if start >= course.end() {
                return f64::INFINITY;
            }
            self.until = start + self.on;
            (level, self.until_level) = (course.level_at(start), course.level_at(self.until));
        }
    }
}
