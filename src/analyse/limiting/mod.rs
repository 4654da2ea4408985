//! What bound a trial: each thing that can, with what was measured of it and what that is held against, both from the record.
//!
//! No share is called great or small by a number of ours. A queue grows at one place: what lies behind it holds it back. Of time, what most of it went to is
//! named; a consumer counts as held back by itself only while it always has something to do; limits of doubts are those that the trial's doubts tell. Where
//! two things explain it, or none, it is not known, and what is missing is said.

mod candidate;
mod kind;
#[cfg(test)]
mod made;
mod members;
mod own_work;
mod pool;
mod readers;
mod senders;
mod side;
mod spread;
#[cfg(test)]
mod tests;
mod treatment;

pub use candidate::{By, Candidate, Limit};
pub use kind::Kind;
pub use treatment::TreatmentLimit;

use super::doubt::Doubt;
use super::facts::Facts;
use super::trend::{backlog_trend, grown, grown_a_little};
use crate::record::series::Rows;
use crate::record::{End, TrialRecord};
use crate::stats::{CONFIDENCE, Slope};
use pool::Waited;
use side::{Growth, Side};

/// The least share that is told as a number, in percent.
const LEAST_SHARE: f64 = 0.01;

/// All that a trial is judged by.
#[derive(Clone, Copy)]
struct Case<'a> {
    facts: &'a Facts<'a>,
    record: &'a TrialRecord,
    /// How much more waited at the window's end.
    growth: Growth,
    waited: Waited,
    doubts: &'a [Doubt],
    /// Of the window.
    seconds: f64,
}

impl Case<'_> {
    /// Whether the trial has that doubt, and what it found.
    fn doubt(&self, id: &str) -> Option<&Doubt> {
        self.doubts.iter().find(|doubt| doubt.id == id)
    }
}

/// What bound a trial; none of one that has no window, unless it was ended by what bound it.
pub fn limit(facts: &Facts<'_>, rows: impl Rows, doubts: &[Doubt]) -> Option<Limit> {
    let record = facts.record;
    if let Some(killed) = killed(record) {
        return Some(killed);
    }
    let window = facts.window.as_ref().filter(|_| record.end == End::Completed)?;
    let inside = rows.within(record.asked.window());
    let (growth, waited) = (Growth::of(inside), Waited::of(inside));
    let case = Case { facts, record, growth, waited, doubts, seconds: window.seconds };
    let trend = backlog_trend(facts);
    Some(match trend {
        _ if facts.is_saturating() => queued(&case),
        Some(1) => queued(&case),
        Some(_) => done(&case),
        None => Limit::unknown("how much the backlog grew, since the fate of some messages is not known"),
    })
}

/// Instances that the kernel killed for their memory.
fn killed(record: &TrialRecord) -> Option<Limit> {
    if record.oom_kills == 0 {
        return None;
    }
    let instances = record.emulated.iter().flat_map(|group| {
        let memory = group.instance_type.memory_mib.map(|mib| mib as f64);
        group.instances.iter().filter(|one| one.oom_kills > 0).map(move |one| (one.memory_max_mib, memory))
    });
    let (most, of) = instances.max_by(|a, b| a.0.unwrap_or(0.0).total_cmp(&b.0.unwrap_or(0.0))).unzip();
    let (measured, against) = (most.flatten(), of.flatten());
    let had = measured.zip(against).map_or_else(String::new, |(most, of)| {
        format!(": {} of its {} MiB were charged to it", figure(most), figure(of))
    });
    let times = if record.oom_kills == 1 { "an instance" } else { "instances" };
    let evidence = format!("the kernel killed {times} for memory{had}");
    let candidate =
        Candidate { measured, against, unit: "MiB", ..Candidate::of(Kind::Memory, Some(true), evidence) };
    Some(Limit::decide(vec![candidate]))
}

/// The load was done, and what it could have been is not known.
fn done(case: &Case<'_>) -> Limit {
    if let Some(late) = case.doubt("fleet_fell_behind") {
        return Limit::not_known(format!("bench itself was late: {}", late.what));
    }
    let Some(window) = &case.facts.window else { return Limit::unknown("its window") };
    let (offered, verb) =
        (case.facts.offered(), if window.processed.is_some() { "processed" } else { "acked" });
    let measured = window.processed.or(window.acked).map(|count| count as f64 / window.seconds);
    let rate = |rate: Option<f64>| rate.map_or_else(|| "an unknown number".to_owned(), figure);
    let rates = format!("{} messages per second were {verb} of {} offered", rate(measured), rate(offered));
    if let Some(grown) = grown_a_little(case.facts) {
        if grows_beyond_doubt(window.slope_errors) {
            return queued(case);
        }
        return Limit::not_known(format!(
            "{rates}, and the backlog grew by {} messages: fewer than arrive in a quarter second, too few to tell what held them back",
            figure(grown)
        ));
    }
    let evidence = match case.record.backlog.as_ref() {
        Some(before) => {
            format!(
                "{rates}, and of a backlog of {} messages: what bound that is not looked for",
                before.messages
            )
        }
        None if backlog_trend(case.facts) == Some(-1) => format!("{rates}, and the backlog fell"),
        None => match grown(case.facts).zip(offered).filter(|(more, _)| *more > 0.0) {
            Some((more, offered)) => {
                let share = percent(more, offered * window.seconds);
                format!("{rates}, and the backlog grew by {share} of them")
            }
            None => format!("{rates}, and the backlog did not grow"),
        },
    };
    let candidate = Candidate {
        measured,
        against: offered,
        unit: "messages per second",
        ..Candidate::of(Kind::Load, Some(true), evidence)
    };
    Limit::decide(vec![candidate])
}

/// Whether what waited, or what lagged, grew in the window by more than chance: less than arrives in a quarter second, and all the same more went in than came out.
/// Either would do, so each has half of the error.
fn grows_beyond_doubt(slopes: [Option<Slope>; 2]) -> bool {
    let each = 1.0 - (1.0 - CONFIDENCE) / slopes.len() as f64;
    slopes.into_iter().flatten().any(|slope| slope.is_at_most(0.0, each) == Some(false))
}

/// Something had to wait: for the producers and the brokers, or for the consumers.
fn queued(case: &Case<'_>) -> Limit {
    let growth = case.growth;
    let side =
        if case.facts.is_saturating() { Some(growth.side_at_max(case.seconds)) } else { growth.side() };
    match side {
        Some(Side::Sending) => Limit::decide(senders::candidates(case)),
        Some(Side::Reading) => readers::limit(case),
        None => Limit::not_known(format!(
            "as many messages waited to be acked as to be processed: {} and {} more at the window's end",
            figure(growth.sending),
            figure(growth.reading)
        )),
    }
}

/// Three digits that mean something.
fn figure(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    if digits == 0 { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
}

/// A share of a whole, in percent: of a part that is there never nothing.
fn percent(part: f64, whole: f64) -> String {
    let share = part / whole.max(f64::MIN_POSITIVE) * 100.0;
    if share > 0.0 && share < LEAST_SHARE {
        return format!("less than {LEAST_SHARE} %");
    }
    format!("{} %", figure(share))
}
