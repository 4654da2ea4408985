//! The workload: rate, messages, fleets.

use super::super::{Arrivals, Client, Fleet, Message, Properties, Volume, Workload, light};
use super::Section;
use super::tree::Value;
use crate::envelope;
use crate::fault::Fault;
use crate::units::{Bytes, Rate, Share};

/// What a client may queue at `rate: max`, unless the file says otherwise: enough for many batches, and little enough that a message is still in the
/// processor's caches when its turn comes. librdkafka's own gibibyte would only be filled and waited for.
const QUEUE_AT_MAX_KIB: u32 = 16_384;

/// See [`QUEUE_AT_MAX_KIB`]. `common` are the properties of all clients.
pub(super) fn bound_queues(workload: &mut Workload, common: &Properties) {
    const BOUNDS: [&str; 2] = ["queue.buffering.max.kbytes", "queue.buffering.max.messages"];
    for fleet in workload.fleets.iter_mut().filter(|_| workload.volume == Volume::Max) {
        if !BOUNDS.iter().any(|bound| common.contains_key(*bound) || fleet.properties.contains_key(*bound)) {
            fleet.properties.insert(BOUNDS[0].to_owned(), QUEUE_AT_MAX_KIB.to_string());
        }
    }
}

/// `auto` is what `client: auto` stands for in this run; `shared` are the properties of all the cluster's clients.
pub(super) fn workload(
    section: Section<'_>,
    (auto, shared): (Client, Section<'_>),
    faults: &mut Vec<Fault>,
) -> Option<Workload> {
    let message = message(section.under("message"), faults);
    let fleets = fleets(section.under("fleets"), auto, faults);
    if fleets.iter().any(|fleet| fleet.client == Client::Light) {
        lacking(shared, true, faults);
    }
    if section.get("rate").is_none() && section.get("shape").is_none() {
        let hint = Some("write `workload: { rate: 20k/s }`".to_owned());
        faults.push(section.origin.fault("`workload` has no `rate`", hint));
    }
    if let (Some(_), Some(entry)) = (section.get("rate"), section.node.and_then(|node| node.get("shape"))) {
        let hint = Some("keep exactly one".to_owned());
        faults.push(entry.origin.fault("`workload` has both `rate` and `shape`", hint));
    }
    let arrivals = match section.read::<String>("arrivals").as_deref() {
        Some("constant") => Arrivals::Constant,
        _ => Arrivals::Poisson,
    };
    let volume = match section.get("rate")?.text()? {
        "max" => Volume::Max,
        text => Volume::Rate(text.parse::<Rate>().ok()?),
    };
    if let (Volume::Max, [_, second, ..]) =
        (volume, section.under("fleets").node.map(super::Node::items).unwrap_or_default())
    {
        let hint = Some("keep one fleet; it may have several `producers`".to_owned());
        faults.push(
            second
                .origin
                .fault("at `rate: max` each producer sends all it can, so that fleets have no shares", hint),
        );
    }
    if volume == Volume::Max && fleets.iter().any(|fleet| fleet.client == Client::Light) {
        let hint = Some("write `client: librdkafka` for the fleet, or a rate".to_owned());
        let what = "`rate: max` is not built yet for light producers".to_owned();
        faults.push(section.get("rate").map_or(section.origin, |node| &node.origin).fault(what, hint));
    }
    Some(Workload { volume, arrivals, message, fleets })
}

fn message(section: Section<'_>, faults: &mut Vec<Fault>) -> Message {
    let size = section.read("size").unwrap_or(Bytes::new(1024));
    if let Some(node) = section.get("size").filter(|_| size.get() < envelope::BYTES as u64) {
        let hint = Some(format!("write `{}B` or more", envelope::BYTES));
        let what = format!("a message of {size} is smaller than its envelope of {} bytes", envelope::BYTES);
        faults.push(node.origin.fault(what, hint));
    }
    Message { size, compressibility: section.read("compressibility").unwrap_or(Share::NONE) }
}

/// Properties that the light client has not, or not so.
fn lacking(properties: Section<'_>, shared: bool, faults: &mut Vec<Fault>) {
    for entry in properties.node.map(super::Node::entries).unwrap_or_default() {
        let value = entry.node.text().unwrap_or_default();
        if let Some((what, hint)) = light::wrong(&entry.key, value, shared) {
            faults.push(entry.origin.fault(what, hint));
        }
    }
}

fn fleets(section: Section<'_>, auto: Client, faults: &mut Vec<Fault>) -> Vec<Fleet> {
    let items = section.node.map(super::Node::items).unwrap_or_default();
    let alone = items.len() <= 1;
    let mut fleets = Vec::new();
    for item in items.iter().filter(|item| matches!(item.value, Value::Map(_))) {
        let fleet = Section { node: Some(item), origin: &item.origin };
        let producers = fleet.at_least_one("producers");
        let client = match fleet.read::<String>("client").as_deref() {
            Some("librdkafka") => Client::Librdkafka,
            Some("light") => Client::Light,
            _ => auto,
        };
        if client == Client::Light {
            lacking(fleet.under("properties"), false, faults);
        }
        if !alone && fleet.get("share").is_none() {
            faults.push(
                item.origin
                    .fault("one of several fleets has no `share`", Some("write `share: 50%`".to_owned())),
            );
        }
        fleets.push(Fleet {
            name: fleet.read("name").unwrap_or_default(),
            producers,
            client,
            share: fleet.read("share").unwrap_or(if alone { Share::ALL } else { Share::NONE }),
            properties: fleet.properties("properties"),
        });
        if fleet.read::<Share>("share").is_some_and(|share| share.get() <= 0.0) {
            faults.push(
                item.origin
                    .fault("a fleet with a share of 0% sends nothing", Some("leave it out".to_owned())),
            );
        }
    }
    // A share that cannot be read was told already; what the sum then is says nothing.
    let readable = items.iter().all(|item| {
        item.get("share")
            .is_some_and(|share| share.node.text().is_some_and(|text| text.parse::<Share>().is_ok()))
    });
    let sum: f64 = fleets.iter().map(|fleet| fleet.share.get()).sum();
    if readable && !items.is_empty() && (sum - 1.0).abs() > 1e-6 {
        let percent = (sum * 1e6).round() / 1e4;
        let hint = Some("the shares of all fleets add up to 100%".to_owned());
        faults.push(section.origin.fault(format!("shares add up to {percent}%, not to 100%"), hint));
    }
    if fleets.is_empty() {
        let (name, properties) = ("all".to_owned(), super::Properties::new());
        fleets.push(Fleet { name, producers: 1, client: auto, share: Share::ALL, properties });
    }
    fleets
}
