//! The price of a trial: what its instances, brokers and bytes cost in an hour like its window, and which of its messages count.

use super::cost::{Basis, Cost};
use super::judge::Judged;
use crate::catalogue::Rules;
use crate::record::{EmulatedGroup, EmulatedInstance, Manifest, SloLine, TrialRecord};
use crate::spec::Comparison;
use crate::units::{CreditMode, Latency, Money, Prices};

const MILLION: u128 = 1_000_000;
const HOUR_MS: u128 = 3_600_000;
/// An instance is billed for a minute at least.
const LEAST_BILLED_S: f64 = 60.0;
/// Hours of a month, as providers count storage: 365 · 24 / 12.
const MONTH_HOURS: u128 = 730;
/// Bytes of a gigabyte as it is billed.
const GIGABYTE: u128 = 1_000_000_000;
/// A zone is crossed out of one and into another: both directions are billed.
const ZONE_DIRECTIONS: u128 = 2;

impl Cost {
    /// Of a trial that completed its window, at these prices; none where no instance type was emulated, a rent is not known, or nothing was processed.
    pub fn of(record: &TrialRecord, judged: &Judged, manifest: &Manifest, prices: &Prices) -> Option<Self> {
        let window = judged.window.as_ref()?;
        if record.emulated.is_empty() {
            return None;
        }
        let basis = if judged.saturated? { Basis::Overload } else { Basis::Offered };
        let good = match basis {
            Basis::Overload => window.processed?,
            Basis::Offered => {
                let bound_ms = tightest_slo(manifest).map_or(f64::INFINITY, |slo| slo.bound);
                judged.within(Latency::EndToEnd, bound_ms)?
            }
        };
        let window_ms = (window.seconds * 1e3).round() as u64;
        let groups = &record.emulated;
        let sum = |of: &dyn Fn(&EmulatedGroup, &EmulatedInstance) -> Option<Money>| {
            let each = groups.iter().flat_map(|group| group.instances.iter().map(move |one| (group, one)));
            each.map(|(group, one)| of(group, one)).sum::<Option<Money>>()
        };
        let rent =
            |group: &EmulatedGroup| prices.instances.get(&group.instance_type.name).map(|price| price.usd);
        let up_ms = |one: &EmulatedInstance| (one.window_up_s * 1e3).round() as u128;
        let bytes_per_hour =
            u128::from(window.acked.unwrap_or_default()) * u128::from(record.asked.message_bytes) * HOUR_MS
                / u128::from(window_ms.max(1));
        let cost = Cost {
            basis,
            good,
            window_ms,
            instances_per_hour: sum(&|group, one| {
                Some(rent(group)?.times(up_ms(one), u128::from(window_ms)))
            })?,
            surplus_per_hour: sum(&|group, one| surplus(group, one, prices, window_ms))?,
            brokers_per_hour: prices
                .brokers
                .as_ref()
                .map(|price| price.usd.times(u128::from(manifest.cluster.count.max(1)), 1)),
            storage_per_hour: storage(record, manifest, prices, bytes_per_hour),
            transfer_per_hour: transfer(prices, bytes_per_hour),
            idle_percent: idle(groups, rent),
            settlement: sum(&|group, one| settlement(group, one, prices)),
            minimum: sum(&|group, one| {
                let missing_s = (LEAST_BILLED_S - one.up_s?).max(0.0);
                Some(rent(group)?.times((missing_s * 1e3).round() as u128, HOUR_MS))
            }),
        };
        (good > 0).then_some(cost)
    }
}

/// The SLO that sets the tightest bound on end-to-end latency, whatever percentile it speaks of: what each message within it keeps.
pub fn tightest_slo(manifest: &Manifest) -> Option<&SloLine> {
    let bounds = manifest.slos.iter().filter(|slo| {
        let upper = matches!(slo.comparison(), Some(Comparison::Below | Comparison::AtMost));
        upper && slo.metric.starts_with("end_to_end_latency_") && slo.metric.ends_with("_ms")
    });
    bounds.min_by(|a, b| a.bound.total_cmp(&b.bound))
}

/// Surplus of an instance in an hour like the window. None only where its price is not known and it took some.
fn surplus(group: &EmulatedGroup, one: &EmulatedInstance, prices: &Prices, window_ms: u64) -> Option<Money> {
    let (Some(rules), Some(CreditMode::Unlimited)) = (Rules::of(&group.instance_type), group.credit_mode)
    else {
        return Some(Money::ZERO);
    };
    // Of the full-size instance, where it is known: an emulated one's overhead weighs more the smaller its share of a core is.
    let used = one.full_size_vcpus.or(one.used_vcpus)?.min(f64::from(rules.vcpus));
    let used = (used * 1e6).round() as u64;
    let above = used.saturating_sub(rules.baseline());
    if above == 0 {
        return Some(Money::ZERO);
    }
    let price = prices.surplus.get(&group.instance_type.name)?.usd;
    let up_ms = (one.window_up_s * 1e3).round() as u128;
    Some(price.times(u128::from(above) * up_ms, MILLION * u128::from(window_ms)))
}

fn settlement(group: &EmulatedGroup, one: &EmulatedInstance, prices: &Prices) -> Option<Money> {
    if group.credit_mode != Some(CreditMode::Unlimited) {
        return Some(Money::ZERO);
    }
    if group.time_scale != 1 {
        return None;
    }
    let credits = one.surplus_credits? + one.charged_credits?;
    let price = prices.surplus.get(&group.instance_type.name)?.usd;
    // Sixty credits are a vCPU-hour.
    Some(price.times((credits * 1e6).round() as u128, 60 * MILLION))
}

/// What comes in stays for the topic's retention, in each replica: that much is kept in the long run.
fn storage(
    record: &TrialRecord,
    manifest: &Manifest,
    prices: &Prices,
    bytes_per_hour: u128,
) -> Option<Money> {
    let price = prices.storage.as_ref()?.usd;
    let retention_ms: u128 = manifest.topics.get(&record.treatment)?.get("retention.ms")?.parse().ok()?;
    let replicas = u128::from(record.asked.replication?);
    let kept = bytes_per_hour * retention_ms / HOUR_MS * replicas;
    Some(price.times(kept, GIGABYTE * MONTH_HOURS))
}

fn transfer(prices: &Prices, bytes_per_hour: u128) -> Option<Money> {
    let milli = |crossings: Option<f64>| (crossings.unwrap_or(1.0) * 1e3).round() as u128;
    let zone = prices.cross_zone.as_ref().map(|price| {
        price.usd.times(bytes_per_hour * ZONE_DIRECTIONS * milli(prices.zone_crossings), GIGABYTE * 1_000)
    });
    let region = prices
        .cross_region
        .as_ref()
        .map(|price| price.usd.times(bytes_per_hour * milli(prices.region_crossings), GIGABYTE * 1_000));
    match (zone, region) {
        (None, None) => None,
        (zone, region) => Some(zone.unwrap_or_default() + region.unwrap_or_default()),
    }
}

fn idle(groups: &[EmulatedGroup], rent: impl Fn(&EmulatedGroup) -> Option<Money>) -> Option<f64> {
    let (mut paid, mut idle) = (0.0, 0.0);
    for group in groups {
        let price = rent(group)?.as_dollars();
        for one in &group.instances {
            let (used, allowed) = (one.used_vcpus?, one.allowed_vcpus?);
            paid += price;
            idle += price * (1.0 - used / allowed.max(f64::EPSILON)).clamp(0.0, 1.0);
        }
    }
    (paid > 0.0).then(|| idle / paid * 100.0)
}

#[cfg(test)]
mod tests;
