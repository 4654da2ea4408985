//! What is not concluded, and what threatens what is: made from what happened in this run, never from a list.

use super::axes::Axes;
use super::open;
use crate::analyse::{
    Factor, Findings, Load, Outcome, TreatmentFindings, TrialFindings, factors, of as summary_of, responses,
};
use crate::record::{Manifest, Run};
use crate::report::document::{Section, from_to};
use crate::report::number::plain;
use crate::spec::{Metric, short_names};

/// Fewer trials give no interval for a median (an order-statistic interval of 95 % needs six).
const LEAST_TRIALS: usize = 6;

/// Always there: nothing is without limits.
pub fn section(run: &Run, findings: &Findings) -> Section {
    let mut section = Section::new("not_concluded", "What is not concluded");
    let manifest = &run.manifest;
    let lines = [
        Some(place(manifest)),
        emulation(findings),
        beyond(manifest, findings),
        overload(findings),
        few(findings),
        noise(manifest, findings),
        left_out(findings),
        took(manifest, findings),
        late(findings),
    ];
    section.list(lines.into_iter().flatten().chain(open::lines(run, findings)));
    section
}

fn place(manifest: &Manifest) -> String {
    if manifest.cluster.started_by_bench {
        let replication = if manifest.cluster.count > 1 { "" } else { "replication, " };
        format!(
            "One host ran the brokers, the load and the consumers: networks between machines, {replication}and what other hosts would do were not measured."
        )
    } else {
        "The cluster is not bench's own: CPU and memory of its brokers, and who else used them, were not measured.".to_owned()
    }
}

fn emulation(findings: &Findings) -> Option<String> {
    findings.trials().any(|trial| !trial.record.emulated.is_empty()).then(|| {
        "Instances were emulated by their share of CPU, their memory and their credits: their network, their disks, their caches and their neighbours were not."
            .to_owned()
    })
}

/// Nothing is said outside of the levels.
fn beyond(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let names = short_names(&manifest.factors);
    let of = |factor: Factor| {
        let name = names.get(factor.at)?;
        let several = factor.is_number && factor.levels.len() > 1;
        Some(if several {
            format!("{name} {} to {}", factor.first(), factor.last())
        } else {
            format!("{name} {}", factor.levels.join(", "))
        })
    };
    let tried: Vec<String> = factors(manifest, findings).into_iter().filter_map(of).collect();
    (!tried.is_empty())
        .then(|| format!("Nothing is said of levels that were not tried; tried were {}.", tried.join("; ")))
}

fn overload(findings: &Findings) -> Option<String> {
    let of = findings.treatments.len();
    let in_overload =
        findings.treatments.iter().filter(|one| matches!(one.load, Load::Overload | Load::Mixed)).count();
    (in_overload > 0).then(|| {
        format!("{in_overload} of {of} treatments were in overload: what they sustain lies below what they gave, and was not looked for.")
    })
}

fn few(findings: &Findings) -> Option<String> {
    let counts = || findings.treatments.iter().map(|one| one.valid().count());
    let least = counts().min()?;
    let most = counts().max()?;
    let n = from_to(least, most);
    (least < LEAST_TRIALS).then(|| {
        let trials = if n == "1" { "trial" } else { "trials" };
        format!("{n} valid {trials} a treatment: fewer than {LEAST_TRIALS} give no interval; what lies around a median is what was seen.")
    })
}

/// The widest spread among trials of one treatment, of what the answer is about.
fn noise(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let metric: Metric = responses(manifest, findings).into_iter().next()?;
    let axes = Axes::of(manifest, findings);
    let spread = |one: &TreatmentFindings| {
        let summary = summary_of(&metric, one);
        let (least, most, median) = (summary.min.value()?, summary.max.value()?, summary.median.value()?);
        (summary.n > 1 && median > 0.0).then(|| ((most - least) / median * 100.0, axes.name(one)))
    };
    let (percent, name) =
        findings.treatments.iter().filter_map(spread).max_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(format!(
        "Trials of one treatment lay apart by up to {} % of their median ({}, at {name}): a smaller difference between two treatments may be chance.",
        plain(percent),
        metric.label
    ))
}

fn left_out(findings: &Findings) -> Option<String> {
    let of = findings.trials().count();
    let out = findings.trials().filter(|trial| trial.judged.outcome != Outcome::Valid).count();
    (out > 0).then(|| format!("{out} of {of} trials do not count, and are left out of every median."))
}

/// The greatest share of the host that bench's own load took.
fn took(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let most = |name: &str| {
        findings
            .trials()
            .filter(|trial| trial.is_valid())
            .filter_map(|trial| trial.metric(name).value())
            .reduce(f64::max)
    };
    let load = most("load_cpu_cores")?;
    let host = most("host_cpu_percent")
        .map(|percent| format!("; the whole host was busy by up to {} %", plain(percent)))
        .unwrap_or_default();
    let share = if manifest.cluster.started_by_bench {
        ", which the brokers and consumers could not have"
    } else {
        ""
    };
    Some(format!(
        "Bench's own load took up to {} of {} cores{share}{host}.",
        plain(load),
        manifest.host.cores
    ))
}

/// How late bench itself was.
fn late(findings: &Findings) -> Option<String> {
    let read = |trial: &TrialFindings| trial.metric("send_delay_p99_ms").value();
    let most = findings.trials().filter(|trial| trial.is_valid()).filter_map(read).reduce(f64::max)?;
    Some(format!(
        "Bench sent 99 % of the messages of every valid trial within {} of when they were due: shorter latencies are not the pipeline's alone.",
        time(most)
    ))
}

/// In the unit that suits.
fn time(ms: f64) -> String {
    if ms < 1.0 { format!("{} µs", plain(ms * 1e3)) } else { format!("{} ms", plain(ms)) }
}
