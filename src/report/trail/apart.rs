//! Whether trials tell two treatments apart, block by block.

use serde_json::json;

use super::read::{exact, rows};
use super::{Of, Trail, told};
use crate::analyse::versus::LEVEL;
use crate::analyse::{Apart, Reading, TreatmentFindings, TrialFindings, in_both};
use crate::spec::Metric;
use crate::stats::Gap;

/// A word for programs.
pub(super) const fn word(apart: Apart) -> &'static str {
    match apart {
        Apart::Clear => "clear",
        Apart::Tie => "tie",
        Apart::NotTold => "not_told_apart",
        Apart::Unknown => "unknown",
    }
}

pub(super) fn apart(of: Of<'_>, metric: &Metric, (one, other): (&str, &str), among: usize) -> Option<Trail> {
    let (one, other) = (of.treatment(one)?, of.treatment(other)?);
    Some(Trail {
        kind: "apart",
        what: format!(
            "whether trials tell `{}`{} and that{} apart",
            metric.name,
            of.with(&one.slug),
            of.with(&other.slug)
        ),
        rows: rows(one, metric).into_iter().chain(rows(other, metric)).collect(),
        arithmetic: steps(metric, (one, other), among),
        shown: Vec::new(),
        told: told([
            ("metric", json!(metric.name)),
            ("treatments", json!([one.slug, other.slug])),
            ("among", json!(among)),
            ("apart", json!(word(Apart::of(metric, (one, other), among)))),
        ]),
    })
}

/// How the word is found: the gap in each block, how far gaps spread, and how often chance alone would put their mean so far from nothing.
pub(super) fn steps(
    metric: &Metric,
    (one, other): (&TreatmentFindings, &TreatmentFindings),
    among: usize,
) -> Vec<String> {
    let apart = Apart::of(metric, (one, other), among);
    let of = |treatment: &TreatmentFindings| -> Vec<(u32, f64)> {
        let known = |trial: &TrialFindings| Some((trial.record.block, trial.metric(&metric.name).value()?));
        treatment.valid().filter_map(known).collect()
    };
    let (here, there) = (of(one), of(other));
    let positive = here.iter().chain(&there).all(|(_, value)| *value > 0.0);
    let mut lines = Vec::new();
    let mut gaps = Vec::new();
    for (block, value, twin) in in_both(&here, &there) {
        let gap = if positive { twin.ln() - value.ln() } else { twin - value };
        let [value, twin] = [value, twin].map(|one| exact(metric, Reading::Value(one)));
        let way = if positive { format!("ln({twin} ÷ {value})") } else { format!("{twin} − {value}") };
        lines.push(format!("block {block}: {way} = {gap:.6}"));
        gaps.push(gap);
    }
    let judged = match apart {
        Apart::Clear => "told apart",
        Apart::Tie => "the same in all trials",
        Apart::NotTold => "not told apart",
        Apart::Unknown => "of fewer than 3 blocks nobody knows how far trials spread",
    };
    let level = LEVEL / among.max(1) as f64;
    match Gap::paired(&gaps) {
        Some(gap) if matches!(apart, Apart::Clear | Apart::NotTold) && gap.error > 0.0 => {
            let n = gaps.len() as f64;
            lines.push(format!(
                "t = {:.6} ÷ ({:.6} ÷ √{n}) = {:.3}, so p = {:.3e} of {} degrees; told apart from {level:.3e} down (5 % ÷ {among} comparisons): {judged}",
                gap.middle,
                gap.error * n.sqrt(),
                gap.middle / gap.error,
                gap.p(),
                gap.dof
            ));
        }
        _ => {
            lines.truncate(if apart == Apart::Tie { 0 } else { lines.len() });
            lines.push(judged.to_owned());
        }
    }
    lines
}
