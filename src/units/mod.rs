//! Quantities: checked where they come in, so that past `spec` no string means a number and no bare float means time.

mod bandwidth;
mod bytes;
mod instance;
mod latency;
mod money;
mod prices;
mod rate;
mod share;
mod span;

pub use bandwidth::Bandwidth;
pub use bytes::Bytes;
pub use instance::{CreditMode, CreditStart, Earning, InstanceType, milli};
pub use latency::{Latency, Quantile};
pub use money::{HOUR_MS, Money, Per};
pub use prices::{OF_SURPLUS, Price, Prices, whence};
pub use rate::Rate;
pub use share::Share;
pub use span::Span;

/// Why a text is not the quantity that it should be: what was found and what is expected, for a fault's sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct NotAQuantity {
    /// The sentence, such as "`20` has no unit".
    pub what: String,
    /// How to write it, such as "write `20s` or `250ms`".
    pub hint: String,
}

impl NotAQuantity {
    fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        NotAQuantity { what: what.into(), hint: hint.into() }
    }
}
