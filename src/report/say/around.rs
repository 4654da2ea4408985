//! How trials went around what was done to them: laid over each other at the moment of the event.

use super::axes::Axes;
use super::events::{TABLE, events};
use crate::analyse::{Aftermath, Around, EventFindings, Findings, Reading, Summary, TreatmentFindings};
use crate::record::Manifest;
use crate::report::document::{
    Axis, Drawing, Figure, Panel, Part, Point, Role, Rule, Section, Series, Together,
};

/// Treatments whose lines can still be told apart.
const MOST: usize = 16;
/// Seconds before the event that a figure begins with.
const BEFORE: i64 = 10;

/// An event of a treatment, with its name.
type Line<'a> = (String, &'a TreatmentFindings, &'a EventFindings<'a>);

/// A phase by its name, and how long after the event it began.
type Phase = (&'static str, fn(&Aftermath) -> Reading);

const PHASES: [Phase; 3] =
    [("noticed", |one| one.detection), ("goes on", |one| one.went_on), ("as before", |one| one.recovery)];

/// Puts them into the section of events: a figure where there is one event of one treatment; of several each behind its row, with all its trials and its phases, and a
/// figure of their medians.
pub fn show(section: &mut Section, manifest: &Manifest, findings: &Findings, emulated: Option<&str>) {
    let all = events(findings);
    let axes = Axes::of(manifest, findings);
    // In the order of the table's rows.
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (treatment, events) in &all {
        let name = axes.name(treatment);
        let several = events.len() > 1;
        lines.extend(events.iter().map(|event| {
            let name = if several { format!("{name} {}", event.name) } else { name.clone() };
            (name, *treatment, event)
        }));
    }
    let named = |figure: Option<Figure>| {
        figure.map(|figure| Figure { emulated: emulated.map(str::to_owned), ..figure })
    };
    if lines.len() > 1 {
        let tables = section.parts.iter_mut().filter_map(|part| match part {
            Part::Table(table) if table.id == TABLE => Some(table),
            _ => None,
        });
        for (at, (row, line)) in tables.flat_map(|table| &mut table.rows).zip(&lines).enumerate() {
            let own = of_one(manifest, (at, line)).map(|figure| Figure {
                id: format!("events-{}", at + 1),
                title: format!("{}: {}", figure.title, line.0),
                is_one_of_many: true,
                ..figure
            });
            let figure = named(own);
            row.opens.extend(figure.map(|figure| Part::Figure(Box::new(figure))));
        }
    }
    let whole = match lines.as_slice() {
        [only] => of_one(manifest, (0, only)),
        several => of_all(manifest, several),
    };
    if let Some(figure) = named(whole) {
        section.figure(figure);
    }
}

/// Each trial of one event of a treatment thin, the median of them thick, and its phases by their names; none where nothing was read.
fn of_one(manifest: &Manifest, (hue, line): (usize, &Line<'_>)) -> Option<Figure> {
    let mut notes = vec![
        "Each valid trial thin, the median of them thick, second by second, all put so that the event comes at second 10. Noticed: another member learned that \
         partitions move; goes on: the partition that was worst off did; as before: recovered. Each stands at the median of the trials."
            .to_owned(),
    ];
    let (begun, beyond) = phases(line.2);
    notes.extend(
        (!beyond.is_empty())
            .then(|| format!("Beyond what is drawn, in the middle of the trials: {}.", beyond.join(", "))),
    );
    let figure = figure(manifest, |of| {
        let mut series = trials(hue, line, of);
        series.push(middle(hue, line, of));
        series
    })?;
    notes.extend(figure.notes);
    Some(Figure { rules: [figure.rules, begun].concat(), notes, ..figure })
}

/// The median of each, so that they can be compared.
fn of_all(manifest: &Manifest, lines: &[Line<'_>]) -> Option<Figure> {
    let figure = figure(manifest, |of| {
        lines.iter().take(MOST).enumerate().map(|(hue, line)| middle(hue, line, of)).collect()
    })?;
    let mut notes = vec![
        "Medians of the valid trials, second by second, all put so that the event comes at second 10: the trials of each, and its phases, are behind its row above."
            .to_owned(),
    ];
    notes.extend(figure.notes);
    let left_out = lines.len().saturating_sub(MOST);
    notes.extend(
        (left_out > 0).then(|| format!("Left out here: {left_out} more, which are behind their rows.")),
    );
    Some(Figure { notes, ..figure })
}

/// What both are drawn on; none where nothing was read.
fn figure(
    manifest: &Manifest,
    series: impl Fn(fn(&Around) -> &Vec<Option<f64>>) -> Vec<Series>,
) -> Option<Figure> {
    let panel = |name: &str, unit: &str, of: fn(&Around) -> &Vec<Option<f64>>| Panel {
        y: Axis::new(name, unit),
        together: Some(Together::Median),
        series: series(of),
        ..Panel::default()
    };
    let panels = [
        panel("processed", "per second", |around| &around.processed),
        panel("lag", "messages", |around| &around.lag),
        panel("p99", "ms", |around| &around.p99_ms),
    ];
    let is_read =
        |panel: &Panel| panel.series.iter().flat_map(|one| &one.points).any(|point| point.y.is_some());
    let panels: Vec<Panel> = panels.into_iter().filter(is_read).collect();
    (!panels.is_empty()).then(|| Figure {
        id: "events".to_owned(),
        title: format!("{}, around the event", manifest.experiment),
        drawing: Drawing::Lines,
        lays_trials_over: true,
        x: Axis::new("time, the event at second 10", "s"),
        panels,
        rules: vec![Rule { x: BEFORE as f64, name: "event".to_owned() }],
        notes: vec![
            "p99 is of the messages due in a second; where more than one in a hundred of them never came through, nothing is drawn."
                .to_owned(),
        ],
        ..Figure::default()
    })
}

/// Where phases begin, at the medians of what came of the event; and those that began after what is drawn, or that half of the trials did not see begin.
fn phases(event: &EventFindings<'_>) -> (Vec<Rule>, Vec<&'static str>) {
    let (mut begun, mut beyond) = (Vec::new(), Vec::new());
    let last_s = (*seconds(event).end() + 1) as f64;
    for (name, of) in PHASES {
        match event.summary(of).median {
            Reading::Value(after_s) if after_s > last_s => beyond.push(name),
            Reading::Value(after_s) if after_s > 0.0 => {
                begun.push(Rule { x: BEFORE as f64 + after_s, name: name.to_owned() });
            }
            Reading::Beyond(_) => beyond.push(name),
            _ => {}
        }
    }
    (begun, beyond)
}

/// The whole seconds around the event that any trial has.
fn seconds(event: &EventFindings<'_>) -> std::ops::RangeInclusive<i64> {
    let all = event.trials.iter().filter_map(|(_, one)| one.around.seconds());
    let (first, last) = all.fold((0, -1), |(first, last), (from, to)| (first.min(from), last.max(to)));
    first.max(-BEFORE)..=last
}

fn at(second: i64) -> f64 {
    (second + BEFORE) as f64 + 0.5
}

fn common(hue: usize, (name, treatment, _): &Line<'_>) -> Series {
    Series { name: name.clone(), of: treatment.slug.clone(), hue, ..Series::default() }
}

/// The trials of a treatment's event.
fn trials(hue: usize, line: &Line<'_>, of: fn(&Around) -> &Vec<Option<f64>>) -> Vec<Series> {
    let trial = |(order, one): &(u32, &Aftermath)| {
        let point = |second: i64| Point {
            x: at(second),
            y: one.around.in_second(second, of),
            n: 1,
            trial: Some(*order),
            ..Point::default()
        };
        Series { role: Role::Trials, points: seconds(line.2).map(point).collect(), ..common(hue, line) }
    };
    line.2.trials.iter().map(trial).collect()
}

/// Their median where any was read.
fn middle(hue: usize, line: &Line<'_>, of: fn(&Around) -> &Vec<Option<f64>>) -> Series {
    let point = |second: i64| {
        let read = line.2.trials.iter().map(|(_, one)| one.around.in_second(second, of));
        let summary = Summary::of(read.map(Reading::from));
        Point { x: at(second), y: summary.median.value(), n: summary.n, ..Point::default() }
    };
    Series { points: seconds(line.2).map(point).collect(), ..common(hue, line) }
}

#[cfg(test)]
mod tests {
    use super::super::events;
    use super::*;
    use crate::record::testing::manifest;

    /// The section of made-up events of these treatments.
    fn shown(treatments: &[&str]) -> Section {
        let manifest = manifest(treatments);
        let findings = events::tests::findings(&manifest, treatments);
        let mut section = events::section(&manifest, &findings, "").unwrap();
        show(&mut section, &manifest, &findings, Some("1 vCPU"));
        section
    }

    fn figures(parts: &[Part]) -> Vec<&Figure> {
        let figures = parts
            .iter()
            .filter_map(|part| if let Part::Figure(figure) = part { Some(&**figure) } else { None });
        figures.collect()
    }

    fn phases(figure: &Figure) -> Vec<(&str, f64)> {
        figure.rules.iter().map(|rule| (rule.name.as_str(), rule.x)).collect()
    }

    fn roles(figure: &Figure) -> Vec<Role> {
        figure.panels[0].series.iter().map(|series| series.role).collect()
    }

    #[test]
    fn trials_of_an_event_are_laid_over_each_other_with_their_phases_named() {
        let section = shown(&["a"]);
        let figure = figures(&section.parts)[0];
        assert_eq!(figure.emulated.as_deref(), Some("1 vCPU"));
        assert_eq!(figure.panels.len(), 2, "of p99 nothing was read");
        assert_eq!(phases(figure), [("event", 10.0), ("goes on", 17.5)], "nobody noticed");
        let notes = figure.notes.join(" ");
        assert!(notes.contains("Beyond what is drawn, in the middle of the trials: as before."), "{notes}");
        assert_eq!(roles(figure), [Role::Trials, Role::Trials, Role::Measured]);
        let middle: Vec<(f64, Option<f64>)> =
            figure.panels[0].series[2].points.iter().map(|point| (point.x, point.y)).collect();
        assert_eq!(middle[..4], [(9.5, Some(400.0)), (10.5, Some(1.5)), (11.5, Some(600.0)), (12.5, None)]);
        assert_eq!(middle.last(), Some(&(68.5, Some(500.0))));
    }

    #[test]
    fn of_however_many_treatments_each_has_its_trials_and_phases_behind_its_row() {
        let treatments: Vec<String> = (1..=MOST + 2).map(|at| at.to_string()).collect();
        let treatments: Vec<&str> = treatments.iter().map(String::as_str).collect();
        let section = shown(&treatments);
        let tables: Vec<_> = section
            .parts
            .iter()
            .filter_map(|part| if let Part::Table(table) = part { Some(table) } else { None })
            .collect();
        for (row, number) in tables[0].rows.iter().zip(1_u32..) {
            let [figure] = figures(&row.opens)[..] else { panic!("{row:?}") };
            assert_eq!(figure.id, format!("events-{number}"));
            assert!(figure.title.ends_with(&number.to_string()), "{}", figure.title);
            // Its two trials are the next ones in order, which made-up partitions went on after.
            let went_on = 15.5 + 2.0 * f64::from(number);
            assert_eq!(phases(figure), [("event", 10.0), ("goes on", went_on)]);
            assert_eq!(roles(figure), [Role::Trials, Role::Trials, Role::Measured]);
        }
        assert!(tables[1].rows.iter().all(|row| row.opens.is_empty()));
        let [all] = figures(&section.parts)[..] else { panic!("{section:?}") };
        assert_eq!(roles(all), vec![Role::Measured; MOST]);
        assert_eq!(phases(all), [("event", 10.0)]);
        assert!(
            all.notes.join(" ").contains("Left out here: 2 more, which are behind their rows."),
            "{:?}",
            all.notes
        );
    }
}
