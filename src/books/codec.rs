//! Histograms as text: HdrHistogram's V2 format in base64, as its tools read it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};

/// Why a text is no histogram, or a histogram no text.
#[derive(Debug, thiserror::Error)]
#[error("not a histogram: {0}")]
pub struct NotAHistogram(String);

impl NotAHistogram {
    pub(super) fn new(why: &str) -> Self {
        NotAHistogram(why.to_owned())
    }
}

/// Writes a histogram as text.
pub fn encode(histogram: &Histogram<u64>) -> Result<String, NotAHistogram> {
    let mut bytes = Vec::new();
    V2Serializer::new().serialize(histogram, &mut bytes).map_err(|error| NotAHistogram(error.to_string()))?;
    Ok(STANDARD.encode(bytes))
}

/// Reads a histogram from text.
pub fn decode(text: &str) -> Result<Histogram<u64>, NotAHistogram> {
    decode_bytes(&STANDARD.decode(text).map_err(|error| NotAHistogram(error.to_string()))?)
}

/// Reads a histogram from the format's bytes.
pub(super) fn decode_bytes(mut bytes: &[u8]) -> Result<Histogram<u64>, NotAHistogram> {
    Deserializer::new().deserialize(&mut bytes).map_err(|error| NotAHistogram(format!("{error:?}")))
}

#[cfg(test)]
mod tests {
    use super::super::seconds;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn what_is_written_is_read_back(values in proptest::collection::vec(0..seconds::MAX_NS, 0..50)) {
            let mut histogram = seconds::histogram();
            for value in values {
                histogram.record(value).unwrap();
            }
            let back = decode(&encode(&histogram).unwrap()).unwrap();
            prop_assert_eq!(&back, &histogram);
            prop_assert!(seconds::histogram().add(&back).is_ok());
        }
    }

    #[test]
    fn other_text_is_no_histogram() {
        for text in ["", "not base64!", "aGVsbG8="] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
