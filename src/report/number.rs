//! Numbers for people: three digits that mean something, and what is not known said as that.

use super::document::{Cell, Column, Table};
use crate::analyse::{Findings, Reading, Scaling, Sign, Summary, Verdict, of as median_of};
use crate::spec::{Metric, Unit};
use crate::stats::Range;
use crate::units::Money;

/// What is not known.
pub const UNKNOWN: &str = "–";

/// What the numbers of a column are shown in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shown {
    /// What they are in.
    unit: Option<Unit>,
    /// So many of what is shown make one of what they are in.
    times: Option<f64>,
    /// What stands in the column's head; empty where its heading says it.
    pub name: &'static str,
}

impl Shown {
    /// As the unit itself.
    fn of(unit: Option<Unit>) -> Self {
        Shown { unit, times: None, name: unit.map_or("", Unit::symbol) }
    }

    /// What suits values of a unit: of times what suits the greatest of them, where that leaves three digits of the least.
    fn suiting(unit: Unit, values: impl Iterator<Item = f64>) -> Self {
        let own = Shown::of(Some(unit));
        let in_ms = match unit {
            Unit::Millis => 1.0,
            Unit::Seconds => 1e3,
            _ => return own,
        };
        let (mut least, mut greatest) = (f64::INFINITY, 0.0_f64);
        for ms in values.map(|value| value * in_ms).filter(|ms| *ms > 0.0) {
            (least, greatest) = (least.min(ms), greatest.max(ms));
        }
        match greatest {
            ms if ms <= 0.0 => own,
            ms if ms < 1.0 => Shown { times: Some(1e3 * in_ms), name: "µs", ..own },
            ms if ms >= 10_000.0 && least >= 100.0 => Shown { times: Some(in_ms / 1e3), name: "s", ..own },
            _ => Shown { times: Some(in_ms), name: "ms", ..own },
        }
    }

    fn scaled(self, of: Summary) -> Summary {
        self.times.map_or(of, |times| of.times(times))
    }

    /// Whether times are shown in a unit that suits them.
    pub const fn is_scaled(&self) -> bool {
        self.times.is_some()
    }

    /// What stands after a number in a sentence, with the blank before it.
    pub fn after(&self) -> String {
        match (self.times, self.unit) {
            (Some(_), _) => format!(" {}", self.name),
            (None, unit) => unit.map_or("", Unit::after).to_owned(),
        }
    }

    /// The same after a second number, which needs it only where it is short.
    pub fn after_again(&self) -> String {
        Some(self.after()).filter(|after| after.chars().count() <= SHORT).unwrap_or_default()
    }

    /// A reading in it; its own sign, as of money, stands before it.
    pub fn value(&self, of: Reading) -> String {
        let sign = if self.unit.is_some_and(Unit::is_money) { "$" } else { "" };
        format!("{sign}{}", reading_in(self.times.map_or(of, |times| of.times(times)), self.unit))
    }

    /// A summary in it, likewise.
    pub fn summary(&self, of: Summary) -> String {
        let sign = if self.unit.is_some_and(Unit::is_money) { "$" } else { "" };
        format!("{sign}{}", summary_in(self.scaled(of), self.unit))
    }
}

/// Letters of a unit that is said again after a second number.
const SHORT: usize = 4;

/// What sentences show a metric in: what a column with its medians of all treatments is shown in.
pub fn said_in(metric: &Metric, findings: &Findings) -> Shown {
    let medians = findings.treatments.iter().map(|one| median_of(metric, one).median);
    Shown::suiting(metric.unit, medians.filter_map(Reading::at_least))
}

/// What each column of a table is shown in: times in the unit that suits the greatest of them.
pub fn units(table: &Table) -> Vec<Shown> {
    table.columns.iter().enumerate().map(|(at, column)| shown_in(table, (at, column))).collect()
}

fn shown_in(table: &Table, (at, column): (usize, &Column)) -> Shown {
    let told = ["/s", "%", "$", "MiB", "cores", "/M"].iter().any(|unit| column.heading.contains(unit));
    let own = Shown {
        name: if told { "" } else { column.unit.map_or("", Unit::symbol) },
        ..Shown::of(column.unit)
    };
    let cells = || table.rows.iter().filter_map(|row| row.cells.get(at));
    if cells().any(|cell| matches!(cell, Cell::Verdict(..))) {
        return Shown { name: "", ..own }; // it says its unit itself
    }
    let values = cells().filter_map(|cell| match cell {
        Cell::Reading(of) => of.at_least(),
        Cell::Summary(of) | Cell::Median(of) => of.median.at_least(),
        _ => None,
    });
    match column.unit {
        Some(unit @ Unit::Millis) => Shown::suiting(unit, values),
        Some(unit @ Unit::Seconds) if !told => Shown::suiting(unit, values),
        _ => own,
    }
}

/// A cell as every format shows it, in its column's unit.
pub fn cell(cell: &Cell, unit: Option<Unit>) -> String {
    cell_in(cell, Shown::of(unit))
}

/// The same in what its column is shown in.
pub fn cell_in(cell: &Cell, shown: Shown) -> String {
    let unknown = || UNKNOWN.to_owned();
    let unit = shown.unit;
    match cell {
        Cell::Label(text) => text.clone(),
        Cell::Count(count) => count.map_or_else(unknown, |count| count.to_string()),
        Cell::Of(part, of) => format!("{part}/{of}"),
        Cell::Reading(of) => reading_in(shown.times.map_or(*of, |times| of.times(times)), unit),
        Cell::Summary(of) => summary_in(shown.scaled(*of), unit),
        Cell::Median(of) => reading_in(shown.scaled(*of).median, unit),
        Cell::Money(amount) => amount.map_or_else(unknown, |amount| dollars(amount.as_dollars())),
        Cell::Scaling(of) => scaling(*of),
        Cell::Load(load) => load.name().to_owned(),
        Cell::Verdict(verdict, of) => judged(*verdict, *of, unit),
    }
}

/// At least three digits, none beyond what three need.
pub fn plain(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        size if size >= 0.995 => 2,
        size if size >= 0.000_5 => 3,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    if text == "-0" { "0".to_owned() } else { text }
}

/// Digits behind the point of a mark: beside an axis there is no room for more.
const MARKED: usize = 4;

/// A mark of an axis whose marks are so far apart: no digits beyond what tells them apart, by its power of ten where those would not fit (`1.5e-4`).
pub fn tick(value: f64, step: f64) -> String {
    let digits = if step > 0.0 { (-step.log10().floor()).max(0.0) as usize } else { 0 };
    if digits <= MARKED {
        return format!("{value:.digits$}");
    }
    if value.abs() < step / 2.0 {
        return "0".to_owned();
    }
    let apart = (value.abs().log10().floor() - step.log10().floor()).max(0.0) as usize;
    format!("{value:.apart$e}")
}

/// `1 trial`, `2 trials`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Four digits that mean something: money of a million messages is small.
pub fn dollars(value: f64) -> String {
    let digits = match value {
        value if value >= 10.0 => 2,
        value if value >= 0.0995 => 4,
        value if value > 0.0 => (3.0 - value.log10().floor()) as usize,
        _ => 0,
    };
    format!("{value:.digits$}")
}

/// `$0.0722`.
pub fn money(amount: Money) -> String {
    format!("${}", dollars(amount.as_dollars()))
}

/// A value, `> …`, `… to …`, or a dash.
pub fn reading(reading: Reading) -> String {
    reading_in(reading, None)
}

/// A median and what lies around it, without a unit.
pub fn summary(of: Summary) -> String {
    summary_in(of, None)
}

/// How a factor is to be read: nothing, `≥ ` or `≤ `.
pub fn sign(of: Sign) -> &'static str {
    match of {
        Sign::Equal => "",
        Sign::AtLeast => "≥ ",
        Sign::AtMost => "≤ ",
    }
}

fn reading_in(reading: Reading, unit: Option<Unit>) -> String {
    let shown = if unit.is_some_and(Unit::is_money) { dollars } else { plain };
    match reading {
        Reading::Value(value) => shown(value),
        Reading::Beyond(value) => format!("> {}", shown(value)),
        Reading::Between(least, most) if shown(least) == shown(most) => shown(least),
        Reading::Between(least, most) => format!("{} to {}", shown(least), shown(most)),
        Reading::TooFew | Reading::Empty => UNKNOWN.to_owned(),
    }
}

/// `median (least – greatest)`, or whatever else lies around it; the median alone where nothing does. All three with as many digits as lie apart.
fn summary_in(of: Summary, unit: Option<Unit>) -> String {
    let around = of.interval().map(|around| outermost(around.low, around.high));
    let ends = around.and_then(|[low, high]| Some([low.value()?, of.median.value()?, high.value()?]));
    if let (Some([low, median, high]), false) = (ends, unit.is_some_and(Unit::is_money)) {
        let digits = digits_of(high, high - low);
        let [low, median, high] = [low, median, high].map(|value| format!("{value:.digits$}"));
        return if low == high { median } else { format!("{median} ({low} – {high})") };
    }
    let median = reading_in(of.median, unit);
    match around.map(|ends| ends.map(|end| reading_in(end, unit))) {
        Some([low, high]) if low != median || high != median => format!("{median} ({low} – {high})"),
        _ => median,
    }
}

/// The ends of what stands around: of an end that lies between two itself, the outer one.
fn outermost(low: Reading, high: Reading) -> [Reading; 2] {
    let low = if let Reading::Between(least, _) = low { Reading::Value(least) } else { low };
    let high = if let Reading::Between(_, most) = high { Reading::Value(most) } else { high };
    [low, high]
}

/// Decimals that say something where numbers of that size lie so far apart: about a third of the distance is still told, and no more than four digits of
/// the number. What lies nowhere apart has as many as any other number.
fn digits_of(size: f64, apart: f64) -> usize {
    let place = |value: f64| value.abs().log10().floor() as i32;
    if apart <= 0.0 || size <= 0.0 {
        return plain(size).split_once('.').map_or(0, |(_, decimals)| decimals.len());
    }
    (-place(apart / 3.0)).min(3 - place(size)).max(0) as usize
}

/// `held (0.626 ms)`; where trials do not decide, from which to which they lie: `undecided (3.90 – 6.20 ms)`.
fn judged(verdict: Verdict, of: Summary, unit: Option<Unit>) -> String {
    let ends = outermost(of.min, of.max);
    let shown_in = unit.map(|unit| {
        let told = if verdict == Verdict::Undecided { ends.to_vec() } else { vec![of.median] };
        Shown::suiting(unit, told.into_iter().filter_map(Reading::at_least))
    });
    let shown_in = shown_in.unwrap_or_default();
    let scaled = |of: Reading| reading_in(shown_in.times.map_or(of, |times| of.times(times)), unit);
    let [least, most] = ends.map(scaled);
    let median = scaled(of.median);
    let shown =
        if verdict == Verdict::Undecided && least != most { format!("{least} – {most}") } else { median };
    if of.n == 0 || shown == UNKNOWN {
        return verdict.name().to_owned();
    }
    let symbol = if shown_in.times.is_some() { shown_in.name } else { unit.map_or("", Unit::symbol) };
    let blank = if symbol.is_empty() { "" } else { " " };
    format!("{} ({shown}{blank}{symbol})", verdict.name())
}

/// A factor, without its sign: three digits, and of small ones two decimals as long as they say something.
pub fn times(ratio: f64) -> String {
    if (0.0995..9.995).contains(&ratio) { format!("{ratio:.2}") } else { plain(ratio) }
}

/// `3.98× (3.90 – 4.07)`, `≥ 2.00×`, or a dash.
pub fn scaling(of: Option<Scaling>) -> String {
    match of {
        None => UNKNOWN.to_owned(),
        Some(Scaling { ratio: Some(found), .. }) => within(found.mean, found.range, "×"),
        Some(Scaling { factor, sign: of, .. }) => format!("{}{}×", sign(of), times(factor)),
    }
}

/// A number, what stands behind it, and its interval: all three with as many digits as lie apart.
pub fn within(middle: f64, range: Range, after: &str) -> String {
    let digits = digits_of(range.high, range.high - range.low);
    format!("{middle:.digits$}{after} ({:.digits$} – {:.digits$})", range.low, range.high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::Row;

    #[test]
    fn three_digits_are_shown_and_bounds_are_told_from_values() {
        let shown: Vec<String> =
            [12_345.6, 123.4, 12.34, 1.234, 0.1234, 0.0].into_iter().map(plain).collect();
        assert_eq!(shown, ["12346", "123", "12.3", "1.23", "0.123", "0"]);
        assert_eq!(reading(Reading::Beyond(5_000.0)), "> 5000");
        assert_eq!(reading(Reading::TooFew), "–");
        assert_eq!(reading(Reading::Between(120.0, 130.0)), "120 to 130");
        assert_eq!(reading(Reading::Between(120.1, 120.2)), "120", "no digits beyond what is shown");
        let of = Summary::of([Reading::Value(100.0), Reading::Value(102.0), Reading::Value(101.0)]);
        assert_eq!(cell(&Cell::Summary(of), None), "101.0 (100.0 – 102.0)");
        let of = Summary::of([4.0, 427.0, 119.0].map(Reading::Value));
        assert_eq!(cell(&Cell::Summary(of), None), "119 (4 – 427)", "no digits beyond what lies apart");
        let of = Summary::of([Reading::Between(3.0, 11.0), Reading::Between(2.0, 12.0)]);
        assert_eq!(cell(&Cell::Summary(of), None), "2.50 to 11.5 (2.00 – 12.0)");
        let of = Summary::of([101.0, 100.0, 102.0].map(Reading::Value));
        assert_eq!(cell(&Cell::Median(of), None), "101");
    }

    #[test]
    fn marks_of_an_axis_have_the_digits_that_tell_them_apart_and_no_more_than_fit() {
        let marks = |step: f64| (0..=3).map(|at| tick(f64::from(at) * step, step)).collect::<Vec<_>>();
        assert_eq!(marks(0.5), ["0.0", "0.5", "1.0", "1.5"]);
        assert_eq!(marks(0.0005), ["0.0000", "0.0005", "0.0010", "0.0015"]);
        assert_eq!(marks(0.00005), ["0", "5e-5", "1.0e-4", "1.5e-4"]);
        assert_eq!((tick(1e-5, 1e-5), tick(50.0, 50.0)), ("1e-5".to_owned(), "50".to_owned()));
    }

    #[test]
    fn a_verdict_stands_beside_what_was_judged() {
        let of = Summary::of([Reading::Value(4.0), Reading::Value(0.626), Reading::Value(0.5)]);
        let shown = |verdict, of| cell(&Cell::Verdict(verdict, of), Some(Unit::Millis));
        assert_eq!(shown(Verdict::Held, of), "held (626 µs)", "in the unit that suits, as columns are");
        assert_eq!(shown(Verdict::Undecided, of), "undecided (0.500 – 4.00 ms)");
        assert_eq!(shown(Verdict::Broken, Summary::of([Reading::Beyond(5000.0)])), "broken (> 5000 ms)");
        assert_eq!(shown(Verdict::Broken, Summary::of([Reading::Beyond(13_001.0)])), "broken (> 13.0 s)");
        assert_eq!(shown(Verdict::Undecided, Summary::of([Reading::TooFew])), "undecided");
        assert_eq!(shown(Verdict::Undecided, Summary::default()), "undecided");
    }

    #[test]
    fn small_money_keeps_four_digits() {
        let shown: Vec<String> =
            [0.000_028_89, 0.1004, 0.0722, 12.3456, 0.0].into_iter().map(dollars).collect();
        assert_eq!(shown, ["0.00002889", "0.1004", "0.07220", "12.35", "0"]);
        let of = Cell::Reading(Reading::Value(0.0722));
        assert_eq!(cell(&of, Some(Unit::UsdPerMillion)), "0.07220");
        assert_eq!(cell(&of, Some(Unit::Seconds)), "0.072");
    }

    #[test]
    fn times_are_shown_in_the_unit_that_suits_the_greatest_of_a_column() {
        let shown = |ms: &[f64]| {
            let row = |ms: &f64| Row { cells: vec![Cell::Reading(Reading::Value(*ms))], ..Row::default() };
            let columns = vec![Column::of("ack p99", "ack_latency_p99_ms")];
            let table = Table { id: "", columns, rows: ms.iter().map(row).collect() };
            let unit = units(&table)[0];
            let cells = table.rows.iter().map(|row| cell_in(&row.cells[0], unit));
            format!("{} {}", cells.collect::<Vec<_>>().join(" "), unit.name)
        };
        assert_eq!(shown(&[0.022, 0.4]), "22.0 400 µs");
        assert_eq!(shown(&[0.022, 4.0]), "0.022 4.00 ms");
        assert_eq!(shown(&[250.0, 14_000.0]), "0.250 14.0 s");
        assert_eq!(
            shown(&[17.2, 15_000.0]),
            "17.2 15000 ms",
            "no digit of the least is lost to the greatest"
        );
    }

    #[test]
    fn a_factor_has_as_many_digits_as_its_interval_allows() {
        let told = |middle, low, high| within(middle, Range { low, high }, "×");
        assert_eq!(told(0.9815, 0.978_2, 0.984_4), "0.982× (0.978 – 0.984)");
        assert_eq!(told(15.62, 15.01, 16.53), "15.6× (15.0 – 16.5)");
        assert_eq!(told(1.96, 1.87, 2.08), "1.96× (1.87 – 2.08)");
        assert_eq!([0.0213, 0.984, 3.999, 14.84, 145.2].map(times), ["0.021", "0.98", "4.00", "14.8", "145"]);
    }
}
