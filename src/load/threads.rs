//! Which of this process's threads belong to the load: by their names. Those of librdkafka's producers get theirs as they start.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::ops::Range;
use std::sync::mpsc;
use std::thread::JoinHandle;

use super::LoadError;

/// The load's threads, as often as they are asked for: clients start some when they connect, and end some.
#[derive(Debug, Default)]
pub struct LoadThreads {
    /// Threads of this process that were met, and whether they are the load's: the name of each is read once.
    known: BTreeMap<u32, bool>,
}

impl LoadThreads {
    /// Kernel ids of those that there are now.
    pub fn now(&mut self) -> Vec<u32> {
        let entries = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        // A thread's id may be another one's later: what has ended is forgotten.
        self.known =
            ids.map(|id| (id, self.known.get(&id).copied().unwrap_or_else(|| is_load(id)))).collect();
        self.known.iter().filter(|(_, is_load)| **is_load).map(|(id, _)| *id).collect()
    }
}

fn is_load(thread: u32) -> bool {
    fs::read_to_string(format!("/proc/self/task/{thread}/comm")).is_ok_and(|name| name.starts_with("load-"))
}

/// The cores that this process may use; one where the system does not tell.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Producers by the thread that drives them at `rate: max`: a thread for each two cores that may be used, since a producer's own threads need as much as
/// the one that hands it messages.
pub fn groups(producers: usize) -> Vec<Range<usize>> {
    let threads = (cores() / 2).clamp(1, producers.max(1));
    (0..threads).map(|thread| producers * thread / threads..producers * (thread + 1) / threads).collect()
}

/// Returns once the thread runs: only then has it its name, by which its CPU is counted as the load's.
pub fn spawn<T: Send + 'static>(
    name: &'static str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, LoadError> {
    let (running, runs) = mpsc::sync_channel(1);
    let run = move || {
        running.send(()).ok();
        run()
    };
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    runs.recv().ok();
    thread.map_err(|source| LoadError::System { source })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_thread_that_starts_later_is_found_and_one_that_has_ended_is_not() {
        let mut threads = LoadThreads::default();
        let own = || rustix::thread::gettid().as_raw_nonzero().get() as u32;
        let start = |name: &'static str| {
            let ((id, told), (stop, stopped)) = (channel(), channel::<()>());
            let thread = spawn(name, move || {
                id.send(own()).unwrap();
                stopped.recv().ok();
            });
            (told.recv().unwrap(), stop, thread.unwrap())
        };
        threads.now();
        let (later, stop, thread) = start("load-later");
        let (stranger, end, other) = start("rdk:main");
        let now = threads.now();
        assert!(now.contains(&later) && !now.contains(&stranger) && !now.contains(&own()));
        drop((stop, end));
        thread.join().unwrap();
        other.join().unwrap();
        // Who is joined has ended, and may be listed for a moment still.
        let gone = (0..10_000).any(|_| {
            std::thread::yield_now();
            !threads.now().contains(&later)
        });
        assert!(gone, "{later} is still listed");
    }
}
