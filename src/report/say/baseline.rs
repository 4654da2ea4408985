//! COST: how much it takes until a configuration beats one tuned thread over all partitions.

use super::claim::{Claim, Evidence};
use super::rows::{columns, metric, row};
use crate::analyse::{
    Against, Came, Change, Cost, Findings, How, Rival, TreatmentFindings, against, median_of_money,
};
use crate::record::Manifest;
use crate::report::document::{Cell, Column, Rule, Section, Table};
use crate::report::number::{UNKNOWN, money, sign, times, within};
use crate::spec::{BASELINE, Metric, short_names};
use crate::units::Money;

/// As it is called in sentences and figures.
const THREAD: &str = "one thread over all partitions";

/// Under a heading that says what was emulated, with its claims and the number of the first; none where no baseline was tried.
pub fn section(
    manifest: &Manifest,
    findings: &Findings,
    emulated: &str,
    (from, claims): (usize, Vec<String>),
) -> Option<Section> {
    let all = against(findings);
    if all.is_empty() {
        return None;
    }
    let mut section = Section::new(BASELINE, format!("Against one thread (COST){emulated}"));
    section.claim(from, claims);
    section.table(table(manifest, &all));
    section.say([
        "The baseline is one consumer of one thread that reads all partitions, set as `baseline` of the experiment says, tried once in every block; it is in no fit, no ranking and no verdict of the run.".to_owned(),
        format!(
            "Over one thread is the geometric mean of ratios within blocks, in brackets {}; where there are no brackets it is that of medians, with no interval.",
            How::StudentOfLogs.told()
        ),
        format!(
            "A configuration beats it where its trials tell the two apart: Student's t, block by block, {}, those of the answer among them; all looks at the run come to 5 %.",
            findings.share.told()
        ),
    ]);
    Some(section)
}

/// A sentence for each baseline.
pub fn claims(manifest: &Manifest, findings: &Findings) -> Vec<Claim> {
    let all = against(findings);
    let several = all.len() > 1;
    all.iter().map(|one| claim(manifest, one, several)).collect()
}

/// A line of its own in a figure of throughput.
pub fn lines(manifest: &Manifest, findings: &Findings, of: &Metric) -> Vec<Rule> {
    let several = findings.baselines.len() > 1;
    let line = |one: &TreatmentFindings| {
        let height = metric(one, &of.name).median.value()?;
        let with = if several { format!(", {}", kept(manifest, one)) } else { String::new() };
        Some(Rule { x: height, name: format!("one thread{with}") })
    };
    let own = findings.baselines.iter().filter(|one| one.throughput_metric() == of.name);
    own.filter_map(line).collect()
}

/// The levels that it has in common with what it stands beside: `partitions=4`.
fn kept(manifest: &Manifest, one: &TreatmentFindings) -> String {
    let names = short_names(&manifest.factors).into_iter().zip(&one.levels);
    let own = names.filter(|(_, level)| *level != BASELINE);
    own.map(|(factor, level)| format!("{factor}={level}")).collect::<Vec<_>>().join(", ")
}

fn claim(manifest: &Manifest, one: &Against<'_>, several: bool) -> Claim {
    let kept = kept(manifest, one.baseline);
    let with = if several && !kept.is_empty() { format!(" with {kept}") } else { String::new() };
    let beaten = Evidence::Beaten { baseline: one.baseline.slug.clone() };
    let at = one.share.told();
    match one.came {
        Came::At(place, surely) => {
            let rival = &one.rivals[place];
            let price = cost(rival.of).map(|amount| format!(", {} per million", money(amount)));
            let ratio =
                rival.change.as_ref().and_then(told).map(|told| format!("{told}, ")).unwrap_or_default();
            let fewer = if surely { "" } else { "; of fewer it is undecided" };
            let text = format!(
                "COST{with}: {}{}, until this beats {THREAD} ({ratio}{at}){fewer}.",
                size(rival),
                price.unwrap_or_default()
            );
            let on = rival.change.as_ref().map(Evidence::ratio).into_iter();
            let priced = cost(rival.of).map(|_| Evidence::Cost { of: rival.of.slug.clone(), sticker: false });
            Claim::new(text, on.chain(priced).chain([beaten]))
        }
        Came::Never => {
            Claim::new(format!("COST{with}: nothing that was measured beats {THREAD} ({at})."), [beaten])
        }
        Came::KeptUp => Claim::new(
            format!("COST{with}: not known, as {THREAD} kept up with all that was offered."),
            [Evidence::load(one.baseline), beaten],
        ),
        Came::Undecided => Claim::new(
            format!("COST{with}: undecided, as nothing that was measured is known to beat {THREAD} ({at})."),
            [beaten],
        ),
    }
}

/// `3 instances`, `1 instance of 2 threads`.
fn size(of: &Rival<'_>) -> String {
    let s = if of.instances == 1 { "" } else { "s" };
    let threads = if of.threads == 1 { String::new() } else { format!(" of {} threads", of.threads) };
    format!("{} instance{s}{threads}", of.instances)
}

/// How many times the baseline it is, with the interval where there is one.
fn over(rival: &Rival<'_>) -> String {
    let of_medians = || rival.change.as_ref().and_then(told).unwrap_or_else(|| UNKNOWN.to_owned());
    rival.ratio.map_or_else(of_medians, |ratio| within(ratio.mean, ratio.range, "×"))
}

fn told(change: &Change<'_>) -> Option<String> {
    Some(format!("{}{}×", sign(change.sign), times(change.ratio()?)))
}

/// What a million messages cost, with surplus credits; none where that cannot be said.
fn cost(of: &TreatmentFindings) -> Option<Money> {
    let (_, costs) = of.costs.as_ref()?;
    median_of_money(costs.iter().map(Cost::credit_aware_per_million))
}

fn table(manifest: &Manifest, all: &[Against<'_>]) -> Table {
    let rate = all.first().map_or("", |one| one.metric.name.as_str());
    let any_cost = all.iter().any(|one| {
        one.rivals.iter().map(|rival| rival.of).chain([one.baseline]).any(|one| cost(one).is_some())
    });
    let further = [
        Column::of("throughput/s", rate),
        Column::new("over one thread", None, "throughput over that of the baseline, and its 95 % interval"),
        Column::new("beats it", None, "whether its trials tell it apart, and it does more"),
    ];
    let priced = any_cost.then(|| Column::of("$/million with credits", "cost_credit_aware_usd_per_million"));
    let cells = |one: &TreatmentFindings, over: String, beats: &str| {
        let known = [Cell::Summary(metric(one, rate)), Cell::Label(over), Cell::Label(beats.to_owned())];
        known.into_iter().chain(any_cost.then(|| Cell::Money(cost(one))))
    };
    let rows = all.iter().flat_map(|one| {
        let rivals = one
            .rivals
            .iter()
            .map(move |rival| row(manifest, rival.of, cells(rival.of, over(rival), rival.beats.name())));
        let own = row(manifest, one.baseline, cells(one.baseline, UNKNOWN.to_owned(), UNKNOWN));
        std::iter::once(own).chain(rivals)
    });
    Table {
        id: BASELINE,
        columns: columns(manifest, further.into_iter().chain(priced)),
        rows: rows.collect(),
    }
}
