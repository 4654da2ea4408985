//! What was emulated, and how: in every title, and at length where it is told how things were measured.

use std::collections::BTreeSet;

use super::away;
use crate::analyse::Findings;
use crate::record::{EmulatedGroup, EmulatedInstance, Run};
use crate::report::number::plain;

fn groups(run: &Run) -> impl Iterator<Item = &EmulatedGroup> {
    run.trials.iter().flat_map(|trial| &trial.record.emulated)
}

fn name(group: &EmulatedGroup) -> &str {
    &group.instance_type.name
}

fn credits(group: &EmulatedGroup) -> Option<String> {
    let mode = group.credit_mode?.name();
    let scale =
        if group.time_scale == 1 { String::new() } else { format!(", credit time × {}", group.time_scale) };
    Some(format!("credits {mode} from {}{scale}", group.credit_start.as_deref().unwrap_or("unknown")))
}

/// What the instances of one group were, as it stands in the title of a figure: `2 × t3.micro, 1 vCPU = 10.0 % of a core, credits standard from full`.
pub fn what(group: &EmulatedGroup) -> String {
    let credits = credits(group).unwrap_or_else(|| "fixed performance".to_owned());
    let alone = if group.enforced_by == "work" { ", by pacing alone" } else { "" };
    format!(
        "{} × {}, 1 vCPU = {} % of a core, {credits}{alone}",
        group.instances.len(),
        group.instance_type.name,
        plain(group.vcpu_percent)
    )
}

/// What every instance of a run was, each kind once; none where nothing was emulated.
pub fn whole(run: &Run) -> Option<String> {
    let all: BTreeSet<String> = groups(run).map(what).collect();
    let machines = (!all.is_empty()).then(|| all.into_iter().collect::<Vec<_>>().join("; "));
    both(machines, distance(run))
}

/// What all instances of a run had in common, for the title of a figure over all of them; none where nothing was emulated.
pub fn briefly(run: &Run) -> Option<String> {
    let machines = said(&groups(run).collect::<Vec<_>>())
        .map(|said| said.trim_start_matches("emulated").trim_start_matches([':', ' ']).to_owned());
    both(machines, distance(run))
}

/// What stands behind a title: `emulated: 1 vCPU = 10 % of a core, credits standard from exhausted`; nothing where nothing was emulated. Where
/// treatments differ, all that there was is named.
pub fn title(run: &Run) -> String {
    both(said(&groups(run).collect::<Vec<_>>()), distance(run).map(|told| format!("emulated {told}")))
        .map_or_else(String::new, |said| format!(" ({said})"))
}

fn distance(run: &Run) -> Option<String> {
    away::briefly(run.trials.iter().map(|trial| &trial.record))
}

fn both(machines: Option<String>, distance: Option<String>) -> Option<String> {
    let all: Vec<String> = machines.into_iter().chain(distance).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

fn said(groups: &[&EmulatedGroup]) -> Option<String> {
    let scales: BTreeSet<String> = groups.iter().map(|group| plain(group.vcpu_percent)).collect();
    if scales.is_empty() {
        return None;
    }
    let credits: BTreeSet<String> = groups.iter().filter_map(|group| credits(group)).collect();
    let scales: Vec<String> = scales.into_iter().collect();
    let mut said = vec![format!("1 vCPU = {} % of a core", scales.join(" or "))];
    if !credits.is_empty() {
        said.push(credits.into_iter().collect::<Vec<_>>().join(" or "));
    }
    let fixed: BTreeSet<&str> =
        groups.iter().copied().filter(|group| group.credit_mode.is_none()).map(name).collect();
    if said.len() > 1 && !fixed.is_empty() {
        said.push(format!("{} of fixed performance", fixed.into_iter().collect::<Vec<_>>().join(" and ")));
    }
    let alone = if groups.iter().all(|group| group.enforced_by == "work") { " by pacing alone" } else { "" };
    Some(format!("emulated{alone}: {}", said.join(", ")))
}

/// What stands behind an answer: `emulated: 1 vCPU = 12 % of a core, credits standard from exhausted`; none where nothing was emulated.
pub fn stands_behind(findings: &Findings) -> Option<String> {
    let groups: Vec<&EmulatedGroup> = findings.trials().flat_map(|trial| &trial.record.emulated).collect();
    let distance = away::briefly(findings.trials().map(|trial| &trial.record));
    both(said(&groups), distance.map(|told| format!("emulated {told}")))
}

/// How it was emulated, one sentence a line; none where nothing was.
pub fn how(run: &Run, findings: &Findings) -> Vec<String> {
    let mut lines = machines(run, findings);
    lines.extend(away::how(run, findings));
    lines
}

/// How machines were.
fn machines(run: &Run, findings: &Findings) -> Vec<String> {
    let Some(first) = groups(run).next() else {
        return Vec::new();
    };
    let of = |read: fn(&EmulatedGroup) -> String| {
        let all: BTreeSet<String> = groups(run).map(read).collect();
        all.into_iter().collect::<Vec<_>>().join(", ")
    };
    let types = of(|group| {
        let instance = &group.instance_type;
        let memory =
            instance.memory_mib.map_or_else(|| "unknown memory".to_owned(), |mib| format!("{mib} MiB"));
        let fixed = if group.credit_mode.is_none() { ", fixed performance" } else { "" };
        format!("{} ({} vCPUs, {memory}{fixed})", instance.name, instance.vcpus)
    });
    let enforced = of(|group| match group.period_us {
        Some(period) => format!("{} with a period of {} ms", group.enforced_by, period / 1_000),
        None => "the consumers' own pacing alone, no limit of memory".to_owned(),
    });
    let mut lines = vec![
        format!(
            "Emulated: {types}; one vCPU is {} % of a core; enforced by {enforced}. {}",
            plain(first.vcpu_percent),
            if run.trials.iter().any(|trial| trial.record.followed.is_some()) {
                "The consumers are programs that pace nothing themselves: rates are those of a machine so much smaller, money is scaled by it, and latencies are left empty."
            } else {
                "Rates, latencies and money are those of the full-size instance."
            }
        ),
        match distance(run) {
            _ if away::of_types(run).is_some() => "Not emulated: the disk; that two vCPUs of one core yield less than two cores.".to_owned(),
            None => "Not emulated: network and disk (network not limited); that two vCPUs of one core yield less than two cores.".to_owned(),
            Some(_) => "Not emulated: the disk, and the network of the instance type (its distance is); that two vCPUs of one core yield less than two cores.".to_owned(),
        },
    ];
    lines.extend(away::of_types(run));
    let instances: Vec<&EmulatedInstance> = findings
        .trials()
        .filter(|trial| trial.is_valid())
        .flat_map(|trial| &trial.record.emulated)
        .flat_map(|group| &group.instances)
        .collect();
    let worst = |of: fn(&EmulatedInstance) -> Option<f64>| {
        let values = instances.iter().filter_map(|one| of(one));
        values.reduce(f64::max)
    };
    let said = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), plain);
    let off = worst(|one| Some(one.work?.off_percent().abs()));
    if off.is_some() {
        // Older records do not know what of the overhead weighs on the full-size instance.
        let overhead = match worst(EmulatedInstance::overhead_percent) {
            Some(percent) => format!("{} % of what it was allowed went", plain(percent)),
            None => format!(
                "{} % of its CPU on this host went",
                said(worst(|one| Some(one.work?.overhead_percent)))
            ),
        };
        lines.push(format!(
            "Calibration, the worst of all valid trials: what an instance got for its work was {} % off what it should have had; the work took {} times \
             its time; {overhead} to other things.",
            said(off),
            said(worst(|one| Some(one.work?.stretch))),
        ));
    }
    if groups(run).any(|group| group.time_scale != 1) {
        lines.push(
            "Credit time was scaled: credits were earned and spent faster than in reality, money was not."
                .to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use crate::units::CreditMode;

    #[test]
    fn a_figure_says_scale_mode_and_start() {
        let micro = EmulatedGroup {
            group: "g".to_owned(),
            instance_type: find("t3.micro").unwrap().clone(),
            credit_mode: Some(CreditMode::Standard),
            credit_start: Some("full".to_owned()),
            time_scale: 300,
            vcpu_percent: 40.0,
            enforced_by: "work".to_owned(),
            period_us: None,
            refused: 0,
            instances: vec![EmulatedInstance::default()],
        };
        assert_eq!(
            what(&micro),
            "1 × t3.micro, 1 vCPU = 40.0 % of a core, credits standard from full, credit time × 300, by pacing alone"
        );
        let fixed = EmulatedGroup {
            instance_type: find("m5.large").unwrap().clone(),
            credit_mode: None,
            credit_start: None,
            time_scale: 1,
            enforced_by: "cgroup v1".to_owned(),
            ..micro
        };
        assert_eq!(what(&fixed), "1 × m5.large, 1 vCPU = 40.0 % of a core, fixed performance");
    }
}
