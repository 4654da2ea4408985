//! `latency.hlog`: an interval log as HdrHistogram's tools read it, one line for each second of due and latency.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use crate::books::{MOST_BYTES, Sparse, Sum};
use crate::units::Latency;

/// The first four bytes of a compressed histogram; four of the length follow, then zlib's format.
const COMPRESSED: [u8; 4] = [0x1c, 0x84, 0x93, 0x14];

/// What stands after a latency's name in the tag of its sum over the window.
pub(super) const OF_WINDOW: &str = "_of_window";

/// What a log says of its format.
pub(super) const FIRST_LINE: &str = "#[Histogram log format version 1.3]";

/// How the seconds of a log lie: by the trial's phases.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// From time 0 to the window's start.
    pub warm_up_s: f64,
    /// The window's length.
    pub measure_s: f64,
}

impl Layout {
    /// The window in seconds of [`Latencies`](super::Latencies).
    pub(super) fn window(self) -> (i64, i64) {
        (0, self.measure_s.ceil() as i64)
    }

    /// When the interval of such a second starts, in seconds since time 0, and how long it is: the one that time 0 falls into is cut there.
    pub(super) fn of_second(self, second: i64) -> (f64, f64) {
        let start = (self.warm_up_s + second as f64).max(0.0);
        let end = self.warm_up_s + second as f64 + 1.0;
        (start, (end - start).max(0.0))
    }

    /// The same of the interval that is the window.
    pub(super) fn of_window(self) -> (f64, f64) {
        (self.warm_up_s, self.measure_s)
    }
}

/// The interval log's text. Start times are seconds since time 0 of the trial, whose window starts after `warm_up_s`; the second that time 0 falls
/// into is cut there. At its end stands the sum over the window of each latency that is a column: who asks for no second need not add them up.
///
/// Intervals come in order of time: the second from the start of the window, the latency, and its histogram.
pub fn write_hlog_to<'a>(
    text: &mut impl Write,
    intervals: impl Iterator<Item = Result<(i64, Latency, Cow<'a, Sparse>), String>>,
    layout: Layout,
) -> Result<(), String> {
    let (from, to) = layout.window();
    let mut sums = BTreeMap::<Latency, Sum>::new();
    // The compressed form: the only one that the readers for Java, Python and the web all know.
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment(&FIRST_LINE[1..])
        .add_comment("[Values in ns, Interval_Max in ms; start times are seconds since time 0, the start of the warm-up; the tag is the latency]")
        .with_max_value_divisor(1e6)
        .begin_log_with(text, &mut serializer)
        .map_err(|error| error.to_string())?;
    for interval in intervals {
        let (second, latency, histogram) = interval?;
        if Latency::COLUMNS.contains(&latency) && (from..to).contains(&second) && !histogram.is_empty() {
            sums.entry(latency).or_default().add(&histogram);
        }
        let (start, length) = layout.of_second(second);
        log.write_histogram(
            &histogram.dense(),
            Duration::from_secs_f64(start),
            Duration::from_secs_f64(length),
            Tag::new(latency.name()),
        )
        .map_err(|error| error.to_string())?;
    }
    let (start, length) = layout.of_window();
    for (latency, mut sum) in sums {
        log.write_histogram(
            &sum.take().dense(),
            Duration::from_secs_f64(start),
            Duration::from_secs_f64(length),
            Tag::new(&of_window(latency)),
        )
        .map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn of_window(latency: Latency) -> String {
    format!("{latency}{OF_WINDOW}")
}

/// An interval of a log.
pub(super) struct Line<'a> {
    /// Of the file, from 1.
    at: usize,
    pub(super) tag: &'a str,
    start: &'a str,
    pub(super) packed: &'a str,
}

impl<'a> Line<'a> {
    /// What a line says; none where it is no interval.
    pub(super) fn of(at: usize, line: &'a str) -> Option<Self> {
        let cells: Vec<&str> = line.strip_prefix("Tag=")?.splitn(5, ',').collect();
        let [tag, start, _, _, packed] = cells[..] else { return None };
        Some(Line { at, tag, start, packed })
    }

    /// Of due, from the window's start.
    pub(super) fn second(&self, warm_up_s: f64) -> Result<i64, String> {
        let start_s: f64 = self.start.parse().map_err(|_| self.wrong("its start is no number"))?;
        // Start times are written in thousandths; windows start on quarters, so half a thousandth cannot reach the second before.
        Ok((start_s - warm_up_s + 0.0005).floor() as i64)
    }

    pub(super) fn unpack(&self, unpacker: &mut Unpacker) -> Result<Sparse, String> {
        unpacker.unpack(self.packed).map_err(|why| self.wrong(&why))
    }

    /// The same of a histogram that says its length rightly too.
    pub(super) fn unpack_whole(&self, unpacker: &mut Unpacker) -> Result<Sparse, String> {
        let histogram = self.unpack(unpacker)?;
        let length =
            unpacker.packed.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes);
        if unpacker.packed.starts_with(&COMPRESSED) && length != Some(unpacker.packed.len() as u32 - 8) {
            return Err(self.wrong("not a histogram of the length that it says"));
        }
        Ok(histogram)
    }

    fn wrong(&self, why: &str) -> String {
        format!("line {}: {why}", self.at)
    }
}

/// From base64 to a histogram; its buffers are for all of a log. The decompressor is asked directly: what is built on it clears a window of 32 KiB for each
/// histogram, which takes longer than to unpack most of them.
pub(super) struct Unpacker {
    packed: Vec<u8>,
    plain: Vec<u8>,
    inflate: Box<DecompressorOxide>,
}

impl Default for Unpacker {
    fn default() -> Self {
        Unpacker { packed: Vec::new(), plain: vec![0; MOST_BYTES], inflate: Box::default() }
    }
}

impl Unpacker {
    fn unpack(&mut self, text: &str) -> Result<Sparse, String> {
        self.packed.clear();
        STANDARD.decode_vec(text, &mut self.packed).map_err(|error| error.to_string())?;
        let Some(zlib) = self.packed.strip_prefix(&COMPRESSED).and_then(|rest| rest.get(4..)) else {
            return Sparse::read(&self.packed).map_err(|error| error.to_string());
        };
        self.inflate.init();
        let flags = TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        match decompress(&mut self.inflate, zlib, &mut self.plain, 0, flags) {
            (TINFLStatus::Done, _, length) => {
                Sparse::read(&self.plain[..length]).map_err(|error| error.to_string())
            }
            (TINFLStatus::HasMoreOutput, ..) => Err("a histogram larger than any of bench's".to_owned()),
            (status, ..) => Err(format!("not a histogram: {status:?}")),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::latencies::Latencies;
    use super::*;
    use crate::books::dense::histogram as empty_histogram;

    pub(crate) fn layout(warm_up_s: f64) -> Layout {
        Layout { warm_up_s, measure_s: 4.0 }
    }

    pub(crate) fn some() -> Latencies {
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

    pub(crate) fn write_hlog(latencies: &Latencies, layout: Layout) -> Result<Vec<u8>, String> {
        let mut text = Vec::new();
        let intervals = latencies.iter();
        let intervals = intervals.map(|(second, latency, one)| Ok((second, latency, Cow::Borrowed(one))));
        write_hlog_to(&mut text, intervals, layout)?;
        Ok(text)
    }

    #[test]
    fn the_log_is_one_that_other_tools_read() {
        let text = String::from_utf8(write_hlog(&some(), layout(2.5)).unwrap()).unwrap();
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
