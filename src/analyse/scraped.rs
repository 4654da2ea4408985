//! What the pages of others say of a window: one number of each name, of all its pages together, and whether any reading is missing.

use std::collections::BTreeMap;

use super::doubt::{Doubt, limits};
use super::reading::Reading;
use crate::record::{Manifest, ScrapedLine, ScrapedRow};
use crate::spec::scrape::Kind;

/// Fewer readings than this tell nothing of how a number went.
const FEWEST: usize = 2;
/// A window of which the readings of a page cover less than this is not known.
const COVERED: f64 = 0.9;

/// Each number of a trial by its name, of a window in seconds since time 0; nothing of one of which a page was not read through most of it. And what of
/// the readings is missing, or cannot be what it seems.
pub(super) fn scraped(
    manifest: &Manifest,
    rows: &[ScrapedRow],
    window: (f64, f64),
) -> (BTreeMap<String, Reading>, Vec<Doubt>) {
    let in_window: Vec<&ScrapedRow> = rows.iter().filter(|row| is_in(row, window)).collect();
    let metrics = manifest.scraped_metrics().into_iter();
    let values = metrics.map(|metric| {
        let lines = manifest.scraped.iter().filter(|line| line.name == metric.name);
        let kinds: Vec<Option<(Kind, f64)>> =
            lines.map(|line| of_line(line, &in_window, window.1 - window.0)).collect();
        let known: Option<Vec<(Kind, f64)>> = kinds.into_iter().collect();
        let value = known.and_then(|known| {
            let kind = known.first()?.0;
            kind.together(known.into_iter().map(|(_, value)| value))
        });
        (metric.name, Reading::from(value))
    });
    let doubts = gaps(manifest, &in_window).into_iter().chain(anew(manifest, &in_window));
    (values.collect(), doubts.collect())
}

/// A reading at an edge is there a few ms after it.
fn is_in(row: &ScrapedRow, (from, to): (f64, f64)) -> bool {
    let asked = row.t_s - row.took_ms / 1e3;
    asked >= from - 0.05 && asked <= to + 0.05
}

fn of_line(line: &ScrapedLine, rows: &[&ScrapedRow], seconds: f64) -> Option<(Kind, f64)> {
    let kind = Kind::named(&line.kind)?;
    let own = rows.iter().filter(|row| row.page == line.page && row.name == line.name);
    let known: Vec<(f64, f64)> = own.filter_map(|row| Some((row.t_s, row.value?))).collect();
    let (first, last) = (known.first()?, known.last()?);
    let over = last.0 - first.0;
    if known.len() < FEWEST || over < COVERED * seconds {
        return None;
    }
    let value = match kind {
        Kind::Rate => (last.1 - first.1) / over,
        // By trapezes: readings do not come in equal steps where one was missing.
        Kind::Gauge => {
            let parts = known.windows(2).map(|two| (two[1].0 - two[0].0) * f64::midpoint(two[0].1, two[1].1));
            parts.sum::<f64>() / over
        }
        Kind::Quantile => known.iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max),
    };
    Some((kind, value))
}

/// A page that was not there for a while, or did not have what was looked for.
fn gaps(manifest: &Manifest, rows: &[&ScrapedRow]) -> Option<Doubt> {
    let missing: Vec<&&ScrapedRow> = rows.iter().filter(|row| row.value.is_none()).collect();
    let first = missing.first()?;
    let what = format!(
        "{} of {} readings of pages are missing; {}",
        missing.len(),
        rows.len(),
        the_first(manifest, first)
    );
    let hint = "what was not read is a gap in `scraped.csv`, and a number of which more than a tenth of the window is missing is unknown";
    Some(limits("scrape_gap", what, hint).of(missing.len() as f64, 0.0, "readings"))
}

/// A counter that was less than before. It may be that of another program at the same address, of which each reading is a start of the other.
fn anew(manifest: &Manifest, rows: &[&ScrapedRow]) -> Option<Doubt> {
    let all: Vec<&&ScrapedRow> =
        rows.iter().filter(|row| row.value.is_some() && !row.why.is_empty()).collect();
    let first = all.first()?;
    let what = format!(
        "in {} of {} readings of pages a counter was less than before; {}",
        all.len(),
        rows.len(),
        the_first(manifest, first)
    );
    let hint = "what it counted between its last reading and its new start is in no rate; where several programs answer at one address, read each by its own";
    Some(limits("scrape_anew", what, hint).of(all.len() as f64, 0.0, "readings"))
}

/// Which reading it was, and what was the matter with it.
fn the_first(manifest: &Manifest, row: &ScrapedRow) -> String {
    let line = manifest.scraped.iter().find(|line| line.page == row.page);
    let url = line.map_or("", |line| &line.url);
    format!("the first, of `{}` from {url}, at second {:.1}: {}", row.name, row.t_s, row.why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::manifest;

    fn line(page: u32, name: &str, kind: &str) -> ScrapedLine {
        ScrapedLine {
            page,
            url: format!("http://x/{page}"),
            every_ms: 1_000,
            name: name.to_owned(),
            select: name.to_owned(),
            kind: kind.to_owned(),
        }
    }

    fn row(page: u32, name: &str, t_s: f64, value: Option<f64>) -> ScrapedRow {
        let why = if value.is_some() { "" } else { "no connection" }.to_owned();
        ScrapedRow { t_s, took_ms: 2.0, page, name: name.to_owned(), value, why }
    }

    fn of(lines: Vec<ScrapedLine>, rows: &[ScrapedRow]) -> (BTreeMap<String, Reading>, Vec<Doubt>) {
        scraped(&crate::record::Manifest { scraped: lines, ..manifest(&["a"]) }, rows, (10.0, 20.0))
    }

    #[test]
    fn rates_and_levels_of_several_pages_add_up_and_of_percentiles_the_greatest_is_said() {
        let lines = vec![
            line(0, "hits", "rate"),
            line(1, "hits", "rate"),
            line(0, "heap", "gauge"),
            line(0, "late", "quantile"),
        ];
        let rows: Vec<ScrapedRow> = (5..=25)
            .flat_map(|second| {
                let at = f64::from(second);
                [
                    row(0, "hits", at, Some(30.0 * at)),
                    row(1, "hits", at, Some(12.0 * at)),
                    row(0, "heap", at, Some(at)),
                    row(0, "late", at, Some(if second == 17 { 9.0 } else { 2.0 })),
                ]
            })
            .collect();
        let (values, gaps) = of(lines, &rows);
        assert_eq!(
            (values["hits"], values["heap"], values["late"]),
            (Reading::Value(42.0), Reading::Value(15.0), Reading::Value(9.0))
        );
        assert_eq!(gaps, []);
    }

    #[test]
    fn a_page_that_was_away_is_a_gap_and_a_doubt_and_where_it_was_away_for_long_nothing_is_known() {
        let rows = |away: std::ops::Range<i32>| -> Vec<ScrapedRow> {
            (8..=22)
                .map(|second| {
                    row(
                        0,
                        "hits",
                        f64::from(second),
                        (!away.contains(&second)).then(|| 5.0 * f64::from(second)),
                    )
                })
                .collect()
        };
        let (values, gap) = of(vec![line(0, "hits", "rate")], &rows(13..16));
        assert_eq!(values["hits"], Reading::Value(5.0), "a counter goes on while nobody looks");
        let [gap] = gap.as_slice() else { panic!("{gap:?}") };
        assert!(
            !gap.spoils
                && gap.what.starts_with("3 of 11 readings")
                && gap.what.contains("at second 13.0: no connection"),
            "{}",
            gap.what
        );
        let (values, gap) = of(vec![line(0, "hits", "rate")], &rows(10..13));
        assert_eq!(values["hits"], Reading::Empty, "the window's beginning is not known");
        assert_eq!(gap.len(), 1);
        let (values, _) = of(vec![line(0, "hits", "rate"), line(1, "hits", "rate")], &rows(0..0));
        assert_eq!(values["hits"], Reading::Empty, "one of two pages is not both");
    }

    #[test]
    fn a_counter_that_begins_anew_in_the_window_is_a_doubt_and_before_it_is_none() {
        let rows = |anew: i32| -> Vec<ScrapedRow> {
            let at = |second: i32| {
                let why = if second == anew { "a counter began anew: 1 after 9" } else { "" }.to_owned();
                ScrapedRow { why, ..row(0, "hits", f64::from(second), Some(5.0 * f64::from(second))) }
            };
            (8..=22).map(at).collect()
        };
        let (values, doubts) = of(vec![line(0, "hits", "rate")], &rows(15));
        assert_eq!(values["hits"], Reading::Value(5.0));
        let [anew] = doubts.as_slice() else { panic!("{doubts:?}") };
        assert_eq!((anew.id, anew.spoils), ("scrape_anew", false));
        assert!(
            anew.what.starts_with("in 1 of 11 readings") && anew.what.ends_with("1 after 9"),
            "{}",
            anew.what
        );
        assert_eq!(of(vec![line(0, "hits", "rate")], &rows(9)).1, [], "a rate is what came since");
    }
}
