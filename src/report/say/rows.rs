//! What tables of treatments have in common: the columns of the factors, the cells of a treatment's levels, and what is asked of all treatments.

use crate::analyse::{Findings, Load, Summary, TreatmentFindings, Verdict, number, why_nothing};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Mark, Reason, Row};
use crate::spec::short_names;

/// A metric of a treatment; of one that has none, nothing.
pub fn metric(treatment: &TreatmentFindings, name: &str) -> Summary {
    treatment.metric(name).unwrap_or_default()
}

/// Whether nobody consumed in any treatment.
pub fn producers_alone(findings: &Findings) -> bool {
    findings.treatments.iter().all(|treatment| !treatment.consumed)
}

/// Whether any treatment was driven as hard as the clients' queues allow.
pub fn any_at_max(findings: &Findings) -> bool {
    findings.trials().any(|trial| trial.record.asked.rate_msgs_per_s.is_none())
}

/// Whether any treatment ran into overload.
pub fn any_overload(findings: &Findings) -> bool {
    findings.treatments.iter().any(|treatment| matches!(treatment.load, Load::Overload | Load::Mixed))
}

/// Treatments as tables have them: as they were planned, but for those that a search came to, whose volumes rise.
pub fn in_order<'a>(manifest: &Manifest, findings: &'a Findings) -> Vec<&'a TreatmentFindings> {
    let mut all: Vec<&TreatmentFindings> = findings.treatments.iter().collect();
    if !manifest.is_searched() {
        return all;
    }
    let mut searches: Vec<&[String]> = Vec::new();
    for (_, others) in all.iter().filter_map(|one| one.levels.split_last()) {
        if !searches.contains(&others) {
            searches.push(others);
        }
    }
    all.sort_by_cached_key(|one| {
        let (volume, others) =
            one.levels.split_last().map_or(("", [].as_slice()), |(last, of)| (last.as_str(), of));
        let search = searches.iter().position(|known| *known == others);
        (search, number(volume).map(|(value, _)| value.to_bits()))
    });
    all
}

/// The factors' columns, then these.
pub fn columns(manifest: &Manifest, further: impl IntoIterator<Item = Column>) -> Vec<Column> {
    let levels = short_names(&manifest.factors).into_iter().zip(&manifest.factors);
    let mut columns: Vec<Column> =
        levels.map(|(name, factor)| Column::new(name, None, format!("level of `{factor}`"))).collect();
    if columns.is_empty() {
        columns.push(Column::new("treatment", None, "the treatment's name"));
    }
    columns.extend(further);
    columns
}

/// The treatment's levels, then these.
pub fn row(
    manifest: &Manifest,
    treatment: &TreatmentFindings,
    further: impl IntoIterator<Item = Cell>,
) -> Row {
    let own = [treatment.slug.clone()];
    let levels = if manifest.factors.is_empty() { own.as_slice() } else { &treatment.levels };
    let mut cells: Vec<Cell> = levels.iter().cloned().map(Cell::Label).collect();
    cells.extend(further);
    let mark = why_nothing(treatment)
        .map(|why| Mark { reason: Reason::NoValidTrial, sentence: format!("It has no valid trial: {why}.") });
    Row { cells, mark, id: treatment.slug.clone(), ..Row::default() }
}

/// The same, marked where the treatment broke what must hold: its numbers are of something that was not wanted.
pub fn row_that_must_hold(
    manifest: &Manifest,
    treatment: &TreatmentFindings,
    further: impl IntoIterator<Item = Cell>,
) -> Row {
    let own = row(manifest, treatment, further);
    let verdicts = manifest.slos.iter().zip(&treatment.verdicts);
    let broken = verdicts.filter(|(_, verdict)| **verdict == Verdict::Broken);
    let broken: Vec<String> = broken.map(|(slo, _)| format!("`{}`", slo.text)).collect();
    let mark = (!broken.is_empty())
        .then(|| Mark { reason: Reason::Broken, sentence: format!("It broke {}.", broken.join(", ")) });
    Row { mark: own.mark.or(mark), ..own }
}
