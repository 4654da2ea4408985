//! What a number in somebody's table means: which of `.` and `,` begins its fraction, and which only groups its digits.
//!
//! A number is read both ways. Where only one way makes sense it says how the file is written; where both do and differ (`1,200`), another number of the
//! file must say, and without one nobody knows.

/// What groups digits, whatever begins the fraction: blanks of several widths, apostrophes, underscores.
const GROUPING: [char; 7] = [' ', '\u{a0}', '\u{2009}', '\u{202f}', '\'', '’', '_'];

/// How one number can be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reading {
    /// The same either way.
    Plain(f64),
    /// Only with `.` before its fraction.
    Point(f64),
    /// Only with `,` before its fraction.
    Comma(f64),
    /// Both ways, with different results.
    Either {
        /// With `.` before its fraction.
        point: f64,
        /// With `,` before its fraction.
        comma: f64,
    },
}

/// Both readings of a text; none where it is no number at all.
pub(super) fn reading(text: &str) -> Option<Reading> {
    match (read(text, '.', ','), read(text, ',', '.')) {
        (Some(point), Some(comma)) if point.total_cmp(&comma).is_eq() => Some(Reading::Plain(point)),
        (Some(point), Some(comma)) => Some(Reading::Either { point, comma }),
        (Some(point), None) => Some(Reading::Point(point)),
        (None, Some(comma)) => Some(Reading::Comma(comma)),
        (None, None) => None,
    }
}

/// The number that a text with a unit stands for (`1.2k`, `20k/s`): for a hint, never for a value.
pub(super) fn meant(text: &str) -> Option<f64> {
    let bare = text.strip_suffix("/s").unwrap_or(text).trim_end();
    let (digits, factor) = match bare.char_indices().last()? {
        (at, 'k' | 'K') => (&bare[..at], 1e3),
        (at, 'M') => (&bare[..at], 1e6),
        _ => (bare, 1.0),
    };
    match reading(digits.trim_end())? {
        Reading::Plain(number) | Reading::Point(number) | Reading::Comma(number) => Some(number * factor),
        Reading::Either { .. } => None,
    }
}

fn read(text: &str, fraction_mark: char, group_mark: char) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { "-" } else { "" };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once(fraction_mark).unwrap_or((mantissa, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let is_group = |c: char| c == group_mark || GROUPING.contains(&c);
    let whole = match whole.chars().find(|c| is_group(*c)) {
        None => whole.to_owned(),
        Some(_) if exponent.is_some() => return None,
        Some(mark) => ungrouped(whole, mark)?,
    };
    if !digits(&whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let exponent = exponent.map_or(String::new(), |exponent| format!("e{exponent}"));
    format!("{sign}{whole}.{fraction}0{exponent}").parse().ok().filter(|number: &f64| number.is_finite())
}

/// Groups of three after a first one that does not begin with 0.
fn ungrouped(whole: &str, mark: char) -> Option<String> {
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    let fits =
        (1..=3).contains(&first.len()) && !first.starts_with('0') && groups.all(|group| group.len() == 3);
    fits.then(|| whole.replace(mark, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_far_as_it_says_how() {
        for (text, expected) in [
            ("1200", Some(Reading::Plain(1200.0))),
            ("+5", Some(Reading::Plain(5.0))),
            ("-5", Some(Reading::Plain(-5.0))),
            ("1e3", Some(Reading::Plain(1000.0))),
            ("1 200 300", Some(Reading::Plain(1_200_300.0))),
            ("1\u{202f}200", Some(Reading::Plain(1200.0))),
            ("1'200", Some(Reading::Plain(1200.0))),
            ("1_200", Some(Reading::Plain(1200.0))),
            ("1,200", Some(Reading::Either { point: 1200.0, comma: 1.2 })),
            ("1.200", Some(Reading::Either { point: 1.2, comma: 1200.0 })),
            ("12.5", Some(Reading::Point(12.5))),
            (".5", Some(Reading::Point(0.5))),
            ("0.250", Some(Reading::Point(0.25))),
            ("1234.567", Some(Reading::Point(1234.567))),
            ("1,200,300", Some(Reading::Point(1_200_300.0))),
            ("1,200.5", Some(Reading::Point(1200.5))),
            ("2.5e3", Some(Reading::Point(2500.0))),
            ("1,5", Some(Reading::Comma(1.5))),
            ("1,200e3", Some(Reading::Comma(1200.0))),
            ("0,250", Some(Reading::Comma(0.25))),
            ("1.200.300", Some(Reading::Comma(1_200_300.0))),
            ("1.200,5", Some(Reading::Comma(1200.5))),
            ("1 200,5", Some(Reading::Comma(1200.5))),
        ] {
            assert_eq!(reading(text), expected, "{text}");
        }
        for text in [
            "",
            ".",
            ",",
            "-",
            "e3",
            "1e",
            "NaN",
            "inf",
            "1.2k",
            "0x10",
            "1e400",
            "1,20,300",
            "12_00",
            "1 20",
            "1.2.3",
            "1,2,3",
            "1 200,300 400",
            "--1",
            "١٢٠٠",
            "1..2",
        ] {
            assert_eq!(reading(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_unit_stands_for_is_known_for_a_hint() {
        let meant = |text: &str| meant(text).map(|number| number.to_string());
        assert_eq!(meant("1.2k").as_deref(), Some("1200"));
        assert_eq!(meant("20k/s").as_deref(), Some("20000"));
        assert_eq!(meant("1,5 M").as_deref(), Some("1500000"));
        assert_eq!((meant("1,200k"), meant("fast"), meant("k")), (None, None, None));
    }
}
