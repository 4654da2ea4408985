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
        let unit = text.trim().trim_start_matches(|c: char| c.is_ascii_digit() || ". ".contains(c));
        let prefix = unit.strip_suffix('b').unwrap_or(unit);
        let large = prefix.to_uppercase().replace('I', "i");
        if unit.ends_with('b') && bytesize_knows(unit) {
            let what = format!("`{text}` could be bits");
            return Err(NotAQuantity::new(what, format!("write bytes with a large `B`: `1{large}B`")));
        }
        if prefix.len() == 1 && bytesize_knows(unit) && !unit.ends_with('B') {
            let what = format!("`{text}` could be counted by 1000 or by 1024");
            return Err(NotAQuantity::new(what, format!("write `{large}B` (1000) or `{large}iB` (1024)")));
        }
        text.trim()
            .parse::<bytesize::ByteSize>()
            .map(|size| Bytes(size.as_u64()))
            .map_err(|_| NotAQuantity::new(format!("`{text}` is not a number of bytes"), hint))
    }
}

/// Whether a unit is one at all: then what is wrong is its letters alone.
fn bytesize_knows(unit: &str) -> bool {
    format!("1{unit}").parse::<bytesize::ByteSize>().is_ok()
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
        for (text, what, hint) in [
            ("1G", "`1G` could be counted by 1000 or by 1024", "write `GB` (1000) or `GiB` (1024)"),
            ("64k", "`64k` could be counted by 1000 or by 1024", "write `KB` (1000) or `KiB` (1024)"),
            ("1Mb", "`1Mb` could be bits", "write bytes with a large `B`: `1MB`"),
            ("8 kib", "`8 kib` could be bits", "write bytes with a large `B`: `1KiB`"),
            ("100b", "`100b` could be bits", "write bytes with a large `B`: `1B`"),
        ] {
            assert_eq!(text.parse::<Bytes>().unwrap_err(), NotAQuantity::new(what, hint), "{text}");
        }
        assert!("1kB".parse::<Bytes>().is_ok() && "1.5 MiB".parse::<Bytes>().is_ok());
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
