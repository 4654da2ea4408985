//! The artefact.

use super::seen::Seen;
use super::{Item, State, item};
use crate::record::{SUMS, Sums};
use crate::report::{document, render};

pub(super) fn boxes(seen: &Seen<'_>) -> Vec<Item> {
    vec![
        item(
            "a README that leads from each figure to its command; a licence",
            State::Untold("they belong to the repository".to_owned()),
        ),
        item("raw data, the version of its format, and checksums", raw(seen)),
        item("a report that can be made again from raw data, byte for byte", again(seen)),
        item("seeds", seeds(seen)),
        item("a description of the machine", machine(seen)),
        item("a unit on every number", units(seen)),
        item("a one-command small run; how long a full one takes", takes(seen)),
        item("no network and no credentials for it", local(seen)),
        item(
            "tests with golden vectors",
            State::Untold("they belong to the repository (`cargo test`)".to_owned()),
        ),
    ]
}

fn raw(seen: &Seen<'_>) -> State {
    let sums = Sums::load(&seen.run.path).ok().flatten();
    State::if_there(
        sums.map(|sums| {
            format!(
                "`format` {} of `manifest.json`; `{SUMS}` has {} files (`sha256sum -c {SUMS}`)",
                seen.manifest.format,
                sums.names().count()
            )
        }),
        format!(
            "`format` {} of `manifest.json`, and no `{SUMS}`: the run is of before there were any",
            seen.manifest.format
        ),
        "a run of this bench",
    )
}

fn again(seen: &Seen<'_>) -> State {
    let made = render::markdown(&document(seen.run, seen.findings));
    let there = std::fs::read_to_string(seen.run.path.join("report.md")).ok();
    match there {
        Some(there) if there == made => State::Fulfilled(
            "`report.md` as it lies there is what the records give, byte for byte; `bench verify DIR` compares the rest".to_owned(),
        ),
        Some(_) => State::missing(
            "`report.md` as it lies there is not what the records give now",
            "the bench that wrote it (`reports_by` of `manifest.json`), or `bench report DIR --write`",
        ),
        None => State::missing("there is no `report.md`", "`bench report DIR --write`"),
    }
}

fn seeds(seen: &Seen<'_>) -> State {
    State::Fulfilled(format!(
        "`seed` {} of `manifest.json`, and one for each of {} trials in `plan.csv`",
        seen.manifest.seed,
        seen.run.plan.len()
    ))
}

fn machine(seen: &Seen<'_>) -> State {
    let host = &seen.manifest.host;
    State::if_there(
        (host.cores > 0).then(|| format!("`host` of `manifest.json`: {}, {} cores", host.name, host.cores)),
        "`host` of `manifest.json` is empty",
        "a host that can be read",
    )
}

fn units(seen: &Seen<'_>) -> State {
    let units = &seen.manifest.units;
    State::if_there(
        (!units.is_empty()).then(|| {
            format!(
                "names of columns end in their unit; `units` of `manifest.json` has the {} others",
                units.len()
            )
        }),
        "`units` of `manifest.json` is empty",
        "a run of this bench",
    )
}

fn takes(seen: &Seen<'_>) -> State {
    let budget = &seen.manifest.configuration["plan"]["budget"];
    let ends = ["shortest_s", "longest_s"].map(|key| budget[key].as_f64());
    match ends {
        [Some(shortest), Some(longest)] => State::Fulfilled(format!(
            "`bench run experiment.yaml`; `configuration.plan.budget` of `manifest.json`: {shortest} to {longest} s{}",
            if seen.findings.searched.is_some() {
                ", for the first round of a search, of which nobody knows how many follow"
            } else {
                ""
            }
        )),
        _ => State::missing("`configuration` of `manifest.json` has no budget", "a run of this bench"),
    }
}

fn local(seen: &Seen<'_>) -> State {
    if seen.manifest.cluster.started_by_bench {
        State::Fulfilled("`cluster.started_by_bench` of `manifest.json`: brokers on the loopback; Kafka itself is fetched once, or taken from `KAFKA_HOME`".to_owned())
    } else {
        State::missing(
            "`cluster.started_by_bench` of `manifest.json` is false: it needs that cluster",
            "`cluster: { kafka: {} }`",
        )
    }
}
