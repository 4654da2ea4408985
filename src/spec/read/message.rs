//! What each message is like: sizes and keys.

use super::super::files::Files;
use super::super::{EnvelopePlace, Keys, Message, Size};
use super::Section;
use super::content::Own;
use super::tree::{Node, Origin, Value};
use crate::fault::Fault;
use crate::units::{Bytes, Share};

pub(super) fn message(section: Section<'_>, files: &Files, faults: &mut Vec<Fault>) -> Message {
    let own = Own::read(section, files, faults);
    let envelope = own.envelope();
    let least = if envelope == EnvelopePlace::Payload { Size::LEAST } else { Bytes::new(1) };
    Message {
        size: own.sizes().unwrap_or_else(|| size(section, least, faults)),
        keys: keys(section),
        compressibility: section.read("compressibility").unwrap_or(Share::NONE),
        key: own.key(faults),
        headers: own.headers(envelope, faults),
        envelope,
        content: own.content,
    }
}

fn size(section: Section<'_>, least: Bytes, faults: &mut Vec<Fault>) -> Size {
    let size = section.under("size");
    let (normal, log_normal) = (size.under("normal"), size.under("log_normal"));
    if let (Some(mean), Some(sd)) = (normal.read("mean"), normal.read("sd")) {
        drawn(normal, "mean", mean, faults);
        return Size::Normal { mean, sd };
    }
    if let (Some(median), Some(sigma)) = (log_normal.read("median"), log_normal.read("sigma")) {
        drawn(log_normal, "median", median, faults);
        return Size::LogNormal { median, sigma };
    }
    if let Some(table) = size.get("table").filter(|node| matches!(node.value, Value::List(_))) {
        return rows(table, least, faults);
    }
    let fixed = section.read("size").unwrap_or(Bytes::new(1024));
    if let Some(node) = section.get("size").filter(|_| fixed < least) {
        too_small(&node.origin, &format!("a message of {fixed}"), least, faults);
    }
    Size::Fixed(fixed)
}

fn drawn(section: Section<'_>, key: &str, bytes: Bytes, faults: &mut Vec<Fault>) {
    let origin = section.get(key).map_or(section.origin, |node| &node.origin);
    if bytes < Size::LEAST {
        too_small(origin, &format!("a {key} of {bytes}"), Size::LEAST, faults);
    } else if bytes > Size::MOST {
        let hint = Some(format!("write `{}` or less", Size::MOST));
        faults.push(origin.fault(format!("a {key} of {bytes} is above the largest that is drawn"), hint));
    }
}

fn rows(table: &Node, least: Bytes, faults: &mut Vec<Fault>) -> Size {
    let read = |row: &Node| {
        let text = |key: &str| row.get(key).and_then(|entry| entry.node.text());
        Some((text("size")?.parse::<Bytes>().ok()?, text("share")?.parse::<Share>().ok()?))
    };
    let rows: Vec<(Bytes, Share)> = table.items().iter().filter_map(read).collect();
    for (row, (size, _)) in table.items().iter().zip(&rows) {
        if *size < least {
            too_small(&row.origin, &format!("a message of {size}"), least, faults);
        }
    }
    if rows.len() == table.items().len() {
        adds_up(&table.origin, rows.iter().map(|(_, share)| *share), "the shares of `table`", faults);
    }
    Size::Table(rows)
}

fn too_small(origin: &Origin, what: &str, least: Bytes, faults: &mut Vec<Fault>) {
    let what = if least == Size::LEAST {
        format!("{what} is smaller than its envelope of {} bytes", least.get())
    } else {
        format!("{what} has no bytes")
    };
    faults.push(origin.fault(what, Some(format!("write `{least}` or more"))));
}

fn keys(section: Section<'_>) -> Keys {
    let keys = section.under("keys");
    if keys.get("field").is_some() {
        return Keys::Field;
    }
    let count = |kind: &str| keys.under(kind).read::<u32>("count");
    if let Some(count) = count("round_robin") {
        return Keys::RoundRobin { count };
    }
    if let Some(count) = count("uniform") {
        return Keys::Uniform { count };
    }
    if let (Some(count), Some(exponent)) = (count("zipf"), keys.under("zipf").read("exponent")) {
        return Keys::Zipf { count, exponent };
    }
    if let (Some(count), Some(share)) = (count("hot"), keys.under("hot").read("share")) {
        return Keys::Hot { share, count };
    }
    Keys::None
}

/// Whether one of a list has a share that can be read. One that cannot be was told already, and what the sum is without it says nothing.
pub(super) fn tells_share(item: &Node) -> bool {
    item.get("share").and_then(|share| share.node.text()).is_some_and(|text| text.parse::<Share>().is_ok())
}

/// Tells where shares are not the whole together.
pub(super) fn adds_up(
    origin: &Origin,
    shares: impl Iterator<Item = Share>,
    of: &str,
    faults: &mut Vec<Fault>,
) {
    let sum: f64 = shares.map(Share::get).sum();
    if (sum - 1.0).abs() > 1e-6 {
        let percent = (sum * 1e6).round() / 1e4;
        let all = if of == "shares" { "the shares of all fleets" } else { "they" };
        let hint = Some(format!("{all} add up to 100%"));
        faults.push(origin.fault(format!("{of} add up to {percent}%, not to 100%"), hint));
    }
}
