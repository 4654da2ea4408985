//! What it takes to beat one thread over all partitions.

use serde_json::{Value, json};

use super::read::{name, rows};
use super::{Given, Of, Trail, apart, told};
use crate::analyse::{Against, Came, Change, Rival, against};
use crate::report::number;

pub(super) fn beaten(of: Of<'_>, baseline: &str) -> Option<Trail> {
    let all = against(of.findings);
    let one = all.iter().find(|one| one.baseline.slug == baseline)?;
    let mut given = rows(one.baseline, &one.metric);
    let mut arithmetic = Vec::new();
    for rival in &one.rivals {
        given.extend(rows(rival.of, &one.metric));
        let sizes = rival.of.valid().map(|trial| {
            Given::of_record(&trial.record.trial, "asked.instances", rival.instances.to_string())
        });
        given.extend(sizes);
        arithmetic.push(step(of, rival));
    }
    let (at, came) = (one.share.told(), came(one));
    arithmetic.push(format!("the fewest instances that beat it: {came}"));
    let fact = |rival: &Rival<'_>| {
        json!({
            "treatment": rival.of.slug,
            "instances": rival.instances,
            "apart": rival.change.as_ref().map(|change| apart::word(change.apart)),
            "beats": rival.beats.name(),
        })
    };
    let found = match one.came {
        Came::At(place, _) => json!(one.rivals[place].of.slug),
        _ => Value::Null,
    };
    let pieces = match one.came {
        Came::At(..) => vec![came, at],
        Came::KeptUp => Vec::new(),
        Came::Never | Came::Undecided => vec![at],
    };
    Some(Trail {
        kind: "beaten",
        what: format!("what beats one thread over all partitions{}", of.with(baseline)),
        rows: given,
        arithmetic,
        shown: pieces,
        told: told([
            ("baseline", json!(baseline)),
            ("metric", json!(one.metric.name)),
            ("among", json!(one.share.among)),
            ("look", json!(one.share.look)),
            ("value", json!(one.came.name())),
            ("treatment", found),
            ("rivals", json!(one.rivals.iter().map(fact).collect::<Vec<_>>())),
        ]),
    })
}

fn step(of: Of<'_>, rival: &Rival<'_>) -> String {
    let times = rival.change.as_ref().and_then(Change::ratio);
    let over = times.map_or_else(
        || "its load is not alike, or one of the two has no value".to_owned(),
        |times| format!("{}× the baseline", number::times(times)),
    );
    let apart = rival.change.as_ref().map_or("unknown", |change| apart::word(change.apart));
    format!("{}, {} instances: {over}, {apart}: {}", name(of, rival.of), rival.instances, rival.beats.name())
}

/// As the sentence has it.
fn came(one: &Against<'_>) -> String {
    match one.came {
        Came::At(place, _) => {
            let s = if one.rivals[place].instances == 1 { "" } else { "s" };
            format!("{} instance{s}", one.rivals[place].instances)
        }
        other => other.name().to_owned(),
    }
}
