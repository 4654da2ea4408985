//! What becomes of a batch: the rules of retry, as one table.
//!
//! A batch is *plain* as long as it has no sequence (without idempotence it never gets one), then *numbered*, and *doubtful* once the broker may have
//! written it without our knowing. Under its identity and sequence a broker knows a batch again; under another identity it would write it a second time.
//! So a numbered batch that is given up leaves a hole that only a new identity closes, and nothing doubtful goes under a new one.
//!
//! | what happened       | plain  | numbered        | doubtful       |
//! |---------------------|--------|-----------------|----------------|
//! | written             | acked  | acked           | acked          |
//! | written before      | acked  | acked           | acked          |
//! | not written         | again  | again           | again          |
//! | maybe written       | again  | again, doubtful | again          |
//! | behind another      | failed | again           | again          |
//! | out of order        | failed | again, renew    | failed, renew  |
//! | hopeless            | failed | failed, renew   | failed, renew  |
//! | worn out            | failed | failed, renew   | failed, renew  |
//! | time is up          | failed | failed, renew   | failed, renew  |
//! | under a new identity| again  | again, plain    | failed         |
//!
//! What goes again waits until those that were sent after it have come back (*draining*, in `queue`), so that order is kept.

use crate::load::light::batch::Batch;

/// How a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// It has no sequence.
    Plain,
    /// It has one, and the broker has not written it.
    Numbered,
    /// It has one, and the broker may have written it.
    Doubtful,
}

/// What happened to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The broker has written it.
    Written,
    /// The broker had written it before; where is not told.
    WrittenBefore,
    /// The broker has not written it, but might another time.
    NotWritten,
    /// Nobody knows whether the broker has written it: no answer came, or one that came after its log had it.
    MaybeWritten,
    /// The broker lacks one that was sent before it and goes again too.
    Behind,
    /// The broker lacks what lies before it, or has forgotten the producer.
    OutOfOrder,
    /// No retry will help.
    Hopeless,
    /// It was tried often enough.
    WornOut,
    /// It was not written within its delivery timeout.
    TimeUp,
    /// The producer has a new identity.
    Renewed,
}

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Its messages are acked.
    Ack,
    /// They have failed.
    Fail,
    /// It is sent again, and stands so from now on.
    Again(BatchState),
}

/// What is done, and whether the producer needs a new identity for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// About the batch.
    pub deed: Deed,
    /// About the producer.
    pub renew: bool,
}

impl BatchState {
    /// How this batch stands.
    pub fn of(batch: &Batch) -> Self {
        match (batch.sequence, batch.doubt) {
            (None, _) => BatchState::Plain,
            (Some(_), None) => BatchState::Numbered,
            (Some(_), Some(_)) => BatchState::Doubtful,
        }
    }
}

/// The table above.
pub fn rule(state: BatchState, happened: Happened) -> Ruling {
    use BatchState::{Doubtful, Numbered, Plain};
    use Happened as H;
    let deed = match (happened, state) {
        (H::Written | H::WrittenBefore, _) => Deed::Ack,
        (H::MaybeWritten, Numbered) => Deed::Again(Doubtful),
        (H::NotWritten | H::MaybeWritten, _) | (H::Behind, Numbered | Doubtful) => Deed::Again(state),
        (H::OutOfOrder, Numbered) => Deed::Again(Numbered),
        (H::Renewed, Plain | Numbered) => Deed::Again(Plain),
        (H::Behind | H::OutOfOrder | H::Hopeless | H::WornOut | H::TimeUp | H::Renewed, _) => Deed::Fail,
    };
    let hole = matches!(happened, H::OutOfOrder | H::Hopeless | H::WornOut | H::TimeUp);
    Ruling { deed, renew: hole && state != Plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAPPENED: [Happened; 10] = [
        Happened::Written,
        Happened::WrittenBefore,
        Happened::NotWritten,
        Happened::MaybeWritten,
        Happened::Behind,
        Happened::OutOfOrder,
        Happened::Hopeless,
        Happened::WornOut,
        Happened::TimeUp,
        Happened::Renewed,
    ];

    /// The cell as the table shows it.
    fn shown(state: BatchState, happened: Happened) -> String {
        let Ruling { deed, renew } = rule(state, happened);
        let deed = match deed {
            Deed::Ack => "acked",
            Deed::Fail => "failed",
            Deed::Again(BatchState::Doubtful) if state == BatchState::Numbered => "again, doubtful",
            Deed::Again(BatchState::Plain) if state == BatchState::Numbered => "again, plain",
            Deed::Again(next) => {
                assert_eq!(next, state, "{happened:?}");
                "again"
            }
        };
        if renew { format!("{deed}, renew") } else { deed.to_owned() }
    }

    #[test]
    fn the_rules_are_those_of_the_table_above() {
        let head = include_str!("rules.rs").lines().take_while(|line| line.starts_with("//!"));
        let rows = head.filter(|line| line.starts_with("//! |")).skip(2);
        let rows: Vec<Vec<&str>> = rows.map(|row| row.split('|').skip(1).map(str::trim).collect()).collect();
        assert_eq!(rows.len(), HAPPENED.len());
        for (row, happened) in rows.iter().zip(HAPPENED) {
            let columns = [BatchState::Plain, BatchState::Numbered, BatchState::Doubtful];
            for (cell, state) in row[1..].iter().zip(columns) {
                assert_eq!(*cell, shown(state, happened), "{}, {state:?}", row[0]);
            }
        }
    }

    #[test]
    fn nothing_doubtful_goes_under_another_identity_and_no_doubt_is_forgotten() {
        for happened in HAPPENED {
            match rule(BatchState::Doubtful, happened).deed {
                Deed::Again(next) => assert_eq!(next, BatchState::Doubtful, "{happened:?}"),
                Deed::Ack | Deed::Fail => {}
            }
        }
        assert_eq!(rule(BatchState::Doubtful, Happened::Renewed).deed, Deed::Fail);
    }

    #[test]
    fn a_numbered_batch_that_is_given_up_leaves_a_hole_that_a_new_identity_closes() {
        for state in [BatchState::Numbered, BatchState::Doubtful] {
            for happened in HAPPENED.into_iter().filter(|happened| *happened != Happened::Renewed) {
                let Ruling { deed, renew } = rule(state, happened);
                assert!(deed != Deed::Fail || renew, "{state:?}, {happened:?}");
            }
        }
    }
}
