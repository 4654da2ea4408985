//! The price sheet: each thing that has a price, or might have one, with what was taken of it in an hour, whence the price is, and what another price would
//! change. It stands where the costs stand, in every format: a cost that is copied without its prices says nothing.

use crate::analyse::{Cost, Findings, SENSITIVITY_PERCENT, TrialFindings};
use crate::record::{EmulatedGroup, Manifest};
use crate::report::document::{Cell, Column, Row, Table};
use crate::report::number::UNKNOWN;
use crate::units::{Money, Price, whence};

/// Hours of a month, as storage is billed.
const MONTH_HOURS: f64 = 730.0;

/// One line: what it is, its price, and how much of it each trial took in an hour.
struct Line<'a> {
    item: String,
    price: Option<&'a Price>,
    /// Whether it is of surplus credits: manifests of before have both prices of a type with the date and the source of its rent.
    surplus: bool,
    /// What the price is for.
    per: &'static str,
    /// What the quantity is in.
    taken: &'static str,
    /// As a price that is moved is named.
    moved: String,
    quantity: Vec<Option<f64>>,
}

/// A row each: what was rented, then all else that has a price, then what has none and is not included.
pub fn sheet(manifest: &Manifest, findings: &Findings) -> Table {
    let several = findings.rankings.iter().any(|(ranking, _)| ranking.order.len() > 1);
    let rows = lines(manifest, findings).into_iter().map(|line| row(manifest, findings, several, &line));
    let quantity = |word: &str| {
        Column::new(
            format!("{word} taken"),
            None,
            "of it in an hour like the window, over all trials that have a cost",
        )
    };
    let columns = vec![
        Column::new("item", None, "what has a price"),
        Column::new("price, $", None, "in US dollars; a dash is no price, and not included"),
        Column::new("per", None, "what the price is for"),
        quantity("least"),
        quantity("most"),
        Column::new("of", None, "what the quantity is in"),
        Column::new("region", None, "where the price holds"),
        Column::new("date", None, "as of when it is"),
        Column::new("source", None, "who says so"),
        Column::new(
            format!("±{SENSITIVITY_PERCENT} % changes"),
            None,
            "what that price alone, moved up or down, would change in the order of those that are told apart",
        ),
    ];
    Table { id: "prices", columns, rows: rows.collect() }
}

fn row(manifest: &Manifest, findings: &Findings, several: bool, line: &Line<'_>) -> Row {
    let label = |text: &str| Cell::Label(if text.is_empty() { UNKNOWN.to_owned() } else { text.to_owned() });
    let known: Option<Vec<f64>> = line.quantity.iter().copied().collect();
    let known = known.unwrap_or_default();
    let end = |of: fn(f64, f64) -> f64| Cell::Reading(known.iter().copied().reduce(of).into());
    let priced = line.price;
    let (date, source) =
        priced.map(|price| whence(&price.date, &price.source, line.surplus)).unwrap_or_default();
    let cells = vec![
        Cell::Label(line.item.clone()),
        Cell::Label(priced.map_or_else(|| UNKNOWN.to_owned(), |price| price.usd.to_string())),
        Cell::Label(line.per.to_owned()),
        end(f64::min),
        end(f64::max),
        Cell::Label(line.taken.to_owned()),
        label(priced.map(|price| manifest.prices.region_of(price)).unwrap_or_default()),
        label(date),
        label(source),
        match priced {
            None => Cell::Label("not included".to_owned()),
            Some(_) if several => Cell::Label(changes(findings, &line.moved)),
            Some(_) => label(""),
        },
    ];
    Row { cells, ..Row::default() }
}

fn lines<'a>(manifest: &'a Manifest, findings: &'a Findings) -> Vec<Line<'a>> {
    let prices = &manifest.prices;
    let costs: Vec<(&TrialFindings, &Cost)> =
        findings.trials().filter_map(|trial| Some((trial, trial.cost.as_ref()?))).collect();
    let is_of = |group: &EmulatedGroup, name: &str| group.instance_type.name == name;
    let used = |name: &str| {
        costs.iter().any(|(trial, _)| trial.record.emulated.iter().any(|group| is_of(group, name)))
    };
    let mut all = Vec::new();
    // A table of the user's own may hold hundreds that nothing here was rented at.
    for (name, price) in prices.instances.iter().filter(|(name, _)| used(name)) {
        let hours = |(trial, cost): &(&TrialFindings, &Cost)| {
            let own = trial.record.emulated.iter().filter(|group| is_of(group, name));
            let up_s: f64 = own.flat_map(|group| &group.instances).map(|one| one.window_up_s).sum();
            Some(up_s * 1e3 / cost.window_ms as f64)
        };
        all.push(Line {
            item: format!("rent of {name}"),
            price: Some(price),
            surplus: false,
            per: "hour",
            taken: "instances",
            moved: format!("the rent of {name}"),
            quantity: costs.iter().map(hours).collect(),
        });
    }
    for (name, price) in prices.surplus.iter().filter(|(name, _)| used(name)) {
        // What a trial would pay were the surplus of all other types for nothing.
        let mut alone = prices.clone();
        let others = alone.surplus.iter_mut().filter(|(other, _)| *other != name);
        others.for_each(|(_, price)| price.usd = Money::ZERO);
        let above = |(trial, cost): &(&TrialFindings, &Cost)| {
            let own = cost.at(&trial.record, manifest, &alone)?.surplus_per_hour;
            Some(own.as_dollars() / price.usd.as_dollars()).filter(|own| own.is_finite())
        };
        all.push(Line {
            item: format!("surplus credits of {name}"),
            price: Some(price),
            surplus: true,
            per: "vCPU-hour",
            taken: "vCPUs above the baseline",
            moved: format!("the surplus credits of {name}"),
            quantity: costs.iter().map(above).collect(),
        });
    }
    all.extend(others(manifest, &costs));
    all
}

/// How what is paid in an hour is read from a cost.
type Paid = fn(&Cost) -> Option<Money>;

/// Brokers, storage and transfer, those without a price too.
fn others<'a>(manifest: &'a Manifest, costs: &[(&TrialFindings, &Cost)]) -> Vec<Line<'a>> {
    let prices = &manifest.prices;
    let over = |price: Option<&Price>, paid: Paid, times: f64| -> Vec<Option<f64>> {
        let of = |(_, cost): &(&TrialFindings, &Cost)| {
            Some(paid(cost)?.as_dollars() / price?.usd.as_dollars() * times).filter(|one| one.is_finite())
        };
        costs.iter().map(of).collect()
    };
    // Of two kinds of transfer the sum alone is known.
    let both = prices.cross_zone.is_some() && prices.cross_region.is_some();
    let carried: Paid = if both { |_| None } else { |cost| cost.transfer_per_hour };
    let line = |item: &str,
                price: Option<&'a Price>,
                (per, taken),
                (moved, quantity): (&str, Vec<Option<f64>>)| {
        Line { item: item.to_owned(), price, surplus: false, per, taken, moved: moved.to_owned(), quantity }
    };
    let [brokers, storage, zone, region] =
        [&prices.brokers, &prices.storage, &prices.cross_zone, &prices.cross_region].map(Option::as_ref);
    vec![
        line(
            "rent of brokers",
            brokers,
            ("hour", "brokers"),
            ("the rent of brokers", over(brokers, |cost| cost.brokers_per_hour, 1.0)),
        ),
        line(
            "storage",
            storage,
            ("GB and month", "GB kept"),
            ("storage", over(storage, |cost| cost.storage_per_hour, MONTH_HOURS)),
        ),
        line(
            "transfer between zones",
            zone,
            ("GB and direction", "GB"),
            ("transfer between zones", over(zone, carried, 1.0)),
        ),
        line(
            "transfer between regions",
            region,
            ("GB", "GB"),
            ("transfer between regions", over(region, carried, 1.0)),
        ),
    ]
}

/// `the cheapest, up; the order behind it, down`.
fn changes(findings: &Findings, moved: &str) -> String {
    let of = |answers: bool| {
        let tippings = findings.rankings.iter().flat_map(|(_, tippings)| tippings);
        let own = tippings.filter(|one| one.price == moved && one.answers == answers);
        let mut ways: Vec<&str> = own.map(|one| if one.up { "up" } else { "down" }).collect();
        ways.sort_unstable();
        ways.dedup();
        let what = if answers { "which is the cheapest" } else { "the order behind it" };
        (!ways.is_empty()).then(|| format!("{what} ({})", ways.join(", ")))
    };
    let all: Vec<String> = [true, false].into_iter().filter_map(of).collect();
    if all.is_empty() { "nothing of the order".to_owned() } else { all.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::record::testing::{Synthetic, emulated, manifest, prices};
    use crate::report::number;
    use crate::units::{CreditMode, Prices};

    /// Rows as they are shown, of a run of two instance types at these prices; what the second of them is lent beyond its baseline is charged or not.
    fn shown(prices: &Prices, (mode, used): (CreditMode, f64)) -> Vec<Vec<String>> {
        let mut manifest = manifest(&["a"]);
        manifest.prices = prices.clone();
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.emulated =
            vec![emulated("t3.micro", CreditMode::Unlimited, 0.3, 2), emulated("t3.medium", mode, used, 1)];
        let judged = judge(&record, &trial.rows(), &trial.latencies());
        let findings = Findings::of(&manifest, vec![TrialFindings::of(&manifest, record, judged)]);
        let cells = |row: Row| row.cells.iter().map(|cell| number::cell(cell, None)).collect();
        sheet(&manifest, &findings).rows.into_iter().map(cells).collect()
    }

    fn row<'a>(rows: &'a [Vec<String>], item: &str) -> &'a [String] {
        rows.iter().find(|row| row[0] == item).unwrap()
    }

    #[test]
    fn each_line_has_its_price_its_quantity_and_whence_it_is() {
        let mut dated = prices();
        let price = dated.instances.get_mut("t3.micro").unwrap();
        (price.date, price.source) = ("2026-07-20".to_owned(), "a table".to_owned());
        let rows = shown(&dated, (CreditMode::Standard, 0.1));
        let micro = row(&rows, "rent of t3.micro");
        assert_eq!(
            micro[1..7],
            ["0.0104", "hour", "2.00", "2.00", "instances", "us-east-1"].map(str::to_owned)
        );
        assert_eq!(micro[7..9], ["2026-07-20", "a table"].map(str::to_owned));
        let surplus = row(&rows, "surplus credits of t3.micro");
        assert_eq!(
            surplus[1..6],
            ["0.05", "vCPU-hour", "0.200", "0.200", "vCPUs above the baseline"].map(str::to_owned)
        );
        assert_eq!(row(&rows, "storage")[1], "–");
        assert_eq!(row(&rows, "storage")[9], "not included");
    }

    #[test]
    fn surplus_credits_are_dated_by_who_says_their_price_and_not_as_the_rent_is() {
        let mut both = prices();
        let of_both = |price: &mut Price| {
            let source = "a table (surplus credits 2023-06-15: a guide)";
            (price.date, price.source) = ("2026-07-20".to_owned(), source.to_owned());
        };
        of_both(both.instances.get_mut("t3.micro").unwrap());
        of_both(both.surplus.get_mut("t3.micro").unwrap());
        let rows = shown(&both, (CreditMode::Standard, 0.1));
        let whence = |item: &str| row(&rows, item)[7..9].to_vec();
        assert_eq!(whence("rent of t3.micro"), ["2026-07-20", "a table"]);
        assert_eq!(whence("surplus credits of t3.micro"), ["2023-06-15", "a guide"]);
    }

    #[test]
    fn two_types_that_are_charged_for_surplus_say_each_its_own() {
        let rows = shown(&prices(), (CreditMode::Unlimited, 0.9));
        let taken = |of: &str| row(&rows, &format!("surplus credits of {of}"))[3].clone();
        // Two micros at 0.3 beyond a baseline of 0.2 vCPUs, and a medium at 0.9 beyond 0.4.
        assert_eq!((taken("t3.micro"), taken("t3.medium")), ("0.200".to_owned(), "0.500".to_owned()));
    }

    #[test]
    fn prices_of_two_regions_say_each_its_own() {
        let mut ours = Prices { region: "eu-west-2".to_owned(), ..Prices::default() };
        ours.put("t3.micro", "$0.0118/h", "", "ours").unwrap();
        let rows = shown(&prices().with(&ours), (CreditMode::Standard, 0.1));
        assert_eq!(row(&rows, "rent of t3.medium")[6], "us-east-1");
        assert_eq!(row(&rows, "rent of t3.micro")[6..9], ["eu-west-2", "–", "ours"].map(str::to_owned));
        assert_eq!(row(&rows, "surplus credits of t3.micro")[6], "us-east-1", "it is of the catalogue");
    }
}
