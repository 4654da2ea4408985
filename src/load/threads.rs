//! Which of this process's threads belong to the load: by their names and by when they appeared.

use std::collections::BTreeSet;
use std::fs;
use std::num::NonZero;
use std::ops::Range;
use std::sync::mpsc;
use std::thread::JoinHandle;

use super::LoadError;

/// All threads of this process.
pub fn all() -> BTreeSet<u32> {
    let entries = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Threads that came after `others` and are named as the load's own or librdkafka's.
pub fn of_load(others: &BTreeSet<u32>) -> Vec<u32> {
    let is_load = |thread: &u32| {
        fs::read_to_string(format!("/proc/self/task/{thread}/comm"))
            .is_ok_and(|name| name.starts_with("load-") || name.starts_with("rdk:"))
    };
    all().difference(others).copied().filter(is_load).collect()
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
