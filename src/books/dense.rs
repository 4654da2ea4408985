//! Histograms as HdrHistogram's own crate has them, and the bounds of all of bench's.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;

/// The greatest latency that a histogram holds: one hour, in nanoseconds.
pub const MAX_NS: u64 = 3_600_000_000_000;
/// Significant decimal digits of every histogram.
pub const DIGITS: u8 = 3;

/// An empty histogram of nanoseconds, with the bounds that all of bench's have.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, MAX_NS, DIGITS).expect("these bounds are valid ones")
}

/// Why a text is no histogram.
#[derive(Debug, thiserror::Error)]
#[error("not a histogram: {0}")]
pub struct NotAHistogram(String);

impl NotAHistogram {
    pub(super) fn new(why: &str) -> Self {
        NotAHistogram(why.to_owned())
    }
}

/// Reads a histogram from the V2 format's bytes.
pub(super) fn read(mut bytes: &[u8]) -> Result<Histogram<u64>, NotAHistogram> {
    Deserializer::new().deserialize(&mut bytes).map_err(|error| NotAHistogram(format!("{error:?}")))
}
