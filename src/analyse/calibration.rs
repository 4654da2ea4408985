//! Doubts about the emulation of instances.

use super::doubt::{Doubt, limits, spoils};
use crate::record::{EmulatedInstance, TrialRecord};

/// Of what an instance should have had for its work, in percent: more is another machine than the one that was asked for.
const OFF_PERCENT: f64 = 4.0;
/// Wall time of the work over W ÷ speed: a tenth more is what the quota's stop and go adds where a consumer's overhead fills it.
const STRETCH: f64 = 1.1;
/// CPU of a consumer that is not its work, in percent of what it is allowed.
const OVERHEAD_PERCENT: f64 = 10.0;

/// All of a trial whose instances were emulated.
pub(super) fn doubts(record: &TrialRecord) -> Vec<Doubt> {
    let mut all = Vec::new();
    let instances = || record.emulated.iter().flat_map(|group| &group.instances);
    let worst = |of: fn(&EmulatedInstance) -> Option<f64>| {
        instances().filter_map(|one| Some((of(one)?, one))).max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let off = |one: &EmulatedInstance| Some(one.work?.off_percent().abs());
    if let Some((off, one)) = worst(off).filter(|(off, _)| *off > OFF_PERCENT)
        && let Some(work) = one.work
    {
        all.push(spoils(
            "emulated_share",
            format!(
                "instance {} got {:.1} % of a vCPU for its work and should have had {:.1} % ({off:.1} % off, limit {OFF_PERCENT} %)",
                one.instance, work.got_percent, work.due_percent
            ),
            "the host did not give what was asked of it: use a quieter one, or a smaller `emulation.vcpu`",
        ).of(off, OFF_PERCENT, "%"));
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
        ).of(stretch, STRETCH, "times"));
    }
    all.extend(overhead(record));
    let refused: u32 = record.emulated.iter().map(|group| group.refused).sum();
    let unseen = instances().filter(|one| one.used_vcpus.is_none() && one.window_ran_s() > 1.0).count();
    if refused > 0 || unseen > 0 {
        all.push(spoils(
            "emulation_unwatched",
            format!("{refused} times the kernel did not take a quota or give a reading; {unseen} instances have none at all"),
            "see what else writes to these control groups",
        ));
    }
    if record.oom_kills > 0 {
        all.push(
            spoils(
                "oom_kill",
                format!("the kernel killed {} instances for their memory", record.oom_kills),
                "their type has less memory than the work needs: see `events.jsonl`",
            )
            .of(f64::from(record.oom_kills), 0.0, "instances"),
        );
    }
    all
}

/// What a consumer needs beside its work is taken from what it is allowed, as on the full-size instance; in older records it weighed more, by its share
/// of the CPU that it used here.
fn overhead(record: &TrialRecord) -> Option<Doubt> {
    let instances = record.emulated.iter().flat_map(|group| &group.instances);
    let each = instances.filter_map(|one| match one.overhead_percent() {
        Some(percent) => Some((percent, true, one)),
        None => Some((one.work?.overhead_percent, false, one)),
    });
    let (percent, known, one) = each.max_by(|a, b| a.0.total_cmp(&b.0))?;
    let what = match known {
        _ if percent <= OVERHEAD_PERCENT => return None,
        true => format!(
            "instance {} needed {percent:.1} % of what it was allowed for other things than its work, limit {OVERHEAD_PERCENT} %",
            one.instance
        ),
        false => format!(
            "{percent:.1} % of the CPU of instance {} was not its work, limit {OVERHEAD_PERCENT} %",
            one.instance
        ),
    };
    let doubt = limits(
        "emulated_overhead",
        what,
        if known {
            "it is this host's CPU time, which another machine's may differ from: give each message more work"
        } else {
            "it is not scaled like the work: give each message more work, or instances a greater `emulation.vcpu`"
        },
    );
    Some(doubt.of(percent, OVERHEAD_PERCENT, "%"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use crate::record::testing::Synthetic;
    use crate::record::{EmulatedGroup, PacedWork};

    fn ids(one: EmulatedInstance) -> Vec<&'static str> {
        let group = EmulatedGroup {
            group: "g".to_owned(),
            instance_type: find("t3.micro").unwrap().clone(),
            credit_mode: None,
            credit_start: None,
            time_scale: 1,
            vcpu_percent: 12.0,
            enforced_by: "work".to_owned(),
            period_us: None,
            refused: 0,
            instances: vec![one],
        };
        let record = TrialRecord { emulated: vec![group], ..Synthetic::default().record() };
        doubts(&record).iter().map(|doubt| doubt.id).collect()
    }

    /// An exhausted t3.micro that got so much of a vCPU for its work, in percent, and should have had so much.
    fn paced(got_percent: f64, due_percent: f64) -> EmulatedInstance {
        let work = PacedWork { got_percent, due_percent, stretch: 1.0, overhead_percent: 14.9 };
        EmulatedInstance {
            used_vcpus: Some(0.2),
            allowed_vcpus: Some(0.2),
            overhead_vcpus: Some(0.004),
            work: Some(work),
            ..EmulatedInstance::default()
        }
    }

    #[test]
    fn a_share_is_off_by_four_percent_of_what_is_due_and_not_by_points() {
        assert_eq!(ids(paced(19.6, 19.6)), [""; 0]);
        assert_eq!(ids(paced(18.9, 19.6)), [""; 0], "3.6 % less");
        assert_eq!(ids(paced(18.4, 20.0)), ["emulated_share"], "8 % less, 1.6 points");
        assert_eq!(ids(paced(20.9, 20.0)), ["emulated_share"]);
        assert_eq!(ids(paced(97.5, 100.0)), [""; 0], "2.5 points");
    }

    #[test]
    fn overhead_is_counted_in_what_is_allowed_as_on_the_full_size_instance() {
        // 15 % of the CPU that it used here, at 12 % of a core; 2 % of what the real one has.
        assert_eq!(ids(paced(19.6, 19.6)), [""; 0]);
        let much = EmulatedInstance { overhead_vcpus: Some(0.021), ..paced(18.0, 18.0) };
        assert_eq!(ids(much), ["emulated_overhead"]);
        let older = EmulatedInstance { overhead_vcpus: None, ..paced(19.6, 19.6) };
        assert_eq!(ids(older), ["emulated_overhead"], "it weighed by its share of the host's CPU");
    }
}
