//! The table of metrics, in the order of their columns.

use super::{Better, Metric, Part, Unit};
use crate::units::{Latency, Quantile};
use Better::{Higher, Lower, Neither};
use Unit::{
    Cores, Messages, MessagesPerSecond, Mib, MibPerSecond, Millis, Percent as PerCent, Ratio,
    RequestsPerSecond, Seconds, SecondsPerMillion, Usd, UsdPerHour, UsdPerMillion,
};

/// See [`super::PROMISED`].
pub(super) const PROMISED: usize =
    BOOKS.len() + RATES.len() + 7 * OF_MESSAGES.len() + BACKLOG.len() + RESOURCES.len();

/// Those whose columns stand before the backlog's.
const OF_MESSAGES: [Latency; 5] =
    [Latency::SendDelay, Latency::AcceptDelay, Latency::Ack, Latency::Receive, Latency::EndToEnd];

/// See [`super::PROMISED_COSTS`].
pub(super) const PROMISED_COSTS: usize = COST.len();

/// Name, label, unit, which way is better, meaning.
type Row = (&'static str, &'static str, Unit, Better, &'static str);

/// All of them.
pub(super) fn all() -> Vec<Metric> {
    let mut all = declared(&BOOKS);
    all.extend(declared(&RATES));
    all.extend(OF_MESSAGES.into_iter().flat_map(of_latency));
    let further: [&[Row]; 15] = [
        &BACKLOG,
        &RESOURCES,
        &COST,
        &WIRE,
        &PARTITIONS,
        &TRANSACTIONS,
        &PRODUCERS,
        &LOAD,
        &MACHINES,
        &COST_PARTS,
        &KNEE,
        &ENDS,
        &QUOTAS,
        &LITTLE,
        &WIDTHS,
    ];
    all.extend(further.into_iter().flat_map(declared));
    // Columns are added to: those that came later stand later.
    all.extend(of_latency(Latency::Committed));
    all.extend(declared(&OTHERS));
    all.extend(declared(&RATE_WIDTHS));
    all.extend(declared(&DRAINED));
    all.extend(declared(&EVENTS));
    all.extend(of_latency(Latency::Output));
    all.extend(declared(&OUTPUT));
    all.extend(declared(&FETCHED));
    all.extend(declared(&FURTHER_WIDTHS));
    all.extend(declared(&WIDTHS_AS_COUNTED));
    all.extend(declared(&CROSSING));
    all.extend(declared(&EVENT_ENDS));
    all
}

fn declared(rows: &[Row]) -> Vec<Metric> {
    rows.iter()
        .map(|(name, label, unit, better, meaning)| Metric {
            name: (*name).to_owned(),
            label: (*label).to_owned(),
            unit: *unit,
            better: *better,
            meaning: (*meaning).to_owned(),
            latency: None,
        })
        .collect()
}

fn of_latency(latency: Latency) -> Vec<Metric> {
    let name = latency.name();
    let counted = |suffix: &str, better, meaning: String, part| Metric {
        name: format!("{name}_{suffix}"),
        label: format!("{} {suffix}", label(latency)),
        unit: Messages,
        better,
        meaning,
        latency: Some((latency, part)),
    };
    let mut metrics = vec![
        counted(
            "n",
            Neither,
            "messages due in the window, the censored ones included".to_owned(),
            Part::Samples,
        ),
        counted(
            "censored",
            Lower,
            format!("of these, the ones whose {name} is longer than we watched"),
            Part::Censored,
        ),
    ];
    metrics.extend(Quantile::COLUMNS.map(|of| quantile(latency, of)));
    metrics
}

/// A percentile or the greatest value of a latency, whether it is a column or not.
pub(super) fn quantile(latency: Latency, quantile: Quantile) -> Metric {
    let (name, of) = (latency.name(), quantile.name());
    Metric {
        name: format!("{name}_{of}_ms"),
        label: format!("{} {}", label(latency), of.replace('_', ".")),
        unit: Millis,
        better: Lower,
        meaning: format!("{of} of {name} by rank over all messages due in the window"),
        latency: Some((latency, Part::At(quantile))),
    }
}

/// `send delay`, `ack`, `end-to-end`.
fn label(latency: Latency) -> String {
    let name = latency.name();
    match latency {
        Latency::EndToEnd => "end-to-end".to_owned(),
        _ => name.strip_suffix("_latency").unwrap_or(name).replace('_', " "),
    }
}

#[rustfmt::skip]
const DRAINED: [Row; 5] = [
    ("backlog_written_messages", "backlog written", Messages, Neither, "messages that were written before the consumers were started"),
    ("time_to_drain_s", "time to drain", Seconds, Lower, "from the start of the consumers until no more was left of a backlog than what comes in a quarter second"),
    ("drained_msgs_per_s", "drained", MessagesPerSecond, Higher, "messages processed until then, over that time"),
    ("age_p50_ms", "age p50", Millis, Lower, "p50 of the age of the backlog's messages when they were processed"),
    ("age_p99_ms", "age p99", Millis, Lower, "p99 of the age of the backlog's messages when they were processed"),
];

#[rustfmt::skip]
const BOOKS: [Row; 13] = [
    ("due", "messages due", Messages, Neither, "messages whose time came, whole trial"),
    ("sent", "messages sent", Messages, Neither, "taken by a client's queue"),
    ("refused", "messages refused", Messages, Lower, "never taken, because a queue stayed full"),
    ("acked", "messages acked", Messages, Neither, "acknowledged with partition and offset"),
    ("failed", "messages failed", Messages, Lower, "given up by the client after they were sent"),
    ("in_flight", "messages in flight", Messages, Lower, "neither acked nor failed when the trial ended"),
    ("received", "messages received", Messages, Neither, "acked messages that an instance got, each once"),
    ("received_unacked", "messages received unacked", Messages, Lower, "offsets received for which no producer got an ack"),
    ("duplicates", "duplicates", Messages, Lower, "deliveries of an offset beyond its first"),
    ("out_of_order", "messages out of order", Messages, Lower, "deliveries below a sequence seen before"),
    ("unread", "messages unread", Messages, Neither, "acked, beyond the last commits, received by nobody"),
    ("lost", "messages lost", Messages, Lower, "acked, before the last commits, received by nobody"),
    ("aborted", "messages aborted", Messages, Neither, "acked in a transaction that was aborted"),
];

#[rustfmt::skip]
const RATES: [Row; 5] = [
    ("offered_msgs_per_s", "offered", MessagesPerSecond, Neither, "messages due in the window over its length"),
    ("sent_msgs_per_s", "sent", MessagesPerSecond, Neither, "messages sent in the window, whenever they were due"),
    ("acked_msgs_per_s", "acked", MessagesPerSecond, Higher, "messages acked in the window"),
    ("processed_msgs_per_s", "processed", MessagesPerSecond, Higher, "first completions in the window"),
    ("processed_mib_per_s", "processed payload", MibPerSecond, Higher, "the same in payload"),
];

#[rustfmt::skip]
const BACKLOG: [Row; 9] = [
    ("backlog_start_messages", "backlog at the start", Messages, Lower, "due and not done with at the window's start"),
    ("backlog_end_messages", "backlog at the end", Messages, Lower, "due and not done with at its end"),
    ("backlog_slope_msgs_per_s", "growth of the backlog", MessagesPerSecond, Lower, "growth by least squares"),
    ("lag_max_messages", "greatest committed lag", Messages, Lower, "greatest committed lag read in the window"),
    ("lag_end_messages", "lag at the end", Messages, Lower, "last committed lag read in its last 2 s"),
    ("lag_slope_msgs_per_s", "growth of the lag", MessagesPerSecond, Lower, "growth of the lag by processed positions, by least squares"),
    ("lag_trend_percent", "lag trend", PerCent, Lower, "the same over the offered rate"),
    ("time_lag_max_ms", "greatest time lag", Millis, Lower, "greatest age of the oldest message not committed"),
    ("time_lag_end_ms", "time lag at the end", Millis, Lower, "its last reading in the window"),
];

#[rustfmt::skip]
const RESOURCES: [Row; 6] = [
    ("consumers_cpu_cores", "CPU of the consumers", Cores, Lower, "CPU of the consumers over the window"),
    ("consumers_rss_max_mib", "memory of the consumers", Mib, Lower, "greatest resident memory of the consumers together"),
    ("cluster_cpu_cores", "broker CPU", Cores, Lower, "CPU of the brokers that bench started"),
    ("cluster_cpu_s_per_million", "broker CPU", SecondsPerMillion, Lower, "the same over the messages acked in the window"),
    ("load_cpu_cores", "CPU of the load", Cores, Lower, "CPU of pacers, senders and client threads"),
    ("host_cpu_percent", "host CPU", PerCent, Lower, "share of all cores' time that was not idle"),
];

#[rustfmt::skip]
const WIRE: [Row; 3] = [
    ("requests_per_s", "produce requests", RequestsPerSecond, Neither, "produce requests in the window, by the producers' own statistics"),
    ("records_per_batch", "records per batch", Ratio, Neither, "records in a batch, by the same"),
    ("wire_mib_per_s", "bytes on the wire", MibPerSecond, Neither, "sent to brokers, by the same: after compression, headers of requests included"),
];

#[rustfmt::skip]
const PARTITIONS: [Row; 3] = [
    ("busiest_partition_percent", "share of the busiest partition", PerCent, Lower, "share of the partition with most messages, of those acked in the window"),
    ("lag_busiest_partition_messages", "lag of the busiest partition", Messages, Lower, "committed lag of that partition at the window's end"),
    ("lag_worst_partition_messages", "lag of the worst partition", Messages, Lower, "greatest committed lag of a single partition at the window's end"),
];

#[rustfmt::skip]
const TRANSACTIONS: [Row; 1] = [
    ("received_aborted", "aborted messages received", Messages, Lower, "messages of aborted transactions that an instance got, each once"),
];

#[rustfmt::skip]
const PRODUCERS: [Row; 3] = [
    ("fairness_jain", "fairness (Jain)", Ratio, Higher, "Jain's index of the producers' acks in the window over what each offered in it: 1 is even"),
    ("producer_slowest_percent", "slowest producer", PerCent, Higher, "acks over offers of the producer that was served worst"),
    ("producer_fastest_percent", "fastest producer", PerCent, Neither, "acks over offers of the producer that was served best"),
];

#[rustfmt::skip]
const LOAD: [Row; 2] = [
    ("load_rss_max_mib", "memory of bench", Mib, Lower, "greatest resident memory of bench's own process, its producers included"),
    ("connect_s", "time to connect", Seconds, Lower, "until all producers that tell so were connected, before the warm-up"),
];

#[rustfmt::skip]
const MACHINES: [Row; 1] = [
    ("oom_kills", "instances killed for memory", Ratio, Lower, "instances that the kernel killed for their memory, whole trial"),
];

#[rustfmt::skip]
const COST: [Row; 2] = [
    ("cost_sticker_usd_per_million", "cost at the prices on the label", UsdPerMillion, Lower, "all that is paid, surplus credits apart, over the messages that count"),
    ("cost_credit_aware_usd_per_million", "cost", UsdPerMillion, Lower, "all that is paid, surplus credits included, over the messages that count"),
];

#[rustfmt::skip]
const COST_PARTS: [Row; 9] = [
    ("cost_good_msgs_per_s", "messages that count for cost", MessagesPerSecond, Higher, "messages that the money is divided by"),
    ("cost_instances_usd_per_hour", "rent of the instances", UsdPerHour, Lower, "rent of the instances, as long as they were up"),
    ("cost_surplus_usd_per_hour", "surplus credits", UsdPerHour, Lower, "surplus credits at max(0, use − baseline), in unlimited mode"),
    ("cost_brokers_usd_per_hour", "rent of the brokers", UsdPerHour, Lower, "rent of the brokers, where it has a price"),
    ("cost_storage_usd_per_hour", "storage", UsdPerHour, Lower, "what is kept at the topic's retention, where it has a price"),
    ("cost_transfer_usd_per_hour", "transfer", UsdPerHour, Lower, "what crosses zones and regions, where it has a price"),
    ("cost_idle_percent", "idle share of the money", PerCent, Lower, "share of the money that paid for CPU that was allowed and not used"),
    ("cost_settlement_usd", "surplus at the end", Usd, Lower, "surplus credits that a bill would hold at the trial's end"),
    ("cost_minimum_usd", "least that is billed", Usd, Lower, "what a bill would add because an instance is billed for a minute at least"),
];

#[rustfmt::skip]
const CROSSING: [Row; 1] = [
    ("crossing_usd_per_million", "crossing of zones and regions", UsdPerMillion, Lower, "what the bytes that crossed zones and regions in the window cost, over the messages processed in it, where they have a price"),
];

#[rustfmt::skip]
const KNEE: [Row; 2] = [
    ("credit_knee_s", "credits ran out", Seconds, Higher, "when an instance's CPU broke off because its credits were spent, since time 0"),
    ("credit_knee_predicted_s", "credits predicted to run out", Seconds, Higher, "when its balance is spent at the use recorded before, since time 0"),
];

/// Of lags that are only known to lie between two ends: they are empty in their own columns.
#[rustfmt::skip]
const ENDS: [Row; 4] = [
    ("lag_max_least_messages", "greatest lag, at least", Messages, Lower, "the same as `lag_max_messages`, if no message of unknown fate is in it"),
    ("lag_max_most_messages", "greatest lag, at most", Messages, Lower, "the same as `lag_max_messages`, if all messages of unknown fate are in it"),
    ("lag_end_least_messages", "lag at the end, at least", Messages, Lower, "the same as `lag_end_messages`, if no message of unknown fate is in it"),
    ("lag_end_most_messages", "lag at the end, at most", Messages, Lower, "the same as `lag_end_messages`, if all messages of unknown fate are in it"),
];

#[rustfmt::skip]
const WIDTHS: [Row; 2] = [
    ("lag_max_width_messages", "width of the lag's readings", Messages, Lower, "what was acked while a lag of the window was read, the most: each may be less by so much"),
    ("lag_end_width_messages", "width of the lag at the end", Messages, Lower, "the same of the last lag"),
];

#[rustfmt::skip]
const FURTHER_WIDTHS: [Row; 4] = [
    ("lag_busiest_partition_width_messages", "width of the busiest partition's lag", Messages, Lower, "what was acked of that partition while the last lag was read: it may be less by so much"),
    ("lag_worst_partition_width_messages", "width of the greatest partition's lag", Messages, Lower, "the same of the greatest lag of a partition"),
    ("time_lag_max_width_ms", "width of the time lag's readings", Millis, Lower, "how long a lag of the window took to be read, the longest: each time lag may be less by so much"),
    ("time_lag_end_width_ms", "width of the time lag at the end", Millis, Lower, "the same of the last time lag"),
];

/// What happens comes in pieces, and one piece of each that makes them happen may lie on the other side of an edge of the window.
#[rustfmt::skip]
const RATE_WIDTHS: [Row; 4] = [
    ("sent_width_msgs_per_s", "width of the sent rate", MessagesPerSecond, Lower, "one message of each producer over the window: the rate is known to within so much"),
    ("acked_width_msgs_per_s", "width of the acked rate", MessagesPerSecond, Lower, "one request of each producer over the window, as many messages as they had on the average: the same"),
    ("processed_width_msgs_per_s", "width of the processed rate", MessagesPerSecond, Lower, "one message of each consumer (of a group that is followed, what it commits at once) over the window: the same"),
    ("processed_width_mib_per_s", "width of the processed bytes", MibPerSecond, Lower, "the same in bytes, at the mean of those processed"),
];

/// Of what clients count themselves, and of a backlog that was written before.
#[rustfmt::skip]
const WIDTHS_AS_COUNTED: [Row; 5] = [
    ("requests_width_per_s", "width of the produce requests", RequestsPerSecond, Lower, "one request of each producer over the window: the rate is known to within so much"),
    ("wire_width_mib_per_s", "width of the bytes on the wire", MibPerSecond, Lower, "the same in bytes, at the mean of those requests"),
    ("fetched_width_mib_per_s", "width of the bytes fetched", MibPerSecond, Lower, "what came in a second over the window, as consumers tell it once a second: the same"),
    ("time_to_drain_width_s", "width of the time to drain", Seconds, Lower, "the steps in which it is read whether a backlog is gone: the time may be less by so much"),
    ("drained_width_msgs_per_s", "width of the drained rate", MessagesPerSecond, Lower, "as large a part of the rate as that is of the time"),
];

#[rustfmt::skip]
const QUOTAS: [Row; 2] = [
    ("produce_throttled_ms", "producers throttled", Millis, Lower, "time that brokers held producers back because of a quota, told in the window, those of all producers added up"),
    ("fetch_throttled_ms", "consumers throttled", Millis, Lower, "the same of the consumers' fetches"),
];

#[rustfmt::skip]
const LITTLE: [Row; 2] = [
    ("little_error_percent", "error of Little's law", PerCent, Lower, "difference of the mean backlog and of completions a second times their mean latency, over that backlog"),
    ("little_unexplained_percent", "unexplained error of Little's law", PerCent, Lower, "what of it neither the window's edges nor the resolution of the backlog account for"),
];

#[rustfmt::skip]
const OTHERS: [Row; 1] = [
    ("foreign", "messages of others", Messages, Neither, "messages of others that were read among ours on a topic that was there before, each once"),
];

/// Of the topic that consumers which are not ours write their results to.
#[rustfmt::skip]
const OUTPUT: [Row; 4] = [
    ("output_missing", "results missing", Messages, Lower, "acked messages of which no result came to the output topic, whole trial"),
    ("output_doubled", "results doubled", Messages, Lower, "results beyond one for each time that their message was written"),
    ("output_out_of_order", "results out of order", Messages, Lower, "first results behind that of a later message of the same partition, on the same partition of the output"),
    ("output_unknown", "results of nothing known", Messages, Neither, "messages on the output topic that are of none of ours"),
];

/// Of what was done to a trial on purpose; of several events the worst.
#[rustfmt::skip]
const EVENTS: [Row; 3] = [
    ("detection_s", "detection", Seconds, Lower, "from an event until another member learned that partitions move"),
    ("unavailability_s", "unavailability", Seconds, Lower, "the longest time in which no message of a partition was processed, of the one that was worst off, that goes on at an act of an event or begins within 5 s of it"),
    ("recovery_s", "recovery", Seconds, Lower, "from an event until lag and p99 were back in the band of the same trial's steady part, and stayed"),
];

/// Of those that were not seen to come: they are empty in their own columns.
#[rustfmt::skip]
const EVENT_ENDS: [Row; 3] = [
    ("detection_least_s", "detection, at least", Seconds, Lower, "what `detection_s` is certainly not below, where it was not seen to come"),
    ("unavailability_least_s", "unavailability, at least", Seconds, Lower, "the same of `unavailability_s`"),
    ("recovery_least_s", "recovery, at least", Seconds, Lower, "the same of `recovery_s`"),
];

#[rustfmt::skip]
const FETCHED: [Row; 1] = [
    ("fetched_mib_per_s", "bytes fetched", MibPerSecond, Neither, "received from brokers by the consumers of all groups together, as their sockets count it: compressed, headers of answers included"),
];
