//! Reasons not to believe a trial, and the limits from which on there is one.

use super::facts::Facts;
use super::reading::Reading;
use crate::record::TrialRecord;
use crate::units::{Latency, Quantile};

/// Send delay that no load of ours excuses: ten times what a busy host costs a thread that sleeps and spins.
const SEND_DELAY_MS: f64 = 5.0;
/// Of the latency that is measured: below a tenth of it, our lateness cannot change what is concluded.
const SEND_DELAY_SHARE: f64 = 0.1;
/// A thread that uses more of its core has nothing left for the next burst.
const BUSIEST_THREAD_CORES: f64 = 0.9;
/// Seconds per second in which a thread of the load was runnable and had no core.
const RUN_DELAY: f64 = 0.1;
/// Mean of single waits for a core, in ms: a tenth of what send delay may be. Below it, waits are too short to be seen in a latency.
const WAIT_MS: f64 = SEND_DELAY_MS / 10.0;
/// Beyond this the host itself is the bottleneck, whatever was meant to be.
const HOST_CPU_PERCENT: f64 = 95.0;
/// Time that the hypervisor gave to others: with a tenth gone the host was not the one in the manifest; every trial tells its share.
const STEAL_PERCENT: f64 = 10.0;
/// Of the wall clock against the monotonic one; NTP slews half a millisecond a second, so a jump is told from a slew.
const CLOCK_STEP_MS: f64 = 10.0;
/// Growth of the backlog over what was offered in the window, from which on a trial is saturated (with the next).
const BACKLOG_SHARE: f64 = 0.01;
/// The same in seconds of the offered rate: what arrives between two readings is no trend.
const BACKLOG_SECONDS: f64 = 0.25;

/// A reason not to believe a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Its name in `trials.csv`.
    pub id: &'static str,
    /// Whether it spoils the trial, or only limits what may be said of it.
    pub spoils: bool,
    /// What was found, with the limit.
    pub what: String,
    /// What to do.
    pub hint: &'static str,
}

pub(super) fn spoils(id: &'static str, what: String, hint: &'static str) -> Doubt {
    Doubt { id, spoils: true, what, hint }
}

pub(super) fn limits(id: &'static str, what: String, hint: &'static str) -> Doubt {
    Doubt { id, spoils: false, what, hint }
}

/// Whether the backlog grew (+1), fell (−1) or neither (0) by more than both thresholds; none where it is not known. What was refused or failed
/// left the backlog without having been worked off: it was offered and not kept up with, and counts as growth.
pub fn backlog_trend(facts: &Facts<'_>) -> Option<i8> {
    let window = facts.window.as_ref()?;
    let (start, end, given_up) = (window.backlog_start, window.backlog_end, window.given_up as f64);
    let threshold = (BACKLOG_SHARE * window.due as f64).max(BACKLOG_SECONDS * facts.offered()?);
    let trend = |grown: f64| i8::from(grown > threshold) - i8::from(grown < -threshold);
    let least = trend(end.at_least()? - start.at_most()? + given_up);
    let most = trend(end.at_most()? - start.at_least()? + given_up);
    (least == most).then_some(least)
}

/// All doubts of a completed trial; those that spoil first.
pub fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    let mut all = Vec::new();
    all.extend(books(facts));
    all.extend(fleet_fell_behind(facts));
    all.extend(of_the_host(facts));
    all.extend(of_the_environment(facts));
    all.extend(of_what_was_asked(facts));
    all
}

fn books(facts: &Facts<'_>) -> Option<Doubt> {
    let what = match &facts.record.books {
        None => "the trial kept no books".to_owned(),
        Some(books) => match books.imbalances() {
            wrong if wrong.is_empty() => return None,
            wrong => format!("the books do not balance: {}", wrong.join("; ")),
        },
    };
    let hint = "messages are unaccounted for; no number of this trial is to be trusted";
    Some(spoils("books", what, hint))
}

fn fleet_fell_behind(facts: &Facts<'_>) -> Option<Doubt> {
    let p99 = Quantile::At(0.99);
    // A message that was never attempted is a refused one, whose client stayed full: back-pressure, not lateness of ours.
    let delay = facts.latencies.get(&Latency::SendDelay)?.read_known(p99).at_least()?;
    let measured = if facts.record.asked.instances.is_some() { Latency::EndToEnd } else { Latency::Ack };
    let latency = facts
        .latencies
        .get(&measured)
        .map_or(Reading::Empty, |watched| watched.read_anyway(p99))
        .at_least()
        .unwrap_or(0.0);
    let limit = SEND_DELAY_MS.max(SEND_DELAY_SHARE * latency);
    (delay > limit).then(|| {
        spoils(
            "fleet_fell_behind",
            format!("p99 of send delay is {delay:.1} ms, limit {limit:.1} ms: latencies are the harness's, not the cluster's"),
            "lower `workload.rate`, spread it over more `producers`, or give the load its own cores",
        )
    })
}

fn of_the_host(facts: &Facts<'_>) -> Vec<Doubt> {
    let record = facts.record;
    let mut all = Vec::new();
    // What is driven as hard as it goes ends at somebody's CPU: then that is the finding, and no harm to it.
    let spoils = if facts.is_saturating() { limits } else { spoils };
    let busiest = record.load_busiest_thread_cores.unwrap_or(0.0);
    let waited = record.load_run_delay.unwrap_or(0.0);
    // A thread that wakes ten thousand times a second and waits 40 µs each time is short of nothing; records from before this was known do not tell.
    let long = record.load_wait_ms.is_none_or(|each_ms| each_ms > WAIT_MS);
    if busiest > BUSIEST_THREAD_CORES || (waited > RUN_DELAY && long) {
        let each = record.load_wait_ms.map(|ms| format!(", {ms:.2} ms each time (limit {WAIT_MS})"));
        let each = each.unwrap_or_default();
        all.push(spoils(
            "load_cpu_short",
            format!(
                "the load was short of CPU: busiest thread {busiest:.2} of a core (limit {BUSIEST_THREAD_CORES}), \
                 waited {waited:.2} s per second for a core (limit {RUN_DELAY}){each}"
            ),
            "lower `workload.rate`, spread it over more `producers`, or use a host with more cores",
        ));
    }
    if let Some(host) = record.host {
        if host.cpu_percent > HOST_CPU_PERCENT {
            all.push(spoils(
                "host_cpu_short",
                format!("the host was {:.1} % busy, limit {HOST_CPU_PERCENT} %", host.cpu_percent),
                "the host is the bottleneck: lower the load or use more cores",
            ));
        }
        if host.steal_percent > STEAL_PERCENT {
            all.push(self::spoils(
                "steal",
                format!(
                    "the hypervisor took {:.1} % of the host's time, limit {STEAL_PERCENT} %",
                    host.steal_percent
                ),
                "use a dedicated host, or another hour",
            ));
        }
    }
    if record.host.is_none() {
        all.push(spoils(
            "unwatched",
            "what the host was busy with in the window could not be read".to_owned(),
            "the host was too busy to be read, or does not let itself be read (`/proc`)",
        ));
    }
    if let Some(step) = record.clock_step_ms.filter(|step| step.abs() > CLOCK_STEP_MS) {
        all.push(self::spoils(
            "clock_jump",
            format!("the wall clock jumped by {step:.1} ms, limit {CLOCK_STEP_MS} ms"),
            "keep the host's clock disciplined by slewing, not by steps",
        ));
    }
    all
}

fn of_the_environment(facts: &Facts<'_>) -> Vec<Doubt> {
    let record = facts.record;
    let mut all = Vec::new();
    if record.rebalances > 0 {
        all.push(spoils(
            "rebalance",
            format!("rebalances that nobody planned: {}", record.rebalances),
            "see `events.jsonl`; a longer `session.timeout.ms` or `max.poll.interval.ms` may be needed",
        ));
    }
    if record.deaths > 0 {
        all.push(spoils(
            "instance_died",
            format!("instances that ended on their own: {}", record.deaths),
            "see `events.jsonl` for when, and the instance's last words",
        ));
    }
    if !record.broker_errors.is_empty() {
        let told: Vec<String> =
            record.broker_errors.iter().map(|(error, count)| format!("{error} ({count}×)")).collect();
        all.push(spoils(
            "broker_error",
            format!("brokers or clients gave errors: {}", told.join("; ")),
            "see `events.jsonl` and the broker's log",
        ));
    }
    if record.out_of_range > 0 {
        all.push(spoils(
            "histogram_overflow",
            format!("{} latencies were longer than a histogram holds", record.out_of_range),
            "shorten the trial",
        ));
    }
    all
}

fn of_what_was_asked(facts: &Facts<'_>) -> Vec<Doubt> {
    let mut all = Vec::new();
    let asked = &facts.record.asked;
    if facts.is_saturating() {
        all.push(limits(
            "saturating",
            "`rate: max`: each client was handed all that its queue took".to_owned(),
            "throughput is overload throughput, an upper bound; nothing was due before it was sent, so no latency counts from due",
        ));
    }
    if let Some(pacing) = facts.record.pacing.as_ref().filter(|pacing| !pacing.policy.is_given()) {
        all.push(limits(
            "priority_refused",
            format!("the kernel did not give the load the priority that was asked for: {pacing}"),
            "grant CAP_SYS_NICE or a limit of RLIMIT_RTPRIO, or leave `load.priority` at `normal`",
        ));
    }
    match backlog_trend(facts) {
        Some(1) => all.push(limits(
            "saturated",
            "the backlog grew through the window, or messages were given up".to_owned(),
            "throughput is overload throughput, an upper bound; latencies only say how long it was watched",
        )),
        Some(-1) => all.push(limits(
            "not_steady",
            "the backlog fell through the window".to_owned(),
            "what the warm-up left was worked off in the window: lengthen `phases.warm_up`",
        )),
        _ => {}
    }
    if let (Some(instances), Some(threads)) = (asked.instances, asked.threads) {
        let members = u64::from(instances) * u64::from(threads);
        if members > u64::from(asked.partitions) {
            all.push(limits(
                "idle_instances",
                format!("{members} consumers share {} partitions", asked.partitions),
                "a partition has one reader of a group: the others are idle",
            ));
        }
    }
    all.extend(empty_partitions(facts));
    let copies = second_copies(facts.record);
    if copies > 0 {
        all.push(limits(
            "second_copies",
            format!("{copies} deliveries may be second copies, and are in the latencies and rates of the consumers"),
            "a retry's copy or a redelivery cannot be told from a first processing; idempotence avoids the former",
        ));
    }
    let short: Vec<String> = facts
        .latencies
        .values()
        .next()
        .map(|watched| {
            Quantile::COLUMNS
                .into_iter()
                .filter(|quantile| watched.read(*quantile) == Reading::TooFew)
                .map(Quantile::name)
                .collect()
        })
        .unwrap_or_default();
    if !short.is_empty() {
        all.push(limits(
            "few_samples",
            format!("too few messages for {}", short.join(", ")),
            "a percentile is said when ten messages lie beyond it: lengthen `phases.measure`",
        ));
    }
    all
}

fn empty_partitions(facts: &Facts<'_>) -> Option<Doubt> {
    let acked = &facts.record.partitions.as_ref()?.acked;
    let empty = acked.iter().filter(|count| **count == 0).count();
    (empty > 0 && empty < acked.len()).then(|| {
        limits(
            "empty_partitions",
            format!("{empty} of {} partitions got no message", acked.len()),
            "more distinct keys, or no fixed `partition`, would use them: throughput is that of the others alone",
        )
    })
}

/// Deliveries that may be of a message that came before. As many messages as nobody knows the fate of may have come for the first time: with `acks: 0`
/// all do.
fn second_copies(record: &TrialRecord) -> u64 {
    let unacked = record.books.as_ref().map_or(0, |books| {
        let received = books.received_unacked.unwrap_or(0);
        received.saturating_sub(books.in_flight)
    });
    record.unattributed_redeliveries + unacked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::Synthetic;

    #[test]
    fn what_nobody_acks_is_no_second_copy_when_it_comes() {
        let mut record = Synthetic::default().record();
        let mut copies = |in_flight, received_unacked| {
            let books = record.books.as_mut().unwrap();
            (books.in_flight, books.received_unacked) = (in_flight, received_unacked);
            second_copies(&record)
        };
        assert_eq!(copies(500, Some(500)), 0);
        assert_eq!(copies(2, Some(7)), 5);
        assert_eq!((copies(500, Some(0)), copies(500, None)), (0, 0));
    }
}
