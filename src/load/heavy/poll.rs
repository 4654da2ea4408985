//! The thread that takes delivery reports of librdkafka's producers: as events in batches, for all producers of a segment.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;

use super::booker::Booker;
use super::native::RawProducer;
use crate::load::reporter::{Next, Reporter};
use crate::load::tally::Acks;

/// Takes reports until the end; `pipe` carries the number of each producer with news.
pub fn run(reporter: Reporter, producers: &[Arc<RawProducer>], pipe: &OwnedFd) -> Acks {
    let mut bytes = [0_u8; 4096];
    let tick = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
    let mut booker = Booker::new(reporter);
    loop {
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
        booker.reporter.acks.settle();
        match booker.reporter.after_round(heard) {
            Next::Round => {}
            Next::GiveUp => producers.iter().for_each(|producer| producer.purge()),
            Next::Done => return booker.reporter.acks,
        }
    }
}
