//! What costs are made of: a table of the user's own, and prices over it.

use super::super::files::Files;
use super::Section;
use super::machine::{not_known, price};
use super::tree::Node;
use crate::fault::Fault;
use crate::units::{InstanceType, Per, Price, Prices, milli};

/// Where a price in the experiment file comes from.
const HERE: &str = "the experiment file";

/// The prices of the experiment file; a table of them is one of `files`. A type that they name must be one of the catalogue or of the file: else what was
/// meant would keep its old price. A table may hold more than we know: such tables are made for other ends too.
pub(super) fn prices(
    file: Section<'_>,
    (types, files): (&[InstanceType], &Files),
    faults: &mut Vec<Fault>,
) -> Prices {
    let section = file.under("prices");
    let mut table = Prices::default();
    if let Some(node) = section.get("file")
        && let Some(name) = node.text()
    {
        match table_of(files, name) {
            Ok(read) => table = read,
            Err(wrong) => faults.extend(wrong.into_iter().map(|what| {
                let hint = "a table has the columns `item,price`: `t3.micro,$0.0104/h`".to_owned();
                node.origin.fault(what, Some(hint))
            })),
        }
    }
    let here = |usd| Price { usd, source: HERE.to_owned(), ..Price::default() };
    let mut over = Prices { region: section.read("region").unwrap_or_default(), ..Prices::default() };
    for (key, per, into) in
        [("instances", Per::Hour, &mut over.instances), ("surplus", Per::VcpuHour, &mut over.surplus)]
    {
        for entry in section.get(key).map(Node::entries).unwrap_or_default() {
            if !types.iter().any(|known| known.name == entry.key) {
                faults.push(not_known(&entry.origin, &entry.key, types));
            }
            if let Some(usd) = entry.node.text().and_then(|text| per.read(text).ok()) {
                into.insert(entry.key.clone(), here(usd));
            }
        }
    }
    over.brokers = price(section, "brokers", Per::Hour).map(here);
    over.storage = price(section, "storage", Per::GigabyteMonth).map(here);
    let transfer = section.under("transfer");
    let mut crossing = |key: &str| {
        let section = transfer.under(key);
        if transfer.get(key).is_some() && section.get("price").is_none() {
            let hint = Some("write `price: $0.01/GB`".to_owned());
            faults.push(section.origin.fault(format!("`prices.transfer.{key}` has no `price`"), hint));
        }
        let crossings = section.get("crossings").and_then(Node::text).and_then(milli);
        (price(section, "price", Per::Gigabyte).map(here), crossings.map(|milli| milli as f64 / 1e3))
    };
    (over.cross_zone, over.zone_crossings) = crossing("cross_zone");
    (over.cross_region, over.region_crossings) = crossing("cross_region");
    table.with(&over)
}

fn table_of(files: &Files, name: &str) -> Result<Prices, Vec<String>> {
    let text = files.text(name).map_err(|error| vec![format!("`{name}` cannot be read: {error}")])?;
    Prices::read_csv(text.as_bytes(), name)
}
