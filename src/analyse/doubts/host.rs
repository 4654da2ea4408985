//! Doubts about the host and its clock.

use super::load::SEND_DELAY_MS;
use crate::analyse::doubt::{Doubt, limits, spoils};
use crate::analyse::facts::Facts;
use crate::record::CpuLimit;

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

/// Time that bench's own control group was stopped for its CPU limit, in seconds per second: more is felt in every latency.
const THROTTLED: f64 = 0.01;

/// All of them.
pub(super) fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    let record = facts.record;
    let mut all = Vec::new();
    all.extend(facts.record.host.and_then(|host| throttled(host.limit?)));
    let is_limited = !all.is_empty();
    // What is driven as hard as it goes ends at somebody's CPU: then that is the finding, and no harm to it.
    let by_load = if facts.is_saturating() { limits } else { spoils };
    let busiest = record.load_busiest_thread_cores.unwrap_or(0.0);
    let waited = record.load_run_delay.unwrap_or(0.0);
    // A thread that wakes ten thousand times a second and waits 40 µs each time is short of nothing; records from before this was known do not tell.
    let long = record.load_wait_ms.is_none_or(|each_ms| each_ms > WAIT_MS);
    if busiest > BUSIEST_THREAD_CORES || (waited > RUN_DELAY && long) {
        let each = record.load_wait_ms.map(|ms| format!(", {ms:.2} ms each time (limit {WAIT_MS})"));
        let each = each.unwrap_or_default();
        let (value, limit, unit) = if busiest > BUSIEST_THREAD_CORES {
            (busiest, BUSIEST_THREAD_CORES, "of a core")
        } else {
            (waited, RUN_DELAY, "s per second")
        };
        all.push(by_load(
            "load_cpu_short",
            format!(
                "the load was short of CPU: busiest thread {busiest:.2} of a core (limit {BUSIEST_THREAD_CORES}), \
                 waited {waited:.2} s per second for a core (limit {RUN_DELAY}){each}"
            ),
            if is_limited {
                "its cores were taken by a CPU limit: see `cpu_quota`"
            } else {
                "lower `workload.rate`, spread it over more `producers`, or use a host with more cores"
            },
        ).of(value, limit, unit));
    }
    if let Some(host) = record.host {
        if host.cpu_percent > HOST_CPU_PERCENT {
            all.push(
                by_load(
                    "host_cpu_short",
                    format!("the host was {:.1} % busy, limit {HOST_CPU_PERCENT} %", host.cpu_percent),
                    "the host is the bottleneck: lower the load or use more cores",
                )
                .of(host.cpu_percent, HOST_CPU_PERCENT, "%"),
            );
        }
        if host.steal_percent > STEAL_PERCENT {
            all.push(
                spoils(
                    "steal",
                    format!(
                        "the hypervisor took {:.1} % of the host's time, limit {STEAL_PERCENT} %",
                        host.steal_percent
                    ),
                    "use a dedicated host, or another hour",
                )
                .of(host.steal_percent, STEAL_PERCENT, "%"),
            );
        }
    }
    if record.host.is_none() {
        all.push(by_load(
            "unwatched",
            "what the host was busy with in the window could not be read".to_owned(),
            "the host was too busy to be read, or does not let itself be read (`/proc`)",
        ));
    }
    if let Some(step) = record.clock_step_ms.filter(|step| step.abs() > CLOCK_STEP_MS) {
        all.push(
            spoils(
                "clock_jump",
                format!("the wall clock jumped by {step:.1} ms, limit {CLOCK_STEP_MS} ms"),
                "keep the host's clock disciplined by slewing, not by steps",
            )
            .of(step.abs(), CLOCK_STEP_MS, "ms"),
        );
    }
    all
}

/// Whoever set the limit, what is measured is the limit.
fn throttled(limit: CpuLimit) -> Option<Doubt> {
    let CpuLimit { cores, periods, throttled_periods, throttled_s, over_s } = limit;
    let share = throttled_s / over_s.max(f64::MIN_POSITIVE);
    let what = format!(
        "the control group that bench, its consumers and its brokers share may use {cores:.2} cores, and was stopped in {throttled_periods} of {periods} \
         periods, for {throttled_s:.2} s in {over_s:.1} s (limit {THROTTLED} s per second)"
    );
    let hint = "the limit is what was measured: raise it (`docker run --cpus`, `CPUQuota=` of the scope, `limits.cpu` of the pod), or take it away";
    (share > THROTTLED).then(|| spoils("cpu_quota", what, hint).of(share, THROTTLED, "s per second"))
}
