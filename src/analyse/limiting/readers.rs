//! What holds back those who read: what they fetch from, how partitions are shared out, or their own work.

use super::candidate::{Candidate, Limit};
use super::members::Members;
use super::senders::held_back;
use super::{Case, figure, own_work, pool, spread};

/// What it was.
pub(super) fn limit(case: &Case<'_>) -> Limit {
    let cores = pool::cores(case);
    if cores.explains == Some(true) {
        return Limit::decide(vec![cores]);
    }
    let Some(members) = Members::of(case) else {
        return Limit::unknown("what the consumers' time went to");
    };
    if members.full.is_empty() {
        return fed_too_little(case, &members, cores);
    }
    let mut candidates = spread::candidates(case, &members);
    // Where some have time left and others do not, whatever the others' time goes to is not all that holds them back: who has time left could do a part of it.
    if members.starved.is_empty() && members.without.is_empty() {
        candidates.extend(own_work::candidates(case, &members.full));
    }
    Limit::decide(candidates)
}

/// No consumer had something to do most of the time, and messages waited: they came too slowly.
fn fed_too_little(case: &Case<'_>, members: &Members<'_>, cores: Candidate) -> Limit {
    let readers = members.starved.len() as u32;
    let told = case.facts.window.as_ref().and_then(|window| window.fetch_throttled_ms);
    let limit =
        Limit::decide(vec![held_back(case, told, Some(readers), "consumers"), pool::disk(case), cores]);
    let idle: f64 = members.starved.iter().map(|member| member.idle_s).sum();
    let over: f64 = members.starved.iter().map(|member| member.over_s).sum();
    let evidence = format!(
        "messages came too slowly: the consumers had none in hand for {} of {} s; {}",
        figure(idle),
        figure(over),
        limit.evidence
    );
    Limit { evidence, ..limit }
}
