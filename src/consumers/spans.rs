//! When messages of a partition were processed, as spans of time: what lies between them is time in which none was.

use std::collections::BTreeMap;

/// Completions that lie no further apart belong to one span, in ns.
pub const APART_NS: u64 = 100_000_000;

/// First and last completion of a span, Unix ns.
pub type Span = (u64, u64);

/// The spans of one instance since its last report, by partition; completions come in the order of time.
pub fn add(spans: &mut Vec<Span>, at_ns: u64) {
    match spans.last_mut() {
        Some(last) if at_ns <= last.1.saturating_add(APART_NS) => last.1 = last.1.max(at_ns),
        _ => spans.push((at_ns, at_ns)),
    }
}

/// Spans of all instances, by partition.
#[derive(Clone, Debug, Default)]
pub struct Spans(BTreeMap<i32, Vec<Span>>);

/// A time in which no message of a partition was processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Which partition.
    pub partition: i32,
    /// The last completion before it, Unix ns, or when one looked first.
    pub from_ns: u64,
    /// The first one after it; none where none came.
    pub to_ns: Option<u64>,
}

impl Spans {
    /// Adds what an instance told.
    pub fn extend(&mut self, told: &BTreeMap<i32, Vec<Span>>) {
        for (partition, spans) in told {
            self.0.entry(*partition).or_default().extend(spans);
        }
    }

    /// Whether nobody has told of any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every gap of each partition, from when on it is looked at until an end (Unix ns), whoever processed what lies around it; none of one that is not looked
    /// at.
    pub fn gaps(&self, from_ns: impl IntoIterator<Item = Option<u64>>, to_ns: u64) -> Vec<Gap> {
        let mut gaps = Vec::new();
        for (partition, from_ns) in (0..).zip(from_ns) {
            let Some(mut last) = from_ns else { continue };
            let mut spans = self.0.get(&partition).cloned().unwrap_or_default();
            spans.sort_unstable();
            for (first, end) in spans {
                if first > last.saturating_add(APART_NS) && last < to_ns {
                    gaps.push(Gap { partition, from_ns: last, to_ns: Some(first) });
                }
                last = last.max(end);
            }
            if last < to_ns {
                gaps.push(Gap { partition, from_ns: last, to_ns: None });
            }
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    #[test]
    fn completions_that_lie_close_are_one_span_and_others_two() {
        let mut spans = Vec::new();
        for at in [S, S + APART_NS, S + 2 * APART_NS, 2 * S, 2 * S + 1] {
            add(&mut spans, at);
        }
        assert_eq!(spans, [(S, S + 2 * APART_NS), (2 * S, 2 * S + 1)]);
    }

    #[test]
    fn a_gap_is_what_no_instance_fills() {
        let mut spans = Spans::default();
        // One is killed at second 5, its reports cut each second; the other goes on with it at second 11.5.
        spans
            .extend(&BTreeMap::from([(0, vec![(S, 2 * S), (2 * S + 1_000, 5 * S)]), (1, vec![(S, 20 * S)])]));
        spans.extend(&BTreeMap::from([(0, vec![(11 * S + S / 2, 20 * S)])]));
        let gap = |partition, from_ns, to_ns| Gap { partition, from_ns, to_ns };
        let all = |partitions, to_ns| spans.gaps(vec![Some(S); partitions], to_ns);
        assert_eq!(
            all(3, 20 * S),
            [gap(0, 5 * S, Some(11 * S + S / 2)), gap(2, S, None)],
            "of the third nothing was ever processed"
        );
        assert_eq!(all(1, 10 * S), [gap(0, 5 * S, Some(11 * S + S / 2))], "it ends later");
        assert_eq!(all(2, 30 * S)[1..], [gap(0, 20 * S, None), gap(1, 20 * S, None)]);
        let later = spans.gaps([None, Some(S / 2), Some(19 * S)], 20 * S);
        assert_eq!(later, [gap(1, S / 2, Some(S)), gap(2, 19 * S, None)], "each from its own time on");
    }
}
