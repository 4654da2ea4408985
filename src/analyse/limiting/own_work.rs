//! What the time of consumers went to that had something to do most of the time.

use super::candidate::Candidate;
use super::kind::Kind;
use super::{Case, figure, percent};
use crate::record::{EmulatedGroup, EmulatedInstance, MemberTime, TrialRecord};

/// Whatever most of it went to.
pub(super) fn candidates(case: &Case<'_>, full: &[&MemberTime]) -> Vec<Candidate> {
    let sum = |of: fn(&MemberTime) -> f64| full.iter().map(|member| of(member)).sum::<f64>();
    let over = sum(|member| member.over_s);
    let who = if full.len() == 1 { "a consumer".to_owned() } else { format!("{} consumers", full.len()) };
    let part = |kind: Kind, part: f64, to: &str, more: &str| {
        let evidence = format!(
            "of the time of {who} that had something to do most of the time {} went to {to}{more}",
            percent(part, over)
        );
        Candidate::of(kind, Some(2.0 * part > over), evidence).seconds(part, over)
    };
    let own = sum(MemberTime::own_s);
    let cpu = cpu(case, full, own);
    vec![
        part(Kind::DownstreamWait, sum(|member| member.wait_s), "the wait that the file sets", ""),
        part(Kind::ConsumersDisk, sum(|member| member.disk_s), "writing to a disk", ""),
        Candidate {
            // Time of their own in which they were mostly not on a core explains nothing.
            explains: cpu.is_busy.map(|is_busy| is_busy && 2.0 * own > over),
            ..part(cpu.kind, own, "their own work", &cpu.more)
        },
    ]
}

/// The emulated instances of a record's group. A record of one group of several speaks of it by its full name alone: its own, and where that is the trial's, a dash
/// and what the trial is called. Of `a` and `a-b` both begin `a-b-…`, and it is the longer one. Where its instances were of several
/// types, those of which most of these members are.
fn emulated_of<'a>(record: &'a TrialRecord, full: &[&MemberTime]) -> Option<&'a EmulatedGroup> {
    let name = record.group.as_deref()?;
    let is_its = |group: &&EmulatedGroup| {
        name.strip_prefix(&group.group).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let members = |group: &EmulatedGroup| {
        let has = |member: &&&MemberTime| group.instances.iter().any(|one| one.instance == member.instance);
        full.iter().filter(has).count()
    };
    record.emulated.iter().filter(is_its).max_by_key(|group| (group.group.len(), members(group)))
}

/// What is known of their CPU.
struct Cpu {
    kind: Kind,
    /// Whether their own time was time on a core for the most part; none where it is not known.
    is_busy: Option<bool>,
    more: String,
}

fn cpu(case: &Case<'_>, full: &[&MemberTime], own_s: f64) -> Cpu {
    let record = case.record;
    let alone = || record.emulated.first().filter(|_| record.emulated.len() == 1);
    if let Some(group) = emulated_of(record, full).or_else(alone) {
        return emulated(group, full, record.asked.threads.unwrap_or(1));
    }
    let Some(used) = record.consumers else {
        return Cpu { kind: Kind::ConsumersCpu, is_busy: None, more: String::new() };
    };
    let per_s = own_s / full.iter().map(|member| member.over_s).sum::<f64>().max(f64::MIN_POSITIVE);
    let wanted = per_s * full.len() as f64;
    let more = format!(
        "; all consumers used {} cores, where their own work took the time of {}",
        figure(used.cpu_cores),
        figure(wanted)
    );
    Cpu { kind: Kind::ConsumersCpu, is_busy: Some(2.0 * used.cpu_cores > wanted), more }
}

/// What emulated instances used of what they were allowed, and whether that was less than they have: then their credits were spent.
fn emulated(group: &EmulatedGroup, full: &[&MemberTime], threads: u32) -> Cpu {
    let is_full = |one: &&EmulatedInstance| full.iter().any(|member| member.instance == one.instance);
    let own: Vec<&EmulatedInstance> = group.instances.iter().filter(is_full).collect();
    let mean = |of: fn(&EmulatedInstance) -> Option<f64>| {
        let known: Option<Vec<f64>> = own.iter().map(|one| of(one)).collect();
        known.filter(|all| !all.is_empty()).map(|all| all.iter().sum::<f64>() / all.len() as f64)
    };
    let used = mean(|one| one.full_size_vcpus.or(one.used_vcpus));
    let (Some(used), Some(allowed)) = (used, mean(|one| one.allowed_vcpus)) else {
        return Cpu { kind: Kind::ConsumersCpu, is_busy: None, more: String::new() };
    };
    // A thread never gets more than one of them.
    let has = f64::from(group.instance_type.vcpus.min(threads));
    let spent = group.credit_mode.is_some() && allowed < has;
    let most = allowed.min(has);
    let more = format!(
        "; an instance used {} of {} vCPU that it could have, and a {} has {}",
        figure(used),
        figure(most),
        group.instance_type.name,
        group.instance_type.vcpus
    );
    let kind = if spent { Kind::Credits } else { Kind::ConsumersCpu };
    Cpu { kind, is_busy: Some(2.0 * used > most), more }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::{Synthetic, emulated};
    use crate::units::CreditMode;

    #[test]
    fn a_group_whose_name_begins_another_is_not_taken_for_it() {
        let mut record = Synthetic::default().record();
        let group = |name: &str| {
            let one = emulated("t3.micro", CreditMode::Standard, 0.1, 1);
            EmulatedGroup { group: name.to_owned(), ..one }
        };
        record.emulated = vec![group("order"), group("orders"), group("orders-eu")];
        let mut of = |full: &str| {
            record.group = Some(full.to_owned());
            emulated_of(&record, &[]).map(|group| group.group.clone())
        };
        assert_eq!(of("orders-bench-6ca265-001").as_deref(), Some("orders"));
        assert_eq!(of("orders-eu-bench-6ca265-001").as_deref(), Some("orders-eu"));
        assert_eq!(of("order").as_deref(), Some("order"));
        assert_eq!(of("ordersandmore-bench-6ca265-001"), None);
    }
}
