//! What one trial says and whether it is to be believed.

use std::collections::BTreeMap;

use super::aftermath::{self, Aftermath};
use super::calibration;
use super::cost::Basis;
use super::doubt::Doubt;
use super::doubts::doubts;
use super::facts::{Facts, WindowFacts};
use super::limiting::{self, Limit};
use super::metric;
use super::outcome::Outcome;
use super::priced::{self, Priced};
use super::reading::Reading;
use super::trend::backlog_trend;
use super::watched::Watched;
use super::width;
use crate::record::series::Rows;
use crate::record::{End, GroupTrace, Latencies, TrialRecord};
use crate::spec::{metrics, place};
use crate::stats::Slope;
use crate::units::{Latency, Quantile};

/// Two-sided confidence whose either side alone is 95 %.
const ONE_SIDED: f64 = 0.90;

/// What one trial says.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Whether it is to be believed.
    pub outcome: Outcome,
    /// Why not, or only with limits.
    pub doubts: Vec<Doubt>,
    /// Whether the backlog grew, or nothing but the clients' queues held the load back; none where that is not known.
    pub saturated: Option<bool>,
    /// Whether it grew (+1), fell (−1) or did neither (0).
    pub trend: Option<i8>,
    /// What bound it; none of a trial that has no window and was not ended by what bound it.
    pub limit: Option<Limit>,
    /// Each metric's value, in the order of their columns.
    pub metrics: Vec<Reading>,
    /// What its window says; none where the trial did not complete it.
    pub window: Option<WindowFacts>,
    /// What it says of each group, the first one too, where `consumers` is a list: all above is of the first, the outcome of all.
    pub groups: Vec<(String, Judged)>,
    /// Whether what a million cost is only a bound of what it costs in the long run: under overload, and while credits last.
    pub cost_is_bound: bool,
    /// Numbers of the pages of others, by their names.
    pub scraped: BTreeMap<String, Reading>,
    /// For percentiles that are no column.
    latencies: BTreeMap<Latency, Watched>,
}

impl Judged {
    /// A metric's value by its name; also a percentile that is no column, such as `ack_latency_p95_ms`.
    pub fn metric(&self, name: &str) -> Reading {
        match place(name) {
            Some(at) => self.metrics[at],
            None => percentile(name)
                .and_then(|(latency, quantile)| Some(self.latencies.get(&latency)?.read(quantile)))
                .or_else(|| self.scraped.get(name).copied())
                .unwrap_or(Reading::Empty),
        }
    }

    /// Writes in what a trial cost and when its credits ran out: metrics that its window does not say. Money is of the trial, for each of its groups too.
    pub fn price(&mut self, all: Priced<'_>) {
        self.cost_is_bound = all.cost.is_some_and(|cost| cost.basis != Basis::Offered);
        for (metric, reading) in metrics().iter().zip(&mut self.metrics) {
            if let Some(priced) = priced::read(&metric.name, all) {
                *reading = priced;
            }
        }
        for (_, group) in &mut self.groups {
            group.price(all);
        }
    }

    /// Writes in what the events of a trial did, the worst of each: metrics that its window does not say.
    pub fn put_aftermaths(&mut self, all: &[Aftermath]) {
        if all.is_empty() {
            return;
        }
        for (name, least, of) in aftermath::METRICS {
            let worst = aftermath::worst(all, of);
            for (name, reading) in [(name, worst), (least, worst.beyond().into())] {
                if let Some(at) = place(name) {
                    self.metrics[at] = reading;
                }
            }
        }
    }

    /// Whether a percentile of a latency that counts from due lies above the bound however much of it was bench's own lateness; true of any other metric
    /// too, which has no such part.
    pub fn is_above_without_send_delay(&self, name: &str, bound_ms: f64) -> bool {
        let from_due = |latency| {
            matches!(
                latency,
                Latency::Ack | Latency::Receive | Latency::EndToEnd | Latency::Committed | Latency::Output
            )
        };
        let Some((latency, quantile)) = percentile(name).filter(|(latency, _)| from_due(*latency)) else {
            return true;
        };
        let (Some(watched), Some(delay)) =
            (self.latencies.get(&latency), self.latencies.get(&Latency::SendDelay))
        else {
            return true;
        };
        watched.is_above_without(delay, quantile, bound_ms)
    }

    /// How much less a lag may be than was read, as messages were acked meanwhile, or time passed; 0 where nothing is known of it, and of what is no lag.
    pub fn lag_width(&self, name: &str) -> f64 {
        if ["lag_", "time_lag_"].iter().any(|start| name.starts_with(start)) { self.width(name) } else { 0.0 }
    }

    /// How far at most what was there lies from what was read, of a metric that has a column for it; 0 of others, and where nothing is known of it.
    pub fn width(&self, name: &str) -> f64 {
        let column = width::of(name).filter(|column| place(column).is_some());
        column.and_then(|column| self.metric(&column).value()).unwrap_or(0.0)
    }

    /// How far the slope that a metric is may lie to either side, at 95 % each: t·s with the error of Newey and West; none where it is no slope, or none
    /// could be reckoned.
    pub fn slope_error(&self, name: &str) -> Option<f64> {
        let window = self.window.as_ref()?;
        let [backlog, lag] = window.slope_errors;
        let half = |slope: Slope| slope.interval(ONE_SIDED).half_width();
        match name {
            "backlog_slope_msgs_per_s" => backlog.map(half),
            "lag_slope_msgs_per_s" => lag.map(half),
            "lag_trend_percent" if window.due > 0 => {
                lag.map(|lag| half(lag) * 100.0 * window.seconds / window.due as f64)
            }
            _ => None,
        }
    }

    /// Messages due in the window whose latency is known and within the bound; none where that latency was not watched.
    pub fn within(&self, latency: Latency, bound_ms: f64) -> Option<u64> {
        self.latencies.get(&latency).map(|watched| watched.within(bound_ms))
    }
}

/// Judges one trial, by its first group.
pub fn judge(record: &TrialRecord, rows: impl Rows, latencies: &Latencies) -> Judged {
    let facts = Facts::new(record, rows, latencies);
    let metrics = metric::read(&facts);
    // A trial that was cut short says why by its end; doubts about its window would be about something that was not there.
    let mut doubts = if record.end == End::Completed { doubts(&facts) } else { Vec::new() };
    if record.end == End::Completed {
        doubts.extend(calibration::doubts(record));
        doubts.sort_by_key(|doubt| !doubt.spoils);
    }
    let trend = backlog_trend(&facts);
    let limit = limiting::limit(&facts, rows, &doubts);
    Judged {
        outcome: Outcome::of(&record.end, &doubts),
        doubts,
        saturated: match &facts.window {
            Some(_) if facts.is_saturating() => Some(true),
            _ => trend.map(|trend| trend > 0),
        },
        trend: if facts.window.is_some() && facts.is_saturating() { Some(1) } else { trend },
        limit,
        metrics,
        window: facts.window,
        groups: Vec::new(),
        cost_is_bound: false,
        scraped: BTreeMap::new(),
        latencies: facts.latencies,
    }
}

/// Judges one trial by all its groups; `further` is what was seen of those beyond the first. What spoils one of them spoils the trial.
pub fn judge_groups(
    record: &TrialRecord,
    rows: impl Rows,
    latencies: &Latencies,
    further: &[GroupTrace],
) -> Judged {
    let mut whole = judge(record, rows, latencies);
    let Some((first, rest)) = record.groups.split_first() else {
        return whole;
    };
    let mut groups = vec![(first.group.clone(), whole.clone())];
    for (group, trace) in rest.iter().zip(further) {
        let mut of_group = latencies.of_producers();
        of_group.merge(&trace.latencies);
        let judged = judge(&record.of_group(group), &trace.rows, &of_group);
        for doubt in judged.doubts.iter().filter(|doubt| doubt.spoils) {
            // What is true of the host or the load is told once.
            if whole.doubts.iter().all(|known| known.id != doubt.id) {
                let what = format!("group `{}`: {}", group.group, doubt.what);
                whole.doubts.push(Doubt { what, ..doubt.clone() });
            }
        }
        groups.push((group.group.clone(), judged));
    }
    whole.doubts.sort_by_key(|doubt| !doubt.spoils);
    whole.outcome = Outcome::of(&record.end, &whole.doubts);
    for (_, judged) in &mut groups {
        judged.outcome = whole.outcome;
    }
    whole.groups = groups;
    whole
}

fn percentile(name: &str) -> Option<(Latency, Quantile)> {
    if let Some(latency) = name.strip_suffix("_max_ms").and_then(Latency::from_name) {
        return Some((latency, Quantile::Max));
    }
    let (latency, percent) = name.strip_suffix("_ms")?.rsplit_once("_p")?;
    let percent: f64 = percent.replace('_', ".").parse().ok()?;
    let part = percent / 100.0;
    (part > 0.0 && part < 1.0).then_some((Latency::from_name(latency)?, Quantile::At(part)))
}

#[cfg(test)]
mod tests;
