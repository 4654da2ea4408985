//! What a client is to write to show that it can.

use crate::books::Topics;
use crate::cluster::{Heard, Weight};

/// What a client is to write.
#[derive(Clone, Debug)]
pub struct Attempt<'a> {
    /// The topics, which are there.
    pub topics: &'a Topics,
    /// The partitions by their numbers, each of which gets one message.
    pub partitions: Vec<u32>,
    /// The first of the messages; the others are small.
    pub payload: &'a [u8],
    /// One more for the first of the partitions, which any codec makes smaller: only then a broker has to know the codec.
    pub blanks: &'a [u8],
    /// Whether it writes in transactions.
    pub transactions: bool,
}

/// How much a reason says, the most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// A broker, or the client itself, says why.
    Why,
    /// Time was up, and meanwhile a connection was not made or was lost, which may be another broker's: asked again, it may be told why.
    Trouble,
    /// Time was up, and nobody said anything.
    Nothing,
}

/// Why nothing came of it.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// How much the words say.
    pub said: Said,
    /// A sentence.
    pub words: String,
}

impl Refusal {
    pub(super) fn why(words: String) -> Self {
        Self { said: Said::Why, words }
    }

    pub(super) fn silence() -> Self {
        Self { said: Said::Nothing, words: "no broker acked it in time".to_owned() }
    }

    /// Itself, unless it says as little as that: then what is told elsewhere, if that says more.
    pub(super) fn or(self, little: Said, elsewhere: impl FnOnce() -> Option<Self>) -> Self {
        if self.said < little {
            return self;
        }
        elsewhere().filter(|told| told.said < self.said).unwrap_or(self)
    }

    /// Time is up: what was told until then.
    pub(super) fn late(heard: &Heard) -> Self {
        let Some((weight, words)) = heard.heaviest() else { return Self::silence() };
        Self { said: if weight == Weight::Refused { Said::Why } else { Said::Trouble }, words }
    }
}

impl Attempt<'_> {
    /// What each partition gets.
    pub(super) fn messages(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let small = &self.payload[..self.payload.len().min(crate::envelope::BYTES)];
        let payload = move |at: usize| if at == 0 { self.payload } else { small };
        let each = self.partitions.iter().enumerate().map(move |(at, partition)| (*partition, payload(at)));
        each.chain(self.partitions.first().map(|first| (*first, self.blanks)))
    }
}
