//! How long a backlog lasts at this speed, and how long it did.

use crate::record::series::{PER_SECOND, Rows};
use crate::record::{End, TrialRecord};

/// What a backlog at the window's end was expected to take, and took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drain {
    /// Seconds, at the speed of the window.
    pub forecast_s: f64,
    /// Seconds until nothing was left, once nothing more was due; none where something was left when watching ended.
    pub took_s: Option<f64>,
    /// Speed in the drain over that of the window: what the forecast took for 1; none where the drain was shorter than a step.
    pub pace: Option<f64>,
    /// The steps in which it is read whether something is left, in seconds.
    pub step_s: f64,
}

impl Drain {
    /// Of a completed trial that ended its window with as much to do as is worked off in one of the steps in which that is read, or more: of less, steps tell
    /// nothing. Load ends with the window, so that the backlog over what was worked off in a second is the time that it takes.
    pub fn of(record: &TrialRecord, rows: impl Rows) -> Option<Self> {
        let asked = &record.asked;
        if record.end != End::Completed || asked.instances.is_none() {
            return None;
        }
        let window = asked.window();
        let inside = rows.within(window.clone());
        let processed = inside.sum(|row| row.processed);
        let backlog = inside.each(|row| row.backlog_messages).last()? as f64;
        let speed = processed as f64 / asked.measure_s;
        let step_s = record.drain_step_s();
        if speed <= 0.0 || backlog < speed * step_s {
            return None;
        }
        let drain =
            || rows.within(window.end..i64::MAX).each(|row| (row.t_s, row.processed, row.backlog_messages));
        let empty = drain().find(|(.., backlog)| *backlog == 0);
        // The last quarter may be cut short, and in that which leaves nothing there was not enough to do.
        let before_last = drain().count().saturating_sub(1);
        let busy = || drain().take(before_last).take_while(|(.., backlog)| *backlog > 0);
        let seconds = busy().count() as f64 / f64::from(PER_SECOND);
        let gone: u64 = busy().map(|(_, processed, _)| processed).sum();
        let pace = (seconds >= step_s).then(|| gone as f64 / seconds / speed);
        let took_s =
            empty.map(|(t_s, ..)| t_s + 1.0 / f64::from(PER_SECOND) - asked.warm_up_s - asked.measure_s);
        Some(Drain { forecast_s: backlog / speed, took_s, pace, step_s })
    }

    /// Whether nothing was left when that was forecast, as finely as it is read.
    pub fn is_met(&self) -> bool {
        self.took_s.is_some_and(|took_s| (took_s - self.forecast_s).abs() <= self.step_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Followed;
    use crate::record::testing::{MEASURE, Synthetic, WARM_UP};

    #[test]
    fn a_backlog_is_forecast_by_the_windows_speed_and_checked_by_its_drain() {
        let trial = Synthetic { processed: 200, ..Synthetic::default() };
        let mut rows = trial.rows();
        // 50 a quarter were left over for 48 quarters: 2,400 at 800 a second.
        let forecast = Drain::of(&trial.record(), &rows).unwrap();
        assert!((forecast.forecast_s - 3.0).abs() < 1e-9 && forecast.took_s.is_none());
        for (at, row) in rows.iter_mut().skip((WARM_UP + MEASURE) as usize).enumerate() {
            row.processed = 200;
            row.backlog_messages = 2_400_u64.saturating_sub(200 * (at as u64 + 1));
        }
        let drained = Drain::of(&trial.record(), &rows).unwrap();
        assert_eq!((drained.took_s, drained.pace), (Some(3.0), Some(1.0)));
        assert!(drained.is_met() && !forecast.is_met());
        assert!(!Drain { took_s: Some(3.5), ..drained }.is_met(), "two steps late");
        assert_eq!(Drain::of(&Synthetic::default().record(), &Synthetic::default().rows()), None);
    }

    #[test]
    fn a_backlog_of_two_quarter_seconds_is_checked_too_and_one_of_less_than_a_step_is_not() {
        let trial = Synthetic { processed: 240, ..Synthetic::default() };
        let record = trial.record();
        let mut rows = trial.rows();
        // 10 a quarter were left over for 48 quarters: 480 at 960 a second.
        for (at, row) in rows.iter_mut().skip((WARM_UP + MEASURE) as usize).enumerate() {
            row.processed = 240;
            row.backlog_messages = 480_u64.saturating_sub(228 * (at as u64 + 1));
        }
        let drained = Drain::of(&record, &rows).unwrap();
        assert_eq!((drained.forecast_s, drained.took_s), (0.5, Some(0.75)));
        // What is worked off in the quarter that leaves nothing says nothing.
        assert_eq!((drained.pace, drained.is_met()), (Some(1.0), true));
        let mut followed = record;
        let commits = Followed { commit_interval_s: Some(5.0), ..Followed::default() };
        followed.followed = Some(commits);
        assert_eq!(Drain::of(&followed, &rows), None, "its commits come in steps of five seconds");
    }
}
