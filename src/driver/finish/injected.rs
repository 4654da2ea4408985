//! What became of the events of a trial, as its record tells it.

use std::ops::Range;
use std::time::Duration;

use crate::driver::clients::session_in;
use crate::driver::group::RawGroup;
use crate::driver::injected::{RawInjected, partitions_there};
use crate::driver::raw::Raw;
use crate::driver::times::Times;
use crate::record::{DIED, Injected, Noticed};
use crate::spec::Deed;

/// Times in which partitions of a group, by its place, may move because of an event; Unix ns. Or why it cannot be read.
pub fn moves(raw: &Raw, group: usize) -> Result<Vec<Range<u64>>, String> {
    let mut all = Vec::new();
    for one in of_group(raw, group) {
        let moves = one.moves(handed_out(raw, group, one)?);
        all.extend((!moves.is_empty()).then_some(moves));
    }
    Ok(all)
}

/// When a group was first given a partition that an event has added (Unix ns); none where it was not, does not tell, or none was added.
fn handed_out(raw: &Raw, group: usize, one: &RawInjected) -> Result<Option<u64>, String> {
    let (Some(most), Some(asked), Some(group)) =
        (one.drawn.event.deed.grown_to(), one.asked, raw.groups.get(group))
    else {
        return Ok(None);
    };
    let before = raw.injected.iter().filter(|other| other.asked < one.asked);
    group.journal.first_given(asked, &(partitions_there(raw.topics.partitions(), before)..most))
}

fn of_group(raw: &Raw, group: usize) -> impl Iterator<Item = &RawInjected> {
    let is_own = move |one: &&RawInjected| one.drawn.event.group == group || one.drawn.event.deed.is_of_all();
    raw.injected.iter().filter(is_own)
}

/// Times in which errors that consumers tell are put down to an event: as long as a broker is dead they go on; Unix ns.
pub fn excused(raw: &Raw, group: usize) -> Vec<Range<u64>> {
    let own = of_group(raw, group).map(RawInjected::caused);
    let of_brokers = raw.injected.iter().map(RawInjected::excuses);
    own.chain(of_brokers).filter(|excused| !excused.is_empty()).collect()
}

/// One for each event, and for each instance that ended on its own while it was watched, in the order in which they came; or why something cannot be read.
pub fn injected(raw: &Raw) -> Result<Vec<Injected>, String> {
    let Some(times) = raw.times else { return Ok(Vec::new()) };
    let since_zero = |at: u64| times.since_zero(at);
    let mut all = Vec::new();
    for (number, one) in raw.injected.iter().enumerate() {
        let event = &one.drawn.event;
        let next = raw.injected[number + 1..].iter().filter_map(|next| next.asked);
        let died = deaths(raw, times).map(|(_, (at, _))| at).filter(|at| one.asked < Some(*at));
        let until = next.chain(died).min().unwrap_or(times.watched);
        let noticed = match one.asked {
            Some(asked) => noticed(raw, one, times, asked..until)?,
            None => Vec::new(),
        };
        let own = noticed.iter().find(|noticed| noticed.group == event.group_name);
        let Noticed { detected_s, moved_partitions, .. } = own.cloned().unwrap_or_default();
        all.push(Injected {
            event: event.name.clone(),
            kind: event.deed.kind().to_owned(),
            what: event.to_string(),
            group: event.group_name.clone(),
            group_number: event.group,
            instances: one.instances.clone(),
            broker: one.broker,
            planned_s: since_zero(one.planned),
            asked_s: one.asked.map(since_zero),
            done_s: one.done.map(since_zero),
            undone_s: one.undone.map(since_zero),
            caused_until_s: one.asked.map(|_| since_zero(one.caused().end.min(times.watched))),
            started: one.started.clone(),
            launched_s: one.launched.map(since_zero),
            booted_s: one.booted.map(since_zero),
            overlap_s: one.overlap().map(|ns| ns as f64 / 1e9),
            instance_type: match &event.deed {
                Deed::Upgrade(upgrade) => Some(upgrade.machine.instance.name.clone()),
                _ => None,
            },
            partitions: event.deed.grown_to().filter(|_| one.done.is_some()),
            keys: match (&event.deed, one.done, raw.groups.get(event.group)) {
                (Deed::Grow(_), Some(done), Some(group)) => group.gathered.moved_keys(done),
                _ => None,
            },
            session_s: session_s(raw, one),
            detected_s,
            moved_partitions,
            // Of one alone it stands above.
            noticed: if noticed.len() > 1 { noticed } else { Vec::new() },
            trouble: one.trouble.clone(),
        });
    }
    for death in deaths(raw, times) {
        all.push(died(raw, times, death)?);
    }
    // What never came is behind what did.
    let order = |one: &Injected| one.asked_s.unwrap_or(f64::INFINITY);
    all.sort_by(|one, other| order(one).total_cmp(&order(other)));
    Ok(all)
}

/// What each group noticed in a span of time (Unix ns) that an event was done to.
fn noticed(raw: &Raw, one: &RawInjected, times: Times, within: Range<u64>) -> Result<Vec<Noticed>, String> {
    let event = &one.drawn.event;
    let own = raw.groups.iter().enumerate();
    let own = own.filter(|(place, _)| *place == event.group || event.deed.is_of_all());
    own.map(|(_, group)| {
        let (detected, moved_partitions) = group.first_move(within.clone(), &one.instances)?;
        let detected_s = detected.map(|at| times.since_zero(at));
        Ok(Noticed { group: group.name.clone(), detected_s, moved_partitions })
    })
    .collect()
}

/// How long a member that gives no sign counts as living in the group that an event was done to; none of what is done to all.
fn session_s(raw: &Raw, one: &RawInjected) -> Option<f64> {
    let event = &one.drawn.event;
    let is_of_one = !event.deed.is_of_all() && raw.groups.get(event.group).is_some();
    is_of_one.then(|| session_in(Duration::from_nanos(one.reach)).as_secs_f64())
}

/// Instances that ended on their own between time 0 and the window's end, each with the place of its group and when that was noticed (Unix ns).
fn deaths(raw: &Raw, times: Times) -> impl Iterator<Item = (usize, (u64, u32))> {
    let of = move |(place, group): (usize, &RawGroup)| {
        let watched = group.deaths.iter().filter(move |(at, _)| (times.zero..times.window.1).contains(at));
        watched.map(move |death| (place, *death)).collect::<Vec<_>>()
    };
    raw.groups.iter().enumerate().flat_map(of)
}

/// One that nobody asked for, told as an event is: nothing is put down to it, and it stays a doubt.
fn died(raw: &Raw, times: Times, (place, (at, instance)): (usize, (u64, u32))) -> Result<Injected, String> {
    let asked = raw.injected.iter().filter_map(|one| one.asked);
    let others = asked.chain(deaths(raw, times).map(|(_, (at, _))| at));
    let until = others.filter(|other| *other > at).min().unwrap_or(times.watched);
    let group = &raw.groups[place];
    let (detected, moved) = group.first_move(at..until, &[instance])?;
    let at_s = times.since_zero(at);
    Ok(Injected {
        event: DIED.to_owned(),
        kind: DIED.to_owned(),
        what: format!("instance {instance} of `{}` ended on its own", group.name),
        group: group.name.clone(),
        group_number: place,
        instances: vec![instance],
        planned_s: at_s,
        asked_s: Some(at_s),
        done_s: Some(at_s),
        detected_s: detected.map(|at| times.since_zero(at)),
        moved_partitions: moved,
        ..Injected::default()
    })
}
