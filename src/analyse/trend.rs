//! Whether a trial kept up with what it was offered.

use super::facts::Facts;

/// Growth of the backlog over what was offered in the window, from which on a trial is saturated (with the next).
const BACKLOG_SHARE: f64 = 0.01;
/// The same in seconds of the offered rate: what arrives between two readings is no trend.
const BACKLOG_SECONDS: f64 = 0.25;

/// Whether the backlog grew (+1), fell (−1) or neither (0) by more than both thresholds; none where it is not known. What was refused or failed
/// left the backlog without having been worked off: it was offered and not kept up with, and counts as growth.
pub fn backlog_trend(facts: &Facts<'_>) -> Option<i8> {
    let window = facts.window.as_ref()?;
    let (start, end, given_up) = (window.backlog_start, window.backlog_end, window.given_up as f64);
    // What is seen only where it is read is known to so much less.
    let resolution_s = facts.record.followed.as_ref().map_or(0.0, |followed| followed.every_ms as f64 / 1e3);
    let seconds = BACKLOG_SECONDS + resolution_s;
    let threshold = (BACKLOG_SHARE * window.due as f64).max(seconds * facts.offered()?);
    let trend = |grown: f64| i8::from(grown > threshold) - i8::from(grown < -threshold);
    let least = trend(end.at_least()? - start.at_most()? + given_up);
    let most = trend(end.at_most()? - start.at_least()? + given_up);
    (least == most).then_some(least)
}

/// Messages by which the backlog grew from the window's start to its end, at least; below 0 where it fell.
pub fn grown(facts: &Facts<'_>) -> Option<f64> {
    let window = facts.window.as_ref()?;
    Some(window.backlog_end.at_least()? - window.backlog_start.at_most()? + window.given_up as f64)
}

/// Messages by which the backlog grew at least, where that is more than a part of what was offered and yet no more than what arrives between two readings: the
/// trial is not called saturated, and did not do all of its load either. None else.
pub fn grown_a_little(facts: &Facts<'_>) -> Option<f64> {
    let window = facts.window.as_ref()?;
    let grown = grown(facts)?;
    (grown > BACKLOG_SHARE * window.due as f64 && backlog_trend(facts) == Some(0)).then_some(grown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TrialRecord;
    use crate::record::testing::Synthetic;

    #[test]
    fn what_is_in_a_transaction_that_has_not_ended_is_no_backlog_that_grows() {
        let trial = Synthetic::default();
        let (mut record, latencies, mut rows) = (trial.record(), trial.latencies(), trial.rows());
        // All that came in the quarter seconds since the last end of a transaction, of which the window begins with one and ends just before another.
        for (at, row) in rows.iter_mut().enumerate() {
            row.backlog_messages = (at as u64 + 5) % 6 * row.due;
        }
        let trend = |record: &TrialRecord| backlog_trend(&Facts::new(record, &rows, &latencies));
        assert_eq!(trend(&record), Some(1));
        record.asked.transaction_s = Some(1.5);
        assert_eq!(trend(&record), Some(0));
        // Nobody waits for the end of one where producers are alone: an ack is what ends a message.
        record.asked.instances = None;
        assert_eq!(trend(&record), Some(1));
    }
}
