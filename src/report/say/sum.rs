//! A sum, some parts of which may be unknown.

use std::fmt;

/// What is known of it, and whether all is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    known: Option<u64>,
    unknown: bool,
}

impl Sum {
    /// One part more.
    pub fn add(&mut self, part: Option<u64>) {
        match part {
            Some(count) => self.known = Some(self.known.unwrap_or_default() + count),
            None => self.unknown = true,
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.known, self.unknown) {
            (None | Some(0), true) => f.write_str("unknown"),
            (Some(known), true) => write!(f, "at least {known}"),
            (known, false) => write!(f, "{}", known.unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_with_an_unknown_part_is_at_least_that_of_the_others() {
        let sum = |parts: &[Option<u64>]| {
            let mut sum = Sum::default();
            parts.iter().copied().for_each(|part| sum.add(part));
            sum.to_string()
        };
        assert_eq!(sum(&[Some(2), Some(3)]), "5");
        assert_eq!(sum(&[Some(2), None, Some(3)]), "at least 5");
        assert_eq!(sum(&[Some(0), None]), "unknown", "at least nothing says nothing");
        assert_eq!((sum(&[None]).as_str(), sum(&[]).as_str()), ("unknown", "0"));
    }
}
