//! The key of each message.

use crate::units::Share;

/// Keys of the messages. A key that is drawn is its rank, from 1 on, as decimal digits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Keys {
    /// No keys.
    None,
    /// One after the other, each producer from the first on.
    RoundRobin {
        /// Number of keys.
        count: u32,
    },
    /// Each as likely as any other.
    Uniform {
        /// Number of keys.
        count: u32,
    },
    /// The k-th as likely as 1 / k^exponent.
    Zipf {
        /// Number of keys.
        count: u32,
        /// At least 0.
        exponent: f64,
    },
    /// The first has a share of its own, the others have even parts of the rest.
    Hot {
        /// Of the first key.
        share: Share,
        /// Number of keys, at least 2.
        count: u32,
    },
    /// A part of the message itself, which [`super::Message::key`] names.
    Field,
}

impl Keys {
    /// Bytes of the longest key that is drawn; 0 of one that is a part of the message.
    pub fn longest(self) -> u64 {
        match self {
            Keys::None | Keys::Field => 0,
            Keys::RoundRobin { count }
            | Keys::Uniform { count }
            | Keys::Zipf { count, .. }
            | Keys::Hot { count, .. } => u64::from(count.checked_ilog10().unwrap_or_default()) + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_key_is_the_last_rank() {
        let longest = |count| Keys::Uniform { count }.longest();
        assert_eq!((longest(9), longest(10), longest(u32::MAX), Keys::None.longest()), (1, 2, 10, 0));
    }
}
