//! A group's commits as the offsets topic tells them, each when its record comes: no wait for the next reading.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use rdkafka::Message;
use rdkafka::consumer::BaseConsumer;

use crate::books::Topics;
use crate::cluster::commit;
use crate::timeline::Clock;

/// How long to wait at once, so that a stop is heard.
const STEP: Duration = Duration::from_millis(50);

/// What a group committed in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The commit's own time by the broker's clock, Unix ns, to the millisecond.
    pub own: u64,
    /// When its record was here, Unix ns.
    pub at: u64,
    /// Partitions, and the offset before which all is committed.
    pub offsets: Vec<(u32, i64)>,
}

/// Hears commits of a group on topics until `stop` is set, and tells them. `client` is assigned the partition of the offsets topic that keeps the group, reads
/// committed messages only, and so a transaction's offsets when it has ended.
pub fn hear_commits(
    client: &BaseConsumer,
    (group, topics): (&str, &Topics),
    (clock, stop): (Clock, &AtomicBool),
    mut tell: impl FnMut(Told),
) {
    while !stop.load(Relaxed) {
        let mut next = client.poll(STEP);
        // Of one request the records come together: one commit of many partitions is told as one.
        let mut told: Option<Told> = None;
        while let Some(come) = next {
            let at = clock.now();
            if let Ok(message) = come
                && let Some(found) = message.key().and_then(|key| commit(key, message.payload()))
                && found.group == group
                && let Some(number) = topics.number(found.topic, found.partition.cast_signed())
            {
                let own = message.timestamp().to_millis().and_then(|ms| u64::try_from(ms).ok());
                let own = own.unwrap_or_default() * 1_000_000;
                let next = (number, found.offset);
                match &mut told {
                    Some(told) if told.own == own => {
                        told.offsets.push(next);
                        told.at = at;
                    }
                    _ => {
                        if let Some(told) = told.replace(Told { own, at, offsets: vec![next] }) {
                            tell(told);
                        }
                    }
                }
            }
            next = client.poll(Duration::ZERO);
        }
        if let Some(told) = told {
            tell(told);
        }
    }
}
