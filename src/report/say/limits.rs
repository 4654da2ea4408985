//! What is not concluded, and what threatens what is: made from what happened in this run, never from a list.

use super::axes::Axes;
use super::open;
use crate::analyse::{
    Chosen, Drain, Factor, Findings, Load, Moved, Outcome, Reading, SecondMode, Summary, TreatmentFindings,
    TrialFindings, factors, moved, of as summary_of, responses, second_modes,
};
use crate::record::{Manifest, Run};
use crate::report::document::{Section, from_to};
use crate::report::number::{counted, plain, reading, summary};
use crate::spec::{Metric, short_names};
use crate::stats::Course;

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
        few(manifest, findings),
        heaps(manifest, findings),
        unsettled(findings),
        too_short(findings),
        cut(manifest, findings),
        drained(findings),
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
    // A search has looked for what they sustain.
    (in_overload > 0 && findings.searched.is_none()).then(|| {
        format!("{in_overload} of {of} treatments were in overload: what they sustain lies below what they gave, and was not looked for.")
    })
}

fn few(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let counts = || findings.treatments.iter().map(|one| one.valid().count());
    let least = counts().min()?;
    let most = counts().max()?;
    let n = from_to(least, most);
    (least < LEAST_TRIALS).then(|| {
        let trials = if n == "1" { "trial" } else { "trials" };
        let ranked = findings.rankings.iter().any(|(ranking, _)| ranking.order.len() > 1);
        let unsure = if ranked && !Chosen::can_be(manifest, findings) {
            ", and no probability that what is the cheapest here is so"
        } else {
            ""
        };
        format!("{n} valid {trials} a treatment: fewer than {LEAST_TRIALS} give no interval{unsure}; what lies around a median is what was seen.")
    })
}

/// Trials of one treatment that fall into two heaps.
fn heaps(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let axes = Axes::of(manifest, findings);
    let told: Vec<String> = findings
        .treatments
        .iter()
        .flat_map(|one| second_modes(manifest, findings, one).into_iter().map(move |seen| (one, seen)))
        .map(|(one, SecondMode { metric, modes })| {
            format!(
                "{} at {} ({} trials about {}, {} about {})",
                metric.label,
                axes.name(one),
                modes.below,
                plain(modes.low),
                modes.above,
                plain(modes.high)
            )
        })
        .collect();
    (!told.is_empty()).then(|| {
        format!("Trials fall into two heaps, and a median lies where few of them do: {}.", told.join("; "))
    })
}

/// Trials that were not the same from the beginning of their window to its end.
fn unsettled(findings: &Findings) -> Option<String> {
    let valid = || findings.trials().filter(|trial| trial.is_valid()).filter_map(|trial| trial.settled);
    let of = valid().count();
    let count = |course: Course| valid().filter(|one| one.course == course).count();
    let flat = count(Course::Flat);
    (flat < of).then(|| {
        format!(
            "By MSER-5 over throughput and backlog (and p99, which is read by the second, in windows of 40 s or more), {flat} of {of} valid trials were flat through their window, {} warmed up in it, {} slowed down, and {} did not settle: see `settled` in `trials.csv`.",
            count(Course::WarmUp),
            count(Course::SlowDown),
            count(Course::None)
        )
    })
}

/// Where the numbers after the cut lie outside of what lies around the median before it.
fn cut(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let axes = Axes::of(manifest, findings);
    let told = |one: &TreatmentFindings| {
        let name = axes.name(one);
        let told = |of: Moved| {
            format!("{} at {name} would be {} and not {}", of.what, summary(of.kept), summary(of.whole))
        };
        moved(&one.trials).into_iter().map(told).collect::<Vec<_>>()
    };
    let told: Vec<String> = findings.treatments.iter().flat_map(told).collect();
    (!told.is_empty()).then(|| {
        format!(
            "Cut to where its trials had settled, a median lies outside of what lies around it (the doubt `cut_moves`): {}.",
            told.join("; ")
        )
    })
}

/// Windows that are too short to say how they go.
fn too_short(findings: &Findings) -> Option<String> {
    let valid = || findings.trials().filter(|trial| trial.is_valid());
    let short = valid().filter(|trial| trial.is_too_short_to_class()).count();
    (short > 0).then(|| {
        format!(
            "Whether {short} of {} valid trials had settled when their window began cannot be said: MSER-5 takes a window of 10 s or more (`too_short` in `settled` of `trials.csv`).",
            valid().count()
        )
    })
}

/// How well backlogs were forecast, by the drains that followed.
fn drained(findings: &Findings) -> Option<String> {
    let drains: Vec<Drain> =
        findings.trials().filter(|trial| trial.is_valid()).filter_map(|trial| trial.drain).collect();
    let step_s = drains.iter().map(|drain| drain.step_s).reduce(f64::max)?;
    let paces = Summary::of(drains.iter().filter_map(|drain| drain.pace).map(Reading::Value));
    let Some(middle) = paces.median.value() else {
        return Some(format!(
            "How long a backlog lasts is forecast at the window's speed (`drain_forecast_s`) of {}, and nothing checks it: no drain was watched for {} s or more (`phases.drain`).",
            counted(drains.len(), "trial"),
            plain(step_s)
        ));
    };
    // Trials of unlike treatments: of their median there is no interval.
    let ends = || format!(" (median; least {}, greatest {})", reading(paces.min), reading(paces.max));
    let around = if paces.n > 1 { ends() } else { String::new() };
    let emptied = drains.iter().filter(|drain| drain.took_s.is_some()).count();
    let met = drains.iter().filter(|drain| drain.is_met()).count();
    let when = if emptied > 0 {
        format!(
            ", {met} of these within {} s of when that was forecast, as finely as it is read",
            plain(step_s)
        )
    } else {
        String::new()
    };
    Some(format!(
        "How long a backlog lasts is forecast at the window's speed (`drain_forecast_s`): in the drains of {} trials it went at {} times that{around}, and {emptied} of {} came to nothing before watching ended{when}.",
        paces.n,
        plain(middle),
        drains.len()
    ))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::record::testing::{Synthetic, manifest};

    fn said(drains: &[Drain]) -> Option<String> {
        let manifest = manifest(&["a"]);
        let trial = |(repetition, drain): (u32, &Drain)| {
            let of = Synthetic { order: repetition, repetition, ..Synthetic::default() };
            let judged = judge(&of.record(), &of.rows(), &of.latencies());
            TrialFindings { drain: Some(*drain), ..TrialFindings::of(&manifest, of.record(), judged) }
        };
        drained(&Findings::of(&manifest, (1..).zip(drains).map(trial).collect()))
    }

    #[test]
    fn how_well_backlogs_were_forecast_is_told_and_where_nothing_checks_it_that() {
        let met = Drain { forecast_s: 0.5, took_s: Some(0.75), pace: Some(0.99), step_s: 0.25 };
        let late = Drain { took_s: Some(1.25), pace: Some(0.5), ..met };
        let told = said(&[met, late, Drain { took_s: None, ..met }]).unwrap();
        let paces = "in the drains of 3 trials it went at 0.990 times that (median; least 0.500, greatest 0.990), and 2 of 3 came to nothing";
        assert!(told.contains(paces), "{told}");
        assert!(
            told.ends_with(", 1 of these within 0.250 s of when that was forecast, as finely as it is read."),
            "{told}"
        );
        let unwatched = said(&[Drain { took_s: None, pace: None, ..met }]).unwrap();
        assert!(unwatched.contains("of 1 trial, and nothing checks it"), "{unwatched}");
        assert_eq!(said(&[]), None);
    }
}
