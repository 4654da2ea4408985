//! What became of the events of a trial, as its record tells it.

use std::ops::Range;

use crate::driver::injected::RawInjected;
use crate::driver::raw::Raw;
use crate::record::Injected;

/// Times in which what happens to a group, by its place, is put down to an event; Unix ns.
pub fn caused(raw: &Raw, group: usize) -> Vec<Range<u64>> {
    let is_own =
        |one: &&RawInjected| one.drawn.event.group == group || one.drawn.event.deed.which().is_some();
    let own = raw.injected.iter().filter(is_own);
    own.map(RawInjected::caused).filter(|caused| !caused.is_empty()).collect()
}

/// Times in which errors that consumers tell are put down to an event: as long as a broker is dead they go on; Unix ns.
pub fn excused(raw: &Raw, group: usize) -> Vec<Range<u64>> {
    let of_brokers = raw.injected.iter().map(RawInjected::excuses).filter(|excused| !excused.is_empty());
    caused(raw, group).into_iter().chain(of_brokers).collect()
}

/// One for each event, in the order in which they came; or why something cannot be read.
pub fn injected(raw: &Raw) -> Result<Vec<Injected>, String> {
    let Some(times) = raw.times else { return Ok(Vec::new()) };
    let since_zero = |at: u64| times.since_zero(at);
    let mut all = Vec::new();
    for (number, one) in raw.injected.iter().enumerate() {
        let event = &one.drawn.event;
        let next = raw.injected[number + 1..].iter().filter_map(|next| next.asked);
        let until = next.min().unwrap_or(times.watched);
        let (detected, moved) = match (one.asked, raw.groups.get(event.group)) {
            (Some(asked), Some(group)) => group.first_move(asked..until, &one.instances)?,
            _ => (None, 0),
        };
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
            detected_s: detected.map(since_zero),
            moved_partitions: moved,
            trouble: one.trouble.clone(),
        });
    }
    Ok(all)
}
