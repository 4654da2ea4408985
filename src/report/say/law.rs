//! The law that fits, as a curve for the figure of throughput.

use serde_json::{Value, json};

use super::axes::Axes;
use crate::alike::together;
use crate::analyse::{
    Aim, At, Findings, Fitted, Growing, Interval, Reading, Residual, TreatmentFindings, growing,
    growing_of_bounds, is_throughput, number,
};
use crate::record::Manifest;
use crate::report::document::{Point, Role, Series};
use crate::spec::{Metric, short_names};
use crate::stats::{Range, Withheld};

/// What grows with what a law speaks of.
const GROWING: [&str; 3] = ["instances", "threads", "partitions"];

fn is_growing(path: &str) -> bool {
    GROWING.iter().any(|end| path.ends_with(end))
}

/// Whether the axis is of what laws speak of.
fn is_of_laws(manifest: &Manifest, axes: &Axes<'_>) -> bool {
    axes.path(manifest).is_some_and(is_growing)
}

/// What differs in size alone, by the name of the rest.
fn series(findings: &Findings, axes: &Axes<'_>) -> Vec<(String, Growing)> {
    let all = findings.treatments.iter().map(|one| (axes.beside(one), (axes.place(one), one)));
    together(all).into_iter().filter_map(|(name, all)| Some((name, growing(&all)?))).collect()
}

/// What searches of a capacity came to by what the file gave more of, by the name of the rest: of each the least load from the bound at which it broke on that held it back. With the name of what was
/// given more of; none where nothing was searched, or nothing of that kind was varied.
fn of_bounds(manifest: &Manifest, findings: &Findings) -> Option<(String, Vec<(String, Growing)>)> {
    let searched = findings.searched.as_ref()?.iter().filter(|one| one.kind == Aim::Capacity);
    let (_, factors) = manifest.factors.split_last()?;
    let at = factors.iter().position(|path| is_growing(path))?;
    let names = short_names(&manifest.factors);
    let bounds = searched.filter_map(|search| {
        let (size, bound) = (number(search.levels.get(at)?)?.0, findings.held_back_at(search)?);
        let beside = names.iter().zip(&search.levels).enumerate().filter(|(other, _)| *other != at);
        let name = beside.map(|(_, (name, level))| format!("{name}={level}")).collect::<Vec<_>>().join(", ");
        Some((name, (size, bound)))
    });
    let all = together(bounds).into_iter().filter_map(|(name, all)| Some((name, growing_of_bounds(&all)?)));
    Some((names.get(at)?.to_string(), all.collect()))
}

/// Whatever grew: by treatments in overload, or by the bounds of searches.
pub fn all(manifest: &Manifest, findings: &Findings) -> Option<(String, Vec<(String, Growing)>)> {
    if findings.searched.is_some() {
        return of_bounds(manifest, findings);
    }
    let axes = Axes::of(manifest, findings);
    is_of_laws(manifest, &axes).then(|| (axes.axis().name, series(findings, &axes)))
}

/// Of these treatments, of one colour and one panel, the law that says most with fewest numbers; none where none fits, or the metric is another one.
pub fn curve(
    manifest: &Manifest,
    axes: &Axes<'_>,
    metric: &Metric,
    (name, hue, own): (&str, usize, &[&TreatmentFindings]),
) -> Option<Series> {
    let fitted = own.first().is_some_and(|one| one.throughput_metric() == metric.name);
    if !is_throughput(metric) || !fitted || !is_of_laws(manifest, axes) {
        return None;
    }
    let sizes: Vec<(f64, &TreatmentFindings)> = own.iter().map(|one| (axes.place(one), *one)).collect();
    let growing = growing(&sizes)?;
    let drawn = growing.drawn.as_ref()?;
    let around = |low: f64, high: f64| Interval {
        low: Reading::Value(low),
        high: Reading::Value(high),
        how: drawn.how,
    };
    let points = drawn.points.iter().map(|at| Point {
        x: at.n,
        y: Some(at.rate),
        interval: at.range.map(|range| around(range.low, range.high)),
        ..Point::default()
    });
    let law = drawn.law.name();
    let name = if name.is_empty() { law.to_owned() } else { format!("{name}, {law}") };
    Some(Series { name, role: Role::Law, hue, points: points.collect(), ..Series::default() })
}

/// Why there are no ranges, in a word.
fn withheld(why: Withheld) -> String {
    match why {
        Withheld::FewBlocks(_) => "few_blocks".to_owned(),
        Withheld::NoEnd => "no_end".to_owned(),
        Withheld::Below(number) => format!("{number} below 0"),
    }
}

/// Every law that was fitted, with what it leaves of every trial: for programs.
pub fn json(manifest: &Manifest, findings: &Findings) -> Value {
    let Some((_, all)) = all(manifest, findings) else { return json!([]) };
    let ends = |range: Range| json!([range.low, range.high]);
    let residual = |one: &Residual| {
        let trial = findings.trial(one.trial).map(|trial| trial.record.trial.as_str());
        json!({ "trial": trial, "size": one.n, "measured": one.measured, "fitted": one.fitted, "residual": one.measured - one.fitted })
    };
    let fit = |fitted: &Fitted| {
        let [gamma, sigma, kappa] = match fitted.intervals {
            Ok(all) => all.map(ends),
            Err(_) => [const { Value::Null }; 3],
        };
        json!({
            "law": fitted.fit.law.name(),
            "gamma": fitted.fit.gamma, "gamma_range": gamma, "sigma": fitted.fit.sigma, "sigma_range": sigma,
            "kappa": fitted.fit.kappa, "kappa_range": kappa, "peak": fitted.peak,
            "peak_range": fitted.peak_range.map(|(low, high)| json!([low, high.value()])),
            "r2": fitted.fit.r2, "aicc": fitted.fit.aicc, "sse": fitted.fit.sse,
            "withheld": fitted.intervals.err().map(withheld),
            "residuals": fitted.residuals.iter().map(residual).collect::<Vec<_>>(),
        })
    };
    let at = |at: &At| json!({ "size": at.n, "rate": at.rate, "range": at.range.map(ends) });
    let of = |(name, growing): &(String, Growing)| {
        json!({
            "with": name,
            "fits": growing.fits.iter().map(fit).collect::<Vec<_>>(),
            "drawn": growing.drawn.as_ref().map(|drawn| json!({
                "law": drawn.law.name(), "points": drawn.points.iter().map(at).collect::<Vec<_>>(),
            })),
            "refused": growing.refused,
        })
    };
    Value::Array(all.iter().map(of).collect())
}
