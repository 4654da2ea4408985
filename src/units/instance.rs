//! What one instance is made of, and how its CPU credits are asked to behave: words that the experiment file and the catalogue share.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Money, NotAQuantity};

/// An instance type: `t3.micro`. What is not known is none, and a use that needs it is a fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceType {
    /// Its name, unique.
    pub name: String,
    /// Virtual CPUs, at least 1.
    pub vcpus: u32,
    /// vCPUs that share one core.
    pub threads_per_core: Option<u32>,
    /// Memory, in MiB.
    pub memory_mib: Option<u64>,
    /// How its CPU credits are earned; none for a type of fixed performance.
    pub credits: Option<Earning>,
    /// Network bandwidth that is always there, in Gbit/s.
    pub network_baseline_gbps: Option<f64>,
    /// Network bandwidth at most, in Gbit/s.
    pub network_peak_gbps: Option<f64>,
    /// Bandwidth to block storage that is always there, in Mbit/s.
    pub ebs_baseline_mbps: Option<f64>,
    /// Bandwidth to block storage at most, in Mbit/s.
    pub ebs_peak_mbps: Option<f64>,
    /// Rent of an hour, on demand.
    pub price_per_hour: Option<Money>,
    /// Price of a surplus vCPU-hour in unlimited mode.
    pub surplus_per_vcpu_hour: Option<Money>,
    /// Where these prices hold.
    pub region: String,
    /// As of when, `2026-07-20`; empty where it was not said.
    pub date: String,
    /// Where the price was read; that of the surplus in brackets where it is another.
    pub source: String,
}

/// How CPU credits are earned. One credit is one vCPU for a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earning {
    /// Thousandths of a credit per hour, at every utilisation.
    pub milli_per_hour: u64,
    /// The most that is kept, in thousandths of a credit: what is earned in a day.
    pub milli_max: u64,
    /// Thousandths of a credit that a new instance is given in standard mode (T2 alone), not counted in the maximum.
    pub milli_launch: u64,
}

/// What happens when an instance has spent its credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditMode {
    /// It falls to its baseline.
    Standard,
    /// It goes on with surplus credits, which are charged beyond a day of earning.
    Unlimited,
}

impl CreditMode {
    /// As written.
    pub const WORDS: [&str; 2] = ["standard", "unlimited"];

    /// As written.
    pub const fn name(self) -> &'static str {
        match self {
            CreditMode::Standard => "standard",
            CreditMode::Unlimited => "unlimited",
        }
    }
}

/// The credits that an instance has when its trial begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditStart {
    /// Those of a new instance: none, but for the launch credits of T2 in standard mode.
    Cold,
    /// As many as it can keep.
    Full,
    /// None at all.
    Exhausted,
    /// So many thousandths of a credit.
    Milli(u64),
}

impl FromStr for CreditStart {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        match text.trim() {
            "cold" => return Ok(CreditStart::Cold),
            "full" => return Ok(CreditStart::Full),
            "exhausted" => return Ok(CreditStart::Exhausted),
            _ => {}
        }
        let wrong = || {
            let hint = "write `cold`, `full`, `exhausted`, or a number: `30 credits`, `0.5 credits`";
            NotAQuantity::new(format!("`{text}` is no state of credits"), hint)
        };
        let number = text.trim().strip_suffix("credits").or_else(|| text.trim().strip_suffix("credit"));
        milli(number.ok_or_else(wrong)?.trim()).map(CreditStart::Milli).ok_or_else(wrong)
    }
}

impl fmt::Display for CreditStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CreditStart::Cold => f.write_str("cold"),
            CreditStart::Full => f.write_str("full"),
            CreditStart::Exhausted => f.write_str("exhausted"),
            CreditStart::Milli(milli) => write!(f, "{} credits", *milli as f64 / 1e3),
        }
    }
}

/// Thousandths, from a number of at most three decimals and 10^9.
pub fn milli(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || decimals.len() > 3 || !digits(whole) || !digits(decimals) {
        return None;
    }
    Some(whole.parse::<u64>().ok()? * 1_000 + format!("{decimals:0<3}").parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_credits_is_read_and_printed_alike() {
        for text in ["cold", "full", "exhausted", "30 credits", "0.5 credits"] {
            assert_eq!(text.parse::<CreditStart>().unwrap().to_string(), text);
        }
        for text in ["30", "warm", "-1 credits", "1.2345 credits", "credits"] {
            assert!(text.parse::<CreditStart>().is_err(), "{text}");
        }
    }

    #[test]
    fn thousandths_are_exact() {
        assert_eq!(
            (milli("81.6"), milli("1958.4"), milli("12")),
            (Some(81_600), Some(1_958_400), Some(12_000))
        );
        assert_eq!((milli("1.0001"), milli(""), milli("x")), (None, None, None));
    }
}
