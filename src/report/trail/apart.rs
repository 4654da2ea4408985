//! Whether trials tell two treatments apart, block by block.

use serde_json::json;

use super::read::{exact, rows};
use super::{Of, Trail, told};
use crate::analyse::{Apart, Gaps, Read, Reading, Share, TreatmentFindings};
use crate::spec::Metric;

/// A word for programs.
pub(super) const fn word(apart: Apart) -> &'static str {
    match apart {
        Apart::Clear => "clear",
        Apart::Tie => "tie",
        Apart::NotTold => "not_told_apart",
        Apart::Unknown => "unknown",
    }
}

pub(super) fn apart(of: Of<'_>, metric: &Metric, (one, other): (&str, &str), share: Share) -> Option<Trail> {
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
        arithmetic: steps(metric, (one, other), share),
        shown: Vec::new(),
        told: told([
            ("metric", json!(metric.name)),
            ("treatments", json!([one.slug, other.slug])),
            ("among", json!(share.among)),
            ("look", json!(share.look)),
            ("apart", json!(word(Apart::of(metric, (one, other), share)))),
        ]),
    })
}

/// How the word is found: the gap in each block, how far gaps spread, and how often chance alone would put their mean so far from nothing.
pub(super) fn steps(
    metric: &Metric,
    (one, other): (&TreatmentFindings, &TreatmentFindings),
    share: Share,
) -> Vec<String> {
    let apart = Apart::of(metric, (one, other), share);
    let gaps = Gaps::of(metric, one.valid(), other.valid());
    let line = |((block, here, there), gap): (&(u32, Read, Read), f64)| {
        let [here, there] = [here, there].map(|read| exact(metric, Reading::Value(read.value)));
        let way = if gaps.logs { format!("ln({there} ÷ {here})") } else { format!("{there} − {here}") };
        format!("block {block}: {way} = {gap:.6}")
    };
    let mut lines: Vec<String> = gaps.blocks.iter().zip(gaps.differences()).map(line).collect();
    let judged = match apart {
        Apart::Clear => "told apart",
        Apart::Tie => "the same in all trials",
        Apart::NotTold => "not told apart",
        Apart::Unknown => "of fewer than 3 blocks nobody knows how far trials spread",
    };
    match gaps.gap() {
        Some(gap) if matches!(apart, Apart::Clear | Apart::NotTold) && gap.error > 0.0 => {
            let n = gaps.blocks.len() as f64;
            // Of the two the gap's error has the greater.
            let read = gaps.uncertainty();
            if read > 0.0 && gap.error * n.sqrt() <= read {
                lines.push(format!(
                    "gaps spread less than they were read: the width of both readings (`…_width_…`, of latencies a bucket of the histogram) ÷ √3 leaves {read:.6} open, and stands in place of their spread"
                ));
            }
            lines.push(format!(
                "t = {:.6} ÷ ({:.6} ÷ √{n}) = {:.3}, so p = {:.3e} of {} degrees; told apart from {:.3e} down ({} ÷ {} comparisons): {judged}",
                gap.middle,
                gap.error * n.sqrt(),
                gap.middle / gap.error,
                gap.p(),
                gap.dof,
                share.level(),
                share.risk(),
                share.among
            ));
        }
        _ => {
            lines.truncate(if apart == Apart::Tie { 0 } else { lines.len() });
            lines.push(judged.to_owned());
        }
    }
    lines
}
