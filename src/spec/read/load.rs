//! The workload: how much, when, and by whom.

use super::super::{Arrivals, Client, Properties, Split, Volume, Workload};
use super::fleets::{fleets, lacking};
use super::message::message;
use super::shape::volume;
use super::{Around, Section};
use crate::fault::Fault;
use crate::units::Span;

/// Shorter bursts are finer than the sender's own grain.
const LEAST_CYCLE: Span = Span::from_millis(1);
/// What a client may queue at `rate: max`, unless the file says otherwise: enough for many batches, and little enough that a message is still in the
/// processor's caches when its turn comes (16 MiB take a tenth more CPU at 1 KiB, 4 MiB send a twentieth less at 100 B). librdkafka's own gibibyte would
/// only be filled and waited for.
const QUEUE_AT_MAX_KIB: u32 = 8_192;
/// The same for all light producers of a fleet together, and what each gets at least: they share one thread, and a memory.
const QUEUES_AT_MAX_KIB: u32 = 131_072;
const LEAST_QUEUE_KIB: u32 = 256;

/// See [`QUEUE_AT_MAX_KIB`]. `common` are the properties of all clients.
pub(super) fn bound_queues(workload: &mut Workload, common: &Properties) {
    const BOUNDS: [&str; 2] = ["queue.buffering.max.kbytes", "queue.buffering.max.messages"];
    for fleet in workload.fleets.iter_mut().filter(|_| workload.volume == Volume::Max) {
        if !BOUNDS.iter().any(|bound| common.contains_key(*bound) || fleet.properties.contains_key(*bound)) {
            let kib = match fleet.client {
                Client::Librdkafka => QUEUE_AT_MAX_KIB,
                Client::Light => {
                    (QUEUES_AT_MAX_KIB / fleet.producers).clamp(LEAST_QUEUE_KIB, QUEUE_AT_MAX_KIB)
                }
            };
            fleet.properties.insert(BOUNDS[0].to_owned(), kib.to_string());
        }
    }
}

pub(super) fn workload(
    section: Section<'_>,
    around: Around<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Workload> {
    let message = message(section.under("message"), around.files, faults);
    let fleets = fleets(section.under("fleets"), around, faults);
    if fleets.iter().any(|fleet| fleet.client == Client::Light) {
        lacking(around.shared, true, faults);
    }
    let arrivals = arrivals(section, faults);
    let until_broken = section.read::<String>("until").as_deref() == Some("broken");
    let volume = volume(section, around.files, faults)?;
    let workload = Workload { volume, until_broken, arrivals, message, fleets };
    together(section, &workload, faults);
    Some(workload)
}

/// Tells what goes together with some volumes only.
fn together(section: Section<'_>, workload: &Workload, faults: &mut Vec<Fault>) {
    let at = |key: &str| section.get(key).map_or(section.origin, |node| &node.origin);
    if workload.until_broken && !matches!(workload.volume, Volume::Rate(_)) {
        let hint = Some("write a `rate` to begin with".to_owned());
        let what = "`until: broken` grows a `rate`, not a `shape` and not `max`";
        faults.push(at("until").fault(what, hint));
    }
    if workload.volume != Volume::Max {
        return;
    }
    if let [_, second, ..] = section.under("fleets").node.map(super::Node::items).unwrap_or_default() {
        let hint = Some("keep one fleet; it may have several `producers`".to_owned());
        let what = "at `rate: max` each producer sends all it can, so that fleets have no shares";
        faults.push(second.origin.fault(what, hint));
    }
    if workload.fleets.iter().any(|fleet| fleet.split != Split::Even) {
        let what = "at `rate: max` each producer sends all it can: there are no shares to split";
        faults.push(at("fleets").fault(what, Some("leave `split` out, or write a rate".to_owned())));
    }
    if workload.fleets.iter().any(|fleet| fleet.transactions.is_some()) {
        let hint = Some("write a rate".to_owned());
        faults.push(at("rate").fault("`rate: max` is not built yet for transactions", hint));
    }
}

fn arrivals(section: Section<'_>, faults: &mut Vec<Fault>) -> Arrivals {
    if section.read::<String>("arrivals").as_deref() == Some("constant") {
        return Arrivals::Constant;
    }
    let bursts = section.under("arrivals").under("bursts");
    let (Some(on), Some(off)) = (bursts.read::<Span>("on"), bursts.read::<Span>("off")) else {
        return Arrivals::Poisson;
    };
    if on == Span::ZERO {
        let hint = Some("a producer must be on for a while to send anything".to_owned());
        faults.push(bursts.origin.fault("a burst of no length", hint));
    } else if on.as_nanos().saturating_add(off.as_nanos()) < LEAST_CYCLE.as_nanos() {
        let hint = Some("`on` and `off` together are 1ms or longer".to_owned());
        faults.push(bursts.origin.fault("bursts follow each other too quickly", hint));
    }
    Arrivals::Bursts { on, off }
}
