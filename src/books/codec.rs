//! Histograms as text: HdrHistogram's V2 format in base64, as its tools read it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::dense::NotAHistogram;
use super::sparse::Sparse;

/// Writes a histogram as text.
pub fn encode(histogram: &Sparse) -> String {
    STANDARD.encode(histogram.write())
}

/// Reads a histogram from text.
pub fn decode(text: &str) -> Result<Sparse, NotAHistogram> {
    Sparse::read(&STANDARD.decode(text).map_err(|error| NotAHistogram::new(&error.to_string()))?)
}

#[cfg(test)]
mod tests {
    use super::super::dense;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn what_is_written_is_read_back(values in proptest::collection::vec(0..dense::MAX_NS, 0..50)) {
            let histogram: Sparse = values.into_iter().map(|value| (value, 1)).collect();
            let text = encode(&histogram);
            prop_assert_eq!(&decode(&text).unwrap(), &histogram);
            let tools = dense::read(&STANDARD.decode(&text).unwrap()).unwrap();
            prop_assert_eq!(Sparse::from(&tools), histogram);
        }
    }

    #[test]
    fn other_text_is_no_histogram() {
        for text in ["", "not base64!", "aGVsbG8="] {
            assert!(decode(text).is_err(), "{text}");
        }
    }
}
