//! When which producer wants to be called: one heap for all of a shard, one entry for each producer at most.
//!
//! A producer wants something else after nearly every message, and mostly earlier than before. What was overtaken leaves the heap at once: left in it until its
//! time, a delivery timeout away, it would be a million entries at ten thousand messages a second.

/// No call is wanted.
const NEVER: u64 = u64::MAX;
/// The place of a producer that is not in the heap.
const NOWHERE: u32 = u32::MAX;

/// The calls that are wanted.
#[derive(Debug)]
pub struct Timers {
    /// The producers that want to be called; none before the one at half its place.
    heap: Vec<u32>,
    /// The place of each in the heap.
    places: Vec<u32>,
    /// When each wants to be called.
    wanted: Vec<u64>,
}

impl Timers {
    /// For so many producers, none of which wants anything.
    pub fn new(count: usize) -> Self {
        Timers { heap: Vec::with_capacity(count), places: vec![NOWHERE; count], wanted: vec![NEVER; count] }
    }

    /// A producer wants to be called then, or earlier if it wanted so before.
    pub fn want(&mut self, seat: u32, at: u64) {
        if at >= self.wanted[seat as usize] {
            return;
        }
        self.wanted[seat as usize] = at;
        if self.places[seat as usize] == NOWHERE {
            self.places[seat as usize] = self.heap.len() as u32;
            self.heap.push(seat);
        }
        self.rise(self.places[seat as usize] as usize);
    }

    /// The next producer whose time has come; it then wants nothing.
    pub fn take_due(&mut self, now: u64) -> Option<u32> {
        let seat = *self.heap.first().filter(|seat| self.wanted[**seat as usize] <= now)?;
        self.heap.swap_remove(0);
        (self.places[seat as usize], self.wanted[seat as usize]) = (NOWHERE, NEVER);
        if let Some(moved) = self.heap.first() {
            self.places[*moved as usize] = 0;
            self.sink(0);
        }
        Some(seat)
    }

    /// When the next call is due.
    pub fn next(&self) -> u64 {
        self.heap.first().map_or(NEVER, |seat| self.wanted[*seat as usize])
    }

    fn at(&self, place: usize) -> u64 {
        self.wanted[self.heap[place] as usize]
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.heap.swap(one, other);
        for place in [one, other] {
            self.places[self.heap[place] as usize] = place as u32;
        }
    }

    fn rise(&mut self, mut place: usize) {
        while place > 0 && self.at(place) < self.at((place - 1) / 2) {
            self.swap(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let below = [2 * place + 1, 2 * place + 2].into_iter().filter(|below| *below < self.heap.len());
            let Some(least) = below.min_by_key(|below| self.at(*below)) else { return };
            if self.at(place) <= self.at(least) {
                return;
            }
            self.swap(place, least);
            place = least;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    #[test]
    fn a_wish_that_was_overtaken_leaves_nothing_behind() {
        let mut timers = Timers::new(2);
        for now in 0..100_000 {
            timers.want(1, now + 120_000);
            timers.want(1, now);
            assert_eq!(timers.take_due(now), Some(1));
        }
        assert_eq!((timers.heap.len(), timers.next()), (0, NEVER));
    }

    proptest! {
        #[test]
        fn whoever_wants_to_be_called_first_is(
            wishes in proptest::collection::vec((0..9_u32, 0..50_u64, 0..50_u64), 1..200),
        ) {
            let (mut timers, mut wanted) = (Timers::new(9), [NEVER; 9]);
            for (seat, at, now) in wishes {
                timers.want(seat, at);
                wanted[seat as usize] = wanted[seat as usize].min(at);
                prop_assert_eq!(timers.next(), *wanted.iter().min().unwrap());
                let due = timers.take_due(now);
                prop_assert_eq!(due.is_some(), wanted.iter().any(|at| *at <= now));
                if let Some(seat) = due {
                    prop_assert_eq!(Some(&wanted[seat as usize]), wanted.iter().min());
                    wanted[seat as usize] = NEVER;
                }
            }
        }
    }
}
