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
    /// Speed in the drain over that of the window: what the forecast took for 1; none where the drain was shorter than a second.
    pub pace: Option<f64>,
}

impl Drain {
    /// Of a completed trial that ended its window with a backlog of at least a second's work: of less, quarter seconds do not tell. Load ends with the window,
    /// so that the backlog over what was worked off in a second is the time that it takes.
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
        if speed <= 0.0 || backlog < speed {
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
        let pace = (seconds >= 1.0).then(|| gone as f64 / seconds / speed);
        let took_s =
            empty.map(|(t_s, ..)| t_s + 1.0 / f64::from(PER_SECOND) - asked.warm_up_s - asked.measure_s);
        Some(Drain { forecast_s: backlog / speed, took_s, pace })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(Drain::of(&Synthetic::default().record(), &Synthetic::default().rows()), None);
    }
}
