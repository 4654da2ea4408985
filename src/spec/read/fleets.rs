//! Who sends: the fleets, and what each of their producers has of the volume.

use std::ops::RangeInclusive;

use super::super::{Client, Fleet, Split, Transactions, light};
use super::message::{adds_up, tells_share};
use super::tree::{Node, Value};
use super::{Around, Section};
use crate::fault::Fault;
use crate::units::{Share, Span};

/// Shorter ones would only wait for their coordinator; longer ones it aborts of itself (`transaction.timeout.ms`, a minute by default).
const COMMIT_EVERY: RangeInclusive<Span> = Span::from_millis(1)..=Span::from_secs(30);

/// Properties that the light client has not, or not so.
pub(super) fn lacking(properties: Section<'_>, shared: bool, faults: &mut Vec<Fault>) {
    for entry in properties.node.map(super::Node::entries).unwrap_or_default() {
        let value = entry.node.text().unwrap_or_default();
        if let Some((what, hint)) = light::wrong(&entry.key, value, shared) {
            faults.push(entry.origin.lack(what, hint));
        }
    }
}

fn split(fleet: Section<'_>, producers: u32, faults: &mut Vec<Fault>) -> Split {
    if let Some(exponent) = fleet.under("split").under("zipf").read("exponent") {
        return Split::Zipf { exponent };
    }
    let Some(list) = fleet.get("split").filter(|node| matches!(node.value, Value::List(_))) else {
        return Split::Even;
    };
    let read = |item: &Node| item.text()?.parse::<Share>().ok();
    let shares: Vec<Share> = list.items().iter().filter_map(read).collect();
    if shares.len() != list.items().len() {
        return Split::Even; // what cannot be read was told already
    }
    if shares.len() != producers as usize {
        let what = format!("`split` has {} shares for {producers} producers", shares.len());
        faults.push(list.origin.fault(what, Some("write one share a producer".to_owned())));
        return Split::Even;
    }
    if let Some(nothing) = list.items().iter().find(|item| read(item) == Some(Share::NONE)) {
        let hint = Some("have one producer less".to_owned());
        faults.push(nothing.origin.fault("a producer with a share of 0% sends nothing", hint));
    }
    adds_up(&list.origin, shares.iter().copied(), "the shares of `split`", faults);
    Split::Listed(shares)
}

fn partition(fleet: Section<'_>, around: Around<'_>, faults: &mut Vec<Fault>) -> Option<u32> {
    let partition = fleet.read::<u32>("partition")?;
    let partitions = around.partitions;
    if let Some(node) = fleet.get("partition").filter(|_| around.several) {
        let hint = "leave `partition` out, or have one topic".to_owned();
        faults.push(node.origin.fault(format!("partition {partition} of which of the topics?"), Some(hint)));
        return None;
    }
    if let (Some(node), Some(partitions)) = (fleet.get("partition"), partitions)
        && partition >= partitions
    {
        let what = format!("partition {partition} of a topic with {partitions}");
        let hint = Some(format!("partitions are counted from 0 to {}", partitions - 1));
        faults.push(node.origin.fault(what, hint));
    }
    Some(partition)
}

fn transactions(section: Section<'_>, client: Client, faults: &mut Vec<Fault>) -> Option<Transactions> {
    let node = section.node?;
    if client == Client::Light {
        let hint = Some("write `client: librdkafka` for the fleet".to_owned());
        faults.push(node.origin.lack("light producers have no transactions", hint));
    }
    let commit_every = section.read("commit_every").unwrap_or(Span::from_millis(100));
    if let Some(node) = section.get("commit_every").filter(|_| !COMMIT_EVERY.contains(&commit_every)) {
        let (least, most) = (COMMIT_EVERY.start(), COMMIT_EVERY.end());
        let hint = Some(format!("write a time from `{least}` to `{most}`"));
        faults.push(node.origin.fault(format!("a transaction cannot take {commit_every}"), hint));
    }
    Some(Transactions { commit_every, abort: section.read("abort").unwrap_or(Share::NONE) })
}

pub(super) fn fleets(section: Section<'_>, around: Around<'_>, faults: &mut Vec<Fault>) -> Vec<Fleet> {
    let items = section.node.map(super::Node::items).unwrap_or_default();
    let alone = items.len() <= 1;
    let mut fleets = Vec::new();
    for item in items.iter().filter(|item| matches!(item.value, Value::Map(_))) {
        let fleet = Section { node: Some(item), origin: &item.origin };
        let producers = fleet.at_least_one("producers");
        let client = match fleet.read::<String>("client").as_deref() {
            Some("librdkafka") => Client::Librdkafka,
            Some("light") => Client::Light,
            _ => around.auto,
        };
        if client == Client::Light {
            lacking(fleet.under("properties"), false, faults);
        }
        if !alone && fleet.get("share").is_none() {
            let hint = Some("write `share: 50%`".to_owned());
            faults.push(item.origin.lack("one of several fleets has no `share`", hint));
        }
        fleets.push(Fleet {
            name: fleet.read("name").unwrap_or_default(),
            producers,
            client,
            share: fleet.read("share").unwrap_or(if alone { Share::ALL } else { Share::NONE }),
            split: split(fleet, producers, faults),
            partition: partition(fleet, around, faults),
            properties: fleet.properties("properties"),
            transactions: transactions(fleet.under("transactions"), client, faults),
        });
        if fleet.read::<Share>("share").is_some_and(|share| share.get() <= 0.0) {
            let hint = Some("leave it out".to_owned());
            faults.push(item.origin.fault("a fleet with a share of 0% sends nothing", hint));
        }
    }
    if items.iter().all(tells_share) && !items.is_empty() {
        adds_up(section.origin, fleets.iter().map(|fleet| fleet.share), "shares", faults);
    }
    if fleets.is_empty() {
        fleets.push(Fleet {
            name: "all".to_owned(),
            producers: 1,
            client: around.auto,
            share: Share::ALL,
            split: Split::Even,
            partition: None,
            properties: super::Properties::new(),
            transactions: None,
        });
    }
    fleets
}
