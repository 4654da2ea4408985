//! How much is sent: a rate, or its shape over time.

use super::super::files::Files;
use super::super::{Phases, Volume};
use super::Section;
use super::check::is_zero;
use super::tree::{Node, Origin, Value};
use crate::fault::Fault;
use crate::shape::{Constant, NoTrace, Part, Playing, Ramp, Shape, Sine, Spike, Step, Steps, Trace};
use crate::units::{Rate, Span};

/// Quicker ones are finer than the grid on which everything is cut.
const LEAST_PERIOD: Span = Span::from_millis(100);

pub(super) fn volume(section: Section<'_>, files: &Files, faults: &mut Vec<Fault>) -> Option<Volume> {
    let shape = section.node.and_then(|node| node.get("shape"));
    match (section.get("rate"), shape) {
        (None, None) => {
            let hint = Some("write `workload: { rate: 20k/s }`, or a `shape`".to_owned());
            faults.push(section.origin.lack("`workload` has no `rate`", hint));
        }
        (Some(_), Some(entry)) => {
            let hint = Some("keep exactly one".to_owned());
            faults.push(entry.origin.fault("`workload` has both `rate` and `shape`", hint));
        }
        _ => {}
    }
    let Some(entry) = shape else {
        return match section.get("rate")?.text()? {
            "max" => Some(Volume::Max),
            // Where nothing is there to be drained, that is told elsewhere.
            text if is_zero(text) => Some(Volume::Shape(Shape::constant(0.0))),
            text => Some(Volume::Rate(text.parse::<Rate>().ok()?)),
        };
    };
    let curves = entry.node.each();
    let parts: Vec<Part> = curves.iter().filter_map(|curve| part(curve, files, faults)).collect();
    (parts.len() == curves.len() && !parts.is_empty()).then(|| Volume::Shape(Shape::new(parts)))
}

/// One curve; none where something of it is missing or cannot be read, which `check` tells.
fn part(curve: &Node, files: &Files, faults: &mut Vec<Fault>) -> Option<Part> {
    let [kind] = curve.entries() else { return None };
    let inside = Section { node: Some(&kind.node), origin: &kind.origin };
    let seconds = |key: &str| inside.read::<Span>(key).map(Span::as_secs_f64);
    let per_second = |key: &str| rate(inside.get(key)?);
    match kind.key.as_str() {
        "constant" => Some(Part::Constant(Constant { rate: rate(&kind.node)? })),
        "ramp" => {
            let (from, to, over) = (per_second("from")?, per_second("to")?, seconds("over")?);
            Some(Part::Ramp(Ramp { from, to, over }))
        }
        "steps" => {
            let step = |step: &Node| {
                let lasts = step.get("for")?.node.text()?.parse::<Span>().ok()?.as_secs_f64();
                Some(Step { rate: rate(&step.get("rate")?.node)?, lasts })
            };
            let steps = kind.node.items().iter().map(step).collect::<Option<Vec<Step>>>()?;
            (!steps.is_empty()).then(|| Part::Steps(Steps::new(steps)))
        }
        "spike" => {
            Some(Part::Spike(Spike { to: per_second("to")?, at: seconds("at")?, lasts: seconds("for")? }))
        }
        "sine" => {
            let period = inside.read::<Span>("period")?;
            if let Some(node) = inside.get("period").filter(|_| period < LEAST_PERIOD) {
                let hint = Some(format!("write `{LEAST_PERIOD}` or longer"));
                faults.push(node.origin.fault(format!("a period of {period} is too short"), hint));
            }
            Some(Part::Sine(Sine { amplitude: per_second("amplitude")?, period: period.as_secs_f64() }))
        }
        "trace" => trace(inside, files, faults).map(Part::Trace),
        _ => None,
    }
}

fn rate(node: &Node) -> Option<f64> {
    let text = node.text()?;
    if is_zero(text) { Some(0.0) } else { text.parse::<Rate>().ok().map(Rate::as_per_second) }
}

fn trace(section: Section<'_>, files: &Files, faults: &mut Vec<Fault>) -> Option<Trace> {
    let Some(file) = section.get("file") else {
        if matches!(section.node, Some(Node { value: Value::Map(_), .. })) {
            let hint = Some("write `trace: { file: day.csv }`".to_owned());
            faults.push(section.origin.lack("`trace` has no `file`", hint));
        }
        return None;
    };
    let written = file.text().filter(|text| !text.trim().is_empty())?;
    let trace = match files.trace(written) {
        Err(why) => {
            let hint = "a trace is a CSV file of `second,msgs_per_s`, its path relative to this file";
            faults
                .push(file.origin.fault(format!("`{written}` cannot be read: {why}"), Some(hint.to_owned())));
            return None;
        }
        Ok(Err(wrong)) => {
            faults.extend(wrong.into_iter().map(|NoTrace { place, what, hint }| {
                let place = place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
                file.origin.fault(format!("{written}{place}: {what}"), Some(hint))
            }));
            return None;
        }
        Ok(Ok(trace)) => trace,
    };
    let from = section.read::<Span>("from").unwrap_or(Span::ZERO);
    if let Some(node) = section.get("from").filter(|_| from.as_secs_f64() > trace.last_s) {
        let hint = Some("`from` counts from the trace's own second 0".to_owned());
        let what = format!("`{written}` ends at its second {}, before {from}", trace.last_s);
        faults.push(node.origin.fault(what, hint));
    }
    let number = |key: &str| section.read::<f64>(key).filter(|number| *number > 0.0).unwrap_or(1.0);
    let playing = Playing { from_s: from.as_secs_f64(), scale: number("scale"), speed: number("speed") };
    Some(trace.played(playing))
}

/// Tells where a shape falls below zero, or offers nothing that could be measured.
pub(super) fn check(section: Section<'_>, volume: &Volume, phases: Phases, faults: &mut Vec<Fault>) {
    let (Volume::Shape(_), Some(entry)) = (volume, section.node.and_then(|node| node.get("shape"))) else {
        return;
    };
    let (warm_up_s, measure_s) = (phases.warm_up.as_secs_f64(), phases.measure.as_secs_f64());
    let Some(course) = volume.course(warm_up_s + measure_s) else { return };
    let ((second, least), origin): (_, &Origin) = (course.least(), &entry.origin);
    if least < -1e-6 * course.peak().max(1.0) {
        let hint = Some(format!("add `constant: {:.0}/s` or more", (-least).ceil()));
        let what = format!("the shape falls to {least:.0}/s at second {second:.2}");
        faults.push(origin.fault(what, hint));
    } else if course.total() - course.level_at(warm_up_s) <= 0.0 {
        let hint =
            Some(format!("second 0 is the start of the warm-up; the window begins at {}", phases.warm_up));
        faults.push(origin.fault("the shape offers nothing in the window", hint));
    }
}
