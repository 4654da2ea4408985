//! A backlog that was there before the consumers were started: how long it took until it was gone, at what speed, and how old its messages were by then.

use super::reading::Reading;
use super::watched::Watched;
use crate::books::codec;
use crate::record::TrialRecord;
use crate::record::series::{PER_SECOND, Row, Rows};
use crate::units::Latency;

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Drained {
    /// Messages that were written.
    pub written: u64,
    /// From the start of the consumers until no more was left than what comes in a quarter second (of a group that is followed from outside, and between two of
    /// its commits), in seconds; beyond what was watched where that never was.
    pub time_s: Reading,
    /// What was processed until then over that time, messages per second; none where it never was.
    pub msgs_per_s: Option<f64>,
    /// How old the messages of the backlog were when they were processed, or seen to be committed; none where nobody tells that.
    pub ages: Option<Watched>,
}

impl Drained {
    /// Of a trial with one; `end_s` is when watching ended.
    pub fn of(record: &TrialRecord, rows: impl Rows, end_s: f64) -> Option<Self> {
        let backlog = record.backlog.as_ref()?;
        let quarter_s = 1.0 / f64::from(PER_SECOND);
        // As much as can be sent comes in no rate that was asked for: then what came in that very quarter second is what comes in one.
        let rate = |row: &Row| record.asked.rate_msgs_per_s.unwrap_or(row.due as f64 / quarter_s);
        let gone = |row: &Row| row.backlog_messages as f64 <= rate(row) * record.drain_step_s();
        let since_start_s = |t_s: f64| t_s - backlog.started_s;
        let (mut done, mut last_s) = (backlog.processed_before.unwrap_or_default(), None);
        for (t_s, processed, gone) in rows.each(|row| (row.t_s, row.processed, gone(row))) {
            done += processed;
            if gone {
                last_s = Some(t_s);
                break;
            }
        }
        let (took_s, done) = match backlog.gone {
            Some(gone) => (Some(since_start_s(gone.at_s)), gone.processed),
            None => (last_s.map(|last_s| since_start_s(last_s + quarter_s)), done),
        };
        let whole = if record.followed.is_some() { Latency::Committed } else { Latency::EndToEnd };
        let ages = backlog.ages.as_deref().filter(|_| record.tells(whole));
        let ages = ages.and_then(|text| codec::decode(text).ok());
        Some(Drained {
            written: backlog.messages,
            time_s: took_s.map_or(Reading::Beyond(since_start_s(end_s)), Reading::Value),
            msgs_per_s: took_s.filter(|took_s| *took_s > 0.0).map(|took_s| done as f64 / took_s),
            // Each of them was due before time 0.
            ages: ages.map(|known| Watched::among(known, backlog.messages, (end_s.max(0.0) * 1e9) as u64)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Sparse;
    use crate::record::testing::{Synthetic, backlog, emulated};
    use crate::record::{Backlog, Followed, Gone};
    use crate::units::{CreditMode, Quantile};

    /// 1,000 messages, 100 of them processed in each quarter, beside a load of 40 a quarter from time 0 on.
    fn trial(ages: u64) -> (TrialRecord, Vec<Row>) {
        let mut record = Synthetic::default().record();
        let known: Sparse = (1..=ages).map(|n| (n * 10_000_000, 1)).collect();
        record.backlog = Some(Backlog { ages: Some(codec::encode(&known)), ..backlog() });
        record.asked.rate_msgs_per_s = Some(160.0);
        let row = |at: u32| Row {
            t_s: f64::from(at) / 4.0,
            processed: if at < 17 { 100 } else { 40 },
            backlog_messages: 1_000_u64.saturating_sub(60 * u64::from(at + 1)).max(30),
            ..Row::default()
        };
        (record, (0..40).map(row).collect())
    }

    #[test]
    fn a_backlog_is_gone_once_no_more_is_left_than_what_comes_in_a_quarter_second() {
        let (record, rows) = trial(1_000);
        let drained = Drained::of(&record, &rows, 10.0).unwrap();
        // 1,000 less 60 a quarter: 40 are left at the end of the sixteenth, two seconds after the consumers were started and four more.
        assert_eq!((drained.written, drained.time_s), (1_000, Reading::Value(6.0)));
        assert_eq!(drained.msgs_per_s, Some(1_600.0 / 6.0));
        let ages = drained.ages.clone().unwrap();
        assert_eq!(ages.n, 1_000);
        let Reading::Value(p99) = ages.read(Quantile::At(0.99)) else { panic!("{ages:?}") };
        assert!((p99 - 9_900.0).abs() < 100.0, "{p99}");
        // What was done before time 0 stands apart where the record tells it.
        let (mut apart, mut fewer) = (record.clone(), rows.clone());
        apart.backlog.as_mut().unwrap().processed_before = Some(90);
        fewer[0].processed -= 90;
        assert_eq!(Drained::of(&apart, &fewer, 10.0).unwrap().msgs_per_s, drained.msgs_per_s);
        let mut alone = record.clone();
        alone.backlog = None;
        assert_eq!(Drained::of(&alone, &rows, 10.0), None);
    }

    #[test]
    fn beside_as_much_as_can_be_sent_a_backlog_is_gone_once_no_more_is_left_than_what_came_in_that_quarter() {
        let (mut record, mut rows) = trial(1_000);
        record.asked.rate_msgs_per_s = None;
        for row in &mut rows {
            row.due = 100;
        }
        // 100 are left at the end of the fifteenth.
        assert_eq!(Drained::of(&record, &rows, 10.0).unwrap().time_s, Reading::Value(5.75));
        for row in &mut rows {
            row.due = 0;
        }
        assert_eq!(Drained::of(&record, &rows, 10.0).unwrap().time_s, Reading::Beyond(12.0));
    }

    #[test]
    fn a_backlog_that_stays_takes_longer_than_was_watched_and_so_do_its_last_messages() {
        let (record, rows) = trial(500);
        let drained = Drained::of(&record, &rows[..8], 2.0).unwrap();
        assert_eq!((drained.time_s, drained.msgs_per_s), (Reading::Beyond(4.0), None));
        let ages = drained.ages.unwrap();
        assert_eq!(ages.censored, 500);
        assert!(ages.read(Quantile::At(0.99)).value().is_none());
    }

    #[test]
    fn what_was_gone_before_the_load_began_took_as_long_as_the_consumers_tell() {
        let (mut record, mut rows) = trial(1_000);
        for row in &mut rows {
            row.backlog_messages = 30;
        }
        let told = record.backlog.as_mut().unwrap();
        (told.processed_before, told.gone) = (Some(1_000), Some(Gone { at_s: -0.5, processed: 990 }));
        let drained = Drained::of(&record, &rows, 10.0).unwrap();
        assert_eq!((drained.time_s, drained.msgs_per_s), (Reading::Value(1.5), Some(660.0)));
        record.backlog.as_mut().unwrap().gone = None;
        let drained = Drained::of(&record, &rows, 10.0).unwrap();
        assert_eq!(drained.time_s, Reading::Value(2.25), "in an older record it is the most that it took");
    }

    #[test]
    fn how_old_messages_were_is_not_known_of_a_share_group_nor_of_what_is_held_to_a_part_of_a_core() {
        let (mut record, rows) = trial(1_000);
        let ages = |record: &TrialRecord| Drained::of(record, &rows, 10.0).unwrap().ages;
        let by = |by: &str| Some(Followed { by: by.to_owned(), ..Followed::default() });
        record.followed = by(Followed::SHARE_GROUP);
        assert_eq!(ages(&record), None, "unknown is not longer than was watched");
        record.followed = by("polled");
        assert!(ages(&record).is_some());
        record.emulated = vec![emulated("t3.micro", CreditMode::Standard, 0.2, 1)];
        assert_eq!(ages(&record), None);
    }
}
