//! How a metric is read that a trial's window does not say: what the trial cost, and when its credits ran out. What it is, `spec` declares.

use super::cost::Cost;
use super::knee::Knee;
use super::reading::Reading;
use crate::units::Money;

/// What of a trial has a price, or is about credits.
#[derive(Clone, Copy, Default)]
pub struct Priced<'a> {
    /// What it cost, where its instances have a price.
    pub cost: Option<&'a Cost>,
    /// When credits ran out.
    pub knee: Option<&'a Knee>,
    /// What crossed zones and regions, for a million messages.
    pub crossing: Option<Money>,
}

/// Its value; none of a metric that is not of this kind.
pub fn read(name: &str, Priced { cost, knee, crossing }: Priced<'_>) -> Option<Reading> {
    if name == CROSSING {
        return Some(usd(crossing).into());
    }
    let part = PARTS.iter().find(|(of, _)| *of == name).map(|(_, read)| cost.and_then(read).into());
    part.or_else(|| KNEES.iter().find(|(of, _)| *of == name).map(|(_, read)| knee.map(read).into()))
}

const CROSSING: &str = "crossing_usd_per_million";

type Part = (&'static str, fn(&Cost) -> Option<f64>);
type OfKnee = (&'static str, fn(&Knee) -> f64);

#[rustfmt::skip]
const PARTS: [Part; 11] = [
    ("cost_sticker_usd_per_million", |c| usd(Some(c.sticker_per_million()))),
    ("cost_credit_aware_usd_per_million", |c| usd(Some(c.credit_aware_per_million()))),
    ("cost_good_msgs_per_s", |c| Some(c.good_per_second())),
    ("cost_instances_usd_per_hour", |c| usd(Some(c.instances_per_hour))),
    ("cost_surplus_usd_per_hour", |c| usd(Some(c.surplus_per_hour))),
    ("cost_brokers_usd_per_hour", |c| usd(c.brokers_per_hour)),
    ("cost_storage_usd_per_hour", |c| usd(c.storage_per_hour)),
    ("cost_transfer_usd_per_hour", |c| usd(c.transfer_per_hour)),
    ("cost_idle_percent", |c| c.idle_percent),
    ("cost_settlement_usd", |c| usd(c.settlement)),
    ("cost_minimum_usd", |c| usd(c.minimum)),
];

const KNEES: [OfKnee; 2] = [("credit_knee_s", |k| k.found_s), ("credit_knee_predicted_s", |k| k.predicted_s)];

fn usd(money: Option<Money>) -> Option<f64> {
    money.map(Money::as_dollars)
}
