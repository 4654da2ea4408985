//! Errors counted by their kind: clients put times and counts into their texts, so that hardly two are the same.

use std::collections::BTreeMap;

/// Errors, each kind once, with how often it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// By kind: the first text, and the count.
    kinds: BTreeMap<String, (String, u64)>,
}

impl Kinds {
    /// Counts an error that came so often.
    pub fn count(&mut self, text: &str, times: u64) {
        let kind = self.kinds.entry(kind_of(text)).or_insert_with(|| (text.to_owned(), 0));
        kind.1 += times;
    }

    /// The first text of each kind, with its count.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> + '_ {
        self.kinds.values().map(|(text, count)| (text.as_str(), *count))
    }

    /// The same, by text.
    pub fn into_counts(self) -> BTreeMap<String, u64> {
        self.kinds.into_values().collect()
    }
}

/// An error's text without its numbers, but for those that say what it is about: addresses, and codes (`error 41`).
pub fn kind_of(text: &str) -> String {
    let mut kind = String::with_capacity(text.len());
    let mut before = "";
    for word in text.split_inclusive(char::is_whitespace) {
        let is_address = word.split(':').skip(1).any(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        if is_address || ["error", "code"].iter().any(|name| before.trim_end().ends_with(name)) {
            kind.push_str(word);
        } else {
            let mut digits = false;
            for c in word.chars() {
                if !c.is_ascii_digit() {
                    kind.push(c);
                } else if !digits {
                    kind.push('#');
                }
                digits = c.is_ascii_digit();
            }
        }
        before = word;
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_that_differ_in_times_and_counts_are_of_one_kind() {
        let kind = kind_of(
            "localhost:9092/1: Disconnected (after 30012ms in state UP, 3 identical error(s) suppressed)",
        );
        assert_eq!(
            kind,
            "localhost:9092/1: Disconnected (after #ms in state UP, # identical error(s) suppressed)"
        );
        assert_eq!(kind_of("2/2 brokers are down"), kind_of("3/3 brokers are down"));
    }

    #[test]
    fn errors_of_other_brokers_and_other_codes_are_of_other_kinds() {
        for (one, other) in [
            ("127.0.0.1:9092: connection refused", "127.0.0.1:9093: connection refused"),
            ("localhost:9092/1: Disconnected", "localhost:9092/2: Disconnected"),
            ("metadata: error 41", "metadata: error 3"),
            ("Connection refused (os error 111)", "Connection reset (os error 104)"),
        ] {
            assert_ne!(kind_of(one), kind_of(other));
        }
    }

    #[test]
    fn a_kind_is_told_by_its_first_text_and_counted_in_all() {
        let mut kinds = Kinds::default();
        kinds.count("lost (after 5ms)", 1);
        kinds.count("refused", 1);
        kinds.count("lost (after 70ms)", 3);
        assert_eq!(kinds.iter().collect::<Vec<_>>(), [("lost (after 5ms)", 4), ("refused", 1)]);
    }
}
