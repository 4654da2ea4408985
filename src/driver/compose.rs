//! Adds up what load, consumers and probes saw into the record of one trial. Pure: everything is there already.

use std::collections::BTreeMap;

use super::group::RawGroup;
use super::times::Times;
use super::watch::LagReading;
use crate::books::{Books, OffsetSet, audit};
use crate::load::{Loaded, Wire};
use crate::observe::{ProcessCounters, Reading, used};
use crate::record::series::Row;
use crate::record::{HostUse, ProcessUse, WireUse};
use crate::timeline::{QUARTER_NS, SECOND_NS, quarter_of};

/// The books of the whole trial, as they are with one group; `canaries` by partition.
pub fn books(loaded: &Loaded, group: Option<&RawGroup>, canaries: &[OffsetSet]) -> Books {
    let counts = &loaded.counts;
    let mut books = Books {
        due: counts.due.total(),
        sent: counts.sent.total(),
        refused: counts.refused.total(),
        acked: counts.acked.total(),
        failed: counts.failed.total(),
        in_flight: loaded.in_flight,
        aborted: loaded.ledger.aborted().iter().map(OffsetSet::len).sum(),
        ..Books::default()
    };
    if let Some((gathered, commits)) =
        group.and_then(|group| Some((&group.gathered, group.commits.as_ref()?)))
    {
        let acked = loaded.ledger.acked();
        let mut received = gathered.received_offsets(acked.len() as u32);
        books.received_aborted = Some(take_aborted(&mut received, &loaded.ledger.aborted()));
        let audit = audit(&acked, canaries, &received, gathered.duplicates_within(), commits);
        books.received = Some(audit.received);
        books.received_unacked = Some(audit.received_unacked);
        books.duplicates = Some(audit.duplicates);
        books.out_of_order = Some(gathered.out_of_order());
        books.unread = Some(audit.unread);
        books.lost = Some(audit.lost);
    }
    books
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

/// One row for each quarter second from time 0 to the end of the drain, as it is with one group (its number and what came of it).
pub fn rows(
    times: &Times,
    loaded: &Loaded,
    (number, group): (usize, Option<&RawGroup>),
    readings: &[Reading],
) -> Vec<Row> {
    let gathered = group.map(|group| &group.gathered);
    let counts = &loaded.counts;
    let first = quarter_of(times.zero);
    let length = times.drained.saturating_sub(times.zero).div_ceil(QUARTER_NS) as usize;
    let [due, sent, refused, acked, failed, untold] =
        [&counts.due, &counts.sent, &counts.refused, &counts.acked, &counts.failed, &counts.untold]
            .map(|quarters| whole(quarters.to_vec(), length));
    let received = gathered.map(|gathered| from_quarter(gathered.received_quarters(), first, length));
    let processed = gathered.map(|gathered| from_quarter(gathered.processed_quarters(), first, length));
    let aborted = from_quarter(loaded.ledger.aborted_dues(), first, length);
    let mut aborted_so_far = 0;
    let blind = is_blind(loaded);
    let bytes = gathered.map(|gathered| from_quarter(gathered.processed_bytes(), first, length));
    let mut unknown = counts.unknown.to_vec().into_iter();
    let mut unknown_so_far = unknown.next().unwrap_or_default();
    let (mut gone, mut come, mut done) = (0_u64, 0_u64, 0_u64);
    let mut rows = Vec::with_capacity(length);
    for index in 0..length {
        let start = times.zero + index as u64 * QUARTER_NS;
        come += due[index];
        gone += refused[index] + failed[index];
        // Nobody is to read them: they never were anybody's backlog.
        aborted_so_far += if processed.is_some() { aborted[index] } else { 0 };
        let completed = processed.as_ref().unwrap_or(&acked);
        done += completed[index];
        // A lag is read a little after its quarter's end.
        unknown_so_far += unknown.next().unwrap_or_default();
        let acked_so_far: u64 = acked[..=index].iter().sum();
        rows.push(Row {
            t_s: (start - times.zero) as f64 / 1e9,
            phase: times.phase(start).to_owned(),
            due: due[index],
            sent: sent[index],
            refused: refused[index],
            acked: acked[index],
            failed: failed[index],
            received: received.as_ref().map_or(0, |received| received[index]),
            processed: processed.as_ref().map_or(0, |processed| processed[index]),
            backlog_messages: come.saturating_sub(gone + done + aborted_so_far),
            unprocessed_messages: processed
                .as_ref()
                .filter(|_| !blind)
                .map(|_| acked_so_far.saturating_sub(done + aborted_so_far)),
            processed_bytes: bytes.as_ref().map(|bytes| bytes[index]),
            aborted: aborted[index],
            untold: untold[index],
            lag_unknown_messages: unknown_so_far,
            ..Row::default()
        });
    }
    if !blind {
        put_lags(&mut rows, times.zero, group.map(|group| group.lags.as_slice()).unwrap_or_default());
        put_ages_at_most(&mut rows, times.zero, &loaded.unknown_dues);
    }
    put_uses(&mut rows, times.zero, readings, number);
    rows
}

/// Where no broker told of anything that it wrote, nobody knows how much of it is still unread.
pub fn is_blind(loaded: &Loaded) -> bool {
    loaded.counts.untold.total() > 0 && loaded.counts.acked.total() == 0
}

/// What counts beyond the last row belongs to the last row: it happened before the trial was torn down.
fn whole(mut counts: Vec<u64>, length: usize) -> Vec<u64> {
    let beyond: u64 = counts.iter().skip(length).sum();
    counts.resize(length, 0);
    if let Some(last) = counts.last_mut() {
        *last += beyond;
    }
    counts
}

fn from_quarter(counts: &BTreeMap<u64, u64>, first: u64, length: usize) -> Vec<u64> {
    let mut row = vec![0; length];
    for (quarter, count) in counts {
        let index = quarter.saturating_sub(first) as usize;
        if let Some(last) = length.checked_sub(1) {
            row[index.min(last)] += count;
        }
    }
    row
}

fn row_before(rows: &mut [Row], zero: u64, at: u64) -> Option<&mut Row> {
    // A reading taken at a boundary speaks of the end of the quarter before it; the probes come a little late.
    let index = (at.checked_sub(zero)? / QUARTER_NS).checked_sub(1)?;
    rows.get_mut(index as usize)
}

fn put_lags(rows: &mut [Row], zero: u64, lags: &[LagReading]) {
    for reading in lags {
        if let Some(row) = row_before(rows, zero, reading.at) {
            row.lag_messages = Some(reading.lag.messages);
            let age = reading.lag.oldest_due.map_or(0, |due| reading.at.saturating_sub(due));
            row.time_lag_ms = Some(age as f64 / 1e6);
        }
    }
}

/// The oldest message that is not committed may be one whose fate is not known.
fn put_ages_at_most(rows: &mut [Row], zero: u64, unknown_dues: &BTreeMap<u64, u64>) {
    for row in rows {
        let Some(age_ms) = row.time_lag_ms else { continue };
        let read = zero + (row.t_s * 1e9) as u64 + QUARTER_NS;
        let sent_by_then = unknown_dues.range(..=quarter_of(read));
        let oldest = sent_by_then.map(|(_, due)| (read + QUARTER_NS).saturating_sub(*due) as f64 / 1e6);
        row.time_lag_most_ms = Some(oldest.fold(age_ms, f64::max));
    }
}

fn put_uses(rows: &mut [Row], zero: u64, readings: &[Reading], group: usize) {
    for pair in readings.windows(2) {
        let used = used(&pair[0], &pair[1], group);
        let Some(row) = row_before(rows, zero, pair[1].at) else {
            continue;
        };
        row.consumers_cpu_cores = used.consumers_cpu_cores;
        row.consumers_rss_mib = pair[1].consumers_of(group).map(|consumers| consumers.rss_mib);
        row.cluster_cpu_cores = used.cluster_cpu_cores;
        row.cluster_rss_mib = pair[1].cluster.map(|cluster| cluster.rss_mib);
        row.load_cpu_cores = used.load_cpu_cores;
        row.host_cpu_percent = used.host_cpu_percent;
        row.host_steal_percent = used.host_steal_percent;
        row.host_context_switches_per_s = used.host_switches_per_s;
        row.host_memory_mib = pair[1].host_memory_mib;
        row.consumers_context_switches_per_s = used.consumers_switches_per_s;
        row.cluster_context_switches_per_s = used.cluster_switches_per_s;
        row.load_context_switches_per_s = used.load_switches_per_s;
        row.load_rss_mib = pair[1].own.map(|own| own.rss_mib);
    }
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

/// See [`WindowUse`], the consumers those of one group; all unknown where a reading at an edge is missing.
pub fn window_use(window: (u64, u64), readings: &[Reading], group: usize) -> WindowUse {
    // A starved host reads late; rates are over the time between the readings, so that a late one still tells the truth.
    let near = |edge: u64| {
        readings
            .iter()
            .min_by_key(|reading| reading.at.abs_diff(edge))
            .filter(|reading| reading.at.abs_diff(edge) <= SECOND_NS)
    };
    let (Some(from), Some(to)) = (near(window.0), near(window.1)) else {
        return WindowUse::default();
    };
    if from.at >= to.at {
        return WindowUse::default();
    }
    let used = used(from, to, group);
    let within = || readings.iter().filter(|reading| (from.at..=to.at).contains(&reading.at));
    let process = |cores: Option<f64>, switches: Option<f64>, rss: Option<f64>| {
        Some(ProcessUse { cpu_cores: cores?, rss_max_mib: rss?, context_switches_per_s: switches? })
    };
    let host =
        used.host_cpu_percent.zip(used.host_steal_percent).map(|(cpu_percent, steal_percent)| HostUse {
            cpu_percent,
            steal_percent,
            cores: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u32),
        });
    let rss = |of: Option<ProcessCounters>| of.map(|counters| counters.rss_mib);
    let consumers_rss = within().filter_map(|reading| rss(reading.consumers_of(group))).reduce(f64::max);
    let cluster_rss = within().filter_map(|reading| rss(reading.cluster)).reduce(f64::max);
    let drifts = || readings.iter().map(|reading| reading.drift_ns);
    let step = drifts().max().zip(drifts().min()).map(|(most, least)| (most - least) as f64 / 1e6);
    WindowUse {
        host,
        consumers: process(used.consumers_cpu_cores, used.consumers_switches_per_s, consumers_rss),
        cluster: process(used.cluster_cpu_cores, used.cluster_switches_per_s, cluster_rss),
        load_cpu_cores: used.load_cpu_cores,
        load_busiest_thread_cores: used.load_busiest_cores,
        load_run_delay: used.load_run_delay,
        load_wait_ms: used.load_wait_ms,
        load_rss_max_mib: within().filter_map(|reading| rss(reading.own)).reduce(f64::max),
        clock_step_ms: step,
    }
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
        bytes: since(|wire| wire.bytes),
    })
}

#[cfg(test)]
mod tests;
