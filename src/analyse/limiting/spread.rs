//! Whether some consumers could do no more while others could: too few partitions, partitions that cannot be shared out evenly, or a hot one.

use super::candidate::Candidate;
use super::kind::Kind;
use super::members::Members;
use super::{Case, figure, percent};
use crate::record::MemberTime;

/// What a record has to tell.
const MISSING: &str = "how messages were spread over the partitions";

/// Of how partitions and messages are spread, where some consumers are full.
pub(super) fn candidates(case: &Case<'_>, members: &Members<'_>) -> Vec<Candidate> {
    vec![partitions(case, members), hot(case, members)]
}

/// Consumers without a partition because there are fewer partitions than consumers, or with fewer of them than those that could do no more.
fn partitions(case: &Case<'_>, members: &Members<'_>) -> Candidate {
    let Members { full, starved, without } = members;
    let all = full.len() + starved.len() + without.len();
    if !without.is_empty() {
        return too_few(case, members, all);
    }
    if starved.is_empty() {
        let evidence = format!("all {all} consumers had something to do most of the time");
        return Candidate::of(Kind::Partitions, Some(false), evidence);
    }
    let Some(dealt) = Dealt::of(case, members) else {
        return Candidate::missing(Kind::Partitions, MISSING);
    };
    let counts = |those: &[&MemberTime]| those.iter().map(|one| one.partitions.len()).collect::<Vec<_>>();
    let least = counts(full).into_iter().min().unwrap_or_default();
    let most = counts(starved).into_iter().max().unwrap_or_default();
    let partitions = case.record.asked.partitions;
    let evidence = format!(
        "{partitions} partitions on {all} consumers: those that had something to do most of the time had {least} each and together {} of the messages, the others \
         {most}, and {} of their time was without work",
        percent(dealt.share, 1.0),
        idle(starved)
    );
    let explains = least > most && dealt.is_of_counts() && starved.iter().all(|one| dealt.worked_for_it(one));
    Candidate {
        measured: Some(least as f64),
        against: Some(f64::from(partitions) / all as f64),
        unit: "partitions of a consumer",
        ..Candidate::of(Kind::Partitions, Some(explains), evidence)
    }
}

/// Consumers that have no partition. There being too few explains it where there are fewer than consumers and nobody that has one has time left: what else leaves
/// some idle, more partitions would not mend.
fn too_few(case: &Case<'_>, Members { full, starved, without }: &Members<'_>, all: usize) -> Candidate {
    let partitions = case.record.asked.partitions;
    let busy = match (full.len(), full.len() + starved.len()) {
        (1, 1) => "the other".to_owned(),
        (busy, others) if busy == others => format!("the other {others}"),
        (busy, others) => format!("{busy} of the other {others}"),
    };
    let are_fewer = (partitions as usize) < all;
    let though = if are_fewer { String::new() } else { format!(", of which there were {partitions}") };
    let evidence = format!(
        "{} of {all} consumers had no partition{though}, and {busy} had something to do most of the time",
        without.len()
    );
    Candidate {
        measured: Some(f64::from(partitions)),
        against: Some(all as f64),
        unit: "partitions",
        ..Candidate::of(Kind::Partitions, Some(are_fewer && starved.is_empty()), evidence)
    }
}

/// What of the messages was dealt to the consumers that could do no more, and of the partitions.
struct Dealt<'a> {
    acked: &'a [u64],
    /// Their share of all messages.
    share: f64,
    /// Their share of all partitions.
    of_partitions: f64,
    /// Their share of all consumers.
    of_consumers: f64,
    /// Messages that one of them got, and how busy it was: means.
    each: f64,
    busy: f64,
}

impl<'a> Dealt<'a> {
    /// None where it is not known how messages were spread.
    fn of(case: &Case<'a>, members: &Members<'_>) -> Option<Self> {
        let acked = case.record.partitions.as_ref()?.acked_in_window.as_slice();
        let all = acked.iter().sum::<u64>() as f64;
        let full = &members.full;
        let (count, consumers) = (full.len() as f64, (full.len() + members.starved.len()) as f64);
        let held: usize = full.iter().map(|one| one.partitions.len()).sum();
        let got: f64 = full.iter().map(|one| messages(acked, one)).sum();
        let dealt = Dealt {
            acked,
            share: got / all,
            each: got / count,
            of_partitions: held as f64 / acked.len() as f64,
            of_consumers: count / consumers,
            busy: full.iter().filter_map(|one| one.busy()).sum::<f64>() / count,
        };
        (got > 0.0).then_some(dealt)
    }

    /// Whether most of what these got beyond an even share is because they had more partitions, and not because there was more in those: the one ratio times the
    /// other is the whole.
    fn is_of_counts(&self) -> bool {
        self.of_partitions / self.of_consumers > self.share / self.of_partitions
    }

    /// Whether one that had time left was busy with its own share for the most part of what that would take one of the others: else it stood still for another reason.
    fn worked_for_it(&self, one: &MemberTime) -> bool {
        let due = self.busy * messages(self.acked, one) / self.each;
        one.busy().is_some_and(|busy| 2.0 * busy > due)
    }
}

/// Messages of the window in a consumer's partitions.
fn messages(acked: &[u64], member: &MemberTime) -> f64 {
    member.partitions.iter().filter_map(|at| acked.get(*at as usize)).sum::<u64>() as f64
}

/// A partition of which the doubt `hot_partition` tells, whose consumer could do no more while another could.
fn hot(case: &Case<'_>, members: &Members<'_>) -> Candidate {
    let Some(partitions) = case.record.partitions.as_ref().filter(|one| !one.acked_in_window.is_empty())
    else {
        return Candidate::missing(Kind::HotPartition, MISSING);
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
