//! When an instance cut its reports, and what it had worked by then: of however many reports, what the window is asked for.

use std::collections::BTreeMap;

use super::emulation::Worked;
use super::line::Report;
use super::spent::Spent;

/// Reports whose order may still change: two may be written in either order.
const LATEST: usize = 32;

/// What an instance had done by a moment; or what it did between two.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Done {
    /// Work under a pace.
    pub(super) worked: Worked,
    /// CPU of its process, in ns.
    pub(super) cpu_ns: u64,
    /// What the time of its members went to, by their threads.
    pub(super) members: Vec<Spent>,
    /// Bytes that came from brokers; none where it was not counted then.
    pub(super) fetched: Option<u64>,
    /// The time between the two moments, in ns; 0 of one.
    pub(super) over_ns: u64,
}

impl Done {
    /// By the moment at which a report was cut.
    pub(super) fn of(report: &Report) -> Self {
        let Report { worked, cpu_ns, fetched_bytes: fetched, ref members, .. } = *report;
        Done { worked, cpu_ns, members: members.clone(), fetched, over_ns: 0 }
    }
}

/// The reports of one instance. The window (Unix ns) is the same each time that it is said.
#[derive(Debug, Default)]
pub(super) struct Cuts {
    /// By the moment when each was cut (Unix ns).
    latest: BTreeMap<u64, Done>,
    folded: Folded,
}

/// What the reports before the latest come to.
#[derive(Clone, Debug, Default)]
struct Folded {
    last: Option<u64>,
    longest: Option<(u64, u64)>,
    first_in: Option<(u64, Done)>,
    last_in: Option<(u64, Done)>,
    /// What came from brokers, around both edges of the window.
    fetched: [Around; 2],
}

/// A count that grows, by the last time that it was read up to some moment, and by the next.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    before: Option<(u64, u64)>,
    after: Option<(u64, u64)>,
}

impl Around {
    fn add(&mut self, moment: u64, read: (u64, u64)) {
        if read.0 <= moment {
            self.before = Some(read);
        } else {
            self.after.get_or_insert(read);
        }
    }

    /// What it was then: as if it grew evenly between the two. Before it was read at all there was nothing to count, and after it was read last it grew no more.
    fn at(&self, moment: u64) -> Option<f64> {
        match (self.before, self.after) {
            (Some((from, before)), Some((to, after))) => {
                let share = (moment - from) as f64 / (to - from) as f64;
                Some(before as f64 + share * after.saturating_sub(before) as f64)
            }
            (Some((_, before)), None) => Some(before as f64),
            (None, Some(_)) => Some(0.0),
            (None, None) => None,
        }
    }
}

impl Folded {
    fn add(&mut self, at: u64, done: Done, (from, to): (u64, u64)) {
        if let Some(last) = self.last {
            self.span(last, at, (from, to));
        }
        self.last = Some(at);
        if let Some(fetched) = done.fetched {
            self.fetched[0].add(from, (at, fetched));
            self.fetched[1].add(to, (at, fetched));
        }
        if at >= from && self.first_in.is_none() {
            self.first_in = Some((at, done.clone()));
        }
        if at <= to.max(from) {
            self.last_in = Some((at, done));
        }
    }

    fn span(&mut self, start: u64, end: u64, (from, to): (u64, u64)) {
        let inside = start < to && end > from;
        if inside && self.longest.is_none_or(|(first, last)| end - start >= last - first) {
            self.longest = Some((start, end));
        }
    }
}

impl Cuts {
    /// One more report. Before there is a window, none lies ahead of it.
    pub(super) fn add(&mut self, at: u64, done: Done, window: Option<(u64, u64)>) {
        self.latest.insert(at, done);
        if self.latest.len() > LATEST
            && let Some((at, done)) = self.latest.pop_first()
        {
            self.folded.add(at, done, window.unwrap_or((u64::MAX, u64::MAX)));
            if window.is_none() {
                self.folded.last_in = None;
            }
        }
    }

    fn all(&self, window: (u64, u64)) -> Folded {
        let mut all = self.folded.clone();
        self.latest.iter().for_each(|(at, done)| all.add(*at, done.clone(), window));
        all
    }

    /// Between the first and the last report cut in the window; none where there are no two.
    pub(super) fn done(&self, window: (u64, u64)) -> Option<Done> {
        let all = self.all(window);
        let ((began, from), (ended, to)) = (all.first_in?, all.last_in?);
        let spent = to.members.iter().zip(&from.members);
        (began < ended).then(|| Done {
            worked: to.worked.since(from.worked),
            cpu_ns: to.cpu_ns.saturating_sub(from.cpu_ns),
            members: spent.map(|(to, from)| to.since(*from)).collect(),
            fetched: None,
            over_ns: ended - began,
        })
    }

    /// Bytes that came from brokers in the window; none where it was never told how many.
    pub(super) fn fetched(&self, window: (u64, u64)) -> Option<f64> {
        let [start, end] = self.all(window).fetched;
        Some((end.at(window.1)? - start.at(window.0)?).max(0.0))
    }

    /// The longest time without a report, a part of which lies in the window; of one that reports no more it lasts until `end`.
    pub(super) fn longest_silence(&self, window: (u64, u64), end: u64) -> Option<(u64, u64)> {
        let mut all = self.all(window);
        if let Some(last) = all.last.filter(|last| *last < end) {
            all.span(last, end, window);
        }
        all.longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_folded_says_what_all_reports_say(
            steps in prop::collection::vec(1..9_u64, 0..200),
            (from, length) in (100..500_u64, 0..300_u64),
            swap in 0..190_usize,
            every in 1..5_u64,
        ) {
            let window = (from, from + length);
            let mut cuts: Vec<(u64, Done)> = Vec::new();
            for (number, step) in (0..).zip(&steps) {
                let at = cuts.last().map_or(0, |(at, _)| *at) + step;
                cuts.push((at, Done { cpu_ns: number, fetched: (number % every == 0).then_some(10 * number), ..Done::default() }));
            }
            let mut told = Cuts::default();
            let mut order: Vec<usize> = (0..cuts.len()).collect();
            if swap + 1 < order.len() {
                order.swap(swap, swap + 1);
            }
            for index in order {
                let (at, done) = cuts[index].clone();
                // The window is known before it begins.
                told.add(at, done, (at + 50 > from).then_some(window));
            }
            prop_assert!(told.latest.len() <= LATEST);
            let first = cuts.iter().find(|(at, _)| *at >= from);
            let last = cuts.iter().rev().find(|(at, _)| *at <= window.1);
            let both = first.zip(last).filter(|(first, last)| first.0 < last.0);
            let expected = both.map(|(first, last)| (last.1.cpu_ns - first.1.cpu_ns, last.0 - first.0));
            prop_assert_eq!(told.done(window).map(|done| (done.cpu_ns, done.over_ns)), expected);
            let counts: Vec<(u64, u64)> = cuts.iter().filter_map(|(at, done)| Some((*at, done.fetched?))).collect();
            let by = |moment: u64| {
                let after = counts.iter().position(|(at, _)| *at > moment).unwrap_or(counts.len());
                let (Some((from, before)), next) = (after.checked_sub(1).map(|at| counts[at]), counts.get(after)) else { return 0.0 };
                let Some((to, then)) = next else { return before as f64 };
                before as f64 + (then - before) as f64 * (moment - from) as f64 / (to - from) as f64
            };
            let expected = (!counts.is_empty()).then(|| by(window.1) - by(window.0));
            prop_assert_eq!(told.fetched(window).is_some(), expected.is_some());
            let off = told.fetched(window).zip(expected).map_or(0.0, |(told, expected)| (told - expected).abs());
            prop_assert!(off < 1e-6, "{:?} {:?}", told.fetched(window), expected);
            let end = window.1;
            let mut ats: Vec<u64> = cuts.iter().map(|(at, _)| *at).collect();
            ats.extend(Some(end).filter(|end| ats.last().is_some_and(|last| last < end)));
            let spans = ats.windows(2).map(|pair| (pair[0], pair[1]));
            let longest = spans.filter(|(a, b)| *a < window.1 && *b > from).max_by_key(|(a, b)| b - a);
            prop_assert_eq!(told.longest_silence(window, end), longest);
        }
    }
}
