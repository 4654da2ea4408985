//! The measurement.

use super::seen::Seen;
use super::{Item, State, item};
use crate::analyse::Load;
use crate::report::number::plain;
use crate::spec::place;

/// Columns that say so.
const CUT: &str = "settled_cut_s";
const LITTLE: &str = "little_error_percent";
/// Words of `settled` where nothing was asked.
const NOT_ASKED: [&str; 2] = ["backlog", "event"];

pub(super) fn boxes(seen: &Seen<'_>) -> Vec<Item> {
    vec![
        item("the rule for the warm-up, and how much was cut in each trial", warm_up(seen)),
        item("whether each trial was steady", steady(seen)),
        item("histograms that can be merged, not percentiles alone; none averaged", histograms(seen)),
        item("what lag is, and how often it was read", lag(seen)),
        item("the residual of Little's law", little(seen)),
        item("an audit of loss, duplicates and order by ids", audit(seen)),
        item(
            "what observing costs, measured",
            State::missing(
                "bench has no run without its probes",
                "the same treatment with and without them; `experiments/observer.yaml` compares the pacer's priority alone",
            ),
        ),
    ]
}

fn warm_up(seen: &Seen<'_>) -> State {
    let mut lengths: Vec<String> = seen.records().map(|record| record.asked.warm_up_s.to_string()).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let fixed = format!("`asked.warm_up_s` of `trial.json`: {} s, fixed beforehand", lengths.join(", "));
    let (settled, cuts) = (seen.of_trials("settled"), seen.of_trials(CUT));
    // What works off a backlog, or has events, settles nowhere and is not asked.
    let (not_asked, asked): (Vec<&String>, Vec<&String>) =
        settled.iter().partition(|of| NOT_ASKED.contains(&of.as_str()));
    let beside = match not_asked.len() {
        0 => String::new(),
        count => format!(
            "; {count} valid trials have events or a backlog, and are not asked whether they settle (`settled` of `trials.csv`)"
        ),
    };
    if asked.is_empty() && !not_asked.is_empty() {
        return State::NotOf(format!("{fixed}{beside}"));
    }
    if !asked.is_empty() && asked.iter().all(|of| !of.is_empty() && *of != "too_short") {
        let cuts: Vec<f64> = cuts.iter().filter_map(|of| of.parse().ok()).collect();
        let most = cuts.iter().copied().fold(0.0, f64::max);
        let flat = asked.iter().filter(|of| **of == "flat").count();
        return State::Fulfilled(format!(
            "{fixed}; beyond that MSER-5 would cut {} s of the window at most (`{CUT}` of `trials.csv`), nothing in {flat} of {} valid trials{beside}",
            plain(most),
            asked.len()
        ));
    }
    State::missing(format!("{fixed}{beside}"), "a cut by MSER-5, told for each trial")
}

fn steady(seen: &Seen<'_>) -> State {
    let of = |load: Load| seen.findings.treatments.iter().filter(|one| one.load == load).count();
    let all = [Load::Steady, Load::Overload, Load::Draining, Load::Mixed, Load::Unknown];
    let counts: Vec<String> = all
        .into_iter()
        .filter(|load| of(*load) > 0)
        .map(|load| format!("{} {}", of(load), load.name()))
        .collect();
    if seen.valid().next().is_none() || of(Load::Unknown) == seen.findings.treatments.len() {
        return State::missing("no valid trial tells how it was loaded", "a valid trial");
    }
    State::Fulfilled(format!(
        "`saturated` and `doubts` of `trials.csv`, by the growth of the backlog through the window; treatments: {}",
        counts.join(", ")
    ))
}

fn histograms(seen: &Seen<'_>) -> State {
    let trials = seen.run.trials.len();
    let there = seen.run.trials.iter().filter(|trial| trial.path.join("latency.hlog").is_file()).count();
    State::if_there(
        (trials > 0 && there == trials).then(|| {
            format!("`latency.hlog` in each of {trials} trials, a histogram a second; percentiles of a treatment are medians of its trials', and a curve is read from merged counts")
        }),
        format!("`latency.hlog` in {there} of {trials} trials"),
        "trials whose folders are whole",
    )
}

fn lag(seen: &Seen<'_>) -> State {
    if !seen.consumed() {
        return State::NotOf("nobody consumes".to_owned());
    }
    State::if_there(
        seen.has("lag_max_messages").then(|| {
            "`series.csv`, each quarter second: `lag_messages` by commits, as a monitoring tool sees it; trends by processed positions (`unprocessed_messages`)".to_owned()
        }),
        "`lag_max_messages` of `trials.csv` is empty in a valid trial",
        "brokers that answer within a quarter second, and no message of unknown fate",
    )
}

fn little(seen: &Seen<'_>) -> State {
    if place(LITTLE).is_none() {
        return State::missing("this bench does not reckon it", "a bench that does");
    }
    let worst = seen.worst(|trial| trial.metric(LITTLE).value().map(f64::abs));
    State::if_there(
        worst.map(|(percent, trial)| {
            format!("`{LITTLE}` of `trials.csv`: at most {} %, in `{trial}`", plain(percent))
        }),
        format!("`{LITTLE}` of `trials.csv` is empty in a valid trial"),
        "steady trials with a mean latency",
    )
}

fn audit(seen: &Seen<'_>) -> State {
    if !seen.consumed() {
        return State::NotOf("nobody consumes: what was acked is all that is known".to_owned());
    }
    let columns = ["lost", "duplicates", "out_of_order"];
    let sum = |name: &str| {
        let all: Option<Vec<f64>> = seen.valid().map(|trial| trial.metric(name).value()).collect();
        Some(format!("{name} {}", all?.into_iter().sum::<f64>()))
    };
    let told: Option<Vec<String>> = columns.into_iter().map(sum).collect();
    State::if_there(
        told.filter(|_| seen.valid().next().is_some()).map(|told| {
            format!(
                "books of each trial balance by sets of offsets; `trials.csv`, over all valid trials: {}",
                told.join(", ")
            )
        }),
        "`lost`, `duplicates` or `out_of_order` of `trials.csv` is empty in a valid trial",
        "`acks` other than 0, and consumers that tell what they received",
    )
}
