//! `bench instances`: the catalogue as a table, or some of its types side by side.
#![expect(clippy::print_stderr, reason = "verbs are where bench prints")]

use std::io::Write;
use std::process::ExitCode;

use serde_json::{Value, json};
use tabled::builder::Builder;
use tabled::settings::{Alignment, Style, object::Columns};

use super::exit::Exit;
use crate::catalogue::{Derived, types};
use crate::spec::did_you_mean;
use crate::units::{InstanceType, Money};

/// What the table is ordered by, least first; what is not known comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Sort {
    /// Price of an hour.
    Price,
    /// vCPUs, then price.
    Vcpu,
    /// Price of an hour of one vCPU that can be used for ever.
    BaselinePrice,
}

/// Prints the catalogue, or only the types named, side by side.
pub fn run(names: &[String], sort: Option<Sort>, as_json: bool) -> ExitCode {
    let unknown = |name: &&String| !types().iter().any(|known| known.name == **name);
    if let Some(name) = names.iter().find(unknown) {
        eprintln!("error: `{name}` is no instance type of the catalogue");
        // A list of all of them is no hint.
        let hint = did_you_mean(name, types().iter().map(|known| known.name.as_str()))
            .filter(|hint| hint.len() < 100)
            .unwrap_or_else(|| "`bench instances` lists them".to_owned());
        eprintln!("hint: {hint}");
        return Exit::Faulty.into();
    }
    let rows = chosen(names, sort);
    let text = if as_json {
        format!("{:#}", rows.iter().map(|(instance, derived)| object(instance, derived)).collect::<Value>())
    } else if names.is_empty() {
        format!("{}\n\n{NOTES}", table(&rows))
    } else {
        format!("{}\n\n{NOTES}", side_by_side(&rows))
    };
    // Whoever reads may have seen enough (`| head`).
    writeln!(std::io::stdout(), "{text}").ok();
    ExitCode::SUCCESS
}

const NOTES: &str = "\
A dash is not known, or does not apply. Prices in USD, on demand, Linux, us-east-1; dates and sources with --json.
1 credit = 1 vCPU for a minute. sustained: an hour of all vCPUs at 100 % in unlimited mode. break-even: utilisation
from which on the nearest type of fixed performance is cheaper. t3, t3a: 2 vCPUs are 2 threads of one core.";

type Row = (&'static InstanceType, Derived);

fn chosen(names: &[String], sort: Option<Sort>) -> Vec<Row> {
    let mut rows: Vec<Row> = if names.is_empty() {
        types().iter().map(|one| (one, Derived::of(one))).collect()
    } else {
        let find = |name: &String| types().iter().find(|known| known.name == *name);
        names.iter().filter_map(find).map(|one| (one, Derived::of(one))).collect()
    };
    let last = |money: Option<Money>| (money.is_none(), money);
    match sort {
        None => {}
        Some(Sort::Price) => rows.sort_by_key(|(one, _)| last(one.price_per_hour)),
        Some(Sort::Vcpu) => rows.sort_by_key(|(one, _)| (one.vcpus, last(one.price_per_hour))),
        Some(Sort::BaselinePrice) => {
            rows.sort_by_key(|(_, derived)| last(derived.price_per_baseline_vcpu_hour));
        }
    }
    rows
}

fn object(one: &InstanceType, derived: &Derived) -> Value {
    let credits = |milli: u64| milli as f64 / 1e3;
    json!({
        "name": one.name,
        "vcpus": one.vcpus,
        "threads_per_core": one.threads_per_core,
        "memory_mib": one.memory_mib,
        "credits_per_hour": one.credits.map(|earning| credits(earning.milli_per_hour)),
        "baseline_percent_per_vcpu": derived.baseline_percent_per_vcpu,
        "baseline_vcpus": derived.baseline_vcpus,
        "max_credits": one.credits.map(|earning| credits(earning.milli_max)),
        "launch_credits": one.credits.map(|earning| credits(earning.milli_launch)),
        "full_to_empty_minutes": derived.full_to_empty_minutes,
        "network_baseline_gbps": one.network_baseline_gbps,
        "network_peak_gbps": one.network_peak_gbps,
        "ebs_baseline_mbps": one.ebs_baseline_mbps,
        "ebs_peak_mbps": one.ebs_peak_mbps,
        "price_usd_per_hour": one.price_per_hour.map(Money::as_dollars),
        "surplus_usd_per_vcpu_hour": one.surplus_per_vcpu_hour.map(Money::as_dollars),
        "sustained_price_usd_per_hour": derived.sustained_price_per_hour.map(Money::as_dollars),
        "price_usd_per_baseline_vcpu_hour": derived.price_per_baseline_vcpu_hour.map(Money::as_dollars),
        "nearest_fixed": derived.nearest_fixed,
        "break_even_percent": derived.break_even_percent,
        "region": one.region,
        "date": one.date,
        "source": one.source,
    })
}

/// A figure of a type: its name, and how it is read.
type Figure = (&'static str, fn(&InstanceType, &Derived) -> Option<String>);

const FIGURES: [Figure; 16] = [
    ("vCPUs", |one, _| Some(one.vcpus.to_string())),
    ("threads per core", |one, _| one.threads_per_core.map(|threads| threads.to_string())),
    ("memory GiB", |one, _| Some(plain(one.memory_mib? as f64 / 1024.0))),
    ("credits/h", |one, _| Some(plain(one.credits?.milli_per_hour as f64 / 1e3))),
    ("max credits", |one, _| Some(plain(one.credits?.milli_max as f64 / 1e3))),
    ("baseline % of a vCPU", |_, derived| derived.baseline_percent_per_vcpu.map(plain)),
    ("baseline vCPUs", |_, derived| Some(plain(derived.baseline_vcpus))),
    ("full to empty min", |_, derived| derived.full_to_empty_minutes.map(plain)),
    ("$/h", |one, _| one.price_per_hour.map(|price| price.to_string())),
    ("sustained $/h", |_, derived| derived.sustained_price_per_hour.map(|price| price.to_string())),
    ("$ per baseline vCPU-h", |_, derived| derived.price_per_baseline_vcpu_hour.map(dollars)),
    ("surplus $/vCPU-h", |one, _| one.surplus_per_vcpu_hour.map(|price| price.to_string())),
    ("nearest fixed", |_, derived| derived.nearest_fixed.map(str::to_owned)),
    ("break-even %", |_, derived| derived.break_even_percent.map(plain)),
    ("network Gbit/s", |one, _| range(one.network_baseline_gbps, one.network_peak_gbps)),
    ("EBS Mbit/s", |one, _| range(one.ebs_baseline_mbps, one.ebs_peak_mbps)),
];

/// The figures that fit on a line.
const COLUMNS: [usize; 10] = [0, 2, 3, 4, 5, 7, 8, 9, 10, 13];

fn table(rows: &[Row]) -> String {
    let mut builder = Builder::new();
    builder.push_record(std::iter::once("type").chain(COLUMNS.map(|at| FIGURES[at].0)));
    for (one, derived) in rows {
        let cells = COLUMNS.map(|at| cell(FIGURES[at].1(one, derived)));
        builder.push_record(std::iter::once(one.name.clone()).chain(cells));
    }
    draw(builder)
}

fn side_by_side(rows: &[Row]) -> String {
    let mut builder = Builder::new();
    builder.push_record(std::iter::once(String::new()).chain(rows.iter().map(|(one, _)| one.name.clone())));
    for (name, read) in FIGURES {
        let cells = rows.iter().map(|(one, derived)| cell(read(one, derived)));
        builder.push_record(std::iter::once(name.to_owned()).chain(cells));
    }
    draw(builder)
}

fn draw(builder: Builder) -> String {
    let mut table = builder.build();
    table.with(Style::psql()).modify(Columns::new(1..), Alignment::right());
    table.to_string()
}

fn cell(figure: Option<String>) -> String {
    figure.unwrap_or_else(|| "–".to_owned())
}

fn dollars(money: Money) -> String {
    format!("{:.4}", money.as_dollars())
}

fn range(from: Option<f64>, to: Option<f64>) -> Option<String> {
    Some(format!("{} – {}", plain(from?), plain(to?)))
}

fn plain(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    // One decimal tells enough of what is in the hundreds.
    if value >= 100.0 && text.contains('.') { format!("{value:.1}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_find_the_figures_under_their_promised_names() {
        let named = |name: &str| chosen(&[name.to_owned()], None).remove(0);
        let (one, derived) = named("t3.micro");
        let micro = object(one, &derived);
        for (field, value) in [
            ("name", json!("t3.micro")),
            ("vcpus", json!(2)),
            ("memory_mib", json!(1024)),
            ("credits_per_hour", json!(12.0)),
            ("baseline_percent_per_vcpu", json!(10.0)),
            ("max_credits", json!(288.0)),
            ("price_usd_per_hour", json!(0.0104)),
            ("sustained_price_usd_per_hour", json!(0.1004)),
            ("full_to_empty_minutes", json!(160.0)),
        ] {
            assert_eq!(micro[field], value, "{field}");
        }
        let (one, derived) = named("m5.large");
        let fixed = object(one, &derived);
        assert_eq!(fixed["sustained_price_usd_per_hour"], fixed["price_usd_per_hour"]);
        for field in ["credits_per_hour", "baseline_percent_per_vcpu", "max_credits", "full_to_empty_minutes"]
        {
            assert!(fixed[field].is_null(), "{field}");
        }
    }

    #[test]
    fn an_order_is_least_first() {
        let first = |sort| chosen(&[], Some(sort)).remove(0).0.name.clone();
        assert_eq!((first(Sort::Price), first(Sort::Vcpu)), ("t4g.nano".to_owned(), "t2.nano".to_owned()));
        assert_eq!(first(Sort::BaselinePrice), "t4g.nano");
    }
}
