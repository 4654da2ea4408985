//! `searches.csv`: one row a search. Names are a promise: added to, never renamed.

use super::{Edge, Searched};
use crate::record::Manifest;
use crate::search::Stop;

/// One row a search, header first: the other factors, then what the search came to, then each SLO's own boundary.
pub fn searches_table(manifest: &Manifest, searched: &[Searched]) -> Vec<Vec<String>> {
    let mut header: Vec<String> =
        manifest.factors.split_last().map_or(Vec::new(), |(_, others)| others.to_vec());
    let own = [
        "kind",
        "of",
        "holds",
        "holds_held",
        "holds_trials",
        "breaks",
        "breaks_held",
        "breaks_trials",
        "confirmed",
        "binding",
        "stop",
        "trials",
        "saved",
    ];
    header.extend(own.map(|name| format!("search_{name}")));
    for slo in &manifest.slos {
        header.extend(["holds", "breaks", "edge"].map(|name| format!("search_{name}: {}", slo.text)));
    }
    header
        .extend(["holds_low", "breaks_high", "same_share", "undecided"].map(|name| format!("search_{name}")));
    std::iter::once(header).chain(searched.iter().map(|one| row(manifest, one))).collect()
}

fn row(manifest: &Manifest, one: &Searched) -> Vec<String> {
    let came = &one.came;
    let value = |rung: Option<i64>| rung.map(|rung| one.value(rung).to_string()).unwrap_or_default();
    let binding: Vec<&str> =
        came.binding.iter().filter_map(|slo| manifest.slos.get(*slo)).map(|slo| slo.text.as_str()).collect();
    let mut row = one.levels.clone();
    row.extend([
        one.kind.name().to_owned(),
        manifest.search.as_ref().map(|line| line.of.clone()).unwrap_or_default(),
        value(came.all.good),
        came.at_good.held.to_string(),
        came.at_good.of.to_string(),
        // Beyond what nobody could judge nothing broke.
        value(came.all.broke),
        came.at_bad.held.to_string(),
        came.at_bad.of.to_string(),
        one.is_found().to_string(),
        binding.join("; "),
        came.stop.map(Stop::name).unwrap_or_default().to_owned(),
        came.trials.to_string(),
        came.saved.to_string(),
    ]);
    for slo in 0..manifest.slos.len() {
        let boundary = came.each.get(slo);
        row.push(value(boundary.and_then(|own| own.good)));
        row.push(value(boundary.and_then(|boundary| boundary.broke)));
        let edge = one.edges.get(slo).copied().flatten();
        row.push(edge.map(Edge::name).unwrap_or_default().to_owned());
    }
    row.push(value(one.again.and_then(|again| again.holds)));
    row.push(value(one.again.and_then(|again| again.breaks)));
    row.push(one.again.map(|again| again.same.to_string()).unwrap_or_default());
    row.push(value(came.all.open()));
    row
}
