//! The thread that takes delivery reports of librdkafka's producers: as events in batches, for all producers of a segment.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;

use super::booker::Booker;
use super::native::RawProducer;
use crate::load::tally::Acks;

/// How long reports of what was purged are waited for.
const LAST_REPORTS: Duration = Duration::from_secs(5);

/// Takes reports until `stop` is set and nothing is left to tell; `pipe` carries the number of each producer with news.
pub fn run(acks: Acks, producers: &[Arc<RawProducer>], pipe: &OwnedFd, stop: &AtomicBool) -> Acks {
    let mut given_up = None;
    let mut bytes = [0_u8; 4096];
    let tick = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
    let mut booker = Booker::new(acks);
    loop {
        let stopping = stop.load(Relaxed);
        let news = poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&tick)).unwrap_or(0);
        let length = if news > 0 { rustix::io::read(pipe, &mut bytes).unwrap_or(0) } else { 0 };
        let mut heard = false;
        for index in bytes[..length].as_chunks::<4>().0 {
            heard |= booker.drain(&producers[u32::from_ne_bytes(*index) as usize]);
        }
        if length == 0 {
            // A wake-up can be lost between two fills of a queue; a look every tick makes that harmless.
            for producer in producers {
                heard |= booker.drain(producer);
            }
        }
        booker.acks.settle();
        if stopping {
            let deadline = *given_up.get_or_insert_with(|| Instant::now() + LAST_REPORTS);
            // A broker's thread that has no core tells late what was purged.
            if !heard && (booker.acks.is_complete() || Instant::now() > deadline) {
                return booker.acks;
            }
        }
    }
}
