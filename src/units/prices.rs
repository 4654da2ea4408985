//! A table of prices: what the experiment file, a file of the user's own and the catalogue say together, as a run's manifest keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Money, NotAQuantity, Per};

/// Prices of what a run uses. What has no price is not included in a cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prices {
    /// Where those hold that do not say it themselves; empty where that was not said.
    pub region: String,
    /// Rent of an hour, by instance type.
    pub instances: BTreeMap<String, Price>,
    /// A vCPU-hour of surplus credits, by instance type.
    pub surplus: BTreeMap<String, Price>,
    /// An hour of one broker.
    pub brokers: Option<Price>,
    /// A gigabyte kept for a month, of each replica.
    pub storage: Option<Price>,
    /// A gigabyte that crosses a zone, in each of the two directions that are billed.
    pub cross_zone: Option<Price>,
    /// A gigabyte that crosses a region.
    pub cross_region: Option<Price>,
    /// How often each produced byte crosses a zone.
    pub zone_crossings: Option<f64>,
    /// How often each produced byte crosses a region.
    pub region_crossings: Option<f64>,
}

/// A price, and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// For one of its unit.
    pub usd: Money,
    /// As of when; empty where that was not said.
    pub date: String,
    /// Who says so.
    pub source: String,
    /// Where it holds; empty where it is as its table's, as in older manifests.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
}

/// What stands before the date of surplus credits in a source that tells of both prices of an instance type: `A (surplus credits 2023-06-15: B)`.
pub const OF_SURPLUS: &str = " (surplus credits ";

/// As of when the surplus credits of an instance type have their price, or its rent, and who says so: of a source that tells of both, the part that is of it.
pub fn whence<'a>(date: &'a str, source: &'a str, surplus: bool) -> (&'a str, &'a str) {
    let both = source.split_once(OF_SURPLUS);
    let both = both.and_then(|(rent, rest)| Some((rent, rest.strip_suffix(')')?.split_once(": ")?)));
    match both {
        Some((_, of_surplus)) if surplus => of_surplus,
        Some((of_rent, _)) => (date, of_rent),
        None => (date, source),
    }
}

#[derive(Deserialize)]
struct Row {
    item: String,
    price: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    region: String,
}

impl Prices {
    /// A table in CSV, or parted by `;` or tabs, with the columns `item` and `price`, in letters of any case, and, if wanted, `date`, `source` and `region`, one for all rows. An item is an instance type (`t3.micro`), or
    /// `surplus.t3.micro`, `brokers`, `storage`, `transfer.cross_zone`, `transfer.cross_region`; a price has its unit (`$0.0104/h`).
    /// All that is wrong is told with its line.
    pub fn read_csv(text: &[u8], name: &str) -> Result<Self, Vec<String>> {
        let (mut table, mut wrong) = (Prices::default(), Vec::new());
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(text))
            .trim(csv::Trim::All)
            .comment(Some(b'#'))
            .from_reader(text);
        let headings = reader.headers().map_err(|error| vec![format!("{name}: {error}")])?;
        let headings: csv::StringRecord = headings.iter().map(str::to_lowercase).collect();
        let mut lines = lines(text).skip(1);
        let mut told = std::collections::BTreeSet::new();
        for record in reader.records() {
            let line = lines.next().map_or(0, |(line, _)| line);
            match record.and_then(|record| record.deserialize::<Row>(Some(&headings))) {
                Err(error) => wrong.push(format!("{name}: {error}")),
                Ok(row) => {
                    if !told.insert(row.item.clone()) {
                        wrong.push(format!("{name}, line {line}: a second price of `{}`", row.item));
                    }
                    let source = if row.source.is_empty() { name } else { &row.source };
                    let put = table.put(&row.item, &row.price, &row.date, source);
                    wrong.extend(
                        put.err()
                            .map(|fault| format!("{name}, line {line}: {} ({})", fault.what, fault.hint)),
                    );
                    if table.region.is_empty() {
                        table.region = row.region;
                    } else if !row.region.is_empty() && row.region != table.region {
                        wrong.push(format!(
                            "{name}, line {line}: `{}` beside `{}` (write a table for each region)",
                            row.region, table.region
                        ));
                    }
                }
            }
        }
        if wrong.is_empty() { Ok(table) } else { Err(wrong) }
    }

    /// Sets the price of an item, named as in a table.
    pub fn put(&mut self, item: &str, price: &str, date: &str, source: &str) -> Result<(), NotAQuantity> {
        let read = |per: Per| {
            Ok(Price {
                usd: per.read(price)?,
                date: date.to_owned(),
                source: source.to_owned(),
                region: String::new(),
            })
        };
        match item {
            "brokers" => self.brokers = Some(read(Per::Hour)?),
            "storage" => self.storage = Some(read(Per::GigabyteMonth)?),
            "transfer.cross_zone" => self.cross_zone = Some(read(Per::Gigabyte)?),
            "transfer.cross_region" => self.cross_region = Some(read(Per::Gigabyte)?),
            _ => {
                if let Some(instance) = item.strip_prefix("surplus.") {
                    self.surplus.insert(instance.to_owned(), read(Per::VcpuHour)?);
                } else {
                    let instance = item.strip_prefix("instances.").unwrap_or(item);
                    self.instances.insert(instance.to_owned(), read(Per::Hour)?);
                }
            }
        }
        Ok(())
    }

    /// Where a price of this table holds; empty where that was not said.
    pub fn region_of<'a>(&'a self, price: &'a Price) -> &'a str {
        if price.region.is_empty() { &self.region } else { &price.region }
    }

    /// Each price says itself where it holds: then it may stand among others.
    fn placed(mut self) -> Self {
        let single = [&mut self.brokers, &mut self.storage, &mut self.cross_zone, &mut self.cross_region];
        let all =
            self.instances.values_mut().chain(self.surplus.values_mut()).chain(single.into_iter().flatten());
        for price in all.filter(|price| price.region.is_empty()) {
            price.region.clone_from(&self.region);
        }
        self
    }

    /// This table with what another one says put over it. Each price keeps the region that it was written for.
    #[must_use]
    pub fn with(self, over: &Prices) -> Self {
        let (mut all, over) = (self.placed(), over.clone().placed());
        if !over.region.is_empty() {
            all.region.clone_from(&over.region);
        }
        all.instances.extend(over.instances);
        all.surplus.extend(over.surplus);
        let put = |old: &mut Option<Price>, new: Option<Price>| {
            if new.is_some() {
                *old = new;
            }
        };
        put(&mut all.brokers, over.brokers);
        put(&mut all.storage, over.storage);
        put(&mut all.cross_zone, over.cross_zone);
        put(&mut all.cross_region, over.cross_region);
        all.zone_crossings = over.zone_crossings.or(all.zone_crossings);
        all.region_crossings = over.region_crossings.or(all.region_crossings);
        all
    }
}

/// The lines that are rows, with their numbers in the file from 1: neither comments nor empty.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let all = text.split(|byte| *byte == b'\n').zip(1..);
    all.map(|(line, at)| (at, line))
        .filter(|(_, line)| !line.starts_with(b"#") && !line.trim_ascii().is_empty())
}

/// What parts the cells of the headings: a spreadsheet may write `;` or tabs.
fn delimiter(text: &[u8]) -> u8 {
    let headings = lines(text).next().map(|(_, line)| line).unwrap_or_default();
    let found = [b',', b';', b'\t'].into_iter().find(|part| headings.contains(part));
    found.unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_and_put_over_another() {
        let text =
            b"item,price,date,source\nt3.micro,$0.0118/h,2026-10-01,ours\nsurplus.t3.micro,$0.05/vCPU-h,,\n\
            brokers,$0.21/h,,\ntransfer.cross_zone,$0.01/GB,,\n";
        let table = Prices::read_csv(text, "p.csv").unwrap();
        let micro = &table.instances["t3.micro"];
        assert_eq!(
            (micro.usd.to_string(), &*micro.date, &*micro.source),
            ("0.0118".to_owned(), "2026-10-01", "ours")
        );
        assert_eq!(table.surplus["t3.micro"].source, "p.csv");
        let mut under = Prices { region: "us-east-1".to_owned(), ..Prices::default() };
        under.put("t3.micro", "$0.0104/h", "", "").unwrap();
        under.put("t3.nano", "$0.0052/h", "", "").unwrap();
        let all = under.with(&table);
        assert_eq!(all.instances["t3.micro"].usd.to_string(), "0.0118");
        assert_eq!(all.instances["t3.nano"].usd.to_string(), "0.0052");
        assert_eq!((all.region.as_str(), all.storage), ("us-east-1", None));
    }

    #[test]
    fn all_that_is_wrong_with_a_table_is_told_with_its_line() {
        let wrong = Prices::read_csv(b"item,price\nt3.micro,0.0118\nstorage,$0.1/h\nbrokers,$1/h\n", "p.csv")
            .unwrap_err();
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert!(wrong[0].starts_with("p.csv, line 2: ") && wrong[1].contains("line 3"), "{wrong:?}");
        assert!(Prices::read_csv(b"what,price\na,$1/h\n", "p.csv").is_err());
    }

    #[test]
    fn a_table_from_a_spreadsheet_is_read_and_its_lines_are_those_of_the_file() {
        for text in [
            "\u{feff}Item;Price\nt3.micro;$0.0118/h\n",
            "ITEM\tPRICE\r\nt3.micro\t$0.0118/h\r\n",
            "# ours\n\nitem,price\n# small\nt3.micro,$0.0118/h\n",
        ] {
            let table = Prices::read_csv(text.as_bytes(), "p.csv").unwrap();
            assert_eq!(table.instances["t3.micro"].usd.to_string(), "0.0118", "{text}");
        }
        let wrong =
            Prices::read_csv(b"# ours\n\nitem,price\n# small\nt3.micro,0.0118\n", "p.csv").unwrap_err();
        assert!(wrong[0].starts_with("p.csv, line 5: "), "{wrong:?}");
    }

    #[test]
    fn a_second_price_of_an_item_is_a_fault() {
        let twice = Prices::read_csv(b"item,price\na,$1/h\na,$2/h\n", "p.csv").unwrap_err();
        assert_eq!(twice, ["p.csv, line 3: a second price of `a`"]);
    }

    #[test]
    fn a_table_says_where_it_holds() {
        let text = b"item,price,region\nt3.micro,$0.0118/h,eu-west-2\nt3.medium,$0.0472/h,eu-west-2\n";
        let table = Prices::read_csv(text, "p.csv").unwrap();
        let under = Prices { region: "us-east-1".to_owned(), ..Prices::default() };
        assert_eq!(under.with(&table).region, "eu-west-2");
        let two = b"item,price,region\nt3.micro,$0.0118/h,eu-west-2\nt3.medium,$0.0472/h,eu-west-1\n";
        assert_eq!(Prices::read_csv(two, "p.csv").unwrap_err().len(), 1);
    }

    #[test]
    fn a_price_keeps_the_region_that_it_was_written_for() {
        let ours = Prices::read_csv(b"item,price,region\nt3.micro,$0.0118/h,eu-west-2\n", "p.csv").unwrap();
        let mut under = Prices { region: "us-east-1".to_owned(), ..Prices::default() };
        under.put("t3.micro", "$0.0104/h", "", "").unwrap();
        under.put("t3.medium", "$0.0416/h", "", "").unwrap();
        let all = under.with(&ours);
        let of = |name: &str| all.region_of(&all.instances[name]).to_owned();
        assert_eq!((of("t3.micro"), of("t3.medium")), ("eu-west-2".to_owned(), "us-east-1".to_owned()));
        let older: Price = serde_json::from_str(r#"{"usd":"0.0104","date":"","source":""}"#).unwrap();
        assert_eq!(all.region_of(&older), "eu-west-2", "of a manifest in which a table had one region");
    }
}
