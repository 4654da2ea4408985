//! Medians, what stands around them, and the one over the other.

use serde_json::{Value, json};

use super::read::{exact, name, rows};
use super::{Given, Of, TRIALS, Trail, apart, nth, told};
use crate::analyse::{Apart, Change, Share, Sign, Summary, TrialFindings, of as summed};
use crate::report::number::{self, Shown};
use crate::report::render::reading as json_of;
use crate::spec::Metric;

/// The metric that tells what was offered.
const OFFERED: &str = "offered_msgs_per_s";

/// `the 2nd of 3 in order of size: 198.1`.
fn middle(metric: &Metric, of: &Summary) -> String {
    let (n, median) = (of.n, exact(metric, of.median));
    match n {
        0 => "no trial tells it".to_owned(),
        1 => format!("one trial: {median}"),
        _ if n % 2 == 1 => format!("median: {} of {n} in order of size, {median}", nth(n / 2 + 1)),
        _ => format!(
            "median: the mean of {} and {} of {n} in order of size, {median}",
            nth(n / 2),
            nth(n / 2 + 1)
        ),
    }
}

fn described(of: Of<'_>, metric: &Metric, slug: &str) -> Option<(Trail, Summary)> {
    let treatment = of.treatment(slug)?;
    let summary = summed(metric, treatment);
    let trail = Trail {
        kind: "median",
        what: format!("median of `{}`{}", metric.name, of.with(slug)),
        rows: rows(treatment, metric),
        arithmetic: vec![middle(metric, &summary)],
        shown: vec![shown_in(of, metric).value(summary.median)],
        told: told([
            ("metric", json!(metric.name)),
            ("unit", json!(metric.unit.symbol())),
            ("treatment", json!(slug)),
            ("value", json_of(summary.median)),
        ]),
    };
    Some((trail, summary))
}

pub(super) fn median(of: Of<'_>, metric: &Metric, slug: &str) -> Option<Trail> {
    let (mut trail, summary) = described(of, metric, slug)?;
    let shown = shown_in(of, metric);
    let value = shown.value(summary.median);
    trail
        .arithmetic
        .push(format!("in three digits that mean something, in {}: {value}", unit(metric, shown)));
    Some(trail)
}

/// What sentences show it in.
fn shown_in(of: Of<'_>, metric: &Metric) -> Shown {
    number::said_in(metric, of.findings)
}

fn unit(metric: &Metric, shown: Shown) -> &'static str {
    match (shown.is_scaled(), metric.unit.symbol()) {
        (true, _) => shown.name,
        (false, "") => "its own unit",
        (false, symbol) => symbol,
    }
}

pub(super) fn summary(of: Of<'_>, metric: &Metric, slug: &str) -> Option<Trail> {
    let (trail, summary) = described(of, metric, slug)?;
    let in_unit = shown_in(of, metric);
    let shown = in_unit.summary(summary);
    let mut trail = Trail { kind: "summary", ..trail };
    if let Some(around) = summary.interval() {
        let [low, high] = [around.low, around.high].map(|end| exact(metric, end));
        trail.arithmetic.push(format!("around it, {}: {low} – {high}", around.how.told()));
        let ends =
            json!({ "how": around.how.name(), "low": json_of(around.low), "high": json_of(around.high) });
        trail.told.insert("around".to_owned(), ends);
    }
    trail.arithmetic.push(format!("as many digits as lie apart, in {}: {shown}", unit(metric, in_unit)));
    // What is nothing is said in a word: `no OOM kills`.
    trail.shown = (shown != "0").then_some(shown).into_iter().collect();
    Some(trail)
}

pub(super) fn ratio(of: Of<'_>, metric: &Metric, (from, to): (&str, &str), share: Share) -> Option<Trail> {
    let (from, to) = (of.treatment(from)?, of.treatment(to)?);
    let change = Change::of(metric, from, to, share)?;
    let ends = [from, to].map(|one| summed(metric, one));
    let [before, after] = ends.map(|end| exact(metric, end.median));
    let mut arithmetic: Vec<String> = [(from, &ends[0]), (to, &ends[1])]
        .map(|(one, end)| format!("{}: {}", name(of, one), middle(metric, end)))
        .to_vec();
    let times = change.ratio();
    let shown = times.map(|times| format!("{}{}×", number::sign(change.sign), number::times(times)));
    if let (Some(times), Some(shown)) = (times, &shown) {
        arithmetic.push(format!("{after} ÷ {before} = {times:.6}: {shown}"));
    }
    if change.sign != Sign::Equal {
        arithmetic.push("one of the two is overload throughput, an upper bound of what is sustained: so the ratio is a bound too".to_owned());
    }
    arithmetic.extend(apart::steps(metric, (from, to), share));
    Some(Trail {
        kind: "ratio",
        what: format!("`{}`{} over that{}", metric.name, of.with(&to.slug), of.with(&from.slug)),
        rows: rows(from, metric).into_iter().chain(rows(to, metric)).collect(),
        arithmetic,
        // Of two that are the same no ratio is told.
        shown: shown.filter(|_| change.apart != Apart::Tie).into_iter().collect(),
        told: told([
            ("metric", json!(metric.name)),
            ("unit", json!(metric.unit.symbol())),
            ("from", json!(from.slug)),
            ("to", json!(to.slug)),
            ("value", json!(times)),
            ("sign", json!(number::sign(change.sign).trim())),
            ("apart", json!(apart::word(change.apart))),
            ("among", json!(share.among)),
            ("look", json!(share.look)),
        ]),
    })
}

pub(super) fn unknown(of: Of<'_>, metric: &Metric, slugs: &[String]) -> Trail {
    let own = || slugs.iter().filter_map(|slug| of.treatment(slug));
    let with = if own().count() == of.findings.treatments.len() {
        String::new()
    } else {
        own().map(|one| of.with(&one.slug)).collect::<Vec<_>>().join(",")
    };
    Trail {
        kind: "unknown",
        what: format!("`{}` of every valid trial{with}", metric.name),
        rows: own().flat_map(|one| rows(one, metric)).collect(),
        arithmetic: vec!["no row has a value".to_owned()],
        shown: Vec::new(),
        told: told([("metric", json!(metric.name)), ("treatments", json!(slugs)), ("value", Value::Null)]),
    }
}

pub(super) fn load(of: Of<'_>, slug: &str) -> Option<Trail> {
    let treatment = of.treatment(slug)?;
    let row = |trial: &TrialFindings| {
        let saturated = trial.judged.saturated.map(|yes| yes.to_string()).unwrap_or_default();
        Given::new(&trial.record.trial, TRIALS, "saturated", saturated)
    };
    Some(Trail {
        kind: "load",
        what: format!("how the trials{} were loaded", of.with(slug)),
        rows: treatment.valid().map(row).collect(),
        arithmetic: vec![format!(
            "overload where the backlog grew in all, mixed where it grew in some, draining where it fell in some (the doubt `not_steady`, unless a backlog was asked for), else steady: {}",
            treatment.load.name()
        )],
        shown: Vec::new(),
        told: told([("treatment", json!(slug)), ("value", json!(treatment.load.name()))]),
    })
}

pub(super) fn same_load(of: Of<'_>, slugs: &[String]) -> Trail {
    let offered = Metric::written(OFFERED);
    let all = || slugs.iter().filter_map(|slug| of.treatment(slug)).zip(offered.iter().cycle());
    let medians: Vec<(f64, &str)> = all()
        .filter_map(|(one, metric)| Some((summed(metric, one).median.value()?, one.slug.as_str())))
        .collect();
    let least = medians.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0));
    let most = medians.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0));
    let mut arithmetic = Vec::new();
    if let (Some(least), Some(most)) = (least, most) {
        let apart = (most.0 / least.0 - 1.0) * 100.0;
        arithmetic.push(format!(
            "medians from {}{} to {}{}: {apart:.3} % apart, not more than 2 %, and all kept up with it",
            number::plain(least.0),
            of.with(least.1),
            number::plain(most.0),
            of.with(most.1)
        ));
    }
    Trail {
        kind: "same_load",
        what: format!("`{OFFERED}` of all treatments that are compared"),
        rows: all().flat_map(|(one, metric)| rows(one, metric)).collect(),
        arithmetic,
        shown: Vec::new(),
        told: told([("treatments", json!(slugs)), ("value", json!(true))]),
    }
}
