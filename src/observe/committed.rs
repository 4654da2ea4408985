//! What a group has committed, read from its coordinator: all partitions in one request, by a client that never joins.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};

use crate::books::Topics;
use crate::cluster::{ShareOffsets, all_of, by_number};
use crate::timeline::{Clock, QUARTER_NS};

/// How long an answer may take.
pub const ANSWER_WITHIN: Duration = Duration::from_millis(900);

/// One reading of a group's commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// When it was asked, Unix ns: what was committed was so at some moment between the two.
    pub asked: u64,
    /// When the answer was there, Unix ns.
    pub at: u64,
    /// By partition; `None` where nothing is committed yet.
    pub offsets: Vec<Option<i64>>,
    /// What was told of a share group, whose `offsets` are as if it had done in their order as many as lag no more; none of a group that commits.
    pub share: Option<ShareOffsets>,
}

/// By partition, how far a group is, and what was told of a share group.
pub type Read = (Vec<Option<i64>>, Option<ShareOffsets>);

/// Reads at each quarter second until `stop` is set how far a group is, and tells it; a reading that fails is left out.
pub fn follow_commits(
    mut read: impl FnMut() -> Option<Read>,
    (clock, stop): (Clock, &AtomicBool),
    mut tell: impl FnMut(Committed),
) {
    while !stop.load(Relaxed) {
        let now = clock.now();
        std::thread::sleep(Duration::from_nanos(QUARTER_NS - now % QUARTER_NS));
        let asked = clock.now();
        let Some((offsets, share)) = read() else { continue };
        tell(Committed { asked, at: clock.now(), offsets, share });
    }
}

/// What the group of a client has committed now, by partition; none where its coordinator does not say so soon. `client` has the group's `group.id` and is
/// subscribed to nothing.
pub fn commits(client: &BaseConsumer, topics: &Topics) -> Option<Vec<Option<i64>>> {
    let answer = client.committed_offsets(all_of(topics), ANSWER_WITHIN).ok()?;
    Some(by_number(topics, &answer))
}
