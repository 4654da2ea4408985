//! The tables of a comparison: one of each metric, and in what the sides differ.

use super::Compared;
use super::said::percent;
use crate::analyse::Reading;
use crate::analyse::versus::{Comparison, Spreads};
use crate::report::document::{Cell, Column, Importance, Row, Section, Table};
use crate::report::number::{UNKNOWN, plain};

/// Values of settings that are longer are cut: a whole one stands in the folder.
const LONGEST: usize = 80;

/// One table a metric.
pub(super) fn section(compared: &Compared<'_>, emulated: &str) -> Option<Section> {
    let mut section = Section::new("comparisons", format!("Comparisons{emulated}"));
    for metric in &compared.metrics {
        let own: Vec<&Comparison> =
            compared.census.judged.iter().filter(|one| one.metric.name == metric.name).collect();
        if !own.is_empty() {
            section.say(
                [format!("{}: {}", metric.label, metric.meaning.trim_end_matches('.'))]
                    .map(|text| text + "."),
            );
            section.table(table(compared, &own));
        }
    }
    (!section.parts.is_empty()).then_some(section)
}

fn table(compared: &Compared<'_>, own: &[&Comparison]) -> Table {
    let name = &own[0].metric.name;
    let column =
        |heading: &str, help: &str, importance| Column { importance, ..Column::new(heading, None, help) };
    let of = |heading: String| Column { importance: Importance::Leading, ..Column::of(heading, name) };
    let several = compared.sides.len() > 2;
    let mut columns = vec![column("treatment", "what is compared", Importance::Row)];
    if several {
        columns.push(column("run", "which run is set against A", Importance::Row));
    }
    columns.extend([
        of("A".to_owned()),
        of(if several { "other".to_owned() } else { "B".to_owned() }),
        column("n", "trials of A and of the other; where paired, blocks", Importance::Usual),
        column("ratio", "the other over A, and its 95 % interval", Importance::Asked),
        column("verdict", "after correction over all that were judged", Importance::Asked),
        column(
            "could have seen",
            "the smallest difference it would have found in 80 % of cases",
            Importance::Leading,
        ),
        column(
            "trials to decide",
            "of each, to find a difference as large as the margin; where that would be seen already, to tell what was found from nothing, or from the margin",
            Importance::Usual,
        ),
        column("p", "chance of such a difference without any, corrected", Importance::Usual),
        column("spread", "how far trials of the other lie apart, over those of A", Importance::Usual),
    ]);
    Table {
        id: "comparison",
        columns,
        rows: own.iter().map(|one| row(one, (several, compared.census.risk))).collect(),
    }
}

fn row(one: &Comparison, (several, risk): (bool, f64)) -> Row {
    let (ratio, low, high) = one.ratio;
    let mut cells = vec![Cell::Label(one.of())];
    if several {
        cells.push(Cell::Label(Compared::letter(one.against)));
    }
    let n = if one.paired { format!("{} pairs", one.n.0) } else { format!("{}, {}", one.n.0, one.n.1) };
    let spread = one.spread.map_or_else(
        || UNKNOWN.to_owned(),
        |spread| {
            let word = match spread.told(risk) {
                Spreads::Wider => "wider",
                Spreads::Narrower => "narrower",
                Spreads::Alike => "no difference seen",
            };
            spread.ratio.map_or_else(|| word.to_owned(), |ratio| format!("{}×, {word}", plain(ratio)))
        },
    );
    let p = if one.p.1 < 0.001 { "< 0.001".to_owned() } else { format!("{:.3}", one.p.1) };
    cells.extend([
        Cell::Reading(Reading::Value(one.means.0)),
        Cell::Reading(Reading::Value(one.means.1)),
        Cell::Label(n),
        Cell::Label(format!("{ratio:.3}× ({low:.3} – {high:.3})")),
        Cell::Label(one.word().to_owned()),
        Cell::Label(percent(one.smallest)),
        Cell::Label(one.needed.map_or_else(|| UNKNOWN.to_owned(), |count| count.to_string())),
        Cell::Label(p),
        Cell::Label(spread),
    ]);
    Row { cells, id: format!("c{}-{}", one.against, one.other), ..Row::default() }
}

/// In what the others differ from the first.
pub(super) fn differences(compared: &Compared<'_>) -> Section {
    let mut section = Section::new("differences", "Differences in set-up");
    for (at, own) in compared.differences.iter().enumerate() {
        let letter = Compared::letter(at + 1);
        if own.is_empty() {
            section.say([format!("{letter} was set up as A was.")]);
            continue;
        }
        let columns = vec![
            Column::new("what", None, "what differs"),
            Column::new("A", None, "of the first"),
            Column::new(letter, None, "of the other"),
            Column::new("forbids", None, "whether numbers of the two cannot be set against each other"),
        ];
        let row = |one: &crate::analyse::versus::Difference| {
            let forbids = if one.forbids { "yes" } else { "no" };
            let cells = [one.what.as_str(), &cut(&one.base), &cut(&one.other), forbids];
            Row { cells: cells.map(|text| Cell::Label(text.to_owned())).to_vec(), ..Row::default() }
        };
        section.table(Table { id: "differences", columns, rows: own.iter().map(row).collect() });
    }
    section
}

fn cut(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).collect();
    match short.len() {
        0 => UNKNOWN.to_owned(),
        length if length < text.len() => format!("{short}…"),
        _ => short,
    }
}
