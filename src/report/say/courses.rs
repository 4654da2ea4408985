//! What stands behind a row of treatments: its trials, and behind each of them its course.

use super::emulated;
use crate::analyse::{COURSES, Course, Doubt, Findings, Pictures, TreatmentFindings, TrialFindings};
use crate::record::End;
use crate::report::document::{
    Axis, Cell, Column, Drawing, Figure, Mark, Panel, Part, Point, Reason, Row, Rule, Series, Table,
};

/// Heading and metric of the columns that a trial is told by; those that no trial of the treatment knows are left out.
const COLUMNS: [(&str, &str); 6] = [
    ("processed/s", "processed_msgs_per_s"),
    ("acked/s", "acked_msgs_per_s"),
    ("lag end", "lag_end_messages"),
    ("ack p99", "ack_latency_p99_ms"),
    ("end-to-end p99", "end_to_end_latency_p99_ms"),
    ("send delay p99", "send_delay_p99_ms"),
];
/// More events beside a course are a log.
const EVENTS: usize = 12;

/// Lets each row of a table of treatments be opened.
pub fn open(table: &mut Table, findings: &Findings, pictures: &Pictures) {
    for row in &mut table.rows {
        if let Some(treatment) = findings.treatment(&row.id) {
            row.opens = opened(treatment, pictures);
        }
    }
}

/// That courses are left out, where they are.
pub fn left_out(findings: &Findings) -> Option<String> {
    let all = findings.trials().count();
    (all > COURSES).then(|| {
        format!("The courses of {COURSES} of {all} trials are here; those of the others lie in their folders under `trials/`.")
    })
}

fn opened(treatment: &TreatmentFindings, pictures: &Pictures) -> Vec<Part> {
    let known = |name: &str| treatment.trials.iter().any(|trial| trial.metric(name).at_least().is_some());
    let shown: Vec<(&str, &str)> = COLUMNS.into_iter().filter(|(_, name)| known(name)).collect();
    let mut columns = vec![
        Column::new("trial", None, "its folder under `trials/`"),
        Column::new("outcome", None, "whether it counts"),
    ];
    columns.extend(shown.iter().map(|(heading, name)| Column::of(*heading, name)));
    columns.push(Column::new("doubts", None, "what is to be doubted of it"));
    let rows = treatment
        .trials
        .iter()
        .map(|trial| trial_row(trial, &shown, pictures.courses.get(&trial.record.order)));
    vec![Part::Table(Table { id: "trials", columns, rows: rows.collect() })]
}

fn trial_row(trial: &TrialFindings, shown: &[(&str, &str)], course: Option<&Course>) -> Row {
    let doubts: Vec<&str> = trial.judged.doubts.iter().map(|doubt| doubt.id).collect();
    let doubts = if doubts.is_empty() { "none".to_owned() } else { doubts.join(", ") };
    let mut cells =
        vec![Cell::Label(trial.record.trial.clone()), Cell::Label(trial.judged.outcome.name().to_owned())];
    cells.extend(shown.iter().map(|(_, name)| Cell::Reading(trial.metric(name))));
    cells.push(Cell::Label(doubts));
    let mut opens: Vec<Part> = Vec::new();
    let failed = match &trial.record.end {
        End::Failed(why) => Some(format!("It failed: {why}.")),
        End::Interrupted => Some("It was interrupted.".to_owned()),
        End::Completed => None,
    };
    let said: Vec<String> = failed.into_iter().chain(trial.judged.doubts.iter().map(sentence)).collect();
    if !said.is_empty() {
        opens.push(Part::List(said));
    }
    opens
        .extend(course.and_then(|course| figure(trial, course)).map(|figure| Part::Figure(Box::new(figure))));
    let mark = (!trial.is_valid())
        .then(|| Mark { reason: Reason::NoValidTrial, sentence: "It does not count.".to_owned() });
    Row { cells, mark, opens, id: format!("t{}", trial.record.order), ..Row::default() }
}

fn sentence(doubt: &Doubt) -> String {
    format!("`{}`: {}; {}.", doubt.id, doubt.what, doubt.hint)
}

/// The course of one trial.
pub fn figure(trial: &TrialFindings, course: &Course) -> Option<Figure> {
    let what: Vec<String> = trial.record.emulated.iter().map(emulated::what).collect();
    let worked =
        if course.processed.is_empty() { ("acked", &course.acked) } else { ("processed", &course.processed) };
    let consumed = !course.processed.is_empty();
    let lines = [
        ("messages", "per second", vec![("offered", &course.offered), ("sent", &course.sent), worked]),
        (
            "waiting",
            "messages",
            if consumed {
                vec![("backlog", &course.backlog), ("lag", &course.lag)]
            } else {
                vec![("backlog", &course.backlog)]
            },
        ),
        ("send delay p99", "ms", vec![("", &course.send_delay_p99_ms)]),
        (
            "CPU",
            "cores",
            vec![
                ("load", &course.load_cores),
                ("consumers", &course.consumers_cores),
                ("brokers", &course.cluster_cores),
            ],
        ),
    ];
    let panels: Vec<Panel> = lines
        .into_iter()
        .map(|(name, unit, lines)| Panel {
            y: Axis::new(name, unit),
            series: lines
                .into_iter()
                .enumerate()
                .filter_map(|(hue, (name, values))| line(name, hue, values, course.step_s))
                .collect(),
            ..Panel::default()
        })
        .filter(|panel| !panel.series.is_empty())
        .collect();
    let more = course.events.len().saturating_sub(EVENTS);
    let mut notes: Vec<String> = course
        .events
        .iter()
        .take(EVENTS)
        .enumerate()
        .map(|(at, (t_s, text))| format!("[{}] {t_s:.1} s: {text}.", at + 1))
        .collect();
    notes.extend(
        (more > 0)
            .then(|| format!("{more} more events are in `trials/{}/events.jsonl`.", trial.record.trial)),
    );
    (!panels.is_empty()).then(|| Figure {
        id: format!("course-{:03}", trial.record.order),
        title: trial.record.trial.clone(),
        drawing: Drawing::Course,
        x: Axis::new("time since time 0", "s"),
        panels,
        emulated: (!what.is_empty()).then(|| what.join("; ")),
        rules: course
            .events
            .iter()
            .take(EVENTS)
            .enumerate()
            .map(|(at, (t_s, _))| Rule { x: *t_s, name: format!("[{}]", at + 1) })
            .collect(),
        lays_trials_over: false,
        is_one_of_many: false,
        spans: course.phases.iter().map(|(from, name)| Rule { x: *from, name: name.clone() }).collect(),
        notes,
        leads: false,
    })
}

/// None of what nothing is known of.
fn line(name: &str, hue: usize, values: &[Option<f64>], step_s: f64) -> Option<Series> {
    values.iter().any(Option::is_some).then(|| Series {
        name: name.to_owned(),
        hue,
        points: values
            .iter()
            .enumerate()
            .map(|(at, y)| Point {
                x: at as f64 * step_s,
                y: *y,
                n: usize::from(y.is_some()),
                ..Point::default()
            })
            .collect(),
        ..Series::default()
    })
}
