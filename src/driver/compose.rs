//! Adds up what load, consumers and probes saw into the record of one trial. Pure: everything is there already.

use super::group::RawGroup;
use crate::books::{Books, OffsetSet, audit};
use crate::load::{Loaded, Wire};
use crate::observe::{Passed, ProcessCounters, Reading, used};
use crate::record::{CpuLimit, HostUse, ProcessUse, Scrolled, WireUse};
use crate::timeline::SECOND_NS;

/// The books of the whole trial, as they are with one group; `canaries` by partition. On a topic that was there before messages of others may lie among ours:
/// then `ends` are where its partitions ended, nothing where that is not known.
pub fn books(
    loaded: &Loaded,
    group: Option<&RawGroup>,
    (canaries, ends): (&[OffsetSet], Option<&[i64]>),
) -> Books {
    let counts = &loaded.counts;
    let mut books = Books {
        due: counts.due.total() + loaded.before,
        sent: counts.sent.total() + loaded.before,
        refused: counts.refused.total(),
        acked: counts.acked.total() + loaded.before,
        failed: counts.failed.total(),
        in_flight: loaded.in_flight,
        aborted: loaded.ledger.aborted().iter().map(OffsetSet::len).sum(),
        ..Books::default()
    };
    if let Some((group, outside)) = group.and_then(|group| Some((group, group.outside.as_ref()?))) {
        // Nobody tells what it received: neither how often, nor in what order, nor whether what lies before its commits ever came.
        books.unread = group.commits.as_ref().map(|commits| loaded.ledger.lag(commits).messages);
        // But for those in whose places others lie: at least these.
        books.lost = Some(loaded.ledger.overwritten()).filter(|lost| *lost > 0);
        // Where each transaction ends a marker has an offset of its own.
        let ends = ends.filter(|_| !loaded.ledger.is_transactional());
        books.foreign = ends.and_then(|ends| passed_of_others(&outside.passed, &loaded.ledger.acked(), ends));
        return books;
    }
    if let Some((gathered, commits)) =
        group.and_then(|group| Some((&group.gathered, group.commits.as_ref()?)))
    {
        let acked = loaded.ledger.acked();
        let mut received = gathered.received_offsets(acked.len() as u32);
        if ends.is_some() {
            let foreign = gathered.foreign_offsets(acked.len() as u32);
            for (own, foreign) in received.iter_mut().flat_map(|instance| instance.iter_mut().zip(&foreign)) {
                *own = own.difference(foreign);
            }
            books.foreign = Some(foreign.iter().map(OffsetSet::len).sum());
        }
        books.received_aborted = Some(take_aborted(&mut received, &loaded.ledger.aborted()));
        let audit = audit(&acked, canaries, &received, gathered.duplicates_within(), commits);
        books.received = Some(audit.received);
        books.received_unacked = Some(audit.received_unacked);
        books.duplicates = Some(audit.duplicates);
        books.out_of_order = Some(gathered.out_of_order());
        books.unread = Some(audit.unread);
        books.lost = Some(audit.lost + loaded.ledger.overwritten());
    }
    books
}

/// Offsets between the first and the last commit that was read of a group at which nothing of ours lies. Beyond the end of a partition there are none, whatever is
/// committed.
fn passed_of_others(passed: &Passed, acked: &[OffsetSet], ends: &[i64]) -> Option<u64> {
    let of_others = |partition: usize| {
        let (first, last) = (passed.firsts[partition]?, passed.offsets[partition]?.min(ends[partition]));
        let ours = acked.get(partition)?;
        let ours = ours.count_from(first).saturating_sub(ours.count_from(last));
        Some(((last - first).max(0) as u64).saturating_sub(ours))
    };
    (ends.len() >= passed.offsets.len()).then(|| (0..passed.offsets.len()).filter_map(of_others).sum())
}

/// Takes the offsets of aborted transactions out of what each instance received; says how many they were, each once. Nobody should have got them, and
/// for the other books nobody did.
fn take_aborted(received: &mut [Vec<OffsetSet>], aborted: &[OffsetSet]) -> u64 {
    let mut taken = 0;
    for (partition, aborted) in aborted.iter().enumerate().filter(|(_, aborted)| !aborted.is_empty()) {
        let mut anyone = OffsetSet::new();
        for own in received.iter_mut().filter_map(|instance| instance.get_mut(partition)) {
            anyone.union_with(own);
            *own = own.difference(aborted);
        }
        taken += anyone.intersection_len(aborted);
    }
    taken
}

/// Where no broker told of anything that it wrote, nobody knows how much of it is still unread.
pub fn is_blind(loaded: &Loaded) -> bool {
    loaded.counts.untold.total() > 0 && loaded.counts.acked.total() == 0
}

/// What was used within the window: between the readings nearest to its edges.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WindowUse {
    /// The host.
    pub host: Option<HostUse>,
    /// The consumers.
    pub consumers: Option<ProcessUse>,
    /// The brokers.
    pub cluster: Option<ProcessUse>,
    /// The load's threads together, in cores.
    pub load_cpu_cores: Option<f64>,
    /// The busiest of them, in cores.
    pub load_busiest_thread_cores: Option<f64>,
    /// The worst wait for a core, in seconds per second.
    pub load_run_delay: Option<f64>,
    /// In ms, each time.
    pub load_wait_ms: Option<f64>,
    /// In MiB.
    pub load_rss_max_mib: Option<f64>,
    /// The greatest change between wall clock and bench's clock, in ms.
    pub clock_step_ms: Option<f64>,
}

/// See [`WindowUse`], the consumers those of one group; all unknown where a reading at an edge is missing, or one that cannot be read.
pub fn window_use(window: (u64, u64), readings: &Scrolled<Reading>, group: usize) -> WindowUse {
    let mut seen = SeenOfWindow::new(window, group);
    for reading in readings.iter() {
        let Ok(reading) = reading else { return WindowUse::default() };
        seen.add(reading);
    }
    seen.window_use()
}

/// What of all readings the window is asked for.
#[derive(Debug, Default)]
struct SeenOfWindow {
    window: (u64, u64),
    group: usize,
    /// The readings nearest to the edges; the first of equals.
    from: Option<Reading>,
    to: Option<Reading>,
    /// Since `from`, and of these until `to`.
    peaks: Peaks,
    peaks_inside: Peaks,
    drifts: Option<(i64, i64)>,
}

/// The most memory that was resident, in MiB.
#[derive(Clone, Copy, Debug, Default)]
struct Peaks {
    consumers: Option<f64>,
    cluster: Option<f64>,
    own: Option<f64>,
}

impl Peaks {
    fn with(self, reading: &Reading, group: usize) -> Self {
        let rss = |of: Option<ProcessCounters>| of.map(|counters| counters.rss_mib);
        let greater = |a: Option<f64>, b: Option<f64>| [a, b].into_iter().flatten().reduce(f64::max);
        Peaks {
            consumers: greater(self.consumers, rss(reading.consumers_of(group))),
            cluster: greater(self.cluster, rss(reading.cluster)),
            own: greater(self.own, rss(reading.own)),
        }
    }
}

impl SeenOfWindow {
    fn new(window: (u64, u64), group: usize) -> Self {
        SeenOfWindow { window, group, ..SeenOfWindow::default() }
    }

    fn add(&mut self, reading: Reading) {
        let (start, end) = self.window;
        let nearer = |known: &Option<Reading>, edge: u64| {
            known.as_ref().is_none_or(|known| reading.at.abs_diff(edge) < known.at.abs_diff(edge))
        };
        let drift = reading.drift_ns;
        self.drifts =
            Some(self.drifts.map_or((drift, drift), |(least, most)| (least.min(drift), most.max(drift))));
        let (starts, ends) = (nearer(&self.from, start), nearer(&self.to, end));
        let peaks = if starts { Peaks::default() } else { self.peaks };
        self.peaks = peaks.with(&reading, self.group);
        if starts {
            self.from = Some(reading.clone());
        }
        if ends {
            (self.to, self.peaks_inside) = (Some(reading), self.peaks);
        }
    }

    fn window_use(&self) -> WindowUse {
        // A starved host reads late; rates are over the time between the readings, so that a late one still tells the truth.
        let near = |reading: &Option<Reading>, edge: u64| {
            reading.clone().filter(|reading| reading.at.abs_diff(edge) <= SECOND_NS)
        };
        let (Some(from), Some(to)) = (near(&self.from, self.window.0), near(&self.to, self.window.1)) else {
            return WindowUse::default();
        };
        if from.at >= to.at {
            return WindowUse::default();
        }
        let used = used(&from, &to, self.group);
        let process = |cores: Option<f64>, switches: Option<f64>, rss: Option<f64>| {
            Some(ProcessUse { cpu_cores: cores?, rss_max_mib: rss?, context_switches_per_s: switches? })
        };
        let host =
            used.host_cpu_percent.zip(used.host_steal_percent).map(|(cpu_percent, steal_percent)| HostUse {
                cpu_percent,
                steal_percent,
                cores: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32),
                limit: cpu_limit(&from, &to),
            });
        let peaks = self.peaks_inside;
        WindowUse {
            host,
            consumers: process(used.consumers_cpu_cores, used.consumers_switches_per_s, peaks.consumers),
            cluster: process(used.cluster_cpu_cores, used.cluster_switches_per_s, peaks.cluster),
            load_cpu_cores: used.load_cpu_cores,
            load_busiest_thread_cores: used.load_busiest_cores,
            load_run_delay: used.load_run_delay,
            load_wait_ms: used.load_wait_ms,
            load_rss_max_mib: peaks.own,
            clock_step_ms: self.drifts.map(|(least, most)| (most - least) as f64 / 1e6),
        }
    }
}

/// What bench's own CPU limit did between two readings; `None` where there is none.
fn cpu_limit(from: &Reading, to: &Reading) -> Option<CpuLimit> {
    let ((_, before), (cores, after)) = (from.limit?, to.limit?);
    Some(CpuLimit {
        cores,
        periods: after.periods.saturating_sub(before.periods),
        throttled_periods: after.throttled_periods.saturating_sub(before.throttled_periods),
        throttled_s: after.throttled_ns.saturating_sub(before.throttled_ns) as f64 / 1e9,
        over_s: (to.at - from.at) as f64 / 1e9,
    })
}

/// What went over the wire between two readings.
pub fn wire_use(readings: [Option<(u64, Wire)>; 2]) -> Option<WireUse> {
    let [Some((from, before)), Some((to, after))] = readings else { return None };
    let since = |of: fn(&Wire) -> u64| of(&after).saturating_sub(of(&before));
    (to > from).then(|| WireUse {
        seconds: (to - from) as f64 / 1e9,
        requests: since(|wire| wire.requests),
        batches: since(|wire| wire.batches),
        records: since(|wire| wire.records),
        records_squared: Some(since(|wire| wire.records_squared)),
        largest_batch: Some(after.largest_batch),
        bytes: since(|wire| wire.bytes),
        under_way_s: (since(|wire| wire.answered) > 0).then(|| since(|wire| wire.under_way_us) as f64 / 1e6),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_those_between_the_readings_nearest_to_the_edges() {
        const MS: u64 = 1_000_000;
        let mut seen = SeenOfWindow::new((10_000 * MS, 12_000 * MS), 0);
        for (at_ms, rss_mib, drift_ns) in [
            (9_000, 900.0, 5),
            (9_990, 10.0, 0),
            (10_020, 800.0, 0),
            (11_000, 30.0, -4),
            (12_005, 20.0, 0),
            (13_000, 1_700.0, 0),
        ] {
            let own = Some(ProcessCounters { rss_mib, ..ProcessCounters::default() });
            seen.add(Reading { at: at_ms * MS, own, drift_ns, ..Reading::default() });
        }
        let used = seen.window_use();
        assert_eq!((used.load_rss_max_mib, used.clock_step_ms), (Some(800.0), Some(9e-6)));
        assert_eq!(seen.from.map(|from| from.at), Some(9_990 * MS));
        let mut late = SeenOfWindow::new((10_000 * MS, 12_000 * MS), 0);
        late.add(Reading { at: 12_000 * MS, ..Reading::default() });
        assert_eq!(late.window_use(), WindowUse::default(), "nothing was read near the start");
    }
}
