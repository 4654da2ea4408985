//! What searches for the volume that breaks an SLO came to.

use super::super::claim::{Claim, Evidence};
use super::super::named::named;
use super::change::sentence;
use crate::analyse::{Findings, Grown, Load, TreatmentFindings, is_throughput, of, responses};
use crate::record::Manifest;
use crate::report::number::{plain, said_in};
use crate::spec::Metric;
use crate::units::Rate;

/// What really came.
const OFFERED: &str = "offered_msgs_per_s";

/// A sentence a search.
pub(super) fn searched(manifest: &Manifest, findings: &Findings, grown: &[Grown]) -> Vec<Claim> {
    let on = |search: &Grown| {
        let told = [search.held, search.broken.as_ref().map(|(broken, _)| *broken), search.again];
        let told = told.into_iter().flatten();
        let came = told.filter_map(|volume| {
            Some(Evidence::median(&Metric::written(OFFERED)?, tried(findings, search, volume)?))
        });
        let volumes = Evidence::Volumes { levels: search.levels.clone() };
        std::iter::once(volumes).chain(came).collect::<Vec<_>>()
    };
    grown.iter().map(|search| Claim::new(one(manifest, findings, search), on(search))).collect()
}

/// What one search for the volume that breaks an SLO came to.
fn one(manifest: &Manifest, findings: &Findings, search: &Grown) -> String {
    let at = named(manifest, &search.levels);
    let at = if at.is_empty() { at } else { format!("At {at}: ") };
    let held = match search.held {
        Some(held) => {
            let load = tried(findings, search, held).map(|one| one.load);
            let grew = if matches!(load, Some(Load::Overload | Load::Mixed)) {
                " though its backlog grew: in the long run it does not hold"
            } else {
                ""
            };
            let greatest = if search.again.is_some() { "a" } else { "the greatest" };
            format!("{} was {greatest} volume at which all held{grew}", volume(findings, search, held))
        }
        None if search.tried == 0 => return format!("{at}no volume is tried yet."),
        None if search.undecided.is_some() => "at which volume all hold is not known".to_owned(),
        None if search.again.is_some() => "at the least volume that was tried not all held".to_owned(),
        None => "at no volume that was tried did all hold".to_owned(),
    };
    let slos = |texts: &[String]| texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ");
    let above = match (&search.broken, search.undecided) {
        (Some((broken, texts)), None) => {
            format!("{} the least that broke {}", volume(findings, search, *broken), slos(texts))
        }
        (Some((broken, texts)), Some(undecided)) => {
            let broken = volume(findings, search, *broken);
            format!("at {undecided} it cannot be said, {broken} broke {}", slos(texts))
        }
        (None, Some(undecided)) => format!("at {undecided} it cannot be said, and none that was tried broke"),
        (None, None) => "none that broke was reached".to_owned(),
    };
    let volumes = if search.tried == 1 { "1 volume".to_owned() } else { format!("{} volumes", search.tried) };
    let again = search
        .again
        .map_or_else(String::new, |again| format!("; all held again at {}", volume(findings, search, again)));
    format!("{}, {above}{again} ({volumes} tried).", sentence(&at, &format!("{at}{held}")))
}

/// A volume as it was asked for, and where arrivals brought another one, that: `951/s (972/s came)`.
fn volume(findings: &Findings, search: &Grown, asked: Rate) -> String {
    let offered = tried(findings, search, asked).and_then(|one| one.metric(OFFERED)?.median.value());
    let came = offered.map(plain).filter(|came| *came != plain(asked.as_per_second()));
    came.map_or_else(|| asked.to_string(), |came| format!("{asked} ({came}/s came)"))
}

/// The treatment of a search that offered so much.
fn tried<'a>(findings: &'a Findings, search: &Grown, volume: Rate) -> Option<&'a TreatmentFindings> {
    findings.treatments.iter().find(|one| {
        let offered = one.levels.last().and_then(|label| label.parse().ok());
        one.levels.starts_with(&search.levels) && offered == Some(volume)
    })
}

/// What the responses read at the greatest volume that held and at the least that broke: `end-to-end p99 was 167 ms at 951/s and 808 ms at 1040/s`.
pub(super) fn beside(manifest: &Manifest, findings: &Findings, grown: &[Grown]) -> Option<Claim> {
    let [search] = grown else { return None };
    let (held, broken) = (search.held?, search.broken.as_ref()?.0);
    let (below, above) = (tried(findings, search, held)?, tried(findings, search, broken)?);
    let told = |metric: &Metric| {
        let shown = said_in(metric, findings);
        let (read, unit) = (|one| shown.value(of(metric, one).median), shown.after());
        format!("{} was {}{unit} at {held} and {}{unit} at {broken}", metric.label, read(below), read(above))
    };
    // What came through is what was offered, as long as all held.
    let asked: Vec<Metric> =
        responses(manifest, findings).into_iter().filter(|metric| !is_throughput(metric)).collect();
    let on = asked.iter().flat_map(|metric| [below, above].map(|one| Evidence::median(metric, one)));
    let all: Vec<String> = asked.iter().map(told).collect();
    let single = [below, above].iter().any(|one| one.valid().count() < 2);
    let spread = if single && !all.is_empty() { " (one trial: its spread is not known)" } else { "" };
    let text = format!("{}{spread}", all.join(", "));
    (!text.is_empty()).then(|| Claim::new(format!("{}.", sentence("", &text)), on))
}
