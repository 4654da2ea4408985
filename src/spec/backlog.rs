//! What lies there before the consumers are started.

use super::key::{Form, Key, key};
use crate::units::Span;

/// How much it may be said to be.
pub(super) const BACKLOG: &[Key] = &[
    key("messages", Form::Text, "How many messages: `50000`, `100k`, `1M`."),
    key("age", Form::Span, "As many as `workload.rate` offers in that time."),
];

/// Messages that are written before the consumers are started, as if the load had gone on without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// How many, but for a few: each producer writes its part of them, in whole messages.
    pub messages: u64,
    /// From when the first of them was due to when the last was.
    pub span: Span,
}

impl Backlog {
    /// No trial has more: each waits in memory until it is written.
    pub const MOST: u64 = 100_000_000;

    /// A number of messages as it is written.
    pub fn count(text: &str) -> Option<u64> {
        let text = text.trim();
        let (digits, factor) = match text.strip_suffix('k') {
            Some(digits) => (digits, 1e3),
            None => text.strip_suffix('M').map_or((text, 1.0), |digits| (digits, 1e6)),
        };
        let count = digits.trim().parse::<f64>().ok()? * factor;
        (count >= 1.0 && count <= Self::MOST as f64 && count.fract() == 0.0).then_some(count as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_messages_is_written_as_rates_are() {
        let read = ["50000", "100k", "1M", "1.5M", "0.5k"].map(Backlog::count);
        assert_eq!(read, [50_000, 100_000, 1_000_000, 1_500_000, 500].map(Some));
        assert_eq!(["0", "-1", "0.5", "1G", "k", "101M", ""].map(Backlog::count), [None; 7]);
    }
}
