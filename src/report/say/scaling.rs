//! The figure that answers the question: a dot for every trial, what they say together, and what would have been ideal.

use super::axes::Axes;
use super::{baseline, law};
use crate::analyse::{
    Findings, How, Load, Outcome, Reading, TreatmentFindings, TrialFindings, is_throughput, of, responses,
    why_nothing,
};
use crate::record::Manifest;
use crate::report::document::{
    Axis, Dot, Drawing, Figure, Panel, Point, Role, Rule, Scale, Section, Series, Together,
};
use crate::spec::{Metric, Unit};

/// Of more responses or SLOs nobody reads each.
const METRICS: usize = 3;
/// More treatments without anything are told by their number.
const NAMED: usize = 3;
/// The line at what should be offered: arrivals are drawn, and bring about as much.
const ASKED: &str = "asked for";
/// Integers between two levels that a staircase may have.
const STEPS: f64 = 64.0;
/// A greatest latency so many times the least is better seen by ratios.
const WIDE: f64 = 50.0;
/// A bound further up than so many times what was measured would press all of it to the ground.
const FAR: f64 = 3.0;

/// Under the answer; none where nothing was measured, or there is nothing to compare.
pub fn section(manifest: &Manifest, findings: &Findings, emulated: Option<String>) -> Option<Section> {
    let mut section = Section::new("scaling", "What was seen");
    section.figure(figure(manifest, findings, emulated)?);
    Some(section)
}

/// The figure alone.
pub fn figure(manifest: &Manifest, findings: &Findings, emulated: Option<String>) -> Option<Figure> {
    if findings.treatments.len() < 2 {
        return None;
    }
    let axes = Axes::of(manifest, findings);
    let metrics = shown(manifest, findings);
    let panels: Vec<Panel> = metrics
        .iter()
        .flat_map(|metric| {
            let parts = axes.panels(findings);
            parts
                .into_iter()
                .filter_map(|part| panel(manifest, findings, &axes, (metric, part)))
                .collect::<Vec<_>>()
        })
        .collect();
    let all: Vec<&Series> = panels.iter().flat_map(|panel| &panel.series).collect();
    let is_rate = |panel: &Panel| panel.y.unit == "messages/s";
    let mut notes = notes(&all, (panels.iter().any(is_rate), axes.axis().scale == Scale::Words));
    notes.extend(nothing(findings, &axes));
    let rules = || panels.iter().flat_map(|panel| &panel.bounds);
    notes.extend(rules().any(|rule| rule.name == ASKED).then(|| {
        format!(
            "The line `{ASKED}` is what the experiment asks to be offered; what came of it is in the table."
        )
    }));
    // Of what nothing happened there is no panel, and no name.
    let mut drawn: Vec<String> = panels.iter().map(|panel| panel.y.name.clone()).collect();
    drawn.dedup();
    (!panels.is_empty()).then(|| Figure {
        id: "scaling".to_owned(),
        title: format!("{}, by {}", drawn.join(", "), axes.axis().name),
        drawing: Drawing::Dots,
        x: axes.axis(),
        panels,
        notes,
        emulated,
        ..Figure::default()
    })
}

/// What the figure is about: what had to hold where a volume grew until it broke, else what was asked.
fn shown(manifest: &Manifest, findings: &Findings) -> Vec<Metric> {
    let asked = if manifest.is_searched() {
        manifest.slos.iter().filter_map(|slo| manifest.metric(&slo.metric)).collect()
    } else {
        responses(manifest, findings)
    };
    let mut shown: Vec<Metric> = Vec::new();
    for metric in asked {
        let known = findings.trials().any(|trial| trial.metric(&metric.name).at_least().is_some());
        if known && shown.iter().all(|one| one.name != metric.name) {
            shown.push(metric);
        }
    }
    shown.truncate(METRICS);
    shown
}

fn panel(
    manifest: &Manifest,
    findings: &Findings,
    axes: &Axes<'_>,
    (metric, (title, part)): (&Metric, (String, Vec<usize>)),
) -> Option<Panel> {
    let mut hues: Vec<(usize, &str)> = Vec::new();
    for at in &part {
        if !hues.contains(&axes.hue(*at)) {
            hues.push(axes.hue(*at));
        }
    }
    let mut series = Vec::new();
    for (hue, name) in hues {
        let mut own: Vec<&TreatmentFindings> = part
            .iter()
            .filter(|at| axes.hue(**at).0 == hue)
            .filter_map(|at| findings.treatments.get(*at))
            .collect();
        own.sort_by(|one, other| axes.place(one).total_cmp(&axes.place(other)));
        let of_hue = |role, points| Series { name: name.to_owned(), role, hue, points, ..Series::default() };
        let dots = own
            .iter()
            .flat_map(|one| one.trials.iter().filter_map(|trial| dot(trial, axes.place(one), metric)));
        let middles = own.iter().map(|one| middle(one, axes.place(one), metric));
        series.push(of_hue(Role::Measured, middles.collect()));
        series.push(of_hue(Role::Trials, dots.collect()));
        series.extend(law::curve(manifest, axes, metric, (name, hue, &own)));
        if is_throughput(metric) {
            series
                .extend(guides(manifest, axes, &own).into_iter().map(|(role, points)| of_hue(role, points)));
        }
    }
    let seen = series.iter().filter(|one| one.role.is_measured()).flat_map(|one| &one.points);
    let known = || seen.clone().filter_map(|point| point.y);
    let most = known().reduce(f64::max)?;
    if most <= 0.0 {
        return None; // nothing happened in any trial: a sentence says so better
    }
    let bounds = bounds(manifest, findings, metric, most);
    let least = known().fold(most, f64::min);
    // What lies so far apart is only seen by its ratio; throughput begins at nothing always.
    let scale = if metric.unit == Unit::Millis && least > 0.0 && most / least >= WIDE {
        Scale::Log
    } else {
        Scale::Linear
    };
    Some(Panel {
        title,
        y: Axis { scale, ..Axis::new(metric.label.clone(), metric.unit.symbol()) },
        metric: Some(metric.name.clone()),
        together: Some(Together::Median),
        series,
        bounds,
    })
}

/// One trial; none of one that says nothing, or that is not whole.
pub fn dot(trial: &TrialFindings, x: f64, metric: &Metric) -> Option<Point> {
    let mark = match trial.judged.outcome {
        Outcome::Valid if trial.judged.saturated == Some(true) => Dot::Saturated,
        Outcome::Valid => Dot::Plain,
        Outcome::Doubtful => Dot::Doubtful,
        _ => return None,
    };
    let read = trial.judged.metric(&metric.name);
    // A bound is one in overload too, and overload is hollow as a bound is.
    let is_bound = mark != Dot::Doubtful && !matches!(read, Reading::Value(_));
    let mark = if is_bound { Dot::AtLeast } else { mark };
    Some(Point {
        x,
        y: Some(read.at_least()?),
        n: 1,
        mark,
        trial: Some(trial.record.order),
        ..Point::default()
    })
}

/// The middle of the valid trials.
pub fn middle(one: &TreatmentFindings, x: f64, metric: &Metric) -> Point {
    let summary = of(metric, one);
    let is_bound = !matches!(summary.median, Reading::Value(_));
    let mark = match one.load {
        _ if is_bound => Dot::AtLeast,
        Load::Overload | Load::Mixed => Dot::Saturated,
        _ => Dot::Plain,
    };
    Point { x, y: summary.median.at_least(), n: summary.n, interval: summary.interval(), mark, trial: None }
}

/// Of which treatments nothing is drawn, and why.
fn nothing(findings: &Findings, axes: &Axes<'_>) -> Option<String> {
    let all = findings.treatments.iter();
    let mut told: Vec<String> =
        all.filter_map(|one| Some(format!("{} ({})", axes.name(one), why_nothing(one)?))).collect();
    let more = told.len().saturating_sub(NAMED);
    told.truncate(NAMED);
    told.extend((more > 0).then(|| format!("and {more} more")));
    (!told.is_empty()).then(|| format!("No data: {}.", told.join("; ")))
}

/// What the first of them would give if twice as much of the factor gave twice as much, and if partitions are shared out whole. Only said of throughput that
/// nothing but the consumers limited, and of factors that consumers grow with; never above what was offered.
fn guides(manifest: &Manifest, axes: &Axes<'_>, own: &[&TreatmentFindings]) -> Vec<(Role, Vec<Point>)> {
    let (Some(first), Some(last)) = (own.first(), own.last()) else { return Vec::new() };
    let path = axes.path(manifest).unwrap_or_default();
    let by_partitions = path.ends_with("partitions");
    let grows = by_partitions || path.ends_with("instances") || path.ends_with("threads");
    let asked = |one: &TreatmentFindings| one.trials.first().map(|trial| trial.record.asked.clone());
    let (Some(base), Some(of_first)) = (first.throughput().value(), asked(first)) else { return Vec::new() };
    let (from, to) = (axes.place(first), axes.place(last));
    if !grows || first.load != Load::Overload || own.len() < 2 || from <= 0.0 {
        return Vec::new();
    }
    let (Some(instances), Some(threads)) = (of_first.instances, of_first.threads) else { return Vec::new() };
    let offered = of_first.rate_msgs_per_s.unwrap_or(f64::INFINITY);
    let consumers = f64::from(instances * threads);
    // Of P partitions the busiest of n consumers reads ⌈P / n⌉: all are worked off at P / ⌈P / n⌉ times the speed of one.
    let at_once = |partitions: f64, consumers: f64| partitions / (partitions / consumers).ceil();
    let stairs = |x: f64| {
        if by_partitions {
            at_once(x, consumers)
        } else {
            at_once(f64::from(of_first.partitions), consumers * x / from)
        }
    };
    let places: Vec<f64> = if to - from <= STEPS && from.fract() == 0.0 && to.fract() == 0.0 {
        (0..=(to - from) as u32).map(|step| from + f64::from(step)).collect()
    } else {
        own.iter().map(|one| axes.place(one)).collect()
    };
    let line = |of: &dyn Fn(f64) -> f64| {
        let point = |x: &f64| Point { x: *x, y: Some((base * of(*x)).min(offered)), ..Point::default() };
        places.iter().map(point).collect::<Vec<_>>()
    };
    vec![(Role::Ideal, line(&|x| x / from)), (Role::Staircase, line(&|x| stairs(x) / stairs(from)))]
}

/// What was asked for, of which arrivals bring about as much, and what must hold.
fn bounds(manifest: &Manifest, findings: &Findings, metric: &Metric, most: f64) -> Vec<Rule> {
    let own = manifest
        .slos
        .iter()
        .filter(|slo| manifest.metric(&slo.metric).is_some_and(|of| of.name == metric.name));
    let mut bounds: Vec<Rule> = own.map(|slo| Rule { x: slo.bound, name: slo.text.clone() }).collect();
    let mut offered: Vec<f64> =
        findings.trials().filter_map(|trial| trial.record.asked.rate_msgs_per_s).collect();
    offered.dedup();
    if let ([one], true) = (offered.as_slice(), is_throughput(metric) && metric.unit.symbol() == "messages/s")
    {
        bounds.push(Rule { x: *one, name: ASKED.to_owned() });
    }
    bounds.extend(baseline::lines(manifest, findings, metric));
    bounds.retain(|bound| bound.x <= most * FAR);
    bounds
}

/// What the line through a bar is; nothing where there is none.
pub fn through<'a>(bars: impl Iterator<Item = &'a Point>) -> Option<String> {
    let hows: Vec<How> = bars.filter_map(|bar| Some(bar.interval?.how)).collect();
    let all = "goes from the least to the greatest of them: no interval";
    let likely = hows.iter().find(|how| **how != How::Spread);
    let likely = likely.map(|how| format!("is the {} of the median", how.told()));
    let line = match (likely, hows.contains(&How::Spread)) {
        (None, false) => return None,
        (None, true) => all.to_owned(),
        (Some(likely), false) => likely,
        (Some(likely), true) => format!("{likely}; of less than 6 trials it {all}"),
    };
    Some(format!("The line through the bar {line}."))
}

/// How to read what is there.
fn notes(series: &[&Series], (of_rates, on_rows): (bool, bool)) -> Vec<String> {
    let has = |role: Role| series.iter().any(|one| one.role == role);
    let marked = |mark: Dot| series.iter().flat_map(|one| &one.points).any(|point| point.mark == mark);
    let measured = || series.iter().filter(|one| one.role.is_measured());
    let mut notes = vec!["A dot is a trial; the bar is the median of the valid ones.".to_owned()];
    notes.push(if on_rows {
        "Dots stand above their bar.".to_owned()
    } else {
        "Dots stand to the left of their bar, side by side where one would cover another: all are of the level about which they stand.".to_owned()
    });
    notes.extend(through(measured().flat_map(|one| &one.points)));
    let told = [
        (marked(Dot::Saturated) && !of_rates, "Hollow: the backlog grew through the window (overload)."),
        (
            marked(Dot::Saturated) && of_rates,
            "Hollow: the backlog grew through the window (overload); throughput is then an upper bound of what is sustained.",
        ),
        (marked(Dot::Doubtful), "Crossed: doubtful, and not in the median."),
        (
            marked(Dot::AtLeast),
            "An arrow: at least so much; it lies among messages that took longer than was watched.",
        ),
        (has(Role::Ideal), "Dashed: ideal, in proportion to the first."),
        (
            has(Role::Staircase),
            "Dotted steps: what can be sustained if each partition has one reader; overload may lie above it.",
        ),
    ];
    notes.extend(told.into_iter().filter(|(there, _)| *there).map(|(_, note)| note.to_owned()));
    let laws: Vec<&Series> = series.iter().copied().filter(|one| one.role == Role::Law).collect();
    if let Some(first) = laws.first() {
        let mut names: Vec<&str> = laws.iter().map(|one| one.name.as_str()).collect();
        names.dedup();
        let banded = first.points.iter().find_map(|point| point.interval);
        let band = banded.map_or_else(String::new, |band| format!(" with its {}", band.how.told()));
        notes.push(format!(
            "Long and short dashes: the law that says most with fewest numbers ({}){band}, drawn no further than twice the greatest size, nor than the partitions.",
            names.join("; ")
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Interval;

    #[test]
    fn the_line_through_a_bar_is_no_interval_where_trials_are_few_though_others_have_one() {
        let bar = |how: Option<How>| {
            let interval =
                how.map(|how| Interval { low: Reading::Value(1.0), high: Reading::Value(2.0), how });
            Point { interval, ..Point::default() }
        };
        let of = |hows: &[Option<How>]| through(hows.iter().copied().map(bar).collect::<Vec<_>>().iter());
        let likely = Some(How::OrderStatistics);
        assert_eq!(of(&[None]), None);
        let all = of(&[None, likely]).unwrap();
        assert_eq!(all, "The line through the bar is the 95 % interval by order statistics of the median.");
        let some = of(&[likely, Some(How::Spread)]).unwrap();
        assert!(some.ends_with(
            "; of less than 6 trials it goes from the least to the greatest of them: no interval."
        ));
    }
}
