//! The threads that watch while a trial runs: resources once a second, commits at each quarter second.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rdkafka::consumer::BaseConsumer;

use super::lags::{Following, Lags};
use super::times::Times;
use super::world::furthest;
use crate::books::Topics;
use crate::cluster::describe_by;
use crate::consumers::Watched;
use crate::load::{AckLedger, Lag, LoadThreads, ShareAsker};
use crate::observe::{
    self, Moved, Passed, Passing, Read, Reading, Told, Watch, When, commits, follow, follow_commits,
    follow_members, hear_commits,
};
use crate::record::{ScrapedRow, Scroll, Scrolled, StoreError};
use crate::spec::scrape::Target;
use crate::timeline::{Clock, SECOND_NS};

/// How long a coordinator may take to describe a group.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Watching threads and what they have seen.
pub struct Watchers {
    stop: Arc<AtomicBool>,
    /// When counters were read last, Unix ns.
    seen: Arc<AtomicU64>,
    resources: Option<JoinHandle<Scroll<Reading>>>,
    /// Whose CPU and memory are the consumers', by group, those that have ended too: what they had used stays in the sum.
    consumers: Arc<Mutex<Vec<Watched>>>,
    /// Processes of the brokers that bench started.
    cluster: Arc<Mutex<Vec<u32>>>,
    commits: Vec<Option<JoinHandle<FollowedCommits>>>,
    hearers: Vec<Option<JoinHandle<()>>>,
    members: Vec<Option<JoinHandle<Vec<Moved>>>>,
    /// By group, the commits that were read last.
    read: Arc<Mutex<Vec<LastRead>>>,
    /// By group, who reads the commits of further groups of the same pipeline.
    besides: Arc<Mutex<Vec<Vec<Arc<BaseConsumer>>>>>,
    pages: Vec<Option<JoinHandle<Scroll<ScrapedRow>>>>,
}

/// The lag of a group, and what its commits passed where it says nothing itself.
type FollowedCommits = (Following, Option<Passed>);

/// The commits of a group as they were read last, by partition; `None` as long as they were not.
type LastRead = Option<Vec<Option<i64>>>;

/// What the watchers have seen, in the order of time.
#[derive(Debug, Default)]
pub struct Seen {
    /// Counters, once a second and at the window's edges.
    pub readings: Scrolled<Reading>,
    /// The lag by commits of each group, in the order in which they were followed.
    pub lags: Vec<Lags>,
    /// What their commits passed, of those that say nothing themselves.
    pub passed: Vec<Option<Passed>>,
    /// What changed in them, of the same.
    pub moved: Vec<Vec<Moved>>,
    /// What each of the pages of others gave.
    pub scraped: Vec<Scrolled<ScrapedRow>>,
}

/// Whose commits are followed.
pub struct Followed {
    /// Has the group's id, joins nothing.
    pub client: Arc<BaseConsumer>,
    /// The topics.
    pub topics: Arc<Topics>,
    /// What the producers know of them.
    pub ledger: Arc<Mutex<AckLedger>>,
    /// Where lags go.
    pub lags: Following,
    /// What is followed beyond that, where it says nothing itself.
    pub outside: Option<Outside>,
}

/// A group that says nothing itself.
pub struct Outside {
    /// Its name.
    pub name: String,
    /// What its commits pass.
    pub passing: Passing,
    /// Is told of each commit; none where the cluster does not let us.
    pub told: Option<BaseConsumer>,
    /// Whoever asks how far a share group is, and whoever describes it; none of a group that commits.
    pub shares: Option<[ShareAsker; 2]>,
}

impl Watchers {
    /// Watches from time 0 on, with two more readings at the window's edges. Readings go to `scroll`.
    pub fn start(clock: Clock, times: &Times, mut watch: Watch, mut scroll: Scroll<Reading>) -> Self {
        let Times { zero, window, .. } = *times;
        let (stop, read) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (seen, halt) = (Arc::clone(&read), Arc::clone(&stop));
        let mut load = LoadThreads::default();
        let consumers = Arc::new(Mutex::new(watch.consumers.clone()));
        let of_consumers = Arc::clone(&consumers);
        let cluster = Arc::new(Mutex::new(watch.cluster.clone()));
        let of_cluster = Arc::clone(&cluster);
        let resources = spawn("watch-resources", move || {
            let mut next = zero;
            while !halt.load(Relaxed) {
                let now = clock.now();
                if now < next {
                    // In short steps, so that a stop is heard.
                    std::thread::sleep(Duration::from_nanos((next - now).min(20_000_000)));
                    continue;
                }
                watch.consumers.clone_from(&locked(&of_consumers));
                watch.cluster.clone_from(&locked(&of_cluster));
                let reading = watch.read(clock, &load.now());
                scroll.push(&reading);
                seen.store(reading.at, Relaxed);
                let second = zero + ((now - zero) / SECOND_NS + 1) * SECOND_NS;
                next = [window.0, window.1].into_iter().filter(|edge| *edge > now).fold(second, u64::min);
            }
            scroll
        });
        let (commits, hearers, members, pages) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (seen, read, besides) = (read, Arc::default(), Arc::default());
        Watchers {
            stop,
            seen,
            resources,
            consumers,
            cluster,
            commits,
            hearers,
            members,
            read,
            besides,
            pages,
        }
    }

    /// Follows the commits of a further group of the same pipeline, by a client with its id: whichever has come further counts.
    pub fn follow_beside(&self, group: usize, client: BaseConsumer) {
        if let Some(besides) = locked(&self.besides).get_mut(group) {
            besides.push(Arc::new(client));
        }
    }

    /// Watches these of a group as well, by its place.
    pub fn watch(&self, group: usize, more: Watched) {
        if let Some(known) = locked(&self.consumers).get_mut(group) {
            known.add(more);
        }
    }

    /// Watches these processes of the brokers as well.
    pub fn watch_cluster(&self, pids: &[u32]) {
        let mut known = locked(&self.cluster);
        let new: Vec<u32> = pids.iter().copied().filter(|pid| !known.contains(pid)).collect();
        known.extend(new);
    }

    #[cfg(test)]
    pub fn watched(&self, group: usize) -> Vec<u32> {
        locked(&self.consumers)[group].pids.clone()
    }

    /// Follows the commits of all groups as well.
    pub fn follow(&mut self, clock: Clock, followed: Vec<Followed>) {
        let past = Arc::new(Mutex::new(vec![None; followed.len()]));
        *locked(&self.read) = vec![None; followed.len()];
        *locked(&self.besides) = vec![Vec::new(); followed.len()];
        for (group, followed) in followed.into_iter().enumerate() {
            let Followed { client, topics, ledger, mut lags, mut outside } = followed;
            let (mut told, mut shares) = (None, None);
            if let Some(outside) = &mut outside {
                let (asker, describer) = outside.shares.take().map(|[asker, other]| (asker, other)).unzip();
                shares = asker;
                let describer = (Arc::clone(&client), describer);
                self.members.push(self.follow_members(clock, describer, (&outside.name, &topics)));
                told = outside
                    .told
                    .take()
                    .map(|client| self.hear_commits(clock, client, (&outside.name, &topics)));
            }
            let (halt, read, past) = (Arc::clone(&self.stop), Arc::clone(&self.read), Arc::clone(&past));
            let besides = Arc::clone(&self.besides);
            self.commits.push(spawn("watch-commits", move || {
                let mut done = Vec::new();
                let far = || match &mut shares {
                    None => Some((commits(&client, &topics)?, None)),
                    Some(asker) => how_far(asker, (&topics, &ledger), &mut done),
                };
                follow_commits(far, (clock, &halt), |mut committed| {
                    let others = locked(&besides)[group].clone();
                    let others = others.iter().filter_map(|client| commits(client, &topics));
                    committed.offsets = others.fold(committed.offsets, |all, own| furthest(all, &own));
                    let mut ledger = locked(&ledger);
                    ledger.settle();
                    let lag = match &committed.share {
                        None => ledger.lag(&committed.offsets),
                        Some(share) => with_told(ledger.lag(&share.starts), &share.lags),
                    };
                    lags.add((committed.asked, committed.at), lag);
                    let mut past = locked(&past);
                    locked(&read)[group] = Some(committed.offsets.clone());
                    past[group] = Some(match &mut outside {
                        None => committed.offsets,
                        Some(Outside { passing, .. }) => {
                            told.iter().flat_map(Receiver::try_iter).for_each(|told| passing.hear(told));
                            passing.add(&committed, |partition, offsets| ledger.dues(partition, offsets));
                            // The oldest that is not done may lie before as many as are.
                            let starts = committed.share.map(|share| share.starts);
                            let all = std::iter::once(passing.reached()).chain(starts);
                            all.reduce(|all, own| nearest(&all, &own)).unwrap_or_default()
                        }
                    });
                    if let Some(all) = furthest_behind(&past) {
                        ledger.forget(&all);
                    }
                });
                // Whoever hears them has been stopped too: this ends with the last that was told.
                let last: Vec<Told> = told.into_iter().flatten().collect();
                let mut ledger = locked(&ledger);
                ledger.settle();
                let passed = outside.map(|Outside { mut passing, .. }| {
                    for told in last {
                        passing.hear(told);
                    }
                    passing.finish(|partition, offsets| ledger.dues(partition, offsets))
                });
                (lags, passed)
            }));
        }
    }

    /// Reads the pages of others as well, each in a thread of its own: one that hangs holds up none. What is read goes to files in `folder`.
    pub fn scrape(
        &mut self,
        clock: Clock,
        times: &Times,
        pages: &[(Target, String)],
        folder: &Path,
    ) -> Result<(), StoreError> {
        let when = When { zero: times.zero, window: times.window };
        for (number, (target, url)) in (0..).zip(pages.iter().cloned()) {
            let (halt, mut scroll) = (Arc::clone(&self.stop), Scroll::create(folder)?);
            self.pages.push(spawn("watch-page", move || {
                follow((number, &target, &url), when, (clock, &halt), |row| scroll.push(&row));
                scroll
            }));
        }
        Ok(())
    }

    /// Hears what the offsets topic tells of a group, by its name, on these topics.
    fn hear_commits(
        &mut self,
        clock: Clock,
        client: BaseConsumer,
        (group, topics): (&str, &Arc<Topics>),
    ) -> Receiver<Told> {
        let (put, told) = channel();
        let (group, topics, halt) = (group.to_owned(), Arc::clone(topics), Arc::clone(&self.stop));
        self.hearers.push(spawn("watch-offsets", move || {
            // Nobody listens any more once the other thread has ended: then there is nothing to tell.
            hear_commits(&client, (&group, &topics), (clock, &halt), |told| drop(put.send(told)));
        }));
        told
    }

    /// Follows who is in a group, by its name, and what each has of these topics.
    fn follow_members(
        &self,
        clock: Clock,
        (client, mut shares): (Arc<BaseConsumer>, Option<ShareAsker>),
        (group, topics): (&str, &Arc<Topics>),
    ) -> Option<JoinHandle<Vec<Moved>>> {
        let halt = Arc::clone(&self.stop);
        let (group, topics) = (group.to_owned(), Arc::clone(topics));
        spawn("watch-members", move || {
            let mut all = Vec::new();
            let describe = || match &mut shares {
                Some(asker) => asker.describe(&topics, ANSWER_WITHIN).ok().flatten(),
                None => describe_by(&client, (&group, &topics), ANSWER_WITHIN).ok(),
            };
            follow_members(describe, (clock, &halt), |moved| all.push(moved));
            all
        })
    }

    /// The commits of a group as they were read last, by partition.
    pub fn committed(&self, group: usize) -> Option<Vec<Option<i64>>> {
        locked(&self.read).get(group).cloned().flatten()
    }

    /// Waits until the counters at a moment have been read, for `patience` at most.
    pub fn await_reading(&self, at: u64, patience: Duration) {
        let deadline = std::time::Instant::now() + patience;
        while self.seen.load(Relaxed) < at && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends the threads and hands over what they saw.
    pub fn finish(self) -> Result<Seen, StoreError> {
        self.stop.store(true, Relaxed);
        // A thread that is not there has no readings, and a missing reading is a gap.
        let resources = self.resources.and_then(|thread| thread.join().ok());
        let commits = self.commits.into_iter().map(|thread| thread.and_then(|thread| thread.join().ok()));
        for hearer in self.hearers.into_iter().flatten() {
            hearer.join().ok();
        }
        let pages = self.pages.into_iter().flatten().filter_map(|thread| thread.join().ok());
        let pages = pages.map(Scroll::finish);
        let (mut lags, mut passed) = (Vec::new(), Vec::new());
        for seen in commits {
            let (following, of_group) = seen.unzip();
            lags.push(following.map_or_else(|| Ok(Lags::default()), Following::finish)?);
            passed.push(of_group.flatten());
        }
        let members = self.members.into_iter().map(|thread| thread.and_then(|thread| thread.join().ok()));
        Ok(Seen {
            readings: resources.map_or_else(|| Ok(Scrolled::default()), Scroll::finish)?,
            lags,
            passed,
            moved: members.map(Option::unwrap_or_default).collect(),
            scraped: pages.collect::<Result<_, _>>()?,
        })
    }
}

/// How far a share group is now, as its coordinator tells it, with what was known before: no message is done again.
fn how_far(
    asker: &mut ShareAsker,
    (topics, ledger): (&Topics, &Mutex<AckLedger>),
    done: &mut Vec<Option<i64>>,
) -> Option<Read> {
    let ends = locked(ledger).ends();
    let told = asker.offsets(topics, observe::ANSWER_WITHIN).ok()?;
    let now = locked(ledger).done(&ends, &told);
    *done = furthest(std::mem::take(done), &now);
    Some((done.clone(), Some(told)))
}

/// A lag with that of each partition whose broker told it in the place of what lies beyond the offset before which all is done: some of that may be done, too.
fn with_told(mut lag: Lag, told: &[Option<u64>]) -> Lag {
    for (own, told) in lag.by_partition.iter_mut().zip(told) {
        *own = told.unwrap_or(*own);
    }
    lag.messages = lag.by_partition.iter().sum();
    lag
}

fn spawn<T: Send + 'static>(name: &str, run: impl FnOnce() -> T + Send + 'static) -> Option<JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run).ok()
}

fn locked<T>(one: &Mutex<T>) -> MutexGuard<'_, T> {
    one.lock().unwrap_or_else(PoisonError::into_inner)
}

/// By partition, what every group has committed; `None` as long as one has not been read.
fn furthest_behind(groups: &[Option<Vec<Option<i64>>>]) -> Option<Vec<Option<i64>>> {
    let known: Option<Vec<&Vec<Option<i64>>>> = groups.iter().map(Option::as_ref).collect();
    let (first, rest) = known?.split_first().map(|(first, rest)| ((*first).clone(), rest.to_vec()))?;
    Some(rest.into_iter().fold(first, |all, own| nearest(&all, own)))
}

/// By partition the less far; `None` is less than any offset.
fn nearest(a: &[Option<i64>], b: &[Option<i64>]) -> Vec<Option<i64>> {
    a.iter().zip(b).map(|(a, b)| *a.min(b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_that_a_broker_tells_goes_before_what_is_reckoned() {
        let lag = || Lag { messages: 12, oldest_due: Some(5), by_partition: vec![7, 5], ..Lag::default() };
        assert_eq!(with_told(lag(), &[]), lag());
        let told = with_told(lag(), &[Some(3), None]);
        assert_eq!((told.messages, told.by_partition, told.oldest_due), (8, vec![3, 5], Some(5)));
    }

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
