//! Latency by percentile: whole distributions, the part that took longer than we watched, and bench's own lateness beside them.

use super::axes::Axes;
use crate::alike::together;
use crate::analyse::{Distribution, Findings, Pictures, Reading};
use crate::record::Manifest;
use crate::report::document::{Axis, Drawing, Figure, Panel, Point, Scale, Series, from_to};
use crate::units::Latency;

/// Curves that can still be told apart in one panel.
const CURVES: usize = 8;

/// What is drawn, and what it is called.
const SHOWN: [(Latency, &str); 5] = [
    (Latency::EndToEnd, "end-to-end latency"),
    (Latency::Committed, "committed latency"),
    (Latency::Output, "output latency"),
    (Latency::Ack, "ack latency"),
    (Latency::SendDelay, "send delay"),
];

/// A panel a latency; of many treatments a panel for each level of a factor too. None where no latency counts from due.
pub fn figure(manifest: &Manifest, findings: &Findings, pictures: &Pictures) -> Option<Figure> {
    let axes = Axes::of(manifest, findings);
    let known =
        |latency| move |of: &std::collections::BTreeMap<Latency, Distribution>| of.contains_key(&latency);
    let few = findings.treatments.len() <= CURVES;
    let parts = if few {
        vec![(String::new(), (0..findings.treatments.len()).collect::<Vec<_>>())]
    } else {
        by_others(findings, &axes)
    };
    let shown: Vec<(Latency, &str)> =
        SHOWN.into_iter().filter(|(latency, _)| pictures.distributions.iter().any(known(*latency))).collect();
    // Of many treatments what consumers saw, or what producers saw where nobody consumes; bench's own lateness always.
    let shown: Vec<(Latency, &str)> = match shown.as_slice() {
        [first, .., last] if !few => vec![*first, *last],
        all => all.to_vec(),
    };
    let of = |(latency, name): &(Latency, &str), (title, part): &(String, Vec<usize>)| Panel {
        title: title.clone(),
        y: Axis { scale: Scale::Log, ..Axis::new(*name, "ms") },
        series: part
            .iter()
            .filter_map(|at| {
                let distribution = pictures.distributions.get(*at)?.get(latency)?;
                let one = findings.treatments.get(*at)?;
                let named = if few { (*at, axes.name(one)) } else { axes.level(one) };
                Some(Series { of: one.slug.clone(), ..series(distribution, named) })
            })
            .collect(),
        ..Panel::default()
    };
    let panels: Vec<Panel> = shown
        .iter()
        .flat_map(|latency| parts.iter().map(move |part| of(latency, part)))
        .filter(|panel| panel.series.iter().any(|series| !series.points.is_empty()))
        .collect();
    let censored = panels.iter().flat_map(|panel| &panel.series).any(|series| series.beyond.is_some());
    let mut notes = vec![
        "All messages due in the windows of the valid trials of a treatment together; each nine of the axis is ten times rarer.".to_owned(),
        "A curve ends where fewer than ten messages lie beyond.".to_owned(),
    ];
    let messages =
        || panels.iter().flat_map(|panel| &panel.series).filter_map(|series| Some(series.points.first()?.n));
    notes.extend(
        messages()
            .min()
            .zip(messages().max())
            .map(|(least, most)| format!("n = {} messages a curve.", from_to(least, most))),
    );
    notes.extend(censored.then(|| {
        "Hatched: these messages took longer than we watched; the curve is the least it can be, and lies anywhere in there."
            .to_owned()
    }));
    notes.push("Send delay is bench's own lateness: latencies near it are not the pipeline's.".to_owned());
    (!panels.is_empty()).then(|| Figure {
        id: "latencies".to_owned(),
        title: "Latency by percentile".to_owned(),
        drawing: Drawing::Lines,
        x: Axis { scale: Scale::Nines, ..Axis::new("percentile", "%") },
        panels,
        notes,
        ..Figure::default()
    })
}

/// Treatments that differ along the axis alone stand together.
fn by_others(findings: &Findings, axes: &Axes<'_>) -> Vec<(String, Vec<usize>)> {
    let named = findings.treatments.iter().enumerate().map(|(at, one)| (axes.beside(one), at));
    let mut parts = together(named);
    let place = |at: &usize| findings.treatments.get(*at).map_or(0.0, |one| axes.place(one));
    for (_, part) in &mut parts {
        part.sort_by(|one, other| place(one).total_cmp(&place(other)));
    }
    parts
}

fn series(of: &Distribution, (hue, name): (usize, String)) -> Series {
    let point = |(share, read): &(f64, Reading)| Point {
        x: *share,
        y: read.at_least(),
        n: of.n as usize,
        ..Point::default()
    };
    let beyond = of.beyond();
    Series { name, hue, points: of.points.iter().map(point).collect(), beyond, ..Series::default() }
}
