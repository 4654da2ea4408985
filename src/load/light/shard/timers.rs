//! When which producer wants to be called: one heap for all of a shard, one living entry for each.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// No call is wanted.
const NEVER: u64 = u64::MAX;

/// The calls that are wanted.
#[derive(Debug)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    /// The earliest call of each; what the heap holds beside these is stale.
    wanted: Vec<u64>,
}

impl Timers {
    /// For so many producers, none of which wants anything.
    pub fn new(count: usize) -> Self {
        Timers { heap: BinaryHeap::with_capacity(count), wanted: vec![NEVER; count] }
    }

    /// A producer wants to be called then, or earlier if it wanted so before.
    pub fn want(&mut self, seat: u32, at: u64) {
        if at < self.wanted[seat as usize] {
            self.wanted[seat as usize] = at;
            self.heap.push(Reverse((at, seat)));
        }
    }

    /// The next producer whose time has come; it then wants nothing.
    pub fn take_due(&mut self, now: u64) -> Option<u32> {
        while let Some(&Reverse((at, seat))) = self.heap.peek() {
            if self.wanted[seat as usize] == at {
                if at > now {
                    return None;
                }
                self.wanted[seat as usize] = NEVER;
                self.heap.pop();
                return Some(seat);
            }
            self.heap.pop();
        }
        None
    }

    /// When the next call is due.
    pub fn next(&mut self) -> u64 {
        while let Some(&Reverse((at, seat))) = self.heap.peek() {
            if self.wanted[seat as usize] == at {
                return at;
            }
            self.heap.pop();
        }
        NEVER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_called_once_and_at_its_earliest_wish() {
        let mut timers = Timers::new(3);
        timers.want(0, 50);
        timers.want(1, 20);
        timers.want(0, 10);
        timers.want(0, 30);
        assert_eq!(timers.next(), 10);
        assert_eq!(timers.take_due(9), None);
        assert_eq!(timers.take_due(100), Some(0));
        assert_eq!(timers.take_due(100), Some(1));
        assert_eq!((timers.take_due(100), timers.next()), (None, NEVER));
        timers.want(0, 60);
        assert_eq!(timers.take_due(60), Some(0));
    }
}
