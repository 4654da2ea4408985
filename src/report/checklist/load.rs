//! The load.

use super::seen::{Seen, some};
use super::{Item, State, item};
use crate::report::number::plain;
use crate::spec::{Arrivals, Content, EnvelopePlace, Keys, Message, Order, Size};

/// How far what was sent may be from what was due, of that.
const ACHIEVED: f64 = 0.01;
/// Of a core: a thread of the load that is busier has no headroom.
const BUSY: f64 = 0.7;

pub(super) fn boxes(seen: &Seen<'_>) -> Vec<Item> {
    vec![
        item("open or closed load, stated", open(seen)),
        item("the arrival process and its seed", arrivals(seen)),
        item("what was achieved beside what was offered (±1 %)", achieved(seen)),
        item("latencies from the intended time (no coordinated omission)", intended(seen)),
        item("a histogram of how late the generator was", slip(seen)),
        item("headroom of the generator's CPU (below 70 %)", headroom(seen)),
        item("keys, sizes, compression, compressibility", messages(seen)),
        item("the fleet of producers, with statistics of batching", fleet(seen)),
    ]
}

fn open(seen: &Seen<'_>) -> State {
    let (open, all) = (
        seen.records().filter(|record| record.asked.rate_msgs_per_s.is_some()).count(),
        seen.records().count(),
    );
    State::Fulfilled(format!(
        "`asked.rate_msgs_per_s` of each `trial.json`: {open} of {all} trials open, messages due by a schedule that nothing moves; {} closed by the clients' queues (`rate: max`)",
        all - open
    ))
}

fn arrivals(seen: &Seen<'_>) -> State {
    let mut words: Vec<String> = seen
        .asked
        .iter()
        .map(|one| match &one.settings.workload.arrivals {
            Arrivals::Poisson => "poisson".to_owned(),
            Arrivals::Constant => "constant".to_owned(),
            Arrivals::Bursts { on, off } => format!("bursts of {on}, {off} apart"),
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    State::if_there(
        (!words.is_empty()).then(|| {
            format!(
                "`experiment.yaml`: {}; `seed` of `manifest.json` is {}, of each trial in `plan.csv`",
                words.join(", "),
                seen.manifest.seed
            )
        }),
        "this bench cannot read `experiment.yaml`",
        "the bench that wrote it (`bench_version` of `manifest.json`)",
    )
}

fn achieved(seen: &Seen<'_>) -> State {
    if !seen.is_open() {
        return State::NotOf("at `rate: max` nothing is offered but what is sent".to_owned());
    }
    let off = seen.worst(|trial| {
        let [offered, sent] =
            ["offered_msgs_per_s", "sent_msgs_per_s"].map(|metric| trial.metric(metric).value());
        Some((sent? / offered? - 1.0).abs())
    });
    let Some((off, trial)) = off else {
        return State::missing("no valid trial tells both", "a valid trial");
    };
    let told = |name: &str| {
        let of = seen.trials().find(|one| one.record.trial == trial);
        of.and_then(|one| one.metric(name).value()).map(plain).unwrap_or_default()
    };
    let found = format!(
        "`trials.csv`, furthest apart `{trial}`: offered {}/s, sent {}/s ({} %)",
        told("offered_msgs_per_s"),
        told("sent_msgs_per_s"),
        plain(off * 100.0)
    );
    if off <= ACHIEVED {
        State::Fulfilled(found)
    } else {
        State::missing(
            found,
            "a longer window, or a load that clients can take (`accept_delay` of `trials.csv`)",
        )
    }
}

fn intended(seen: &Seen<'_>) -> State {
    if !seen.is_open() {
        return State::NotOf("at `rate: max` a message is due when it is sent".to_owned());
    }
    let n: u64 =
        seen.valid().filter_map(|trial| trial.metric("ack_latency_n").value()).map(|n| n as u64).sum();
    let censored: u64 =
        seen.valid().filter_map(|trial| trial.metric("ack_latency_censored").value()).map(|n| n as u64).sum();
    if n == 0 {
        return State::missing("no latency of a valid trial is there", "a valid trial");
    }
    State::Fulfilled(format!(
        "`trials.csv`: each latency counts from when its message was due, of {n} messages of valid trials; {censored} that were never acked are counted and rank above all others; service times stand beside them in `latency.hlog`"
    ))
}

fn slip(seen: &Seen<'_>) -> State {
    let worst = |part: &str| seen.worst(|trial| trial.metric(&format!("send_delay_{part}_ms")).value());
    // A p99 needs a thousand messages; the greatest is always there.
    match worst("p99").map(|of| ("p99", of)).or_else(|| Some(("max", worst("max")?))) {
        Some((part, (ms, trial))) => State::Fulfilled(format!(
            "`send_delay` of each `latency.hlog`; {part} at most {} ms, in `{trial}` (`send_delay_{part}_ms` of `trials.csv`)",
            plain(ms)
        )),
        None if !seen.is_open() => {
            State::NotOf("at `rate: max` there is no schedule to be late of".to_owned())
        }
        None => {
            State::missing("`send_delay_max_ms` of `trials.csv` is empty in a valid trial", "a valid trial")
        }
    }
}

fn headroom(seen: &Seen<'_>) -> State {
    let Some((cores, trial)) = seen.worst(|trial| trial.record.load_busiest_thread_cores) else {
        return State::missing(
            "`load_busiest_thread_cores` is not in each `trial.json`",
            "a host that tells the CPU of threads",
        );
    };
    let found = format!(
        "`load_busiest_thread_cores` of `trial.json`: at most {} of a core, in `{trial}`",
        plain(cores)
    );
    if cores < BUSY {
        State::Fulfilled(found)
    } else {
        State::missing(found, "more cores for the load, or less of it")
    }
}

fn of_message(message: &Message) -> String {
    let size = match &message.content {
        Content::Made => None,
        Content::Lines(lines, order) => {
            let order = if *order == Order::Random { "at random" } else { "in order" };
            Some(format!("{} messages of `{}` {order}", lines.count(), lines.file))
        }
        Content::Template(template) => Some(format!("a template, up to {} bytes", template.longest())),
    };
    let made = match &message.size {
        Size::Fixed(bytes) => format!("{bytes}"),
        Size::Normal { mean, sd } => format!("normal, {mean} ± {sd}"),
        Size::LogNormal { median, sigma } => format!("log-normal, median {median}, sigma {sigma}"),
        Size::Table(rows) => format!("a table of {}", rows.len()),
    };
    let keys = match message.keys {
        Keys::None => "no keys".to_owned(),
        Keys::RoundRobin { count } => format!("{count} keys in turn"),
        Keys::Uniform { count } => format!("{count} keys alike"),
        Keys::Zipf { count, exponent } => format!("{count} keys, zipf {exponent}"),
        Keys::Hot { share, count } => format!("{count} keys, the first with {share}"),
        Keys::Field => "keys of a field of theirs".to_owned(),
    };
    let mut told = match size {
        Some(own) => vec![own, keys],
        None => vec![made, keys, format!("compressibility {}", message.compressibility)],
    };
    if !message.headers.is_empty() {
        let names: Vec<&str> = message.headers.iter().map(|header| header.name.as_str()).collect();
        told.push(format!("headers {}", names.join(", ")));
    }
    match message.envelope {
        EnvelopePlace::Payload => {}
        EnvelopePlace::Header => told.push("the envelope in a header".to_owned()),
        EnvelopePlace::Nowhere => told.push("no envelope".to_owned()),
    }
    told.join(", ")
}

fn messages(seen: &Seen<'_>) -> State {
    let of = |one: &crate::plan::Treatment| of_message(&one.settings.workload.message);
    let mut words: Vec<String> = seen.asked.iter().map(of).collect();
    words.sort_unstable();
    words.dedup();
    let compression = |properties: &std::collections::BTreeMap<String, String>| {
        properties.get("compression.type").or_else(|| properties.get("compression.codec")).cloned()
    };
    let mut types: Vec<String> = seen.manifest.clients.values().filter_map(compression).collect();
    types.sort_unstable();
    types.dedup();
    let types = if types.is_empty() { "as the client has it".to_owned() } else { types.join(", ") };
    State::if_there(
        (!words.is_empty()).then(|| {
            format!(
                "`experiment.yaml`: {}; compression {types} (`clients` of `manifest.json`)",
                some(&words, 2)
            )
        }),
        "this bench cannot read `experiment.yaml`",
        "the bench that wrote it (`bench_version` of `manifest.json`)",
    )
}

fn fleet(seen: &Seen<'_>) -> State {
    let mut producers: Vec<u64> = seen
        .asked
        .iter()
        .map(|one| one.settings.workload.fleets.iter().map(|fleet| u64::from(fleet.producers)).sum())
        .collect();
    producers.sort_unstable();
    producers.dedup();
    let counts: Vec<String> = producers.iter().map(u64::to_string).collect();
    let counts = if counts.is_empty() { "not read".to_owned() } else { some(&counts, 6) };
    if !(seen.has("records_per_batch") && seen.has("requests_per_s")) {
        return State::missing(
            format!(
                "producers: {counts}; `records_per_batch` or `requests_per_s` of `trials.csv` is empty in a valid trial"
            ),
            "clients that tell what they sent",
        );
    }
    let range = |metric: &str| {
        let all = seen.valid().filter_map(|trial| trial.metric(metric).value());
        let (least, most) = all.fold((f64::MAX, f64::MIN), |ends, one| (ends.0.min(one), ends.1.max(one)));
        format!("{} to {}", plain(least), plain(most))
    };
    State::Fulfilled(format!(
        "producers: {counts} (`experiment.yaml`); `trials.csv`: records per batch {}, requests per second {}",
        range("records_per_batch"),
        range("requests_per_s")
    ))
}
