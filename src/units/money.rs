//! Money and prices: whole nano-dollars, so that no float ever adds up money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::NotAQuantity;

/// Nano-dollars in a dollar.
const DOLLAR: i128 = 1_000_000_000;
/// Milliseconds of an hour.
pub const HOUR_MS: u128 = 3_600_000;

/// An amount of money in US dollars, held in whole nano-dollars. Amounts in other currencies are refused where they are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money(i128);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);
    /// The currency of every amount.
    pub const CURRENCY: &str = "USD";

    /// From nano-dollars.
    pub const fn from_nanos(nanos: i128) -> Self {
        Money(nanos)
    }

    /// In nano-dollars.
    pub const fn nanos(self) -> i128 {
        self.0
    }

    /// In dollars, for showing and for tables; nothing is added up from it.
    pub fn as_dollars(self) -> f64 {
        self.0 as f64 / DOLLAR as f64
    }

    /// What costs this an hour, for so many seconds, to the millisecond.
    #[must_use]
    pub fn for_seconds(self, seconds: f64) -> Self {
        self.times((seconds * 1e3).round() as u128, HOUR_MS)
    }

    /// The part `over / under` of it, rounded half up to the nano-dollar; nothing where `under` is zero.
    #[must_use]
    pub fn times(self, over: u128, under: u128) -> Self {
        let (Ok(over), Ok(under)) = (i128::try_from(over), i128::try_from(under)) else {
            return Money::ZERO;
        };
        if under == 0 {
            return Money::ZERO;
        }
        let product = self.0.saturating_mul(over);
        Money((product.saturating_add(product.signum() * (under / 2))) / under)
    }
}

impl Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Money;

    fn sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(all: I) -> Money {
        all.fold(Money::ZERO, Add::add)
    }
}

/// Decimal digits of dollars, at most nine behind the point: `0.0104`.
impl FromStr for Money {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let wrong = |what: &str| {
            NotAQuantity::new(
                format!("`{text}` {what}"),
                "write dollars with at most nine decimals: `$0.0104`",
            )
        };
        let plain = text.trim();
        let amount =
            plain.strip_prefix('$').or_else(|| plain.strip_suffix(Money::CURRENCY)).unwrap_or(plain).trim();
        let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
        let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
        if (whole.is_empty() && decimals.is_empty()) || !digits(whole) || !digits(decimals) {
            return Err(wrong("is not an amount of US dollars"));
        }
        if decimals.len() > 9 || whole.len() > 12 {
            return Err(wrong("is finer than a nano-dollar or more than all the money there is"));
        }
        let number = |part: &str| if part.is_empty() { Ok(0) } else { part.parse::<i128>() };
        let nanos = number(whole)
            .and_then(|whole| Ok(whole * DOLLAR + number(&format!("{decimals:0<9}"))?))
            .map_err(|_| wrong("is not an amount of US dollars"))?;
        Ok(Money(nanos))
    }
}

/// Dollars without trailing zeros: `0.0104`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, size) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let text = format!("{}.{:09}", size / DOLLAR as u128, size % DOLLAR as u128);
        write!(f, "{sign}{}", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl TryFrom<String> for Money {
    type Error = NotAQuantity;

    fn try_from(text: String) -> Result<Self, NotAQuantity> {
        match text.strip_prefix('-') {
            Some(owed) => owed.parse::<Money>().map(|money| Money(-money.0)),
            None => text.parse(),
        }
    }
}

impl From<Money> for String {
    fn from(money: Money) -> String {
        money.to_string()
    }
}

/// What a price is for one of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// An hour.
    Hour,
    /// An hour of one vCPU.
    VcpuHour,
    /// A gigabyte (10^9 bytes) kept for a month.
    GigabyteMonth,
    /// A gigabyte (10^9 bytes).
    Gigabyte,
}

impl Per {
    /// As written behind the amount.
    pub const fn unit(self) -> &'static str {
        match self {
            Per::Hour => "/h",
            Per::VcpuHour => "/vCPU-h",
            Per::GigabyteMonth => "/GB-month",
            Per::Gigabyte => "/GB",
        }
    }

    /// A price of this kind, such as `$0.0104/h`.
    pub fn read(self, text: &str) -> Result<Money, NotAQuantity> {
        let hint = format!("write a price in US dollars with its unit: `$0.0104{}`", self.unit());
        let wrong = |what: &str| NotAQuantity::new(format!("`{text}` {what}"), hint.clone());
        let amount = text
            .trim()
            .strip_suffix(self.unit())
            .ok_or_else(|| wrong(&format!("is not a price `{}`", self.unit())))?;
        let trimmed = amount.trim();
        if !trimmed.starts_with('$') && !trimmed.ends_with(Money::CURRENCY) {
            return Err(wrong("names no currency that bench counts in (US dollars)"));
        }
        amount.parse().map_err(|_| wrong("is not an amount of US dollars"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_spellings_are_read_to_the_nano_dollar() {
        for (text, nanos) in
            [("$0.0104", 10_400_000), ("0.08925", 89_250_000), ("3 USD", 3 * DOLLAR), (".5", DOLLAR / 2)]
        {
            assert_eq!(text.parse::<Money>().unwrap().nanos(), nanos, "{text}");
        }
        for text in ["", "$", "1.0000000001", "-1", "€3", "1e3"] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_price_has_its_unit_and_its_currency() {
        assert_eq!(Per::Hour.read("$0.0104/h").unwrap().nanos(), 10_400_000);
        assert_eq!(Per::GigabyteMonth.read("0.10 USD/GB-month").unwrap().nanos(), DOLLAR / 10);
        for text in ["0.0104", "$0.0104", "0.0104/h", "$0.01/GB", "€0.01/h"] {
            assert!(Per::Hour.read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_part_is_rounded_half_up() {
        assert_eq!(Money(10).times(1, 4), Money(3));
        assert_eq!(Money(-10).times(1, 4), Money(-3));
        assert_eq!(Money(10).times(1, 0), Money::ZERO);
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(nanos in -1_000_000_000_000_i128..1_000_000_000_000) {
            let text = String::from(Money(nanos));
            prop_assert_eq!(Money::try_from(text).unwrap(), Money(nanos));
        }
    }
}
