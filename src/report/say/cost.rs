//! What a million messages cost: a table for each basis, what is in it, and which configuration is the cheapest.

use std::collections::BTreeSet;

use super::named::named;
use super::rows::{columns, row_that_must_hold};
use crate::analyse::{
    Basis, Cost, Findings, Ranked, Reading, SENSITIVITY_PERCENT, Summary, Tipping, TreatmentFindings, bounds,
    median_of_money,
};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Row, Section, Table};
use crate::report::number::{money, plain};
use crate::spec::Unit;
use crate::units::{Money, Price, Prices};

/// Under a heading that says what was emulated, with the answer where it does not stand above; none where no cost can be said.
pub fn section(
    manifest: &Manifest,
    findings: &Findings,
    emulated: &str,
    answer: Option<String>,
) -> Option<Section> {
    if !any(findings) {
        return None;
    }
    let mut section = Section::new("cost", format!("Cost{emulated}"));
    section.say(answer);
    for (title, table) in tables(manifest, findings) {
        section.say([title]);
        section.table(table);
    }
    section.list(notes(manifest, findings));
    Some(section)
}

/// Whether any cost can be said.
fn any(findings: &Findings) -> bool {
    findings.treatments.iter().any(|treatment| treatment.costs.is_some())
}

/// One table for each basis that occurs, with what is above it.
fn tables(manifest: &Manifest, findings: &Findings) -> Vec<(&'static str, Table)> {
    let mut tables = Vec::new();
    for basis in Basis::ALL {
        let of = |treatment: &TreatmentFindings| {
            let (own, costs) = treatment.costs.as_ref()?;
            (*own == basis).then(|| priced(manifest, treatment, costs))
        };
        let rows: Vec<Row> = findings.treatments.iter().filter_map(of).collect();
        let (id, title) = match basis {
            Basis::Offered => {
                ("cost_offered", "Basis offered: messages due in the window and processed, of steady trials.")
            }
            Basis::OfferedOnCredits => (
                "cost_offered_on_credits",
                "Basis offered, while credits last: the same, of trials in which instances spent more credits than they earned; no capacity.",
            ),
            Basis::Overload => (
                "cost_overload",
                "Basis overload: messages processed in the window of saturated trials; the least that a million can cost.",
            ),
            Basis::OverloadOnCredits => (
                "cost_overload_on_credits",
                "Basis overload, while credits last: the same, of trials in which instances spent more credits than they earned.",
            ),
        };
        if !rows.is_empty() {
            tables.push((title, Table { id, columns: columns(manifest, priced_columns()), rows }));
        }
    }
    tables
}

fn priced_columns() -> [Column; 6] {
    [
        Column::new("$/h", Some(Unit::UsdPerHour), "what was rented, at the prices on the label"),
        Column::of("surplus $/h", "cost_surplus_usd_per_hour"),
        Column::of("good msgs/s", "cost_good_msgs_per_s"),
        Column::of("$/million sticker", "cost_sticker_usd_per_million"),
        Column::of("$/million with credits", "cost_credit_aware_usd_per_million"),
        Column::of("idle %", "cost_idle_percent"),
    ]
}

/// Medians of the valid trials.
fn priced(manifest: &Manifest, treatment: &TreatmentFindings, costs: &[Cost]) -> Row {
    let money = |of: fn(&Cost) -> Money| Cell::Money(median_of_money(costs.iter().map(of)));
    let number = |of: fn(&Cost) -> Option<f64>| {
        let all: Option<Vec<f64>> = costs.iter().map(of).collect();
        Cell::Median(Summary::of(all.into_iter().flatten().map(Reading::Value)))
    };
    let cells = [
        money(Cost::sticker_per_hour),
        money(|cost| cost.surplus_per_hour),
        number(|cost| Some(cost.good_per_second())),
        money(Cost::sticker_per_million),
        money(Cost::credit_aware_per_million),
        number(|cost| cost.idle_percent),
    ];
    row_that_must_hold(manifest, treatment, cells)
}

/// What is in the tables, what is not, and what a bill would add.
fn notes(manifest: &Manifest, findings: &Findings) -> Vec<String> {
    let prices = &manifest.prices;
    let dated = |(name, price): (&String, &Price)| {
        let when = if price.date.is_empty() { String::new() } else { format!("{}, ", price.date) };
        format!("{name} ${} ({when}{})", price.usd, price.source)
    };
    // A table of the user's own may hold hundreds that nothing here was rented at.
    let groups = findings.trials().flat_map(|trial| &trial.record.emulated);
    let used: BTreeSet<&str> = groups.map(|group| group.instance_type.name.as_str()).collect();
    let of_used = |(name, _): &(&String, &Price)| used.contains(name.as_str());
    let mut lines = vec![format!(
        "Prices of {}, in USD. An hour: {}.",
        prices.region,
        prices.instances.iter().filter(of_used).map(dated).collect::<Vec<_>>().join("; ")
    )];
    let surplus = prices.surplus.iter().filter(of_used);
    let all: Vec<String> = surplus.map(|(name, price)| format!("{name} ${}", price.usd)).collect();
    if !all.is_empty() {
        lines.push(format!(
            "A surplus vCPU-hour in unlimited mode, at max(0, use − baseline): {}.",
            all.join(", ")
        ));
    }
    let all = || findings.trials().filter_map(|trial| trial.cost.as_ref());
    lines.extend(all().any(|cost| !cost.basis.is_overload()).then(|| good(manifest)));
    lines.extend(parts(prices, &all()));
    lines.extend(without(manifest, findings));
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

/// Which messages the money of a steady trial is divided by.
fn good(manifest: &Manifest) -> String {
    let slos: Vec<String> = bounds(manifest).map(|(slo, _)| format!("`{}`", slo.text)).collect();
    let all = "In a steady trial each message counts that was due in the window and processed";
    if slos.is_empty() {
        return format!("{all}.");
    }
    format!(
        "{all}; of one that did not hold {}, only as many as would hold it with those that were within its bound.",
        slos.join(" or ")
    )
}

/// What is included and what is not: a price alone is not enough for storage, whose retention and replication must be known and have an end.
fn parts<'a>(prices: &Prices, costs: &(impl Iterator<Item = &'a Cost> + Clone)) -> Vec<String> {
    type Part = (&'static str, bool, fn(&Cost) -> Option<Money>);
    let parts: [Part; 3] = [
        ("brokers", prices.brokers.is_some(), |cost| cost.brokers_per_hour),
        ("storage", prices.storage.is_some(), |cost| cost.storage_per_hour),
        ("transfer", prices.cross_zone.is_some() || prices.cross_region.is_some(), |cost| {
            cost.transfer_per_hour
        }),
    ];
    let named = |wanted: &dyn Fn(bool, bool) -> bool| {
        let is = |(_, priced, of): &&Part| wanted(*priced, costs.clone().all(|cost| of(cost).is_some()));
        parts.iter().filter(is).map(|(name, ..)| *name).collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    let included = named(&|priced, said| priced && said);
    if !included.is_empty() {
        lines.push(format!("Included beside instances and their surplus credits: {included}."));
    }
    let unsaid = named(&|priced, said| priced && !said);
    if !unsaid.is_empty() {
        lines.push(format!(
            "Not included in every row, in spite of its price: {unsaid}; retention or replication of a topic is not known, or has no end."
        ));
    }
    let unpriced = named(&|priced, _| !priced);
    if !unpriced.is_empty() {
        lines.push(format!(
            "Not included, as it has no price: {unpriced}; support, monitoring and addresses never are."
        ));
    }
    lines
}

/// Treatments that no table has a row for, and why.
fn without(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let why = |treatment: &TreatmentFindings| match treatment.valid().count() {
        0 => "no valid trial",
        _ => {
            "it has no instance type or no price, its trials are partly steady and partly saturated, or nothing was processed within the SLO"
        }
    };
    let all: Vec<String> = findings
        .treatments
        .iter()
        .filter(|treatment| treatment.costs.is_none())
        .map(|treatment| format!("{} ({})", slug_name(manifest, findings, &treatment.slug), why(treatment)))
        .collect();
    (!all.is_empty()).then(|| format!("Not in a table, and compared with nothing: {}.", all.join("; ")))
}

/// The same in one paragraph; none where no cost can be said.
pub fn answer(manifest: &Manifest, findings: &Findings) -> Option<String> {
    any(findings).then(|| sentences(manifest, findings).join(" "))
}

/// Which configuration is the cheapest that holds the SLOs, by how much, and what would change that; one sentence a basis at the least.
pub fn sentences(manifest: &Manifest, findings: &Findings) -> Vec<String> {
    if !any(findings) {
        return Vec::new();
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
    said
}

fn sensitivity(manifest: &Manifest, findings: &Findings, tippings: &[Tipping]) -> String {
    let moved = |tipping: &&Tipping| {
        let way = if tipping.up { "up" } else { "down" };
        format!("{} {way} by {SENSITIVITY_PERCENT} %", tipping.price)
    };
    let (answers, behind): (Vec<_>, Vec<_>) = tippings.iter().partition(|tipping| tipping.answers);
    let answer = if answers.is_empty() {
        format!("No single price changes that by going {SENSITIVITY_PERCENT} % up or down.")
    } else {
        let named = |tipping: &&Tipping| {
            format!("{} ({})", moved(tipping), slug_name(manifest, findings, &tipping.cheapest))
        };
        format!("That changes with {}.", answers.iter().map(named).collect::<Vec<_>>().join("; "))
    };
    if behind.is_empty() {
        return answer;
    }
    let behind: Vec<String> = behind.iter().map(moved).collect();
    format!("{answer} The order behind the cheapest changes with {}.", behind.join("; "))
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
    use crate::record::{SloLine, testing::manifest};

    #[test]
    fn storage_without_an_end_is_not_said_to_be_included() {
        let cost = |storage_per_hour| Cost {
            basis: Basis::Offered,
            good: 1,
            window_ms: 1_000,
            acked: None,
            of_wire: true,
            instances_per_hour: Money::ZERO,
            surplus_per_hour: Money::ZERO,
            brokers_per_hour: Some(Money::ZERO),
            storage_per_hour,
            transfer_per_hour: None,
            idle_percent: None,
            settlement: None,
            minimum: None,
        };
        let prices =
            Prices { brokers: Some(Price::default()), storage: Some(Price::default()), ..Prices::default() };
        let said = |costs: &[Cost]| parts(&prices, &costs.iter()).join(" ");
        let known = said(&[cost(Some(Money::ZERO))]);
        assert!(
            known.contains("credits: brokers, storage.") && known.contains("no price: transfer;"),
            "{known}"
        );
        let unknown = said(&[cost(Some(Money::ZERO)), cost(None)]);
        assert!(
            unknown.contains("credits: brokers.") && unknown.contains("its price: storage;"),
            "{unknown}"
        );
    }

    #[test]
    fn the_slos_that_decide_which_messages_count_are_named() {
        let slo = |text: &str, metric: &str, comparison: &str, bound| SloLine {
            text: text.to_owned(),
            metric: metric.to_owned(),
            comparison: comparison.to_owned(),
            bound,
        };
        let mut manifest = manifest(&["a"]);
        assert!(good(&manifest).ends_with("due in the window and processed."));
        manifest.slos = vec![
            slo("p90(end_to_end) < 2s", "end_to_end_latency_p90_ms", "<", 2_000.0),
            slo("p99(end_to_end) <= 250ms", "end_to_end_latency_p99_ms", "<=", 250.0),
            slo("p99(end_to_end) > 1ms", "end_to_end_latency_p99_ms", ">", 1.0),
            slo("p99(ack) < 5ms", "ack_latency_p99_ms", "<", 5.0),
        ];
        let said = "of one that did not hold `p90(end_to_end) < 2s` or `p99(end_to_end) <= 250ms`, only";
        assert!(good(&manifest).contains(said), "{}", good(&manifest));
    }
}
