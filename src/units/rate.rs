//! Messages per second.

use std::fmt;
use std::str::FromStr;

use super::NotAQuantity;

/// Messages per second: finite and above zero.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// Checked: `None` for zero, negative or no number.
    pub fn per_second(messages: f64) -> Option<Self> {
        (messages.is_finite() && messages > 0.0).then_some(Rate(messages))
    }

    /// In messages per second.
    pub fn as_per_second(self) -> f64 {
        self.0
    }
}

impl FromStr for Rate {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let hint = "write messages per second: `800/s`, `20k/s`, `1.5M/s`";
        let wrong = |what: &str| NotAQuantity::new(format!("`{text}` {what}"), hint);
        let Some(number) = text.trim().strip_suffix("/s") else {
            return Err(wrong("is not a rate"));
        };
        let (digits, factor) = match number.trim_end().chars().last() {
            Some('k') => (number.trim_end().trim_end_matches('k'), 1e3),
            Some('M') => (number.trim_end().trim_end_matches('M'), 1e6),
            _ => (number, 1.0),
        };
        let value: f64 = digits.trim().parse().map_err(|_| wrong("is not a rate"))?;
        Rate::per_second(value * factor).ok_or_else(|| wrong("is not a rate above zero"))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 >= 1e6 {
            write!(f, "{}M/s", self.0 / 1e6)
        } else if self.0 >= 1e4 {
            write!(f, "{}k/s", self.0 / 1e3)
        } else {
            write!(f, "{}/s", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_spellings_are_read() {
        for (text, value) in [("20k/s", 20_000.0), ("1.5M/s", 1_500_000.0), ("800/s", 800.0), ("0.5/s", 0.5)]
        {
            assert!((text.parse::<Rate>().unwrap().as_per_second() - value).abs() < 1e-9, "{text}");
        }
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in ["20k", "0/s", "-5/s", "many/s", "20kk/s/s", "inf/s", "5kM/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(value in 0.001..1e9_f64) {
            let rate = Rate::per_second(value).unwrap();
            let back: Rate = rate.to_string().parse().unwrap();
            prop_assert!((back.as_per_second() / value - 1.0).abs() < 1e-12);
        }
    }
}
