//! `latency.hlog`: an interval log as HdrHistogram's tools read it, one line for each second of due and latency.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::interval_log::{
    IntervalLogIterator, IntervalLogWriterBuilder, LogEntry, Tag,
};
use hdrhistogram::serialization::{Deserializer, V2DeflateSerializer};

use super::latencies::Latencies;
use crate::units::Latency;

/// The interval log's text. Start times are seconds since time 0 of the trial, whose window starts after `warm_up_s`; the second that time 0 falls
/// into is cut there.
pub fn write_hlog(latencies: &Latencies, warm_up_s: f64) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    // The compressed form: the only one that the readers for Java, Python and the web all know.
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment("[Histogram log format version 1.3]")
        .add_comment("[Values in ns, Interval_Max in ms; start times are seconds since time 0, the start of the warm-up; the tag is the latency]")
        .with_max_value_divisor(1e6)
        .begin_log_with(&mut text, &mut serializer)
        .map_err(|error| error.to_string())?;
    for (second, latency, histogram) in latencies.iter() {
        let start = (warm_up_s + second as f64).max(0.0);
        let end = warm_up_s + second as f64 + 1.0;
        log.write_histogram(
            &histogram,
            Duration::from_secs_f64(start),
            Duration::from_secs_f64((end - start).max(0.0)),
            Tag::new(latency.name()),
        )
        .map_err(|error| error.to_string())?;
    }
    Ok(text)
}

/// What [`write_hlog`] wrote. Lines with tags of later formats are passed over.
pub fn read_hlog(text: &[u8], warm_up_s: f64) -> Result<Latencies, String> {
    let mut latencies = Latencies::new();
    let mut deserializer = Deserializer::new();
    for entry in IntervalLogIterator::new(text) {
        let LogEntry::Interval(interval) = entry.map_err(|error| format!("{error:?}"))? else {
            continue;
        };
        let Some(latency) = interval.tag().and_then(|tag| Latency::from_name(tag.as_str())) else {
            continue;
        };
        let bytes = STANDARD.decode(interval.encoded_histogram()).map_err(|error| error.to_string())?;
        let histogram: Histogram<u64> =
            deserializer.deserialize(&mut bytes.as_slice()).map_err(|error| error.to_string())?;
        // Start times are written in thousandths; windows start on quarters, so half a thousandth cannot reach the second before.
        let second = (interval.start_timestamp().as_secs_f64() - warm_up_s + 0.0005).floor() as i64;
        latencies.add(second, latency, &histogram);
    }
    Ok(latencies)
}

#[cfg(test)]
mod tests {
    use super::super::latencies::empty_histogram;
    use super::*;

    fn some() -> Latencies {
        let mut all = Latencies::new();
        for second in -3..4 {
            for latency in [Latency::SendDelay, Latency::EndToEnd] {
                let mut histogram = empty_histogram();
                for value in [0, 1, 1_500, 2_000_000, 3_600_000_000_000] {
                    histogram.record(value).unwrap();
                }
                all.add(second, latency, &histogram);
            }
        }
        all
    }

    #[test]
    fn what_is_written_is_read_back_also_with_a_warm_up_of_quarters() {
        for warm_up_s in [3.0, 2.5, 2.25] {
            let text = write_hlog(&some(), warm_up_s).unwrap();
            let back = read_hlog(&text, warm_up_s).unwrap();
            for second in -3..4 {
                for latency in Latency::ALL {
                    let (was, is) = (
                        some().window(latency, second, second + 1),
                        back.window(latency, second, second + 1),
                    );
                    assert_eq!(was, is, "{warm_up_s} {second} {latency}");
                }
            }
        }
    }

    #[test]
    fn the_log_is_one_that_other_tools_read() {
        let text = String::from_utf8(write_hlog(&some(), 2.5).unwrap()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "#[Histogram log format version 1.3]");
        let first: Vec<&str> =
            lines.iter().find(|line| line.starts_with("Tag=")).unwrap().split(',').collect();
        assert_eq!(first[0], "Tag=send_delay");
        assert_eq!(first[1..3], ["0.000", "0.500"], "cut at time 0");
        assert!(first[3].parse::<f64>().unwrap() > 3_600_000.0 * 0.99, "in ms");
        assert!(first[4].starts_with("HISTFAAA"), "a compressed V2 histogram begins so");
    }
}
