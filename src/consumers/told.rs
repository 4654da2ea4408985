//! Which errors an instance has told: each kind at once, and again, with how often it came meanwhile, once a second.
//!
//! What came before a group was ready is nobody's error, and what comes again then is: an instance does not know which, so that it tells when. Pure: it is told
//! the time.

use std::collections::BTreeMap;

use super::line::Line;
use crate::books::kind_of;
use crate::timeline::SECOND_NS;

/// The errors of one instance.
#[derive(Debug, Default)]
pub(super) struct Told {
    kinds: BTreeMap<String, Kind>,
}

#[derive(Debug, Default)]
struct Kind {
    /// When it was told last, Unix ns.
    told_ns: u64,
    /// What came since: the last text, when it came (Unix ns), and how many.
    held: Option<(String, u64, u64)>,
}

impl Told {
    /// An error came at a moment; the line that tells it, unless its kind was told just now.
    pub(super) fn came(&mut self, text: String, fatal: bool, now_ns: u64) -> Option<Line> {
        let kind = self.kinds.entry(kind_of(&text)).or_default();
        let times = kind.held.take().map_or(0, |(_, _, times)| times) + 1;
        if fatal || now_ns >= kind.told_ns.saturating_add(SECOND_NS) {
            kind.told_ns = now_ns;
            return Some(Line::Error { text, fatal, at_ns: Some(now_ns), times });
        }
        kind.held = Some((text, now_ns, times));
        None
    }

    /// What has waited long enough by then.
    pub(super) fn due(&mut self, now_ns: u64) -> Vec<Line> {
        let mut lines = Vec::new();
        for kind in self.kinds.values_mut().filter(|kind| now_ns >= kind.told_ns.saturating_add(SECOND_NS)) {
            if let Some((text, at_ns, times)) = kind.held.take() {
                kind.told_ns = now_ns;
                lines.push(Line::Error { text, fatal: false, at_ns: Some(at_ns), times });
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = SECOND_NS / 1_000;

    fn times(line: Option<Line>) -> Option<u64> {
        line.map(|line| if let Line::Error { times, .. } = line { times } else { 0 })
    }

    #[test]
    fn an_error_that_comes_again_is_told_again_by_its_kind_and_never_more_than_once_a_second() {
        let (mut told, zero) = (Told::default(), 1_000 * SECOND_NS);
        let mut lines = 0;
        for ms in 0..10_000 {
            let came = told.came(format!("lost (after {ms}ms in state UP)"), false, zero + ms * MS);
            lines += times(came).map_or(0, |_| 1);
        }
        assert_eq!(lines, 10);
        assert_eq!(
            times(told.came("refused".to_owned(), false, zero)),
            Some(1),
            "another kind waits for nobody"
        );
    }

    #[test]
    fn what_was_held_back_is_told_in_time_with_its_count_and_its_moment() {
        let (mut told, zero) = (Told::default(), 1_000 * SECOND_NS);
        assert_eq!(times(told.came("lost".to_owned(), false, zero)), Some(1));
        assert_eq!(told.came("lost".to_owned(), false, zero + 300 * MS), None);
        assert_eq!(told.came("lost".to_owned(), false, zero + 400 * MS), None);
        assert_eq!(told.due(zero + 999 * MS), []);
        let line =
            Line::Error { text: "lost".to_owned(), fatal: false, at_ns: Some(zero + 400 * MS), times: 2 };
        assert_eq!(told.due(zero + 1_000 * MS), [line]);
        assert_eq!(told.due(zero + 5_000 * MS), []);
    }

    #[test]
    fn a_fatal_error_is_told_at_once() {
        let mut told = Told::default();
        assert!(told.came("gone".to_owned(), false, SECOND_NS).is_some());
        assert!(told.came("gone".to_owned(), true, SECOND_NS + 1).is_some());
    }
}
