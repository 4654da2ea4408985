//! How a trial went around an event, second by second, for figures that lay trials over each other.

use super::Seconds;

/// Seconds before an event and after it that are shown.
const BEFORE: i64 = 10;
const AFTER: i64 = 60;

/// How a trial went around an event: points of time in seconds from it on, and what was read there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Around {
    /// The middle of each second, from the event on; negative before it.
    pub at_s: Vec<f64>,
    /// First completions in it.
    pub processed: Vec<Option<f64>>,
    /// The middle of the lag.
    pub lag: Vec<Option<f64>>,
    /// p99 of the messages due in it, in ms; none where more than one in a hundred of them never came through.
    pub p99_ms: Vec<Option<f64>>,
}

impl Around {
    pub(super) fn of(seconds: &Seconds, at_s: f64) -> Self {
        let mut around = Around::default();
        for second in 0..seconds.due.len() {
            let middle = seconds.start_s + second as f64 + 0.5 - at_s;
            if middle < -(BEFORE as f64) || middle > AFTER as f64 {
                continue;
            }
            around.at_s.push(middle);
            around.processed.push(Some(seconds.processed[second]));
            around.lag.push(seconds.lag[second]);
            around.p99_ms.push(seconds.p99_ms[second].value());
        }
        around
    }

    /// What of it lies in the second that begins so long after the event; none where nothing was read.
    pub fn in_second(&self, second: i64, of: fn(&Around) -> &Vec<Option<f64>>) -> Option<f64> {
        let at = self.at_s.iter().position(|at_s| at_s.floor() as i64 == second)?;
        of(self)[at]
    }

    /// The seconds that are there, from the first to the last.
    pub fn seconds(&self) -> Option<(i64, i64)> {
        Some((self.at_s.first()?.floor() as i64, self.at_s.last()?.floor() as i64))
    }
}
