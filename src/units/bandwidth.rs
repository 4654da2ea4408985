//! Bits per second.

use std::fmt;
use std::str::FromStr;

use super::NotAQuantity;

/// What the units are, largest first.
const UNITS: [(&str, f64); 4] = [("Gbps", 1e9), ("Mbps", 1e6), ("kbps", 1e3), ("bps", 1.0)];

/// Bits per second, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bandwidth(u64);

impl Bandwidth {
    /// In bits per second.
    pub const fn as_bits(self) -> u64 {
        self.0
    }
}

impl FromStr for Bandwidth {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let hint = "write bits per second: `5Gbps`, `100Mbps`, `64kbps`";
        let wrong = || NotAQuantity::new(format!("`{text}` is not a bandwidth"), hint);
        let found = UNITS.iter().find_map(|(unit, times)| Some((text.trim().strip_suffix(unit)?, times)));
        let (digits, times) = found.ok_or_else(wrong)?;
        let bits = digits.trim().parse::<f64>().map_err(|_| wrong())? * times;
        if bits.is_finite() && (1.0..=1e15).contains(&bits) {
            Ok(Bandwidth(bits.round() as u64))
        } else {
            Err(wrong())
        }
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0 as f64;
        let (unit, times) = UNITS.into_iter().find(|(_, times)| bits >= *times).unwrap_or(("bps", 1.0));
        write!(f, "{}{unit}", bits / times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_per_second_are_read_and_printed_with_their_unit() {
        for (text, bits) in
            [("5Gbps", 5_000_000_000), ("100 Mbps", 100_000_000), ("64kbps", 64_000), ("9bps", 9)]
        {
            let read: Bandwidth = text.parse().unwrap();
            assert_eq!(read.as_bits(), bits);
            assert_eq!(read.to_string().parse::<Bandwidth>().unwrap(), read);
        }
        for text in ["5", "5GBps", "0Mbps", "-1kbps", "Gbps"] {
            assert!(text.parse::<Bandwidth>().is_err(), "{text}");
        }
    }
}
