//! Credits, CPU and throughput over the time of a trial, of the one trial that shows a treatment.

use super::emulated;
use crate::analyse::{Findings, Knee, Knees, TreatmentFindings, TrialFindings};
use crate::books::InstanceSecond;
use crate::report::document::{Axis, Drawing, Figure, Panel, Point, Rule, Section, Series, Together};

/// A line that never rises above this shows nothing.
const LEAST: f64 = 0.000_5;

/// One value a second of one instance.
type Read = fn(&InstanceSecond) -> Option<f64>;

/// Name and unit of each line of instances: sums of what is used, means of what each one has.
const LINES: [(&str, &str, Together, Read); 4] = [
    ("balance", "credits", Together::Mean, |second| second.balance_credits),
    ("surplus", "credits", Together::Mean, |second| second.surplus_credits),
    ("used", "vCPUs", Together::Sum, |second| Some(second.used_vcpus)),
    ("throttled", "ms/s", Together::Sum, |second| second.throttled_ms),
];

/// Under a heading that says what was emulated; none where nothing was.
pub fn section(findings: &Findings, emulated: &str) -> Option<Section> {
    let mut section = Section::new("credits", format!("Credits over time{emulated}"));
    findings.treatments.iter().for_each(|treatment| told(&mut section, treatment));
    (!section.parts.is_empty()).then_some(section)
}

/// The trial that shows a treatment: what was emulated, when its credits were spent, and its course.
pub fn told(section: &mut Section, treatment: &TreatmentFindings) {
    let Some(shown) = treatment.shown() else { return };
    let figure = figure(shown);
    let what = figure.emulated.as_deref().unwrap_or_default();
    let drawn = Knees::of(treatment.valid()).map(drawn_again);
    let said = [Some(format!("{}: {what}.", figure.title)), shown.knee.map(knee), drawn];
    section.say(said.into_iter().flatten());
    section.figure(figure);
}

/// What other draws of the treatment's trials would have said.
fn drawn_again(knees: Knees) -> String {
    let Knees { trials, with, spent, found_s } = knees;
    let when = found_s.map_or_else(String::new, |range| {
        format!(
            ", and then the median knee lies between {:.1} and {:.1} s in 95 % of them",
            range.low, range.high
        )
    });
    format!(
        "Credits were spent in {with} of {trials} trials; in {:.1} % of 10,000 resamples of those trials they are in more than half{when}.",
        spent * 100.0
    )
}

/// The sentence on the knee.
fn knee(knee: Knee) -> String {
    format!(
        "Knee at {:.1} s: credits were spent; the recorded use predicts {:.1} s ({:+.1} %).",
        knee.found_s,
        knee.predicted_s,
        // No sign before nothing.
        ((knee.found_s / knee.predicted_s - 1.0) * 1_000.0).round() / 10.0 + 0.0
    )
}

/// The course of one trial, its instances together.
pub fn figure(shown: &TrialFindings) -> Figure {
    let TrialFindings { record, seconds, knee, .. } = shown;
    let what: Vec<String> = record.emulated.iter().map(emulated::what).collect();
    let length = seconds.iter().map(|second| second.t_s.floor() as usize + 1).max().unwrap_or_default();
    let of_instances = LINES.into_iter().map(|(name, unit, together, read)| Panel {
        y: Axis::new(name, unit),
        together: Some(together),
        series: vec![Series {
            points: together_in_each_second(seconds, length, read, together),
            ..Series::default()
        }],
        ..Panel::default()
    });
    let processed = Panel {
        y: Axis::new("processed", "msgs/s"),
        series: vec![Series { points: processed(shown, length), ..Series::default() }],
        ..Panel::default()
    };
    let shows = |panel: &Panel| panel.most().is_some_and(|most| most > LEAST);
    Figure {
        id: format!("credits-{}", record.trial),
        title: record.trial.clone(),
        drawing: Drawing::Course,
        x: Axis::new("time since time 0", "s"),
        panels: of_instances.chain([processed]).filter(shows).collect(),
        emulated: Some(what.join("; ")),
        rules: knee.iter().map(|knee| Rule { x: knee.found_s, name: "knee".to_owned() }).collect(),
        ..Figure::default()
    }
}

fn together_in_each_second(
    seconds: &[InstanceSecond],
    length: usize,
    read: Read,
    how: Together,
) -> Vec<Point> {
    let mut points: Vec<Point> = (0..length).map(|at| Point { x: at as f64, ..Point::default() }).collect();
    for second in seconds {
        let Some((value, point)) = read(second).zip(points.get_mut(second.t_s.floor() as usize)) else {
            continue;
        };
        point.y = Some(point.y.unwrap_or_default() + value);
        point.n += 1;
    }
    if how == Together::Mean {
        for point in &mut points {
            point.y = point.y.map(|sum| sum / point.n as f64);
        }
    }
    points
}

/// First completions in each second; nothing where no reading fell into it.
fn processed(shown: &TrialFindings, length: usize) -> Vec<Point> {
    let point = |at: usize| {
        let count = shown.processed.get(at).copied().flatten();
        Point {
            x: at as f64,
            y: count.map(|count| count as f64),
            n: count.map_or(0, |_| 1),
            ..Point::default()
        }
    };
    (0..length).map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(t_s: f64, instance: u32, balance: Option<f64>) -> InstanceSecond {
        InstanceSecond {
            t_s,
            instance,
            balance_credits: balance,
            used_vcpus: 0.5,
            ..InstanceSecond::default()
        }
    }

    #[test]
    fn what_is_used_is_summed_what_each_has_is_averaged_and_a_second_without_either_is_a_gap() {
        let seconds = [second(0.2, 0, Some(4.0)), second(0.3, 1, Some(2.0)), second(2.1, 0, Some(3.0))];
        let of = |(_, _, how, read): (&str, &str, Together, Read)| {
            let points = together_in_each_second(&seconds, 3, read, how);
            points.iter().map(|point| (point.y, point.n)).collect::<Vec<_>>()
        };
        assert_eq!(of(LINES[0]), [(Some(3.0), 2), (None, 0), (Some(3.0), 1)]);
        assert_eq!(of(LINES[2]), [(Some(1.0), 2), (None, 0), (Some(0.5), 1)]);
    }

    #[test]
    fn a_knee_is_said_with_what_was_predicted() {
        let said = knee(Knee { instance: 0, found_s: 60.0, predicted_s: 58.0 });
        assert!(said.contains("60.0 s") && said.contains("58.0 s (+3.4 %)"), "{said}");
    }
}
