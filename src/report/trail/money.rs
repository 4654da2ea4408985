//! What a million messages cost, and who is the cheapest.

use serde_json::{Value, json};

use super::{Given, Of, TRIALS, Trail, nth, told};
use crate::analyse::{
    Basis, Cost, Lead, Ranking, SENSITIVITY_PERCENT, Tipping, TreatmentFindings, TrialFindings, in_table,
    median_of_money,
};
use crate::report::number::{money, plain};
use crate::spec::Metric;
use crate::units::Money;

/// A column, and how it is read.
type Column = (&'static str, fn(&Cost) -> Option<Money>);

/// The columns that add up to what is paid in an hour.
const PER_HOUR: [Column; 5] = [
    ("cost_instances_usd_per_hour", |cost| Some(cost.instances_per_hour)),
    ("cost_surplus_usd_per_hour", |cost| Some(cost.surplus_per_hour)),
    ("cost_brokers_usd_per_hour", |cost| cost.brokers_per_hour),
    ("cost_storage_usd_per_hour", |cost| cost.storage_per_hour),
    ("cost_transfer_usd_per_hour", |cost| cost.transfer_per_hour),
];
const SURPLUS: usize = 1;
const GOOD: &str = "cost_good_msgs_per_s";

/// The parts of one trial's cost, and the division.
fn of_trial(trial: &TrialFindings, sticker: bool) -> Option<(Vec<Given>, String)> {
    let (name, cost) = (trial.record.trial.as_str(), trial.cost.as_ref()?);
    let parts: Vec<(&str, Money)> = PER_HOUR
        .iter()
        .enumerate()
        .filter(|(at, _)| !(sticker && *at == SURPLUS))
        .filter_map(|(_, (column, of))| Some((*column, of(cost)?)))
        .collect();
    let good = Metric::written(GOOD).map(|metric| in_table(&metric, trial.metric(GOOD))).unwrap_or_default();
    let mut rows: Vec<Given> =
        parts.iter().map(|(column, amount)| Given::new(name, TRIALS, column, amount.to_string())).collect();
    rows.push(Given::new(name, TRIALS, GOOD, good.clone()));
    let amounts: Vec<String> = parts.iter().map(|(_, amount)| amount.to_string()).collect();
    let each = of_million(cost, sticker);
    Some((rows, format!("{name}: 10⁶ × ({}) ÷ (3600 × {good}) = {each}", amounts.join(" + "))))
}

fn of_million(cost: &Cost, sticker: bool) -> Money {
    if sticker { cost.sticker_per_million() } else { cost.credit_aware_per_million() }
}

/// Median of a treatment's trials.
fn median(of: Of<'_>, slug: &str, sticker: bool) -> Option<(Basis, Money)> {
    let (basis, costs) = of.treatment(slug)?.costs.as_ref()?;
    Some((*basis, median_of_money(costs.iter().map(|cost| of_million(cost, sticker)))?))
}

pub(super) fn cost(of: Of<'_>, slug: &str, sticker: bool) -> Option<Trail> {
    let (basis, amount) = median(of, slug, sticker)?;
    let (mut rows, mut arithmetic) = (Vec::new(), Vec::new());
    for (given, step) in of.treatment(slug)?.valid().filter_map(|trial| of_trial(trial, sticker)) {
        rows.extend(given);
        arithmetic.push(step);
    }
    let n = arithmetic.len();
    let which = if n.is_multiple_of(2) {
        format!("the mean of {} and {}", nth(n / 2), nth(n / 2 + 1))
    } else {
        nth(n / 2 + 1)
    };
    let shown = money(amount);
    arithmetic.push(format!("median: {which} of {n} in order of size, {amount}: {shown}"));
    let label = if sticker { "at the prices on the label" } else { "with surplus credits" };
    Some(Trail {
        kind: "cost",
        what: format!("what a million messages cost{}, {label}, basis {}", of.with(slug), basis.name()),
        rows,
        arithmetic,
        shown: vec![shown],
        told: told([
            ("treatment", json!(slug)),
            ("basis", json!(basis.name())),
            ("sticker", json!(sticker)),
            ("value", json!(amount.as_dollars())),
        ]),
    })
}

pub(super) fn less(of: Of<'_>, slug: &str, than: &str) -> Option<Trail> {
    let ((_, low), (_, high)) = (median(of, slug, false)?, median(of, than, false)?);
    let percent = 100.0 * (1.0 - low.as_dollars() / high.as_dollars());
    let shown = format!("{} %", plain(percent));
    Some(Trail {
        kind: "less",
        what: format!("by how much it costs less{} than{}", of.with(slug), of.with(than)),
        rows: Vec::new(),
        arithmetic: vec![format!("100 × (1 − {low} ÷ {high}) = {percent:.6}: {shown}")],
        shown: vec![shown],
        told: told([("treatment", json!(slug)), ("than", json!(than)), ("value", json!(percent))]),
    })
}

fn found(of: Of<'_>, basis: Basis) -> Option<&(Ranking, Vec<Tipping>)> {
    of.findings.rankings.iter().find(|(ranking, _)| ranking.basis == basis)
}

pub(super) fn ranking(of: Of<'_>, basis: Basis) -> Option<Trail> {
    let (ranking, _) = found(of, basis)?;
    let leads: Vec<Option<Lead>> =
        std::iter::once(None).chain(ranking.leads().map(|(_, lead)| Some(lead))).collect();
    let line = |(one, lead): (&crate::analyse::Ranked, &Option<Lead>)| {
        let apart = match lead {
            None => String::new(),
            Some(lead) => format!(", behind the cheapest: {}", lead.name().replace('_', " ")),
        };
        let name = of.with(&one.slug);
        let name = name.strip_prefix(" with ").unwrap_or(&one.slug);
        format!(
            "{name}: {} (trials from {} to {}, emulated share off by {} % at most){apart}",
            one.credit_aware,
            one.least,
            one.most,
            plain(one.off_percent)
        )
    };
    let order: Vec<&str> = ranking.order.iter().map(|one| one.slug.as_str()).collect();
    let names: Vec<Option<&str>> = leads.iter().map(|lead| lead.map(Lead::name)).collect();
    let column = "cost_credit_aware_usd_per_million";
    let each =
        ranking.order.iter().filter_map(|one| of.treatment(&one.slug)).flat_map(TreatmentFindings::valid);
    let row = |trial: &TrialFindings| {
        let amount = trial.cost.as_ref().map(|cost| of_million(cost, false).to_string());
        Given::new(&trial.record.trial, TRIALS, column, amount.unwrap_or_default())
    };
    Some(Trail {
        kind: "ranking",
        what: format!("all that are compared on the basis {}, cheapest first", basis.name()),
        rows: each.map(row).collect(),
        arithmetic: ranking.order.iter().zip(&leads).map(line).collect(),
        shown: Vec::new(),
        told: told([("basis", json!(basis.name())), ("value", json!(order)), ("leads", json!(names))]),
    })
}

pub(super) fn sensitivity(of: Of<'_>, basis: Basis) -> Option<Trail> {
    let (_, tippings) = found(of, basis)?;
    let line = |one: &Tipping| {
        let way = if one.up { "up" } else { "down" };
        format!("{} {way} by {SENSITIVITY_PERCENT} %: {}", one.price, one.order.join(", then "))
    };
    let mut arithmetic: Vec<String> = tippings.iter().map(line).collect();
    if arithmetic.is_empty() {
        arithmetic.push("no price changes the order of what is told apart".to_owned());
    }
    let prices: Vec<Value> = tippings
        .iter()
        .map(|one| {
            json!({ "price": one.price, "up": one.up, "cheapest": one.cheapest, "answers": one.answers, "order": one.order })
        })
        .collect();
    Some(Trail {
        kind: "sensitivity",
        what: format!(
            "the order on the basis {} with each price moved by {SENSITIVITY_PERCENT} %",
            basis.name()
        ),
        rows: Vec::new(),
        arithmetic,
        shown: Vec::new(),
        told: told([("basis", json!(basis.name())), ("value", json!(prices))]),
    })
}

pub(super) fn standing(of: Of<'_>, slug: &str) -> Option<Trail> {
    let treatment = of.treatment(slug)?;
    let column = "cost_basis";
    let row = |trial: &TrialFindings| {
        let basis = trial.cost.as_ref().map(|cost| cost.basis.name());
        Given::new(&trial.record.trial, TRIALS, column, basis.unwrap_or_default())
    };
    let verdicts: Vec<String> = of
        .manifest
        .slos
        .iter()
        .zip(&treatment.verdicts)
        .map(|(slo, verdict)| format!("`{}` {}", slo.text, verdict.name()))
        .collect();
    let mut arithmetic = vec![format!(
        "{} valid trials, load {}, verdicts: {}",
        treatment.valid().count(),
        treatment.load.name(),
        if verdicts.is_empty() { "none".to_owned() } else { verdicts.join(", ") }
    )];
    arithmetic.push(format!("so it stands as: {}", treatment.standing.name()));
    Some(Trail {
        kind: "standing",
        what: format!("where it stands{}", of.with(slug)),
        rows: treatment.valid().map(row).collect(),
        arithmetic,
        shown: Vec::new(),
        told: told([("treatment", json!(slug)), ("value", json!(treatment.standing.name()))]),
    })
}
