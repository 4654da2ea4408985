//! What a million messages cost: a table for each basis, and what is in it.

use super::rows::{columns, row_that_must_hold};
use super::{cheapest, prices};
use crate::analyse::{Basis, Cost, Findings, Reading, Summary, TreatmentFindings, bounds, median_of_money};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Figure, Row, Section, Table};
use crate::report::number::money;
use crate::spec::Unit;
use crate::units::{Money, Prices};

/// Under a heading that says what was emulated, with the answer where it does not stand above; none where no cost can be said.
pub fn section(
    manifest: &Manifest,
    findings: &Findings,
    emulated: &str,
    (from, answer): (usize, Vec<String>),
    figure: Option<Figure>,
) -> Option<Section> {
    if !any(findings) {
        return None;
    }
    let mut section = Section::new("cost", format!("Cost{emulated}"));
    section.claim(from, answer);
    for (title, table) in tables(manifest, findings) {
        section.say([title]);
        section.table(table);
    }
    if let Some(figure) = figure {
        section.figure(figure);
    }
    section.say(["Prices, and what was taken of each in an hour like the window."]);
    section.table(prices::sheet(manifest, findings));
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
        let (id, title) = headed(basis);
        if !rows.is_empty() {
            tables.push((title, Table { id, columns: columns(manifest, priced_columns(basis)), rows }));
        }
    }
    tables
}

/// A name that stays, and what is above the table.
const fn headed(basis: Basis) -> (&'static str, &'static str) {
    match basis {
        Basis::Offered => {
            ("cost_offered", "Basis offered: messages due in the window and processed, of steady trials.")
        }
        Basis::OfferedOnCredits => (
            "cost_offered_on_credits",
            "Basis offered, while credits last: messages due in the window and processed, of steady trials whose instances spent more credits than they earned; no capacity.",
        ),
        Basis::Overload => (
            "cost_overload",
            "Basis overload: messages processed in the window of saturated trials; the least that a million can cost.",
        ),
        Basis::OverloadOnCredits => (
            "cost_overload_on_credits",
            "Basis overload, on credits: messages processed in the window of saturated trials whose instances spent more credits than they earned.",
        ),
    }
}

fn priced_columns(basis: Basis) -> [Column; 7] {
    let divided = if basis.is_overload() { "processed msgs/s" } else { "good msgs/s" };
    [
        Column::new("$/h", Some(Unit::UsdPerHour), "what was rented, at the prices on the label"),
        Column::of("surplus $/h", "cost_surplus_usd_per_hour"),
        Column::of(divided, "cost_good_msgs_per_s"),
        Column::of("$/million sticker", "cost_sticker_usd_per_million"),
        Column::of("$/million with credits", "cost_credit_aware_usd_per_million"),
        Column::of("idle %", "cost_idle_percent"),
        Column::new("stands", None, "whether it holds what must hold, and if it is not ranked, why"),
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
        Cell::Label(treatment.standing.name().to_owned()),
    ];
    row_that_must_hold(manifest, treatment, cells)
}

/// What is in the tables, what is not, and what a bill would add.
fn notes(manifest: &Manifest, findings: &Findings) -> Vec<String> {
    let prices = &manifest.prices;
    let mut lines = Vec::new();
    let all = || findings.trials().filter_map(|trial| trial.cost.as_ref());
    lines.extend(all().any(|cost| !cost.basis.is_overload()).then(|| good(manifest)));
    lines.extend(parts(prices, &all()));
    let carried = all()
        .any(|cost| !cost.of_wire && (cost.storage_per_hour.is_some() || cost.transfer_per_hour.is_some()));
    lines.extend(carried.then(|| {
        "Storage and transfer count payloads alone where the clients did not tell what went over the wire: keys, headers and compression are not in it."
            .to_owned()
    }));
    lines.extend(cheapest::not_compared(manifest, findings));
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
        let mut why = Vec::new();
        if unsaid.contains("storage") {
            why.push("retention or replication of a topic is not known, or has no end");
        }
        if unsaid.contains("transfer") {
            why.push("what crossed a border was not read in every trial");
        }
        let why: Vec<String> = why.into_iter().map(|why| format!("; {why}")).collect();
        lines.push(format!("Not included in every row, in spite of its price: {unsaid}{}.", why.concat()));
    }
    let unpriced = named(&|priced, _| !priced);
    if !unpriced.is_empty() {
        lines.push(format!(
            "Not included, as it has no price: {unpriced}; support, monitoring and addresses never are."
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::SloLine;
    use crate::record::testing::manifest;
    use crate::units::Price;

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
