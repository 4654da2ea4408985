//! Numbers for people: three digits that mean something, and what is not known said as that.

use super::document::Cell;
use crate::analyse::{Reading, Scaling, Sign, Summary, Verdict};
use crate::spec::Unit;
use crate::units::Money;

/// What is not known.
const UNKNOWN: &str = "–";

/// A cell as every format shows it, in its column's unit.
pub fn cell(cell: &Cell, unit: Option<Unit>) -> String {
    let unknown = || UNKNOWN.to_owned();
    match cell {
        Cell::Label(text) => text.clone(),
        Cell::Count(count) => count.map_or_else(unknown, |count| count.to_string()),
        Cell::Of(part, of) => format!("{part}/{of}"),
        Cell::Reading(of) => reading_in(*of, unit),
        Cell::Summary(of) => summary_in(*of, unit),
        Cell::Median(of) => reading_in(of.median, unit),
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

/// A mark of an axis whose marks are so far apart: no digits beyond what tells them apart.
pub fn tick(value: f64, step: f64) -> String {
    let digits = if step > 0.0 { (-step.log10().floor()).max(0.0) as usize } else { 0 };
    format!("{value:.digits$}")
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

/// A reading in its unit; its own sign, as of money, stands before it.
pub fn value(of: Reading, unit: Unit) -> String {
    let sign = if unit.is_money() { "$" } else { "" };
    format!("{sign}{}", reading_in(of, Some(unit)))
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

/// `median (least – greatest)`, or whatever else lies around it; the median alone where nothing does.
fn summary_in(of: Summary, unit: Option<Unit>) -> String {
    let median = reading_in(of.median, unit);
    let around = of.interval().map(|around| [around.low, around.high].map(|end| reading_in(end, unit)));
    match around {
        Some([low, high]) if low != median || high != median => format!("{median} ({low} – {high})"),
        _ => median,
    }
}

/// `held (0.626 ms)`; where trials do not decide, from which to which they lie: `undecided (3.90 – 6.20 ms)`.
fn judged(verdict: Verdict, of: Summary, unit: Option<Unit>) -> String {
    let (median, least, most) =
        (reading_in(of.median, unit), reading_in(of.min, unit), reading_in(of.max, unit));
    let shown =
        if verdict == Verdict::Undecided && least != most { format!("{least} – {most}") } else { median };
    if of.n == 0 || shown == UNKNOWN {
        return verdict.name().to_owned();
    }
    let symbol = unit.map_or("", Unit::symbol);
    let blank = if symbol.is_empty() { "" } else { " " };
    format!("{} ({shown}{blank}{symbol})", verdict.name())
}

/// `3.98×`, `≥ 2.00×`, or a dash.
pub fn scaling(of: Option<Scaling>) -> String {
    match of {
        None => UNKNOWN.to_owned(),
        Some(Scaling { factor, sign: of }) => format!("{}{factor:.2}×", sign(of)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(cell(&Cell::Summary(of), None), "101 (100 – 102)");
        assert_eq!(cell(&Cell::Median(of), None), "101");
    }

    #[test]
    fn a_verdict_stands_beside_what_was_judged() {
        let of = Summary::of([Reading::Value(4.0), Reading::Value(0.626), Reading::Value(0.5)]);
        let shown = |verdict, of| cell(&Cell::Verdict(verdict, of), Some(Unit::Millis));
        assert_eq!(shown(Verdict::Held, of), "held (0.626 ms)");
        assert_eq!(shown(Verdict::Undecided, of), "undecided (0.500 – 4.00 ms)");
        assert_eq!(shown(Verdict::Broken, Summary::of([Reading::Beyond(5000.0)])), "broken (> 5000 ms)");
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
}
