//! Messages that a client would not have, by the code it gave: counted without allocating.

/// Counts by librdkafka's code; more kinds than there is room for do not occur, and the last place would take them together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refusals {
    kinds: [(i32, u64); 8],
}

impl Refusals {
    /// One more.
    pub fn count(&mut self, code: i32) {
        let known = self.kinds.iter().position(|(known, count)| *known == code || *count == 0);
        let kind = &mut self.kinds[known.unwrap_or(7)];
        *kind = (code, kind.1 + 1);
    }

    /// Codes and how often each was given.
    pub fn iter(&self) -> impl Iterator<Item = (i32, u64)> + '_ {
        self.kinds.iter().copied().filter(|(_, count)| *count > 0)
    }
}
