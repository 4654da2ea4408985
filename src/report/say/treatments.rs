//! Throughput, scaling and lag, one row a treatment.

use super::answer::TOLD;
use super::courses;
use super::named::named;
use super::rows::{any_overload, columns, in_order, metric, producers_alone, row};
use crate::analyse::{Findings, How, Load, Pictures, Summary, TreatmentFindings, Verdict, doubted};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Row, Section, Table};
use crate::report::number::plain;

/// Under a heading that says what was emulated.
pub fn section(
    manifest: &Manifest,
    findings: &Findings,
    emulated: &str,
    pictures: Option<&Pictures>,
) -> Section {
    let mut section = Section::new("treatments", format!("Treatments{emulated}"));
    let mut table = table(manifest, findings);
    if let Some(pictures) = pictures {
        courses::open(&mut table, findings, pictures);
    }
    section.table(table);
    section.say(pictures.and_then(|_| courses::left_out(findings)));
    section.say([format!(
        "Median ({}) of the valid trials; what stands without brackets is the median alone, and `treatments.csv` has what lies around it; n is valid/all trials.",
        around(findings)
    )]);
    section.say(scales(manifest, findings).then(|| {
        format!("Scaling is throughput over that of {}: {}.", baseline(manifest, findings), within(findings))
    }));
    section.say(widths(findings));
    if findings.treatments.iter().filter(|one| one.valid().count() > 1).count() > 1 {
        section.say([format!(
            "Where treatments are *not told apart*, chance alone might make the difference: Student's t, block by block, {}{}; all looks at the run come to 5 %.",
            findings.share.told(),
            if findings.share.among > 1 { ", which are all that this report tells apart or not" } else { "" }
        )]);
    }
    if any_overload(findings) {
        section.say([
            "Where the load is `overload`, throughput is overload throughput: an upper bound of what the configuration sustains.",
            "Overload is compared with overload and steady with steady; else the factor is only a bound (≥, ≤).",
        ]);
    }
    if findings.treatments.iter().any(|treatment| treatment.load == Load::Draining) {
        let asked = findings.trials().any(|trial| trial.record.backlog.is_some());
        let left = if asked { "what had been written before" } else { "what the warm-up had left" };
        section.say([format!(
            "Where the load is `draining`, {left} was worked off in the window: throughput is more than what was offered, and compared with nothing.",
        )]);
    }
    section
}

/// What stands in brackets beside the medians of these treatments.
pub fn around(findings: &Findings) -> String {
    let hows: Vec<How> = findings
        .treatments
        .iter()
        .filter_map(|one| one.metric(one.throughput_metric())?.interval())
        .map(|around| around.how)
        .collect();
    let likely = hows.contains(&How::OrderStatistics);
    match (likely, hows.contains(&How::Spread)) {
        (true, true) => {
            format!("{}, of less than 6 trials {}", How::OrderStatistics.told(), How::Spread.told())
        }
        (true, false) => How::OrderStatistics.told().to_owned(),
        (false, _) => How::Spread.told().to_owned(),
    }
}

/// Whether throughput is anything but what was offered: else its ratio is that of the loads.
fn scales(manifest: &Manifest, findings: &Findings) -> bool {
    let beyond = |one: &TreatmentFindings| one.scaling.is_some() && one.load != Load::Steady;
    !manifest.is_searched() && findings.treatments.len() > 1 && findings.treatments.iter().any(beyond)
}

/// How exactly the rates and lags of the table were read, where that is known.
fn widths(findings: &Findings) -> Vec<String> {
    let valid = || findings.all().flat_map(TreatmentFindings::valid);
    let most = |name: &str| valid().filter_map(|trial| trial.metric(name).value()).reduce(f64::max);
    let alone = producers_alone(findings);
    let followed = valid().any(|trial| trial.record.followed.is_some());
    let (rate, piece) = match (alone, followed) {
        (true, _) => ("acked", "one request of each producer"),
        (false, false) => ("processed", "one message of each consumer"),
        (false, true) => ("processed", "what a group that is followed from outside commits at once"),
    };
    let of = |shown: &str, width: &str, told: &dyn Fn(String) -> String, what: &str| {
        let known = most(width).map(|width| told(plain(width)));
        // What is shown and was not read so is not known exactly.
        let untold = || format!("How exactly {what} was read the records do not tell (`{width}` is empty).");
        known.or_else(|| most(shown).map(|_| untold()))
    };
    let width = format!("{rate}_width_msgs_per_s");
    let edge = |most: String| {
        format!(
            "The rate {rate} is known to within {most} messages a second: {piece} may lie on the other side of an edge of the window (`{width}`)."
        )
    };
    let meanwhile = |most: String| {
        format!(
            "The lag at the end may be less by up to {most} messages, what was acked while it was read (`lag_end_width_messages`)."
        )
    };
    let lag = || of("lag_end_messages", "lag_end_width_messages", &meanwhile, "the lag at the end");
    let rates = of(&format!("{rate}_msgs_per_s"), &width, &edge, &format!("the rate {rate}"));
    rates.into_iter().chain(if alone { None } else { lag() }).collect()
}

fn within(findings: &Findings) -> String {
    let has = |one: &TreatmentFindings| one.scaling.is_some_and(|scaling| scaling.ratio.is_some());
    if findings.treatments.iter().any(has) {
        format!(
            "the geometric mean of ratios within blocks, in brackets its {}; without brackets, as in the answer, the ratio of the two medians",
            How::StudentOfLogs.told()
        )
    } else {
        "the ratio of the two medians".to_owned()
    }
}

/// What scaling compares with: the first treatment, or the first that has a valid trial.
fn baseline(manifest: &Manifest, findings: &Findings) -> String {
    match findings.first {
        Some(at) if at > 0 => {
            let named = named(manifest, &findings.treatments[at].levels);
            format!("{named}, the first that has a valid trial")
        }
        _ => "the first treatment".to_owned(),
    }
}

fn table(manifest: &Manifest, findings: &Findings) -> Table {
    let alone = producers_alone(findings);
    let rate = if alone { "acked" } else { "processed" };
    let throughput = format!("{rate}_msgs_per_s");
    // Without consumers there is no lag; then it is of interest what the producers cost.
    let last = if alone {
        [("load cores", "load_cpu_cores"), ("broker CPU-s/M", "cluster_cpu_s_per_million")]
    } else {
        [("lag end", "lag_end_messages"), ("trend %", "lag_trend_percent")]
    };
    let scales = scales(manifest, findings);
    let first = [
        Column::new("n", None, "valid trials of all that are saved"),
        Column::of("offered/s", "offered_msgs_per_s"),
        Column::of(format!("{rate}/s"), &throughput),
        Column::new("load", None, "whether the backlog grew in the window"),
    ];
    let scaling = scales
        .then(|| Column::new("scaling", None, "throughput over that of the first treatment that has one"));
    let judged = (!manifest.slos.is_empty()).then(|| {
        Column::new(
            "SLOs",
            None,
            "whether all that must hold held; one that is broken goes before one that is undecided",
        )
    });
    let further = first
        .into_iter()
        .chain(scaling)
        .chain(last.map(|(heading, name)| Column::of(heading, name)))
        .chain(judged);
    let rows = in_order(manifest, findings).into_iter().map(|treatment| {
        let first = [
            Cell::Of(treatment.valid().count(), treatment.trials.len()),
            Cell::Median(metric(treatment, "offered_msgs_per_s")),
            Cell::Summary(metric(treatment, &throughput)),
            Cell::Load(treatment.load),
        ];
        let scaling = scales.then_some(Cell::Scaling(treatment.scaling));
        let last = last.map(|(_, name)| Cell::Median(metric(treatment, name)));
        let verdict = worst(&treatment.verdicts).map(|verdict| Cell::Verdict(verdict, Summary::default()));
        Row {
            doubts: doubts(treatment),
            ..row(manifest, treatment, first.into_iter().chain(scaling).chain(last).chain(verdict))
        }
    });
    Table { id: "treatments", columns: columns(manifest, further), rows: rows.collect() }
}

/// Of several verdicts; none where nothing must hold.
fn worst(verdicts: &[Verdict]) -> Option<Verdict> {
    [Verdict::Broken, Verdict::Undecided, Verdict::Held]
        .into_iter()
        .find(|verdict| verdicts.contains(verdict))
}

/// Each kind of doubt once, as its first trial has it; what the load tells already is not told again.
fn doubts(treatment: &TreatmentFindings) -> Vec<String> {
    let of = treatment.trials.len();
    let all =
        treatment.trials.iter().map(|trial| (trial.record.trial.as_str(), trial.judged.doubts.as_slice()));
    let all = doubted(all);
    let told = all.iter().filter(|one| !TOLD.contains(&one.id)).filter_map(|one| {
        let (doubt, _) = one.found.first()?;
        Some(format!("`{}` in {} of {of} trials: {}.", one.id, one.trials.len(), doubt.what))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Reading, TrialFindings, judge};
    use crate::record::testing::{Synthetic, manifest};
    use crate::spec::place;

    #[test]
    fn a_lag_that_is_shown_says_how_exactly_it_was_read_or_that_the_records_do_not_tell() {
        let manifest = manifest(&["a"]);
        let told = |width: Reading| {
            let trial = Synthetic::default();
            let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
            judged.metrics[place("lag_end_messages").unwrap()] = Reading::Value(40.0);
            judged.metrics[place("lag_end_width_messages").unwrap()] = width;
            let findings =
                Findings::of(&manifest, vec![TrialFindings::of(&manifest, trial.record(), judged)]);
            widths(&findings).concat()
        };
        let known = told(Reading::Value(3.0));
        assert!(known.contains("The lag at the end may be less by up to 3.00 messages"), "{known}");
        let untold = told(Reading::Empty);
        assert!(
            untold.contains("How exactly the lag at the end was read the records do not tell"),
            "{untold}"
        );
    }
}
