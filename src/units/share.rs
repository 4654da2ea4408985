//! A part of a whole.

use std::fmt;
use std::str::FromStr;

use super::NotAQuantity;

/// A part of a whole, from 0 to 1; written as `50%`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// The whole.
    pub const ALL: Share = Share(1.0);
    /// Nothing of it.
    pub const NONE: Share = Share(0.0);

    /// Checked: `None` outside of 0 to 1.
    pub fn new(part: f64) -> Option<Self> {
        (0.0..=1.0).contains(&part).then_some(Share(part))
    }

    /// From 0 to 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Share {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let wrong =
            |what: &str| NotAQuantity::new(format!("`{text}` {what}"), "write a share from `0%` to `100%`");
        let number = text.trim().strip_suffix('%').ok_or_else(|| wrong("is not a share"))?;
        let percent: f64 = number.trim().parse().map_err(|_| wrong("is not a share"))?;
        Share::new(percent / 100.0).ok_or_else(|| wrong("is not between 0% and 100%"))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0 * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_in_percent() {
        assert!((("12.5%").parse::<Share>().unwrap().get() - 0.125).abs() < 1e-12);
        for text in ["0.5", "101%", "-1%", "half", "%"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
