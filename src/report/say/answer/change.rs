//! How a metric differs between two treatments, in words.

use super::super::claim::{Claim, Evidence};
use super::{NAMED, at};
use crate::analyse::{
    Apart, Change, Factor, Findings, Load, Main, Reading, Summary, TreatmentFindings, beyond, is_throughput,
    left_out, of,
};
use crate::record::Manifest;
use crate::report::number::{Shown, said_in, sign, times};
use crate::spec::{Metric, Unit, short_names};

/// The sentence that answers. `found`: from the least to the greatest of all numbers, else best and worst; `same`: all kept up with the same load.
pub(super) fn main(
    (manifest, findings): (&Manifest, &Findings),
    change: &Change<'_>,
    (found, same): (&Main<'_>, bool),
    known: &[&TreatmentFindings],
) -> Claim {
    let grows = found.grows();
    let load = if same { "At the same load, " } else { "" };
    let shown = said_in(&change.metric, findings);
    let said = match found {
        Main::Growth(..) => grown(manifest, (change, shown), load),
        Main::Extremes(found) => best_and_worst(manifest, (change, shown), load, &found.group),
    };
    let beyond =
        if grows && manifest.factors.len() == 1 { between(manifest, (change, shown), known) } else { None };
    let out = if grows { None } else { out(manifest, (change, shown), known) };
    let ends = [change.from, change.to];
    let limit =
        (is_throughput(&change.metric) && ends.iter().all(|one| one.load == Load::Steady)).then(|| {
            let words = "; both kept up with what was offered: the limits lie higher";
            Claim::new(words, ends.map(Evidence::load))
        });
    let untold = without(manifest, findings, &change.metric);
    let whole = [beyond, out, untold, limit].into_iter().flatten().fold(said, Claim::and);
    let alike = Evidence::SameLoad { of: known.iter().map(|one| one.slug.clone()).collect() };
    whole.told(|text| format!("{text}.")).resting_on(same.then_some(alike))
}

/// Those that have a value and are not compared, by why, and what they came to: `; not compared with them: rate=1600/s (overload, 995)`.
fn out(
    manifest: &Manifest,
    (change, shown): (&Change<'_>, Shown),
    known: &[&TreatmentFindings],
) -> Option<Claim> {
    let all = left_out(change, known);
    let mut parts: Vec<String> = Vec::new();
    let mut medians: Vec<Evidence> = Vec::new();
    for load in [Load::Overload, Load::Steady, Load::Draining, Load::Mixed, Load::Unknown] {
        let own: Vec<&TreatmentFindings> = all.iter().copied().filter(|one| one.load == load).collect();
        if own.is_empty() {
            continue;
        }
        let came = match span(&change.metric, shown, &own) {
            Some((came, ends)) => {
                medians.extend(ends.map(|end| Evidence::median(&change.metric, end)));
                format!(", {came}")
            }
            None => String::new(),
        };
        parts.push(format!("{} ({}{came})", listed(manifest, &own), load.name()));
    }
    let on = all.iter().map(|one| Evidence::load(one)).chain(medians);
    (!parts.is_empty()).then(|| Claim::new(format!("; not compared with them: {}", parts.join(", ")), on))
}

/// Those whose trials count and tell nothing of it, and might lie beyond both: `; not known with partitions=4`.
fn without(manifest: &Manifest, findings: &Findings, metric: &Metric) -> Option<Claim> {
    let is = |one: &&TreatmentFindings| one.valid().next().is_some() && of(metric, one).n == 0;
    let own: Vec<&TreatmentFindings> = findings.treatments.iter().filter(is).collect();
    let on = Evidence::unknown(metric, own.iter().copied());
    (!own.is_empty()).then(|| Claim::new(format!("; not known with {}", listed(manifest, &own)), [on]))
}

/// Each by its name; of many how many they are.
fn listed(manifest: &Manifest, all: &[&TreatmentFindings]) -> String {
    if all.len() > NAMED {
        return format!("{} treatments", all.len());
    }
    all.iter().map(|one| at(manifest, one)).collect::<Vec<_>>().join(", ")
}

/// From the least to the greatest median of these, with whose they are; none where one of them is only known to lie between two numbers.
fn span<'a>(
    metric: &Metric,
    shown: Shown,
    of_these: &[&'a TreatmentFindings],
) -> Option<(String, [&'a TreatmentFindings; 2])> {
    let medians = of_these.iter().map(|one| match of(metric, one).median {
        read @ (Reading::Value(least) | Reading::Beyond(least)) => Some((least, read, *one)),
        _ => None,
    });
    let mut medians: Vec<(f64, Reading, &TreatmentFindings)> = medians.collect::<Option<_>>()?;
    medians.sort_by(|one, other| one.0.total_cmp(&other.0));
    let ends = [medians.first()?, medians.last()?];
    let [least, most] = ends.map(|(_, read, _)| shown.value(*read));
    let text = if least == most { least } else { format!("{least} to {most}") };
    Some((text + &shown.after_again(), ends.map(|(.., one)| *one)))
}

fn grown(manifest: &Manifest, (change, shown): (&Change<'_>, Shown), load: &str) -> Claim {
    let (from, to) = (at(manifest, change.from), at(manifest, change.to));
    let from_word = if load.is_empty() { "From" } else { "from" };
    went(change, shown).told(|went| format!("{load}{from_word} {from} to {to} {went}"))
}

/// `overload throughput went from 196 to 788 messages per second (4.01×)`.
fn went(change: &Change<'_>, shown: Shown) -> Claim {
    let (label, unit) = (label(change), shown.after());
    let (before, after) = (number(change.values.0, shown), number(change.values.1, shown));
    let text = match change.apart {
        Apart::Tie => format!("{label} stayed at {before}{unit}"),
        _ => format!("{label} went from {before} to {after}{unit}{}", ratio(change)),
    };
    Claim::new(text, ends(change))
}

/// What a comparison rests on: both medians, and the one over the other.
fn ends(change: &Change<'_>) -> [Evidence; 3] {
    let median = |one| Evidence::median(&change.metric, one);
    [median(change.from), median(change.to), Evidence::ratio(change)]
}

/// ` (4.01×)`, and what speaks against it.
fn ratio(change: &Change<'_>) -> String {
    let factor = change.ratio().map(|ratio| format!("{}{}×", sign(change.sign), times(ratio)));
    let apart = match change.apart {
        Apart::NotTold => Some("not told apart".to_owned()),
        Apart::Unknown => Some("too few trials to know their spread".to_owned()),
        Apart::Clear | Apart::Tie => None,
    };
    let all: Vec<String> = factor.into_iter().chain(apart).collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

/// Those that trials do not tell apart from an end stand beside it: which of them is the least is chance.
fn best_and_worst(
    manifest: &Manifest,
    (change, shown): (&Change<'_>, Shown),
    load: &str,
    group: &[&TreatmentFindings],
) -> Claim {
    let end = |end: &TreatmentFindings, other: &TreatmentFindings| {
        let beside = group.iter().filter(|one| one.slug != end.slug && one.slug != other.slug);
        let beside: Vec<&&TreatmentFindings> = beside
            .filter(|one| Apart::of(&change.metric, (end, one), change.share) != Apart::Clear)
            .collect();
        let named = at(manifest, end);
        let named = match beside.as_slice() {
            [] => named,
            [one] => format!("{named} (not told apart from {})", at(manifest, one)),
            more => format!("{named} (not told apart from {} others)", more.len()),
        };
        Claim::new(named, beside.iter().map(|one| Evidence::apart(&change.metric, (end, one), change.share)))
    };
    let (low_end, high_end) = (end(change.from, change.to), end(change.to, change.from));
    let (least, most) = (low_end.text, high_end.text);
    let on = ends(change).into_iter().chain(low_end.on).chain(high_end.on);
    let (low, high) = (number(change.values.0, shown), number(change.values.1, shown));
    let label = sentence(load, &label(change));
    let (after, again, times) = (shown.after(), shown.after_again(), ratio(change));
    // The least first, whichever is better: the sentence that follows goes from the one to the other.
    let text = if change.apart == Apart::Tie {
        format!("{load}{label} is {low}{after} with {least} and with {most} alike")
    } else {
        format!(
            "{load}{label} is least with {least} at {low}{after}, and greatest with {most} at {high}{again}{times}"
        )
    };
    Claim::new(text, on)
}

/// A first letter in capitals where nothing stands before it.
pub(super) fn sentence(before: &str, text: &str) -> String {
    let mut letters = text.chars();
    match letters.next().filter(|_| before.is_empty()) {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text.to_owned(),
    }
}

/// Where a level between the ends lies beyond both, by more than trials spread: `; greatest at producers=10 (99.0)`.
fn between(
    manifest: &Manifest,
    (change, shown): (&Change<'_>, Shown),
    known: &[&TreatmentFindings],
) -> Option<Claim> {
    let metric = &change.metric;
    let (low, high) = (change.values.0.min(change.values.1), change.values.0.max(change.values.1));
    let ends = [change.from, change.to];
    let clear = |one: &TreatmentFindings| {
        ends.iter().all(|end| Apart::of(metric, (end, one), change.share) == Apart::Clear)
    };
    let inner = known.iter().filter_map(|one| Some((of(metric, one).median.value()?, *one)));
    let inner: Vec<(f64, &TreatmentFindings)> = inner.filter(|(_, one)| clear(one)).collect();
    let most = inner.iter().copied().filter(|(value, _)| *value > high).max_by(|a, b| a.0.total_cmp(&b.0));
    let least = inner.iter().copied().filter(|(value, _)| *value < low).min_by(|a, b| a.0.total_cmp(&b.0));
    let told = |word: &str, (found, one): (f64, &TreatmentFindings)| {
        let text =
            format!("; {word} with {} at {}{}", at(manifest, one), number(found, shown), shown.after());
        let apart = [change.from, change.to].map(|end| Evidence::apart(metric, (end, one), change.share));
        Claim::new(text, [Evidence::median(metric, one)]).resting_on(apart)
    };
    let all = [most.map(|most| told("greatest", most)), least.map(|least| told("least", least))];
    Claim::joined(all.into_iter().flatten(), "")
}

/// What the other responses did between the same two treatments, and what they came to with others.
pub(super) fn others(
    manifest: &Manifest,
    findings: &Findings,
    main: &Change<'_>,
    metrics: &[Metric],
) -> Option<Claim> {
    let told = |metric: &Metric| {
        let shown = said_in(metric, findings);
        let Some(change) = Change::of(metric, main.from, main.to, main.share) else {
            return apart((metric, shown), main);
        };
        let further = further(manifest, findings, (&change, shown));
        Some(further.into_iter().fold(went(&change, shown), Claim::and))
    };
    let all = Claim::joined(metrics.iter().filter_map(told), ", ")?;
    Some(all.told(|all| format!("From the one to the other {all}.")))
}

/// ` and came to 957 with upgrade=two pipelines`, where its trials lie beyond those of both.
fn further(manifest: &Manifest, findings: &Findings, (change, shown): (&Change<'_>, Shown)) -> Option<Claim> {
    let metric = &change.metric;
    let told = |one: &TreatmentFindings| {
        let came = shown.value(of(metric, one).median);
        let text = format!("to {came}{} with {}", shown.after_again(), at(manifest, one));
        Claim::new(text, [Evidence::median(metric, one)])
    };
    let all = Claim::joined(beyond(change, &findings.treatments).into_iter().flatten().map(told), " and ")?;
    Some(all.told(|all| format!(" and came {all}")))
}

/// What cannot be compared between the two is told of each.
fn apart((metric, shown): (&Metric, Shown), main: &Change<'_>) -> Option<Claim> {
    let ends = [main.from, main.to];
    let [from, to] = ends.map(|one| of(metric, one));
    (from.n + to.n > 0).then(|| {
        let unit = shown.after();
        let text = format!(
            "{} is {}{unit} with the one and {}{unit} with the other (not to be compared)",
            metric.label,
            shown.value(from.median),
            shown.value(to.median),
        );
        Claim::new(text, ends.map(|one| Evidence::median(metric, one))).resting_on(ends.map(Evidence::load))
    })
}

/// One metric of treatments that cannot be compared by it.
pub(super) fn each(
    (manifest, findings): (&Manifest, &Findings),
    metric: &Metric,
    known: &[&TreatmentFindings],
) -> Claim {
    let shown = said_in(metric, findings);
    let told = |one: &&TreatmentFindings| {
        let read = shown.value(of(metric, one).median);
        format!("{read}{} with {} ({})", shown.after(), at(manifest, one), one.load.name())
    };
    let mut all: Vec<String> = known.iter().take(NAMED).map(told).collect();
    if known.len() > NAMED {
        all.push(format!("and {} more", known.len() - NAMED));
    }
    let on = known.iter().take(NAMED).flat_map(|one| [Evidence::median(metric, one), Evidence::load(one)]);
    Claim::new(format!("{} cannot be compared: {}.", sentence("", &metric.label), all.join(", ")), on)
}

/// The responses of one treatment, where there is nothing to compare it with.
pub(super) fn alone(
    (manifest, findings): (&Manifest, &Findings),
    treatment: &TreatmentFindings,
    metrics: &[Metric],
) -> Claim {
    let told = told(findings, treatment, metrics);
    if manifest.factors.is_empty() {
        return told.told(|told| format!("{}.", sentence("", told)));
    }
    told.told(|told| format!("With {}: {told}.", at(manifest, treatment)))
}

/// The same without a treatment's name: `throughput 198 messages per second, no OOM kills`.
pub(super) fn told(findings: &Findings, treatment: &TreatmentFindings, metrics: &[Metric]) -> Claim {
    let told = |metric: &Metric| {
        let of: Summary = of(metric, treatment);
        let unit = said_in(metric, findings);
        let shown = unit.summary(of);
        let label =
            if is_throughput(metric) { throughput(treatment.load == Load::Overload) } else { &metric.label };
        let none = metric.unit == Unit::Ratio && shown == "0";
        (of.n > 0).then(|| {
            let text = if none { format!("no {label}") } else { format!("{label} {shown}{}", unit.after()) };
            Claim::new(text, [Evidence::summary(metric, treatment)])
        })
    };
    Claim::joined(metrics.iter().filter_map(told), ", ").unwrap_or_else(|| Claim::new("", []))
}

/// What one factor changed: `producers 1 → 10 gave 8.10× at linger.ms=5`; of words `client=light over client=librdkafka gave 1.09× at producers=10`; where the
/// one is nothing `failure=killed over failure=left gave 6.09 s in place of 0 s at protocol=classic`.
pub(super) fn ratio_at(
    manifest: &Manifest,
    factor: &Factor,
    (change, shown): (&Change<'_>, Shown),
    others: &TreatmentFindings,
) -> Option<Claim> {
    let names = short_names(&manifest.factors);
    let name = names.get(factor.at)?;
    let (low, high) = (change.from.levels.get(factor.at)?, change.to.levels.get(factor.at)?);
    let who = if factor.is_number {
        format!("{name} {low} → {high}")
    } else {
        format!("{name}={high} over {name}={low}")
    };
    let others: Vec<String> = names
        .iter()
        .zip(&others.levels)
        .enumerate()
        .filter(|(at, _)| *at != factor.at)
        .map(|(_, (name, level))| format!("{name}={level}"))
        .collect();
    let gave = match (change.apart, change.ratio()) {
        (Apart::Tie, _) => "1.00×".to_owned(),
        (_, Some(ratio)) => format!("{}{}×", sign(change.sign), times(ratio)),
        // Of nothing there is no multiple.
        (_, None) => {
            let (from, to) = change.values;
            let unit = shown.after();
            format!("{}{unit} in place of {}{unit}", number(to, shown), number(from, shown))
        }
    };
    let apart = match change.apart {
        Apart::NotTold => " (not told apart)",
        Apart::Unknown => " (too few trials to know their spread)",
        Apart::Clear | Apart::Tie => "",
    };
    let text = format!("{who} gave {gave}{apart} at {}", others.join(", "));
    let medians = ends(change).into_iter().filter(|_| change.ratio().is_none());
    Some(Claim::new(text, [Evidence::ratio(change)]).resting_on(medians))
}

/// What is compared, for a sentence: work that came through under overload is overload throughput.
fn label(change: &Change<'_>) -> String {
    if !is_throughput(&change.metric) {
        return change.metric.label.clone();
    }
    throughput([change.from, change.to].iter().all(|one| one.load == Load::Overload)).to_owned()
}

fn throughput(overload: bool) -> &'static str {
    if overload { "overload throughput" } else { "throughput" }
}

fn number(known: f64, shown: Shown) -> String {
    shown.value(Reading::Value(known))
}
