//! What holds back those who send: a quota, the cores, the disk, or the client itself.

use super::candidate::Candidate;
use super::kind::Kind;
use super::{Case, figure, percent, pool};

/// All that can.
pub(super) fn candidates(case: &Case<'_>) -> Vec<Candidate> {
    let quota = quota(case);
    let held = quota.explains == Some(true);
    let mut all = vec![quota, pool::cores(case), pool::disk(case), thread(case)];
    // A client that is told to wait has nothing under way either.
    if !held {
        all.push(idle_wire(case));
    }
    all
}

/// Brokers that say they hold producers back, for longer than the doubt `quota` lets pass.
fn quota(case: &Case<'_>) -> Candidate {
    let told = case.facts.window.as_ref().and_then(|window| window.produce_throttled_ms);
    held_back(case, told, case.record.asked.producers, "producers")
}

/// The same of whoever; `clients` may not be known.
pub(super) fn held_back(
    case: &Case<'_>,
    told_ms: Option<u64>,
    clients: Option<u32>,
    whom: &str,
) -> Candidate {
    let Some(ms) = told_ms else {
        return Candidate::missing(Kind::Quota, &format!("whether brokers held {whom} back"));
    };
    let limit_s = case.doubt("quota").and_then(|doubt| doubt.figure).map(|figure| figure.limit);
    let (seconds, own) = (ms as f64 / 1e3, clients.map(|clients| case.seconds * f64::from(clients.max(1))));
    let of = own.map_or_else(String::new, |own| format!(" of {} s of their time", figure(own)));
    let evidence = format!("brokers held {whom} back for {} s{of}", figure(seconds));
    let explains = limit_s.is_some_and(|limit_s| seconds > limit_s);
    let candidate = Candidate::of(Kind::Quota, Some(explains), evidence);
    Candidate { measured: Some(seconds), against: own.or(Some(case.seconds)), unit: "s", ..candidate }
}

/// The busiest thread of the load, where a doubt tells that it was short of CPU; whoever is told by bench to wait less finds it there.
fn thread(case: &Case<'_>) -> Candidate {
    let Some(busiest) = case.record.load_busiest_thread_cores else {
        return Candidate::missing(Kind::Client, "what the threads of the load used");
    };
    let limit = case
        .doubt("load_cpu_short")
        .and_then(|doubt| doubt.figure)
        .filter(|figure| figure.unit == "of a core");
    let evidence = format!("the client's busiest thread used {} of a core", figure(busiest));
    Candidate::of(Kind::Client, Some(limit.is_some_and(|limit| busiest > limit.limit)), evidence)
        .cores(busiest, 1.0)
}

/// Producers that for most of the time had no request under way: what waited, waited for them, their queue and their batches.
fn idle_wire(case: &Case<'_>) -> Candidate {
    let under_way = case.record.wire.and_then(|wire| Some((wire.under_way_s?, wire.seconds)));
    let (Some((under_way, seconds)), Some(producers)) = (under_way, case.record.asked.producers) else {
        return Candidate::missing(Kind::Client, "how long the producers' requests were under way");
    };
    // A producer has a request under way for so much of its time at most.
    let own = seconds * f64::from(producers.max(1));
    let evidence = format!(
        "the producers had a request under way for at most {} of their time, while messages waited in their queues",
        percent(under_way, own)
    );
    Candidate::of(Kind::Client, Some(2.0 * under_way < own), evidence).seconds(under_way, own)
}
