//! Where messages came to wait: before the brokers had them, or after.

use crate::record::series::{PER_SECOND, Row, Rows};

/// Growth over what was sent in the window, from which on consumers did not keep up at `rate: max`: as for a backlog.
const SHARE: f64 = 0.01;

/// Before the brokers had them, or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Producers and brokers.
    Sending,
    /// Brokers and consumers.
    Reading,
}

/// How much more waited at the window's end than at its start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Growth {
    /// Due and not acked; what was refused or failed left without having been done, and counts.
    pub(super) sending: f64,
    /// Acked and not processed; 0 without consumers.
    pub(super) reading: f64,
    /// Messages sent meanwhile.
    sent: f64,
}

impl Growth {
    /// In these rows.
    pub(super) fn of(rows: impl Rows) -> Self {
        let sum = |of: fn(&Row) -> u64| rows.sum(of) as f64;
        let consumers = rows.each(|row| row.unprocessed_messages).any(|known| known.is_some());
        Growth {
            // Of what no broker tells nobody waits for an ack.
            sending: sum(|row| row.due) - sum(|row| row.acked) - sum(|row| row.untold),
            reading: if consumers {
                sum(|row| row.acked) - sum(|row| row.processed) - sum(|row| row.aborted)
            } else {
                0.0
            },
            sent: sum(|row| row.sent),
        }
    }

    /// Where most of it is; none where it is as much here as there.
    pub(super) fn side(self) -> Option<Side> {
        let (sending, reading) = (self.sending.max(0.0), self.reading.max(0.0));
        match sending.partial_cmp(&reading)? {
            std::cmp::Ordering::Greater => Some(Side::Sending),
            std::cmp::Ordering::Less => Some(Side::Reading),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// Where nobody was asked for a rate, and the clients' queues are always full: with the consumers where these did not keep up.
    pub(super) fn side_at_max(self, seconds: f64) -> Side {
        let quarter = self.sent / seconds.max(f64::MIN_POSITIVE) / f64::from(PER_SECOND);
        let behind = self.reading > (SHARE * self.sent).max(quarter);
        if behind { Side::Reading } else { Side::Sending }
    }
}
