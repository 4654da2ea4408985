//! The threads that watch while a trial runs: resources once a second, commits at each quarter second.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka::consumer::BaseConsumer;

use crate::load::{Lag, Ledger};
use crate::observe::{Reading, Watch, follow_commits};
use crate::timeline::{Clock, SECOND_NS};

/// The lag at one moment, as the group's commits tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LagReading {
    /// When, Unix ns.
    pub at: u64,
    /// How much, and how old.
    pub lag: Lag,
}

/// Watching threads and what they have seen.
#[derive(Debug)]
pub struct Watchers {
    stop: Arc<AtomicBool>,
    readings: Arc<Mutex<Vec<Reading>>>,
    lags: Vec<Arc<Mutex<Vec<LagReading>>>>,
    threads: Vec<JoinHandle<()>>,
}

/// What the watchers have seen, in the order of time.
#[derive(Debug, Default)]
pub struct Seen {
    /// Counters, once a second and at the window's edges.
    pub readings: Vec<Reading>,
    /// The lag by commits of each group, in the order in which they were followed.
    pub lags: Vec<Vec<LagReading>>,
}

/// Whose commits are followed.
pub struct Followed {
    /// Has the group's id, joins nothing.
    pub client: Arc<BaseConsumer>,
    /// The topic.
    pub topic: String,
    /// Its partitions.
    pub partitions: u32,
    /// What the producers know of the topic.
    pub ledger: Arc<Mutex<Ledger>>,
}

impl Watchers {
    /// Watches from `window.0 − warm-up` on; `window` (Unix ns) says where two more readings are taken.
    pub fn start(clock: Clock, zero: u64, window: (u64, u64), mut watch: Watch, load: Vec<u32>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let readings = Arc::new(Mutex::new(Vec::with_capacity(256)));
        let (seen, halt) = (Arc::clone(&readings), Arc::clone(&stop));
        let mut watchers = Watchers { stop, readings, lags: Vec::new(), threads: Vec::new() };
        watchers.spawn("watch-resources", move || {
            let mut next = zero;
            while !halt.load(Relaxed) {
                let now = clock.now();
                if now < next {
                    // In short steps, so that a stop is heard.
                    std::thread::sleep(Duration::from_nanos((next - now).min(20_000_000)));
                    continue;
                }
                let reading = watch.read(clock, &load);
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(reading);
                let second = zero + ((now - zero) / SECOND_NS + 1) * SECOND_NS;
                next = [window.0, window.1].into_iter().filter(|edge| *edge > now).fold(second, u64::min);
            }
        });
        watchers
    }

    /// Follows the commits of all groups as well.
    pub fn follow(&mut self, clock: Clock, followed: Vec<Followed>) {
        let read = Arc::new(Mutex::new(vec![None; followed.len()]));
        for (group, Followed { client, topic, partitions, ledger }) in followed.into_iter().enumerate() {
            let (lags, halt) = (Arc::<Mutex<Vec<LagReading>>>::default(), Arc::clone(&self.stop));
            self.lags.push(Arc::clone(&lags));
            let read = Arc::clone(&read);
            self.spawn("watch-commits", move || {
                follow_commits(&client, &topic, partitions, (clock, &halt), |committed| {
                    let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
                    let lag = ledger.lag(&committed.offsets);
                    let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
                    read[group] = Some(committed.offsets);
                    if let Some(all) = furthest_behind(&read) {
                        ledger.forget(&all);
                    }
                    let reading = LagReading { at: committed.at, lag };
                    lags.lock().unwrap_or_else(PoisonError::into_inner).push(reading);
                });
            });
        }
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) {
        // Without a thread there are no readings, and a missing reading is a gap.
        self.threads.extend(std::thread::Builder::new().name(name.to_owned()).spawn(run).ok());
    }

    /// Waits until the counters at a moment have been read, for `patience` at most.
    pub fn await_reading(&self, at: u64, patience: Duration) {
        let deadline = std::time::Instant::now() + patience;
        let has_come = || {
            let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
            readings.last().is_some_and(|reading| reading.at >= at)
        };
        while !has_come() && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends the threads and hands over what they saw.
    pub fn finish(self) -> Seen {
        self.stop.store(true, Relaxed);
        for thread in self.threads {
            thread.join().ok();
        }
        let readings = std::mem::take(&mut *self.readings.lock().unwrap_or_else(PoisonError::into_inner));
        let take = |lags: &Arc<Mutex<Vec<LagReading>>>| {
            std::mem::take(&mut *lags.lock().unwrap_or_else(PoisonError::into_inner))
        };
        Seen { readings, lags: self.lags.iter().map(take).collect() }
    }
}

/// By partition, what every group has committed; `None` as long as one has not been read.
fn furthest_behind(groups: &[Option<Vec<Option<i64>>>]) -> Option<Vec<Option<i64>>> {
    let known: Option<Vec<&Vec<Option<i64>>>> = groups.iter().map(Option::as_ref).collect();
    // `None` is less than any offset.
    let least = |a: Vec<Option<i64>>, b: &Vec<Option<i64>>| a.iter().zip(b).map(|(a, b)| *a.min(b)).collect();
    let (first, rest) = known?.split_first().map(|(first, rest)| ((*first).clone(), rest.to_vec()))?;
    Some(rest.into_iter().fold(first, least))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_times_are_kept_until_every_group_is_past_them() {
        let of = |groups: &[Option<&[Option<i64>]>]| {
            furthest_behind(&groups.iter().map(|group| group.map(<[_]>::to_vec)).collect::<Vec<_>>())
        };
        assert_eq!(of(&[Some(&[Some(5), None])]), Some(vec![Some(5), None]));
        assert_eq!(of(&[Some(&[Some(5), Some(9)]), None]), None, "one has not been read yet");
        assert_eq!(of(&[Some(&[Some(5), Some(9)]), Some(&[Some(7), None])]), Some(vec![Some(5), None]));
    }
}
