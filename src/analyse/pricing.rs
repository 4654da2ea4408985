//! The price of a trial: what its instances, brokers and bytes cost in an hour like its window, and which of its messages count.

use std::collections::BTreeSet;

use super::cost::{Basis, Cost};
use super::credits::{on_credits, use_of};
use super::judge::Judged;
use super::verdict::Verdict;
use crate::catalogue::Rules;
use crate::record::{Away, EmulatedGroup, EmulatedInstance, Manifest, SloLine, TrialRecord};
use crate::spec::{Comparison, Metric};
use crate::units::{CreditMode, HOUR_MS, Latency, Money, Price, Prices, Quantile};

const MILLION: u128 = 1_000_000;
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
        let counted = Counted::of(record, judged, manifest)?;
        counted.at(record, manifest, prices)
    }

    /// The same trial at other prices.
    pub fn at(&self, record: &TrialRecord, manifest: &Manifest, prices: &Prices) -> Option<Self> {
        let Cost { basis, good, window_ms, acked, .. } = *self;
        Counted { basis, good, window_ms, acked }.at(record, manifest, prices)
    }
}

/// What of a trial is counted, whatever the prices are.
struct Counted {
    basis: Basis,
    good: u64,
    window_ms: u64,
    acked: Option<u64>,
}

impl Counted {
    fn of(record: &TrialRecord, judged: &Judged, manifest: &Manifest) -> Option<Self> {
        let window = judged.window.as_ref()?;
        if record.emulated.is_empty() {
            return None;
        }
        let basis = Basis::of(judged.saturated?, on_credits(record));
        // What a program that is not ours has processed is told by its commits, and no SLO bounds its latency.
        let by_commits = record.followed.is_some();
        let good =
            if basis.is_overload() || by_commits { window.processed? } else { good(judged, manifest)? };
        let window_ms = (window.seconds * 1e3).round() as u64;
        (good > 0).then_some(Counted { basis, good, window_ms, acked: window.acked })
    }

    fn at(&self, record: &TrialRecord, manifest: &Manifest, prices: &Prices) -> Option<Cost> {
        let Counted { basis, good, window_ms, acked } = *self;
        let groups = &record.emulated;
        let sum = |of: &dyn Fn(&EmulatedGroup, &EmulatedInstance) -> Option<Money>| {
            let each = groups.iter().flat_map(|group| group.instances.iter().map(move |one| (group, one)));
            each.map(|(group, one)| of(group, one)).sum::<Option<Money>>()
        };
        let rent = |group: &EmulatedGroup, one: &EmulatedInstance| {
            let hour = prices.instances.get(&group.instance_type.name)?.usd;
            let up_ms = (one.window_up_s * 1e3).round() as u128;
            let (part, whole) = size(record, group);
            Some(hour.times(up_ms * part, u128::from(window_ms) * whole))
        };
        let instances_per_hour = sum(&rent)?;
        let surplus_per_hour = sum(&|group, one| {
            let (part, whole) = size(record, group);
            Some(surplus(group, one, prices, window_ms)?.times(part, whole))
        })?;
        let bytes = Bytes::of(record, acked, window_ms);
        let per_hour = bytes.map(|bytes| bytes.per_hour);
        Some(Cost {
            basis,
            good,
            window_ms,
            acked,
            instances_per_hour,
            surplus_per_hour,
            brokers_per_hour: prices
                .brokers
                .as_ref()
                .map(|price| price.usd.times(u128::from(manifest.cluster.count.max(1)), 1)),
            storage_per_hour: per_hour.and_then(|bytes| storage(record, manifest, prices, bytes)),
            transfer_per_hour: transfer(record, prices, per_hour),
            of_wire: bytes.is_some_and(|bytes| bytes.of_wire),
            idle_percent: idle(groups, rent, instances_per_hour + surplus_per_hour),
            settlement: sum(&|group, one| settlement(group, one, prices)),
            minimum: sum(&|group, one| {
                let hour = prices.instances.get(&group.instance_type.name)?.usd;
                let missing_s = (LEAST_BILLED_S - one.up_s?).max(0.0);
                Some(hour.for_seconds(missing_s))
            }),
        })
    }
}

/// How large an instance was beside one of its type, as a part and a whole. The reference consumer does as much as the full-size instance would; a program that
/// is not ours has a part of a core for each vCPU, does as much less, and so much less of the money is for what it did.
fn size(record: &TrialRecord, group: &EmulatedGroup) -> (u128, u128) {
    match record.followed {
        Some(_) => ((group.vcpu_percent * 1e4).round() as u128, MILLION),
        None => (1, 1),
    }
}

/// Messages due in the window that count: those that were processed. An SLO on end-to-end latency that the trial did not hold takes away from them: an SLO
/// on p99 asks that 99 % are within its bound, so as many count as would hold it with those that are, 100 for each 99. So an SLO takes nobody away that
/// holds, the bound of p50 takes away only half of what a bound of all takes, and nothing jumps where an SLO begins to break.
fn good(judged: &Judged, manifest: &Manifest) -> Option<u64> {
    let processed = judged.within(Latency::EndToEnd, f64::INFINITY)?;
    let of = |(slo, part): (&SloLine, f64)| {
        let within = judged.within(Latency::EndToEnd, slo.bound)?;
        Some((within as f64 / part) as u64)
    };
    let broken = bounds(manifest).filter(|(slo, _)| Verdict::of_trial(slo, judged) != Verdict::Held);
    Some(broken.filter_map(of).fold(processed, u64::min))
}

/// The SLOs that decide which messages of a steady trial count: those that bound end-to-end latency from above, each with the part of the messages that it
/// speaks of, from 0 to 1.
pub fn bounds(manifest: &Manifest) -> impl Iterator<Item = (&SloLine, f64)> {
    manifest.slos.iter().filter_map(|slo| {
        let upper = matches!(slo.comparison(), Some(Comparison::Below | Comparison::AtMost));
        match Metric::written(&slo.metric)?.quantile()? {
            (Latency::EndToEnd, Quantile::At(part)) if upper => Some((slo, part)),
            (Latency::EndToEnd, Quantile::Max) if upper => Some((slo, 1.0)),
            _ => None,
        }
    })
}

/// What producers put on the wire in an hour like the window: compressed, with keys and headers. Payloads alone where nobody told of the wire.
#[derive(Clone, Copy)]
struct Bytes {
    per_hour: u128,
    of_wire: bool,
}

impl Bytes {
    fn of(record: &TrialRecord, acked: Option<u64>, window_ms: u64) -> Option<Self> {
        if let Some(wire) = record.wire.as_ref().filter(|wire| wire.seconds > 0.0) {
            let wire_ms = (wire.seconds * 1e3).round() as u128;
            let per_hour = u128::from(wire.bytes) * HOUR_MS / wire_ms.max(1);
            return Some(Bytes { per_hour, of_wire: true });
        }
        let payload = u128::from(acked?) * u128::from(record.asked.message_bytes);
        Some(Bytes { per_hour: payload * HOUR_MS / u128::from(window_ms.max(1)), of_wire: false })
    }
}

/// Surplus of an instance in an hour like the window. None only where its price is not known and it took some.
fn surplus(group: &EmulatedGroup, one: &EmulatedInstance, prices: &Prices, window_ms: u64) -> Option<Money> {
    let (Some(rules), Some(CreditMode::Unlimited)) = (Rules::of(&group.instance_type), group.credit_mode)
    else {
        return Some(Money::ZERO);
    };
    if one.window_ran_s() <= 0.0 {
        return Some(Money::ZERO);
    }
    let used = use_of(one)?.min(f64::from(rules.vcpus));
    let used = (used * 1e6).round() as u64;
    let above = used.saturating_sub(rules.baseline());
    if above == 0 {
        return Some(Money::ZERO);
    }
    let price = prices.surplus.get(&group.instance_type.name)?.usd;
    let ran_ms = (one.window_ran_s() * 1e3).round() as u128;
    Some(price.times(u128::from(above) * ran_ms, MILLION * u128::from(window_ms)))
}

fn settlement(group: &EmulatedGroup, one: &EmulatedInstance, prices: &Prices) -> Option<Money> {
    let never_ran = one.surplus_credits.is_none() && one.window_ran_s() <= 0.0;
    if group.credit_mode != Some(CreditMode::Unlimited) || never_ran {
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

/// What comes in stays for the topic's retention, in each replica: that much is kept in the long run. Each partition keeps what comes within
/// `retention.ms`, and not more than `retention.bytes`; where neither has an end, nor a compacted topic, nothing can be said.
fn storage(
    record: &TrialRecord,
    manifest: &Manifest,
    prices: &Prices,
    bytes_per_hour: u128,
) -> Option<Money> {
    let price = prices.storage.as_ref()?.usd;
    let topic = manifest.topics.get(&record.treatment)?;
    let limit = |name: &str| topic.get(name).and_then(|limit| limit.parse::<u128>().ok());
    if topic.get("cleanup.policy").is_some_and(|policy| !policy.contains("delete")) {
        return None;
    }
    let (time_ms, most) = (limit("retention.ms"), limit("retention.bytes"));
    let in_time = |part: u128, whole: u128| Some(bytes_per_hour * part / whole.max(1) * time_ms? / HOUR_MS);
    let kept = |part, whole| match (in_time(part, whole), most) {
        (Some(in_time), Some(most)) => Some(in_time.min(most)),
        (in_time, most) => in_time.or(most),
    };
    let even = vec![1; record.asked.partitions as usize];
    let known = record.partitions.as_ref().map(|partitions| &partitions.acked_in_window);
    let shares = known.filter(|shares| shares.iter().any(|share| *share > 0)).unwrap_or(&even);
    let whole: u128 = shares.iter().map(|share| u128::from(*share)).sum();
    let replicas = replicas(record)?;
    let of_partition = |(at, share): (usize, &u64)| {
        Some(kept(u128::from(*share), whole)? * u128::from(*replicas.get(at).or(replicas.last())?))
    };
    let all: u128 = shares.iter().enumerate().map(of_partition).sum::<Option<_>>()?;
    Some(price.times(all, GIGABYTE * MONTH_HOURS))
}

/// Replicas by partition; one number where all have as many, none where it is not known.
fn replicas(record: &TrialRecord) -> Option<Vec<u16>> {
    if let Some(all) = record.asked.replication {
        return Some(vec![all]);
    }
    let mut each = Vec::new();
    for topic in &record.topics {
        each.extend(std::iter::repeat_n(topic.replication?, topic.partitions as usize));
    }
    (!each.is_empty()).then_some(each)
}

/// What crosses zones and regions costs for a million messages that were processed in the window; none where it has no price, was not read, or nothing was
/// processed. It is known also where no instance has a price, and is then no cost of the pipeline: the rest of that has none.
pub fn crossing(record: &TrialRecord, judged: &Judged, prices: &Prices) -> Option<Money> {
    let window = judged.window.as_ref()?;
    let processed = window.processed.filter(|processed| *processed > 0)?;
    let window_ms = (window.seconds * 1e3).round() as u64;
    let produced = Bytes::of(record, window.acked, window_ms).map(|bytes| bytes.per_hour);
    let per_hour = transfer(record, prices, produced)?;
    Some(per_hour.times(MILLION * u128::from(window_ms), u128::from(processed) * HOUR_MS))
}

/// What crosses zones and regions. Where roles were at a distance it is what a proxy carried for those who cross that border; else, and where the file says how
/// often, it is what was produced, as often.
fn transfer(record: &TrialRecord, prices: &Prices, produced_per_hour: Option<u128>) -> Option<Money> {
    let of = |border: &str, price: &Price, times: u128, crossings: Option<f64>| {
        let is_measured = crossings.is_none() && !record.network.is_empty();
        let bytes = if is_measured { carried(record, border)? } else { produced_per_hour? };
        let milli = (crossings.unwrap_or(1.0) * 1e3).round() as u128;
        Some(price.usd.times(bytes * times * milli, GIGABYTE * 1_000))
    };
    let zone =
        prices.cross_zone.as_ref().map(|price| of("zone", price, ZONE_DIRECTIONS, prices.zone_crossings));
    let region = prices.cross_region.as_ref().map(|price| of("region", price, 1, prices.region_crossings));
    [zone, region].into_iter().flatten().reduce(|zone, region| Some(zone? + region?)).flatten()
}

/// Bytes that a proxy carried across a border in an hour like the window, to the brokers and from them; none where that was not read. Who was moved by an
/// event crosses it for a part of the window.
fn carried(record: &TrialRecord, border: &str) -> Option<u128> {
    if record.moved_unread() {
        return None;
    }
    let roles: BTreeSet<&str> = record.network.iter().map(|away| away.role.as_str()).collect();
    let per_hour = |role: &str| {
        let own = || record.network.iter().filter(|away| away.role == role);
        let crosses = |away: &Away| away.crosses.as_deref() == Some(border);
        if !own().any(crosses) {
            return Some(0);
        }
        let (mut bytes, mut ms) = (0, 0);
        for away in own() {
            let carried = away.carried.filter(|carried| carried.seconds > 0.0)?;
            ms += (carried.seconds * 1e3).round() as u128;
            if crosses(away) {
                bytes += u128::from(carried.to_brokers_bytes) + u128::from(carried.from_brokers_bytes);
            }
        }
        Some(bytes * HOUR_MS / ms.max(1))
    };
    roles.into_iter().map(per_hour).sum()
}

/// Of all that is paid for instances: of the rent the part of their CPU that was allowed and not used; surplus credits were all used.
fn idle(
    groups: &[EmulatedGroup],
    rent: impl Fn(&EmulatedGroup, &EmulatedInstance) -> Option<Money>,
    paid: Money,
) -> Option<f64> {
    let mut idle = 0.0;
    for (group, one) in groups.iter().flat_map(|group| group.instances.iter().map(move |one| (group, one))) {
        if one.window_up_s > 0.0 {
            // Both as its account was kept: an instance that used all that it was allowed was not idle. One that boots is.
            let ran = one.window_ran_s() / one.window_up_s;
            let used = if ran > 0.0 { one.used_vcpus? / one.allowed_vcpus?.max(f64::EPSILON) } else { 0.0 };
            let unused = 1.0 - used * ran;
            idle += rent(group, one)?.as_dollars() * unused.clamp(0.0, 1.0);
        }
    }
    let paid = paid.as_dollars();
    (paid > 0.0).then(|| idle / paid * 100.0)
}

#[cfg(test)]
mod tests;
