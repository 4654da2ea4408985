//! Doubts about the emulation of instances.

use super::doubt::{Doubt, limits, spoils};
use crate::record::{EmulatedInstance, TrialRecord};

/// Of a vCPU, in points: more is another machine than the one that was asked for.
const SHARE_POINTS: f64 = 2.0;
/// Wall time of the work over W ÷ speed: a tenth more is what the quota's stop and go adds where a consumer's overhead fills it.
const STRETCH: f64 = 1.1;
/// CPU of a consumer that is not its work, in percent: it is not scaled.
const OVERHEAD_PERCENT: f64 = 10.0;

/// All of a trial whose instances were emulated.
pub(super) fn doubts(record: &TrialRecord) -> Vec<Doubt> {
    let mut all = Vec::new();
    let instances = || record.emulated.iter().flat_map(|group| &group.instances);
    let worst = |of: fn(&EmulatedInstance) -> Option<f64>| {
        instances().filter_map(|one| Some((of(one)?, one))).max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let off = |one: &EmulatedInstance| one.work.map(|work| (work.got_percent - work.due_percent).abs());
    if let Some((points, one)) = worst(off).filter(|(points, _)| *points > SHARE_POINTS)
        && let Some(work) = one.work
    {
        all.push(spoils(
            "emulated_share",
            format!(
                "instance {} got {:.1} % of a vCPU for its work and should have had {:.1} % ({points:.1} points, limit {SHARE_POINTS})",
                one.instance, work.got_percent, work.due_percent
            ),
            "the host did not give what was asked of it: use a quieter one, or a smaller `emulation.vcpu`",
        ));
    }
    if let Some((stretch, one)) =
        worst(|one| Some(one.work?.stretch)).filter(|(stretch, _)| *stretch > STRETCH)
    {
        all.push(spoils(
            "emulated_time",
            format!(
                "work of instance {} took {stretch:.2} times as long as on its vCPU, limit {STRETCH}",
                one.instance
            ),
            "the host was busy with other things, or the consumer's overhead fills the quota: see `emulated_overhead`",
        ));
    }
    let overhead = worst(|one| Some(one.work?.overhead_percent));
    if let Some((percent, one)) = overhead.filter(|(percent, _)| *percent > OVERHEAD_PERCENT) {
        all.push(limits(
            "emulated_overhead",
            format!(
                "{percent:.1} % of the CPU of instance {} was not its work, limit {OVERHEAD_PERCENT} %",
                one.instance
            ),
            "it is not scaled like the work: give each message more work, or instances a greater `emulation.vcpu`",
        ));
    }
    let refused: u32 = record.emulated.iter().map(|group| group.refused).sum();
    let unseen = instances().filter(|one| one.used_vcpus.is_none() && one.window_up_s > 1.0).count();
    if refused > 0 || unseen > 0 {
        all.push(spoils(
            "emulation_unwatched",
            format!("{refused} times the kernel did not take a quota or give a reading; {unseen} instances have none at all"),
            "see what else writes to these control groups",
        ));
    }
    if record.oom_kills > 0 {
        all.push(spoils(
            "oom_kill",
            format!("the kernel killed {} instances for their memory", record.oom_kills),
            "their type has less memory than the work needs: see `events.jsonl`",
        ));
    }
    all
}
