//! What a million messages cost: a table for each basis, what is in it, and which configuration is the cheapest.

use std::collections::BTreeSet;

use super::Format;
use super::named::named;
use super::number::plain;
use super::tables::{header, levels, table};
use crate::analyse::{Basis, Cost, Findings, Ranked, SENSITIVITY_PERCENT, TreatmentFindings};
use crate::record::Manifest;
use crate::units::{Money, Price};

/// Whether any cost can be said.
pub fn any(findings: &Findings) -> bool {
    findings.treatments.iter().any(|treatment| treatment.costs.is_some())
}

/// One table for each basis that occurs, with its heading.
pub fn tables(manifest: &Manifest, findings: &Findings, format: Format) -> Vec<(&'static str, String)> {
    [Basis::Offered, Basis::Overload]
        .into_iter()
        .filter_map(|basis| {
            let of = |treatment: &TreatmentFindings| {
                let (own, costs) = treatment.costs.as_ref()?;
                (*own == basis).then(|| row(manifest, treatment, costs))
            };
            let rows: Vec<Vec<String>> = findings.treatments.iter().filter_map(of).collect();
            if rows.is_empty() {
                return None;
            }
            let columns =
                ["$/h", "surplus $/h", "good msgs/s", "$/million sticker", "$/million with credits", "idle %"];
            let all = std::iter::once(header(manifest, &columns)).chain(rows).collect();
            let title = match basis {
                Basis::Offered => "Basis offered: messages due in the window and processed within the SLO, of steady trials.",
                Basis::Overload => {
                    "Basis overload: messages processed in the window of saturated trials; the least that a million can cost."
                }
            };
            Some((title, table(all, format)))
        })
        .collect()
}

fn row(manifest: &Manifest, treatment: &TreatmentFindings, costs: &[Cost]) -> Vec<String> {
    let median = |of: &dyn Fn(&Cost) -> f64| {
        let mut all: Vec<f64> = costs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        f64::midpoint(all[(all.len() - 1) / 2], all[all.len() / 2])
    };
    let idle: Option<Vec<f64>> = costs.iter().map(|cost| cost.idle_percent).collect();
    let mut row = levels(manifest, treatment);
    row.extend([
        dollars(median(&|cost| cost.sticker_per_hour().as_dollars())),
        dollars(median(&|cost| cost.surplus_per_hour.as_dollars())),
        plain(median(&Cost::good_per_second)),
        dollars(median(&|cost| cost.sticker_per_million().as_dollars())),
        dollars(median(&|cost| cost.credit_aware_per_million().as_dollars())),
        idle.map_or_else(|| "–".to_owned(), |_| plain(median(&|cost| cost.idle_percent.unwrap_or_default()))),
    ]);
    row
}

/// Four digits that mean something: money of a million messages is small.
fn dollars(value: f64) -> String {
    let digits = match value {
        value if value >= 10.0 => 2,
        value if value >= 0.0995 => 4,
        value if value > 0.0 => (3.0 - value.log10().floor()) as usize,
        _ => 0,
    };
    format!("{value:.digits$}")
}

fn money(amount: Money) -> String {
    format!("${}", dollars(amount.as_dollars()))
}

/// What is in the tables, what is not, and what a bill would add.
pub fn notes(manifest: &Manifest, findings: &Findings) -> Vec<String> {
    let prices = &manifest.prices;
    let dated = |(name, price): (&String, &Price)| {
        let when = if price.date.is_empty() { String::new() } else { format!("{}, ", price.date) };
        format!("{name} ${} ({when}{})", price.usd, price.source)
    };
    let mut lines = vec![format!(
        "Prices of {}, in USD. An hour: {}.",
        prices.region,
        prices.instances.iter().map(dated).collect::<Vec<_>>().join("; ")
    )];
    if !prices.surplus.is_empty() {
        let all: BTreeSet<String> =
            prices.surplus.iter().map(|(name, price)| format!("{name} ${}", price.usd)).collect();
        lines.push(format!(
            "A surplus vCPU-hour in unlimited mode, at max(0, use − baseline): {}.",
            all.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    let parts = [
        ("brokers", prices.brokers.is_some()),
        ("storage", prices.storage.is_some()),
        ("transfer", prices.cross_zone.is_some() || prices.cross_region.is_some()),
    ];
    let named = |has: bool| {
        let names: Vec<&str> =
            parts.iter().filter(|(_, priced)| *priced == has).map(|(name, _)| *name).collect();
        names.join(", ")
    };
    if !named(true).is_empty() {
        lines.push(format!("Included beside instances and their surplus credits: {}.", named(true)));
    }
    if !named(false).is_empty() {
        lines.push(format!(
            "Not included, as it has no price: {}; support, monitoring and addresses never are.",
            named(false)
        ));
    }
    let all = || findings.costs.iter().flatten();
    let most =
        |of: fn(&Cost) -> Option<Money>| all().filter_map(of).max().filter(|money| *money > Money::ZERO);
    if let Some(settlement) = most(|cost| cost.settlement) {
        lines.push(format!(
            "A bill at the end of a trial would add up to {} of surplus credits that were lent or charged by then; they are not in the table.",
            money(settlement)
        ));
    }
    if let Some(minimum) = most(|cost| cost.minimum) {
        lines.push(format!(
            "An instance is billed for 60 s at least: up to {} more a trial, not in the table.",
            money(minimum)
        ));
    }
    lines
}

/// Which configuration is the cheapest that holds the SLOs, by how much, and what would change that; one sentence a basis at the least.
pub fn answer(manifest: &Manifest, findings: &Findings) -> Option<String> {
    if !any(findings) {
        return None;
    }
    let mut said = Vec::new();
    let asked = if manifest.slos.is_empty() { "that kept up" } else { "that holds the SLOs" };
    let ranking = findings.rankings.iter().find(|(ranking, _)| ranking.basis == Basis::Offered);
    match ranking.map(|(ranking, tippings)| (ranking.order.as_slice(), tippings)) {
        Some(([only], _)) => said.push(format!(
            "Only {} of those compared by cost {}: {} per million messages.",
            name(manifest, findings, only),
            asked.trim_start_matches("that "),
            money(only.credit_aware)
        )),
        Some(([first, second, ..], tippings)) => {
            said.push(format!(
                "Cheapest {asked}: {} at {} per million messages, {} less than {} ({}).",
                name(manifest, findings, first),
                money(first.credit_aware),
                percent_less(first.credit_aware, second.credit_aware),
                name(manifest, findings, second),
                money(second.credit_aware)
            ));
            let by_sticker =
                ranking.and_then(|(ranking, _)| ranking.order.iter().min_by_key(|one| one.sticker));
            if let Some(other) = by_sticker.filter(|other| other.slug != first.slug) {
                said.push(format!(
                    "By the prices on the label alone it would be {} ({}): surplus credits make the difference.",
                    name(manifest, findings, other),
                    money(other.sticker)
                ));
            }
            said.push(sensitivity(manifest, findings, tippings));
        }
        _ => said.push(format!("No configuration {asked}, as far as valid trials say.")),
    }
    let overload = findings.rankings.iter().find(|(ranking, _)| ranking.basis == Basis::Overload);
    if let Some((ranking, tippings)) = overload
        && let Some(first) = ranking.order.first()
    {
        let against = ranking.order.get(1).map(|second| {
            format!(
                ", {} less than {}",
                percent_less(first.credit_aware, second.credit_aware),
                name(manifest, findings, second)
            )
        });
        said.push(format!(
            "Under overload {} processes a million for the least, {}{}; what it sustains costs more.",
            name(manifest, findings, first),
            money(first.credit_aware),
            against.unwrap_or_default()
        ));
        if ranking.order.len() > 1 {
            said.push(sensitivity(manifest, findings, tippings));
        }
    }
    Some(said.join(" "))
}

fn sensitivity(manifest: &Manifest, findings: &Findings, tippings: &[crate::analyse::Tipping]) -> String {
    if tippings.is_empty() {
        return format!("No single price changes that by going {SENSITIVITY_PERCENT} % up or down.");
    }
    let all: Vec<String> = tippings
        .iter()
        .map(|tipping| {
            let way = if tipping.up { "up" } else { "down" };
            format!(
                "{} {way} by {SENSITIVITY_PERCENT} % ({})",
                tipping.price,
                slug_name(manifest, findings, &tipping.cheapest)
            )
        })
        .collect();
    format!("That changes with {}.", all.join("; "))
}

fn percent_less(of: Money, than: Money) -> String {
    let share = 100.0 * (1.0 - of.as_dollars() / than.as_dollars());
    format!("{} %", plain(share))
}

fn name(manifest: &Manifest, findings: &Findings, ranked: &Ranked) -> String {
    slug_name(manifest, findings, &ranked.slug)
}

fn slug_name(manifest: &Manifest, findings: &Findings, slug: &str) -> String {
    let treatment = findings.treatments.iter().find(|treatment| treatment.slug == slug);
    let named = treatment.map(|treatment| named(manifest, &treatment.levels)).unwrap_or_default();
    if named.is_empty() { slug.to_owned() } else { named }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_money_keeps_four_digits() {
        let shown: Vec<String> =
            [0.000_028_89, 0.1004, 0.0722, 12.3456, 0.0].into_iter().map(dollars).collect();
        assert_eq!(shown, ["0.00002889", "0.1004", "0.07220", "12.35", "0"]);
    }
}
