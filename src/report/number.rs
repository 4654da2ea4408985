//! Numbers for people: three digits that mean something, and what is not known said as that.

use crate::analyse::{Reading, Scaling, Sign, Summary};

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

/// A value, `> …`, `… to …`, or a dash.
pub fn reading(reading: Reading) -> String {
    match reading {
        Reading::Value(value) => plain(value),
        Reading::Beyond(value) => format!("> {}", plain(value)),
        Reading::Between(least, most) if plain(least) == plain(most) => plain(least),
        Reading::Between(least, most) => format!("{} to {}", plain(least), plain(most)),
        Reading::TooFew | Reading::Empty => "–".to_owned(),
    }
}

/// `median (min–max)`; the median alone where nothing lies beside it.
pub fn summary(of: Summary) -> String {
    let (median, min, max) = (reading(of.median), reading(of.min), reading(of.max));
    if of.n < 2 || (median == min && median == max) { median } else { format!("{median} ({min} – {max})") }
}

/// `3.98×`, `≥ 2.00×`, or a dash.
pub fn scaling(of: Option<Scaling>) -> String {
    match of {
        None => "–".to_owned(),
        Some(Scaling { factor, sign }) => {
            let sign = match sign {
                Sign::Equal => "",
                Sign::AtLeast => "≥ ",
                Sign::AtMost => "≤ ",
            };
            format!("{sign}{factor:.2}×")
        }
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
        assert_eq!(summary(of), "101 (100 – 102)");
    }
}
