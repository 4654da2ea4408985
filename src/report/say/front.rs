//! Cost against latency: what is neither dearer nor slower than anything else.

use super::axes::Axes;
use crate::analyse::{Chosen, Findings, ON_THE_FRONT, Reading, TreatmentFindings};
use crate::record::Manifest;
use crate::report::document::{Axis, Dot, Drawing, Figure, Panel, Point, Role, Scale, Series, Together};

const COST: &str = "cost_credit_aware_usd_per_million";
const LATENCY: &str = "end_to_end_latency_p99_ms";

/// How often the least latency goes into the greatest before ratios are drawn.
const FAR: f64 = 20.0;

/// Where one treatment lies: what a million costs, the latency, and whether that is only a bound.
pub struct Place {
    /// Dollars per million messages.
    pub cost: f64,
    /// The 99th percentile, end to end.
    pub ms: f64,
    /// Whether that is only the least it can be.
    pub is_bound: bool,
}

/// None where fewer than two treatments have both.
pub fn figure(manifest: &Manifest, findings: &Findings) -> Option<Figure> {
    let axes = Axes::of(manifest, findings);
    let placed: Vec<(usize, Place)> =
        findings.treatments.iter().enumerate().filter_map(|(at, one)| Some((at, place(one)?))).collect();
    if placed.len() < 2 {
        return None;
    }
    let mut series: Vec<Series> = placed
        .iter()
        .filter_map(|(at, place)| {
            let one = findings.treatments.get(*at)?;
            let n = one.metric(LATENCY).unwrap_or_default().n;
            let mark = if place.is_bound { Dot::AtLeast } else { Dot::Plain };
            let point = Point { x: place.cost, y: Some(place.ms), n, mark, ..Point::default() };
            Some(Series {
                name: axes.name(one),
                of: one.slug.clone(),
                hue: axes.hue(*at).0,
                points: vec![point],
                ..Series::default()
            })
        })
        .collect();
    let points = front(placed.iter().map(|(_, place)| place));
    if points.len() > 1 {
        series.push(Series {
            name: "Pareto front".to_owned(),
            role: Role::Front,
            points,
            ..Series::default()
        });
    }
    let bounded = placed.iter().any(|(_, place)| place.is_bound);
    let mut notes = vec![
        "A dot is the median of a treatment's valid trials; to the left is cheaper, further down is faster."
            .to_owned(),
        "The line joins those than which none is both cheaper and faster: the Pareto front.".to_owned(),
    ];
    notes.extend(bounded.then(|| {
        "An arrow: the latency is at least so much; such a treatment is not on the front.".to_owned()
    }));
    notes.extend(membership(manifest, findings, &axes));
    Some(Figure {
        id: "front".to_owned(),
        title: "Cost against latency".to_owned(),
        drawing: Drawing::Scatter,
        x: Axis::new("with credits", "USD per million messages"),
        panels: vec![Panel {
            y: Axis { scale: scale(&placed), ..Axis::new("end-to-end p99", "ms") },
            metric: Some(LATENCY.to_owned()),
            together: Some(Together::Median),
            series,
            ..Panel::default()
        }],
        notes,
        ..Figure::default()
    })
}

/// Who is on the front in nearly all resamples of whole blocks, and who may be.
fn membership(manifest: &Manifest, findings: &Findings, axes: &Axes<'_>) -> Option<String> {
    let chosen = Chosen::of(manifest, findings)?;
    let between = |low: f64, high: f64| {
        let all = findings.treatments.iter().zip(&chosen.front);
        let own = all.filter(|(_, share)| share.is_some_and(|share| share >= low && share < high));
        own.map(|(one, _)| axes.name(one)).collect::<Vec<_>>().join("; ")
    };
    let (on, perhaps) = (between(ON_THE_FRONT, f64::INFINITY), between(1.0 - ON_THE_FRONT, ON_THE_FRONT));
    let part = |names: &str, what: &str| (!names.is_empty()).then(|| format!("{what} {names}"));
    let told: Vec<String> = [
        part(&on, "on the front in 95 % or more of resamples of whole blocks:"),
        part(&perhaps, "perhaps (5 to 95 %):"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!told.is_empty()).then(|| {
        let text = format!("{}.", told.join("; "));
        text[..1].to_uppercase() + &text[1..]
    })
}

/// Seconds of a queue beside milliseconds without one would press all others to the ground.
fn scale(placed: &[(usize, Place)]) -> Scale {
    let all = || placed.iter().map(|(_, place)| place.ms);
    let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    if least > 0.0 && most > FAR * least { Scale::Log } else { Scale::Linear }
}

fn place(one: &TreatmentFindings) -> Option<Place> {
    let (cost, latency) = (one.metric(COST)?.median.value()?, one.metric(LATENCY)?.median);
    Some(Place { cost, ms: latency.at_least()?, is_bound: !matches!(latency, Reading::Value(_)) })
}

/// From the cheapest on, each that is faster than all before it. Of a latency that is only bounded nobody knows whether it is.
pub fn front<'a>(all: impl Iterator<Item = &'a Place>) -> Vec<Point> {
    let mut known: Vec<&Place> = all.filter(|place| !place.is_bound).collect();
    known.sort_by(|one, other| one.cost.total_cmp(&other.cost).then(one.ms.total_cmp(&other.ms)));
    let mut front: Vec<Point> = Vec::new();
    for place in known {
        if front.last().and_then(|point| point.y).is_none_or(|fastest| place.ms < fastest) {
            front.push(Point { x: place.cost, y: Some(place.ms), ..Point::default() });
        }
    }
    front
}
