//! The cells of a metric, and its readings with all the digits that a table has.

use super::{Given, Of, TRIALS};
use crate::analyse::{Reading, TreatmentFindings, TrialFindings, in_table};
use crate::report::number;
use crate::spec::{Metric, place};

/// One row a valid trial: its cell of the metric's column; of a percentile that is no column the histograms that it is read from.
pub(super) fn rows(treatment: &TreatmentFindings, metric: &Metric) -> Vec<Given> {
    treatment.valid().map(|trial| row(trial, metric)).collect()
}

fn row(trial: &TrialFindings, metric: &Metric) -> Given {
    let (name, read) = (trial.record.trial.as_str(), trial.metric(&metric.name));
    let file =
        if place(&metric.name).is_some() { TRIALS.to_owned() } else { format!("trials/{name}/latency.hlog") };
    let bound = match read {
        Reading::Value(_) | Reading::Empty => String::new(),
        Reading::TooFew => "too few beyond it".to_owned(),
        bound => number::reading(bound),
    };
    Given { bound, ..Given::new(name, file, &metric.name, in_table(metric, read)) }
}

/// A reading with all the digits that a table has.
pub(super) fn exact(metric: &Metric, read: Reading) -> String {
    match read {
        Reading::Value(_) => in_table(metric, read),
        Reading::Between(least, most) => {
            let [least, most] = [least, most].map(|end| in_table(metric, Reading::Value(end)));
            format!("{least} to {most}")
        }
        Reading::Beyond(least) => format!("> {}", in_table(metric, Reading::Value(least))),
        Reading::TooFew | Reading::Empty => "nothing".to_owned(),
    }
}

/// Its levels; its slug where nothing was varied.
pub(super) fn name(of: Of<'_>, treatment: &TreatmentFindings) -> String {
    let with = of.with(&treatment.slug);
    with.strip_prefix(" with ").map_or_else(|| treatment.slug.clone(), str::to_owned)
}
