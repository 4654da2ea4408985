//! Whether the instances that events meet may be there by then.

use super::super::tree::Entry;
use crate::fault::Fault;
use crate::spec::{Consumers, Deed, Event, Whom};
use crate::units::Span;

/// Whether there may be an instance of that number, or as many as are to leave, when an event comes.
pub(super) fn are_there(
    event: &Event,
    (consumers, events): (&[Consumers], &[Event]),
    entry: &Entry,
    faults: &mut Vec<Fault>,
) {
    let Some(group) = consumers.get(event.group) else { return };
    let name = &group.group;
    let before = before(event, events);
    let place = |key: &str| entry.node.get(key).map_or(&entry.origin, |at| &at.node.origin);
    // Numbers count on.
    let known =
        before.iter().fold(group.instances, |has, event| has.saturating_add(launched(&event.deed, has)));
    if let Some(Whom::Instance(number)) = event.deed.whom().filter(|whom| is_beyond(*whom, known)) {
        let what = format!("there is no instance {number}: `{name}` has {known}");
        let hint = format!("instances are counted from 0: write a number up to {}", known.saturating_sub(1));
        faults.push(place("instance").fault(what, Some(hint)));
    }
    let is_certain = |other: &Event| other.at.span().1 < event.at.span().0;
    let most = before.iter().fold(group.instances, |has, other| {
        let then = at_most(&other.deed, has);
        // What may come later takes nobody away before.
        if is_certain(other) { then } else { has.max(then) }
    });
    if let Deed::Remove(fewer) = event.deed
        && fewer > most
    {
        let what = format!("{fewer} cannot be removed: `{name}` has no more than {most} then");
        let hint = if most > 0 { format!("write a number up to {most}") } else { "leave it out".to_owned() };
        faults.push(place("instances").fault(what, Some(hint)));
    }
}

fn is_beyond(whom: Whom, instances: u32) -> bool {
    matches!(whom, Whom::Instance(number) if number >= instances)
}

/// Events of the same group that may come before this one, in the order in which they may come.
fn before<'a>(event: &Event, events: &'a [Event]) -> Vec<&'a Event> {
    let latest = event.at.span().1;
    let is_before =
        |other: &&Event| other.group == event.group && other.at.span().0 <= latest && *other != event;
    let mut before: Vec<&Event> = events.iter().filter(is_before).collect();
    before.sort_by_key(|event| Span::as_nanos(event.at.span().0));
    before
}

/// How many are launched because of it, where so many were before.
fn launched(deed: &Deed, has: u32) -> u32 {
    match deed {
        Deed::Add(more, _) => *more,
        Deed::Scale(instances, _) => instances.saturating_sub(has),
        Deed::Restart(Whom::All, _) | Deed::Upgrade(_) => has,
        Deed::Restart(..) => 1,
        _ => 0,
    }
}

/// How many live after it at most, of so many before: who is met by its number may be dead already.
fn at_most(deed: &Deed, has: u32) -> u32 {
    match deed {
        Deed::Add(more, _) => has.saturating_add(*more),
        Deed::Scale(instances, _) => *instances,
        Deed::Remove(fewer) => has.saturating_sub(*fewer),
        Deed::Kill(Whom::All) | Deed::Stop(Whom::All) => 0,
        Deed::Kill(Whom::Random) | Deed::Stop(Whom::Random) => has.saturating_sub(1),
        _ => has,
    }
}
