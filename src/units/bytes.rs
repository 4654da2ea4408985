//! A number of bytes.

use std::fmt;
use std::str::FromStr;

use super::NotAQuantity;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(u64);

impl Bytes {
    /// From a count.
    pub const fn new(count: u64) -> Self {
        Bytes(count)
    }

    /// The count.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Bytes {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, NotAQuantity> {
        let hint = "write bytes with their unit: `100B`, `1KiB`, `64KB`, `1GiB`";
        if text.trim().parse::<f64>().is_ok() {
            return Err(NotAQuantity::new(format!("`{text}` has no unit of bytes"), hint));
        }
        text.trim()
            .parse::<bytesize::ByteSize>()
            .map(|size| Bytes(size.as_u64()))
            .map_err(|_| NotAQuantity::new(format!("`{text}` is not a number of bytes"), hint))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match UNITS.iter().find(|(size, _)| self.0 >= *size && self.0.is_multiple_of(*size)) {
            Some((size, unit)) => write!(f, "{}{unit}", self.0 / size),
            None => write!(f, "{}B", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_spellings_are_read() {
        for (text, count) in [("100B", 100), ("1KiB", 1024), ("64KB", 64_000), ("1GiB", 1 << 30)] {
            assert_eq!(text.parse::<Bytes>().unwrap().get(), count, "{text}");
        }
        assert!("1024".parse::<Bytes>().is_err());
        assert!("big".parse::<Bytes>().is_err());
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(count in 0..1_u64 << 50) {
            prop_assert_eq!(Bytes::new(count).to_string().parse::<Bytes>().unwrap().get(), count);
        }
    }
}
