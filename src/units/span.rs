//! A length of time, in nanoseconds.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::NotAQuantity;

/// A length of time; at most 292 years, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// From nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Span(nanos)
    }

    /// From milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Span(millis * 1_000_000)
    }

    /// From seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Span(seconds * 1_000_000_000)
    }

    /// In nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// In milliseconds.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// In seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// For the standard library.
    pub const fn as_duration(self) -> Duration {
        Duration::from_nanos(self.0)
    }
}

impl FromStr for Span {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let hint = "write a time with its unit: `30s`, `250ms`, `200us`, `5m`, `0s`";
        if text.trim().parse::<f64>().is_ok() {
            return Err(NotAQuantity::new(format!("`{text}` has no unit of time"), hint));
        }
        // What is printed of months and years has their words; a lone letter was meant otherwise.
        let letters = |unit: &str| text.split(|c: char| !c.is_alphabetic()).any(|word| word == unit);
        for (letter, is, instead) in [("M", "a month", "`1m` for a minute"), ("y", "a year", "hours, `24h`")]
        {
            if letters(letter) {
                let what = format!("`{text}` has the letter `{letter}`, which is {is}");
                return Err(NotAQuantity::new(what, format!("write {instead}")));
            }
        }
        let duration = humantime::parse_duration(text.trim())
            .map_err(|_| NotAQuantity::new(format!("`{text}` is not a time"), hint))?;
        match u64::try_from(duration.as_nanos()) {
            Ok(nanos) if i64::try_from(nanos).is_ok() => Ok(Span(nanos)),
            _ => Err(NotAQuantity::new(format!("`{text}` is longer than 292 years"), hint)),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.as_duration()).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_bare_number_is_no_time() {
        assert_eq!("20".parse::<Span>().unwrap_err().what, "`20` has no unit of time");
        assert!("20 parsecs".parse::<Span>().is_err());
    }

    #[test]
    fn a_letter_that_means_a_month_or_a_year_is_told() {
        for text in ["1M", "30 M", "1h 5M", "1y"] {
            let told = text.parse::<Span>().unwrap_err();
            assert!(
                told.what.ends_with("which is a month") || told.what.ends_with("which is a year"),
                "{told}"
            );
        }
        assert_eq!("1M".parse::<Span>().unwrap_err().hint, "write `1m` for a minute");
        for text in ["1m", "5min", "250us", "250µs", "1month", "1d"] {
            assert!(text.parse::<Span>().is_ok(), "{text}");
        }
    }

    #[test]
    fn usual_spellings_are_read() {
        assert_eq!("250ms".parse::<Span>().unwrap(), Span::from_millis(250));
        assert_eq!("0s".parse::<Span>().unwrap(), Span::ZERO);
        assert_eq!("1.5s".parse::<Span>().unwrap(), Span::from_millis(1_500));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(nanos in 0..i64::MAX as u64) {
            let span = Span::from_nanos(nanos);
            prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }
    }
}
