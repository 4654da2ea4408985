//! What a load takes: of the brokers, of the wire, and of bench itself.

use super::rows::{columns, in_order, metric, row};
use crate::analyse::{Findings, Reading, Summary, TrialFindings};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Section, Table};
use crate::report::number::{plain, reading};

/// Heading and metric of each column.
const COLUMNS: [(&str, &str); 7] = [
    ("broker CPU-s/M", "cluster_cpu_s_per_million"),
    ("requests/s", "requests_per_s"),
    ("records/batch", "records_per_batch"),
    ("wire MiB/s", "wire_mib_per_s"),
    ("load cores", "load_cpu_cores"),
    ("load MiB", "load_rss_max_mib"),
    ("connect s", "connect_s"),
];

/// Of more the number is told.
const NAMED: usize = 4;

/// None where nothing is known.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: &str) -> Option<Section> {
    let mut section = Section::new("took", format!("What it took{emulated}"));
    section.table(table(manifest, findings)?);
    section.say([
        "CPU of the brokers that bench started, per million messages acked; requests, batches and bytes by the producers' own statistics; CPU of \
         bench's load, and memory of its whole process, which goes on from trial to trial.",
    ]);
    section.say(widths(findings));
    section.say(first_trials(manifest, findings));
    Some(section)
}

/// How finely requests and bytes are known; none where that is not known of any.
fn widths(findings: &Findings) -> Option<String> {
    let most = |name: &str| {
        let valid = findings.trials().filter(|trial| trial.is_valid());
        valid.filter_map(|trial| trial.metric(name).value()).reduce(f64::max)
    };
    let [requests, mib] = ["requests_width_per_s", "wire_width_mib_per_s"].map(most);
    Some(format!(
        "Requests are known to within {} a second and bytes to within {} MiB/s: a request of each producer may lie on the other side of an edge of the window (`requests_width_per_s`, \
         `wire_width_mib_per_s`).",
        plain(requests?),
        plain(mib?)
    ))
}

/// The brokers' CPU of the run's first trials, as far as each took more than any other trial of its treatment did, or where the first has no others: a JVM's first
/// minutes are not its later ones, and they may be more than one trial long.
fn first_trials(manifest: &Manifest, findings: &Findings) -> Option<String> {
    const CPU: &str = "cluster_cpu_s_per_million";
    if !manifest.cluster.started_by_bench {
        return None;
    }
    // What it took, and the least and the most of the others of its treatment; none where there are none.
    let beside = |trial: &TrialFindings| {
        let treatment = findings.treatment(&trial.record.treatment)?;
        let others = treatment.valid().filter(|other| other.record.order != trial.record.order);
        let others = Summary::of(others.map(|other| other.metric(CPU)));
        Some((trial.metric(CPU).value()?, others.min.value().zip(others.max.value())))
    };
    // Those that count: of one before them that was cut short nothing is said.
    let mut valid = findings.trials().filter(|trial| trial.is_valid()).peekable();
    let first = *valid.peek()?;
    let (value, others) = beside(first)?;
    let Some((least, _)) = others else {
        return Some(format!("{}; there is no other to tell how much that is.", met(first, value)));
    };
    let above = |trial: &TrialFindings| {
        let (value, others) = beside(trial)?;
        let (_, most) = others?;
        (value > most).then_some((value, most))
    };
    let cold: Vec<(&TrialFindings, f64, f64)> =
        valid.map_while(|trial| above(trial).map(|(value, most)| (trial, value, most))).collect();
    match cold.as_slice() {
        [] => None,
        [(_, _, most)] => {
            let others = reading(Reading::Between(least, *most));
            Some(format!("{}; the others of its treatment took {others}.", met(first, value)))
        }
        several => {
            let told = |(trial, value, most): &(&TrialFindings, f64, f64)| {
                format!("{} {} and {}", trial.record.trial, plain(*value), plain(*most))
            };
            let more = several.len().saturating_sub(NAMED);
            let told = several.iter().take(NAMED).map(told).collect::<Vec<_>>().join(", ");
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            Some(format!(
                "The run's first {} trials that count met a broker that had just started: each took more of its CPU per million than any other trial of its treatment (seconds, and the most of the others: {told}{more}). They stand in the medians above.",
                several.len()
            ))
        }
    }
}

/// How the first trial met the brokers.
fn met(first: &TrialFindings, value: f64) -> String {
    format!(
        "The run's first trial that counts, {}, met a broker that had just started: {} s of its CPU per million",
        first.record.trial,
        plain(value)
    )
}

/// One row a treatment, without columns that no treatment knows; none where there is nothing at all.
fn table(manifest: &Manifest, findings: &Findings) -> Option<Table> {
    let known = |name: &str| findings.treatments.iter().any(|treatment| metric(treatment, name).n > 0);
    let shown: Vec<_> = COLUMNS.into_iter().filter(|(_, name)| known(name)).collect();
    let (first, others) = shown.split_first()?;
    let rows = in_order(manifest, findings).into_iter().map(|treatment| {
        let first = std::iter::once(Cell::Summary(metric(treatment, first.1)));
        row(
            manifest,
            treatment,
            first.chain(others.iter().map(|(_, name)| Cell::Median(metric(treatment, name)))),
        )
    });
    let further = shown.iter().map(|(heading, name)| Column::of(*heading, name));
    Some(Table { id: "took", columns: columns(manifest, further), rows: rows.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::record::testing::{Synthetic, manifest};
    use crate::spec::place;

    /// Treatments in turn, of which the brokers' CPU read this in the plan's order.
    fn found(treatments: &[&str], cpu: &[f64]) -> (Manifest, Findings) {
        let mut manifest = manifest(treatments);
        manifest.cluster.started_by_bench = true;
        let at = place("cluster_cpu_s_per_million").unwrap();
        let trial = |(order, cpu): (u32, &f64)| {
            let slug = treatments[(order as usize - 1) % treatments.len()].to_owned();
            let of = Synthetic { order, repetition: order, treatment: slug, ..Synthetic::default() };
            let mut judged = judge(&of.record(), &of.rows(), &of.latencies());
            judged.metrics[at] = Reading::Value(*cpu);
            TrialFindings::of(&manifest, of.record(), judged)
        };
        let findings = Findings::of(&manifest, (1..).zip(cpu).map(trial).collect());
        (manifest, findings)
    }

    fn said(treatments: &[&str], cpu: &[f64]) -> Option<String> {
        let (manifest, findings) = found(treatments, cpu);
        first_trials(&manifest, &findings)
    }

    #[test]
    fn requests_and_bytes_stand_with_the_widths_of_their_readings() {
        let (_, findings) = found(&["a"], &[100.0]);
        let told = widths(&findings).unwrap();
        assert!(
            told.starts_with("Requests are known to within 0.100 a second and bytes to within 0.004 MiB/s"),
            "{told}"
        );
        assert_eq!(widths(&Findings::default()), None);
    }

    #[test]
    fn a_broker_that_is_cold_for_more_than_one_trial_is_told_of_each() {
        let told = said(&["a", "b", "c"], &[500.0, 400.0, 90.0, 110.0, 120.0, 100.0]).unwrap();
        assert!(told.contains("first 2 trials that count"), "{told}");
        assert!(told.contains("001-a-r1 500 and 110, 002-b-r2 400 and 120)"), "{told}");
        let one = said(&["a", "b"], &[500.0, 100.0, 110.0, 120.0]).unwrap();
        assert!(one.contains("first trial that counts, 001-a-r1,") && one.ends_with("took 110."), "{one}");
        // The second was no dearer than another one of its kind, so a dear third says nothing of the start.
        assert!(
            said(&["a", "b", "c"], &[500.0, 100.0, 400.0, 110.0, 120.0, 90.0])
                .unwrap()
                .contains("first trial")
        );
    }

    #[test]
    fn a_first_trial_that_took_less_than_others_met_no_cold_broker() {
        assert_eq!(said(&["a", "b"], &[80.0, 100.0, 110.0, 120.0]), None);
        assert!(
            said(&["a", "b"], &[80.0, 100.0])
                .unwrap()
                .ends_with("there is no other to tell how much that is.")
        );
    }
}
