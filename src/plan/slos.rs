//! Which SLOs a treatment cannot decide, by its plan alone: told before anything runs.

use super::Treatment;
use super::doubt::PlanDoubt;
use crate::fault::Fault;
use crate::spec::{Arrivals, Client, Cluster, Comparison, Document, Fleet, Metric, Response, Settings, Slo};
use crate::units::{Latency, Prices, Quantile};

/// Standard deviations within which a number of messages that are due at random is taken to lie.
const SPREAD: f64 = 3.0;

/// Why there is no latency at `rate: max`, and what helps.
const NEVER_DUE: &str = "at `rate: max` a message is due when it is sent, and no latency counts from there";
const DUE: &str = "write a rate, or ask for `processed` or `refused`";

/// Why a treatment cannot decide an SLO.
struct Undecided {
    what: String,
    hint: String,
    /// Whether chance alone decides whether it can.
    perhaps: bool,
}

impl Undecided {
    fn surely(what: &str, hint: &str) -> Self {
        Undecided { what: what.to_owned(), hint: hint.to_owned(), perhaps: false }
    }
}

/// SLOs that no treatment can decide: nothing that a run could do would answer them.
pub fn faults(document: &Document, slos: &[Slo], treatments: &[Treatment], prices: &Prices) -> Vec<Fault> {
    // That an experiment has no consumers at all is told where it is read.
    let consumed = treatments.iter().any(|one| !one.settings.consumers.is_empty());
    let fault = |slo: &Slo| {
        let asked = consumed || !slo.metric.needs_consumers();
        let Undecided { what, hint, .. } = nowhere(&slo.metric, treatments, prices).filter(|_| asked)?;
        Some(document.slo_fault(slo, format!("`{slo}` cannot be decided: {what}"), Some(hint)))
    };
    slos.iter().filter_map(fault).collect()
}

/// Why no treatment has this metric, if none has.
fn nowhere(metric: &Metric, treatments: &[Treatment], prices: &Prices) -> Option<Undecided> {
    let surely = |one| undecided(metric, one, prices).filter(|why| !why.perhaps);
    let all: Option<Vec<Undecided>> = treatments.iter().map(surely).collect();
    all?.into_iter().next()
}

/// Responses that no treatment can have.
pub fn responses(responses: &[Response], treatments: &[Treatment], prices: &Prices) -> Vec<PlanDoubt> {
    let doubt = |response: &Response| {
        let Undecided { what, hint, .. } = nowhere(&response.metric, treatments, prices)?;
        let treatments = treatments.iter().map(|treatment| treatment.slug.clone()).collect();
        let what = format!("the response `{}` will be empty: {what}", response.text);
        Some(PlanDoubt { id: "response_empty", what, hint: Some(hint), treatments })
    };
    responses.iter().filter_map(doubt).collect()
}

/// SLOs that some treatments cannot decide, or only with luck.
pub fn doubts(slos: &[Slo], treatments: &[Treatment], prices: &Prices) -> Vec<PlanDoubt> {
    let mut all = Vec::new();
    for slo in slos {
        for perhaps in [false, true] {
            let found: Vec<(&Treatment, Undecided)> = treatments
                .iter()
                .filter_map(|one| {
                    Some((one, undecided(&slo.metric, one, prices).filter(|why| why.perhaps == perhaps)?))
                })
                .collect();
            let Some((_, first)) = found.first() else { continue };
            let (id, cannot) = if perhaps {
                ("slo_perhaps_undecidable", "may not be decided")
            } else {
                ("slo_undecidable", "cannot be decided")
            };
            let (what, hint) = (format!("`{slo}` {cannot}: {}", first.what), Some(first.hint.clone()));
            let treatments = found.iter().map(|(treatment, _)| treatment.slug.clone()).collect();
            all.push(PlanDoubt { id, what, hint, treatments });
        }
    }
    all
}

/// A trend that must hold where nothing bounds the level: a lag that is large and stays passes.
pub fn level(slos: &[Slo], treatments: &[Treatment]) -> Option<PlanDoubt> {
    let trend = slos.iter().find(|slo| slo.metric.name == "lag_trend_percent")?;
    if slos.iter().any(bounds_level) {
        return None;
    }
    Some(PlanDoubt {
        id: "lag_level",
        what: format!("`{trend}` says that the lag does not grow, and nothing says how large it may be"),
        hint: Some("add a bound of `time_lag_max`, `lag_max` or `p99(end_to_end)`".to_owned()),
        treatments: treatments.iter().map(|treatment| treatment.slug.clone()).collect(),
    })
}

/// Money over messages where volume grows until something breaks: who has more to do costs less a message, and too little would end it.
pub fn eased(slos: &[Slo], treatments: &[Treatment]) -> Option<PlanDoubt> {
    let money = slos.iter().find(|slo| slo.eases())?;
    Some(PlanDoubt {
        id: "slo_eases",
        what: format!("`{money}` holds more often the more there is to do, and what breaks first ends it"),
        hint: Some("begin where it holds, or search for the capacity: `search`".to_owned()),
        treatments: treatments.iter().map(|treatment| treatment.slug.clone()).collect(),
    })
}

/// Whether it bounds how much is still to be read, or for how long it has been.
fn bounds_level(slo: &Slo) -> bool {
    let name = slo.metric.name.as_str();
    let late = slo.metric.quantile().is_some_and(|(latency, _)| {
        matches!(latency, Latency::Receive | Latency::EndToEnd | Latency::Committed | Latency::Output)
    });
    let grows = ["lag_trend_percent", "lag_slope_msgs_per_s", "backlog_slope_msgs_per_s"].contains(&name);
    matches!(slo.comparison, Comparison::Below | Comparison::AtMost)
        && (late || !grows && (is_lag(name) || name.starts_with("backlog_")))
}

fn undecided(metric: &Metric, treatment: &Treatment, prices: &Prices) -> Option<Undecided> {
    let settings = &treatment.settings;
    let unacked = unacked(settings);
    if metric.needs_consumers() && settings.consumers.is_empty() {
        return Some(Undecided::surely("nobody reads", "write `consumers: {}`"));
    }
    if let Some((what, hint)) = of_the_others(metric, settings) {
        return Some(Undecided::surely(what, hint));
    }
    if let Some(of) = metric.quantile() {
        return of_latency(of, treatment, unacked);
    }
    let machines = || settings.consumers.iter().filter_map(|group| group.machine.as_ref());
    let producers: u64 = settings.workload.fleets.iter().map(|fleet| u64::from(fleet.producers)).sum();
    let (what, hint) = match metric.name.as_str() {
        _ if metric.latency.is_some() && treatment.window_rate().is_none() => (NEVER_DUE, DUE),
        "lag_trend_percent" | "offered_msgs_per_s" if treatment.window_rate().is_none() => {
            ("at `rate: max` nothing is offered", "write a rate, or ask for `lag_max` or `processed`")
        }
        // Of a part of the messages it is bounded: only where the bound decides is it unknown.
        name if unacked > 0.0 && unacked < 1.0 - 1e-9 && is_lag(name) => {
            return Some(Undecided {
                what: "with `acks: 0` in a fleet no broker tells what it wrote of it, so that the lag is only bounded".to_owned(),
                hint: "write `acks: 1` or `acks: all`".to_owned(),
                perhaps: true,
            });
        }
        name if unacked > 0.0 && (is_lag(name) || name == "lost") => (
            "with `acks: 0` no broker tells what it wrote, so that nobody knows what is still to be read",
            "write `acks: 1` or `acks: all`",
        ),
        "cluster_cpu_s_per_million" if unacked > 0.0 => (
            "with `acks: 0` in a fleet nobody knows how many messages brokers wrote",
            "write `acks: 1` or `acks: all`",
        ),
        "acked_msgs_per_s" if unacked >= 1.0 - 1e-9 => {
            ("with `acks: 0` no broker tells what it wrote", "write `acks: 1` or `acks: all`")
        }
        name if (name.starts_with("producer_") || name == "fairness_jain") && producers <= 1 => {
            ("one producer has no other to be compared with", "write `producers: 2` or more")
        }
        name if name.starts_with("cluster_") && matches!(settings.cluster, Cluster::Bootstrap { .. }) => {
            ("only a broker that bench starts can be watched", "write `cluster: { kafka: {} }`")
        }
        name if name.starts_with("cost_")
            && settings.consumers.iter().all(|group| group.machine.is_none()) =>
        {
            ("what has no instance type has no price", "write an `instance_type` for the consumers")
        }
        name if is_of_rent(name)
            && machines().all(|machine| !prices.instances.contains_key(&machine.instance.name)) =>
        {
            ("no price of its instance type is known", "write a `price` for the type, or `prices`")
        }
        name if name.starts_with("credit_knee")
            && machines().all(|machine| machine.instance.credits.is_none()) =>
        {
            ("nothing here has CPU credits", "write an `instance_type` that earns some, such as `t3.micro`")
        }
        name if is_of_a_backlog(name) && settings.backlog.is_none() => {
            ("there is no backlog", "write `backlog: { messages: 100k }`")
        }
        "connect_s" if settings.workload.fleets.iter().all(|fleet| fleet.client != Client::Light) => {
            ("librdkafka does not tell when it is connected", "write `client: light`")
        }
        _ => return None,
    };
    Some(Undecided::surely(what, hint))
}

/// What only consumers of ours tell, of others, and what is only read of others, of ours.
fn of_the_others(metric: &Metric, settings: &Settings) -> Option<(&'static str, &'static str)> {
    const TOLD: [&str; 7] = [
        "received",
        "received_unacked",
        "received_aborted",
        "duplicates",
        "out_of_order",
        "lost",
        "fetch_throttled_ms",
    ];
    let latency = metric.latency.map(|(latency, _)| latency);
    let is_told =
        matches!(latency, Some(Latency::Receive | Latency::EndToEnd)) || TOLD.contains(&&*metric.name);
    let of_output = latency == Some(Latency::Output) || metric.name.starts_with("output_");
    if of_output && settings.consumers.iter().all(|group| group.output.is_none()) {
        return Some((
            "nobody says where the consumers write results",
            "write `output: { topic: …, match: … }` under `consumers`",
        ));
    }
    let of_each = matches!(latency, Some(Latency::Committed)) || metric.name.starts_with("age_p");
    match settings.is_followed() {
        true if is_told => Some((
            "consumers that are not ours do not tell it",
            "ask for `committed`, `processed`, `unread` or a lag",
        )),
        true if (of_each || latency == Some(Latency::Output))
            && settings.consumers.iter().all(|group| group.machine.is_some()) =>
        {
            Some((
                "a program that is not ours is held to a part of a core, and how much of its latency that is nobody knows",
                "ask for `processed`, `unread` or a cost, or leave `instance_type` out",
            ))
        }
        true if of_each && settings.consumers.iter().any(|group| group.shares) => Some((
            "a share group commits nothing: when a message was done nobody tells",
            "ask for `processed`, `unread`, `time_to_drain` or a lag",
        )),
        false if latency == Some(Latency::Committed) => {
            Some(("only of consumers that are not ours is it read when they commit", "ask for `end_to_end`"))
        }
        _ => None,
    }
}

/// What is paid in all, of which the rent of instances is a part.
fn is_of_rent(name: &str) -> bool {
    ["cost_sticker_", "cost_credit_aware_", "cost_instances_", "cost_idle_"]
        .iter()
        .any(|begin| name.starts_with(begin))
}

/// What is only told of a backlog that was written before the consumers were started.
fn is_of_a_backlog(name: &str) -> bool {
    ["backlog_written_", "time_to_drain_", "drained_", "age_p"].iter().any(|begin| name.starts_with(begin))
}

fn is_lag(name: &str) -> bool {
    name.starts_with("lag_") || name.starts_with("time_lag_")
}

fn of_latency(
    (latency, quantile): (Latency, Quantile),
    treatment: &Treatment,
    unacked: f64,
) -> Option<Undecided> {
    if !quantile.is_kept() {
        let what = "percentiles are kept to four decimals";
        return Some(Undecided::surely(what, "`p99.9999` is the last below `max`"));
    }
    let phases = treatment.settings.phases;
    let (start, length) = (phases.warm_up.as_secs_f64(), phases.measure.as_secs_f64());
    let Some(due) = treatment.settings.workload.volume.messages(start, start + length) else {
        return Some(Undecided::surely(NEVER_DUE, DUE));
    };
    let lies_among = |share: f64| match quantile {
        Quantile::At(part) => part > 1.0 - share + 1e-9,
        Quantile::Max => share > 0.0,
    };
    if latency == Latency::Ack && lies_among(unacked) {
        let what = "with `acks: 0` no broker tells when it wrote a message";
        return Some(Undecided::surely(what, "write `acks: 1` or `acks: all`"));
    }
    few(quantile, due, treatment)
}

/// Whether too few messages are due in the window.
fn few(quantile: Quantile, due: f64, treatment: &Treatment) -> Option<Undecided> {
    let needed = quantile.least_samples();
    let random = treatment.settings.workload.arrivals != Arrivals::Constant;
    let spread = |of: f64| if random { SPREAD * of.sqrt() } else { 0.0 };
    let is_said = |samples: f64| samples >= 1.0 && quantile.is_said_of(samples);
    if is_said(due - spread(due)) {
        return None;
    }
    let needs = match quantile {
        Quantile::At(_) => {
            let name = quantile.name().replace('_', ".");
            format!("a {name} is said when ten messages lie beyond it, which takes {needed:.0}")
        }
        Quantile::Max => "a greatest is of one message at least".to_owned(),
    };
    let rate = treatment.window_rate().filter(|rate| *rate > 0.0)?;
    let seconds = ((needed + spread(needed)) / rate).ceil();
    Some(Undecided {
        what: format!("{needs}, and about {due:.0} are due in the window"),
        hint: format!("measure for {seconds:.0}s, raise the rate, or ask for a lower percentile"),
        perhaps: is_said(due + spread(due)),
    })
}

/// Share of the messages whose producers ask for no ack.
fn unacked(settings: &Settings) -> f64 {
    let asks_none = |fleet: &&Fleet| property(settings, fleet, "acks") == Some("0");
    let fleets = settings.workload.fleets.iter().filter(asks_none);
    // librdkafka lets no one do without acks who is idempotent; such a file is faulty for that.
    fleets
        .filter(|fleet| fleet.transactions.is_none() || fleet.client == Client::Light)
        .map(|fleet| fleet.share.get())
        .sum()
}

/// A property of a fleet's producers, over those of all the cluster's clients, by the one name that stands for all its names.
pub(super) fn property<'a>(settings: &'a Settings, fleet: &'a Fleet, name: &str) -> Option<&'a str> {
    let common = match &settings.cluster {
        Cluster::Bootstrap { properties, .. } => Some(properties),
        Cluster::Kafka { .. } => None,
    };
    std::iter::once(&fleet.properties).chain(common).find_map(|map| map.get(name)).map(String::as_str)
}
