//! Whether some consumers could do no more while others could: too few partitions, partitions that cannot be shared out evenly, or a hot one.

use super::candidate::Candidate;
use super::kind::Kind;
use super::members::Members;
use super::{Case, figure, percent};
use crate::record::MemberTime;

/// Of how partitions and messages are spread, where some consumers are full.
pub(super) fn candidates(case: &Case<'_>, members: &Members<'_>) -> Vec<Candidate> {
    vec![partitions(case, members), hot(case, members)]
}

/// Consumers without a partition, or with fewer of them than those that could do no more.
fn partitions(case: &Case<'_>, members: &Members<'_>) -> Candidate {
    let Members { full, starved, without } = members;
    let all = full.len() + starved.len() + without.len();
    let partitions = case.record.asked.partitions;
    if !without.is_empty() {
        let others = full.len() + starved.len();
        let busy = match (full.len(), others) {
            (_, 1) => "the other".to_owned(),
            (busy, all) if busy == all => format!("the other {all}"),
            (busy, all) => format!("{busy} of the other {all}"),
        };
        let evidence = format!(
            "{} of {all} consumers had no partition, and {busy} had something to do most of the time",
            without.len()
        );
        return Candidate {
            measured: Some(f64::from(partitions)),
            against: Some(all as f64),
            unit: "partitions",
            ..Candidate::of(Kind::Partitions, Some(true), evidence)
        };
    }
    let counts = |those: &[&MemberTime]| those.iter().map(|one| one.partitions.len()).collect::<Vec<_>>();
    let (least_full, most_starved) = (counts(full).into_iter().min(), counts(starved).into_iter().max());
    let (Some(least), Some(most)) = (least_full, most_starved) else {
        let evidence = format!("all {all} consumers had something to do most of the time");
        return Candidate::of(Kind::Partitions, Some(false), evidence);
    };
    let evidence = format!(
        "{partitions} partitions on {all} consumers: those that had something to do most of the time had {least} each, the others {most}, and {} of their time was \
         without work",
        idle(starved)
    );
    Candidate {
        measured: Some(least as f64),
        against: Some(f64::from(partitions) / all as f64),
        unit: "partitions of a consumer",
        ..Candidate::of(Kind::Partitions, Some(least > most), evidence)
    }
}

/// A partition of which the doubt `hot_partition` tells, whose consumer could do no more while another could.
fn hot(case: &Case<'_>, members: &Members<'_>) -> Candidate {
    let Some(partitions) = case.record.partitions.as_ref().filter(|one| !one.acked_in_window.is_empty())
    else {
        return Candidate::missing(Kind::HotPartition, "how messages were spread over the partitions");
    };
    let acked = &partitions.acked_in_window;
    let all: u64 = acked.iter().sum();
    let (at, most) = (0..)
        .zip(acked)
        .fold((0_u32, 0_u64), |most, (at, one)| if *one > most.1 { (at, *one) } else { most });
    let owner = members.full.iter().find(|member| member.partitions.contains(&at));
    let evidence = format!(
        "partition {at} of {} got {} of the messages{}",
        acked.len(),
        percent(most as f64, all as f64),
        owner.filter(|_| !members.starved.is_empty()).map_or_else(String::new, |owner| format!(
            ": its consumer was busy for {} of its time, and {} of that of others was without work",
            percent(owner.over_s - owner.idle_s, owner.over_s),
            idle(&members.starved)
        ))
    );
    let explains = case.doubt("hot_partition").is_some() && owner.is_some() && !members.starved.is_empty();
    Candidate {
        measured: Some(most as f64 / all.max(1) as f64 * 100.0),
        against: Some(100.0 / acked.len() as f64),
        unit: "% of the messages",
        ..Candidate::of(Kind::HotPartition, Some(explains), evidence)
    }
}

/// What of the time of these was without a message.
fn idle(those: &[&MemberTime]) -> String {
    let sum = |of: fn(&MemberTime) -> f64| those.iter().map(|one| of(one)).sum::<f64>();
    let (idle, over) = (sum(|one| one.idle_s), sum(|one| one.over_s));
    format!(
        "{} % ({} of {} s)",
        figure(idle / over.max(f64::MIN_POSITIVE) * 100.0),
        figure(idle),
        figure(over)
    )
}
