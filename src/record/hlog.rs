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

use super::latencies::Latencies;
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
    /// The window in seconds of [`Latencies`].
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

/// What [`write_hlog_to`] wrote, second by second. Lines with tags of later formats are passed over.
pub fn read_hlog(text: &[u8], layout: Layout) -> Result<Latencies, String> {
    let mut latencies = Latencies::new();
    let mut unpacker = Unpacker::default();
    for line in lines(text)? {
        if let Some(latency) = Latency::from_name(line.tag) {
            latencies.add_sparse(line.second(layout.warm_up_s)?, latency, line.unpack(&mut unpacker)?);
        }
    }
    Ok(latencies)
}

/// Of what [`write_hlog_to`] wrote, what a trial is judged by: the window's sum of each latency that is a column. The seconds of the window too where that
/// sum holds fewer than `due` messages, since then it matters in which second those without a value were due; and where a log of earlier days has no sum.
pub fn read_hlog_of_window(text: &[u8], layout: Layout, due: u64) -> Result<Latencies, String> {
    let lines = lines(text)?;
    let mut latencies = Latencies::new();
    let mut unpacker = Unpacker::default();
    let (from, to) = layout.window();
    let mut whole = Vec::new();
    for line in lines.iter().rev().filter(|line| line.tag.ends_with(OF_WINDOW)) {
        let of = line.tag.strip_suffix(OF_WINDOW).and_then(Latency::from_name);
        if let Some(latency) = of.filter(|latency| Latency::COLUMNS.contains(latency)) {
            let sum = line.unpack(&mut unpacker)?;
            if sum.len() >= due {
                whole.push(latency);
            }
            latencies.add_span(latency, (from, to), &sum);
        }
    }
    for line in &lines {
        let Some(latency) = Latency::from_name(line.tag) else { continue };
        if !Latency::COLUMNS.contains(&latency) || whole.contains(&latency) {
            continue;
        }
        let second = line.second(layout.warm_up_s)?;
        if (from..to).contains(&second) {
            latencies.add_sparse(second, latency, line.unpack(&mut unpacker)?);
        }
    }
    Ok(latencies)
}

/// Of what [`write_hlog_to`] wrote, one latency in the seconds of the window, in order of time.
pub fn read_hlog_seconds(
    text: &[u8],
    layout: Layout,
    latency: Latency,
) -> Result<Vec<(i64, Sparse)>, String> {
    let (from, to) = layout.window();
    let mut unpacker = Unpacker::default();
    let mut seconds = Vec::new();
    for line in lines(text)?.iter().filter(|line| line.tag == latency.name()) {
        let second = line.second(layout.warm_up_s)?;
        if (from..to).contains(&second) {
            seconds.push((second, line.unpack(&mut unpacker)?));
        }
    }
    seconds.sort_by_key(|one| one.0);
    Ok(seconds)
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

    fn unpack(&self, unpacker: &mut Unpacker) -> Result<Sparse, String> {
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

/// Its intervals; comments, and the line that names the columns, are none.
fn lines(text: &[u8]) -> Result<Vec<Line<'_>>, String> {
    let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with(['#', '"'])) {
        if line.starts_with("Tag=") {
            let interval = Line::of(at + 1, line);
            lines.push(interval.ok_or_else(|| format!("line {}: it is no interval", at + 1))?);
        }
    }
    Ok(lines)
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
mod tests {
    use super::*;
    use crate::books::dense::histogram as empty_histogram;

    fn layout(warm_up_s: f64) -> Layout {
        Layout { warm_up_s, measure_s: 4.0 }
    }

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

    fn write_hlog(latencies: &Latencies, layout: Layout) -> Result<Vec<u8>, String> {
        let mut text = Vec::new();
        let intervals = latencies.iter();
        let intervals = intervals.map(|(second, latency, one)| Ok((second, latency, Cow::Borrowed(one))));
        write_hlog_to(&mut text, intervals, layout)?;
        Ok(text)
    }

    #[test]
    fn what_is_written_is_read_back_also_with_a_warm_up_of_quarters() {
        for warm_up_s in [3.0, 2.5, 2.25] {
            let text = write_hlog(&some(), layout(warm_up_s)).unwrap();
            let back = read_hlog(&text, layout(warm_up_s)).unwrap();
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
    fn a_window_is_read_by_its_sum_and_by_its_seconds_where_values_are_missing_or_no_sum_was_written() {
        let text = write_hlog(&some(), layout(2.5)).unwrap();
        let whole = read_hlog_of_window(&text, layout(2.5), 20).unwrap();
        let missing = read_hlog_of_window(&text, layout(2.5), 21).unwrap();
        let text = String::from_utf8(text).unwrap();
        let earlier: Vec<&str> = text.lines().filter(|line| !line.contains(OF_WINDOW)).collect();
        assert_eq!(earlier.len() + 2, text.lines().count(), "a sum for each latency that has any");
        let earlier = read_hlog_of_window(earlier.join("\n").as_bytes(), layout(2.5), 20).unwrap();
        for latency in [Latency::SendDelay, Latency::EndToEnd] {
            for read in [&whole, &missing, &earlier] {
                assert_eq!(read.window(latency, 0, 4), some().window(latency, 0, 4));
            }
            assert_eq!(
                (whole.count(3, latency), missing.count(3, latency)),
                (0, 5),
                "no more is unpacked than asked for"
            );
            assert_eq!((missing.count(-1, latency), earlier.count(3, latency)), (0, 5));
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_told_with_its_line() {
        let text = String::from_utf8(write_hlog(&some(), layout(2.5)).unwrap()).unwrap();
        let first = text.lines().position(|line| line.starts_with("Tag=")).unwrap();
        let packed = text.lines().nth(first).unwrap().rsplit(',').next().unwrap();
        for (with, what) in
            [("", ""), (&packed[..packed.len() / 8 * 4], "not a histogram"), ("HIST!", "Invalid")]
        {
            let told = read_hlog(text.replacen(packed, with, 1).as_bytes(), layout(2.5)).unwrap_err();
            assert!(
                told.starts_with(&format!("line {}: ", first + 1)) && told.contains(what),
                "{with}: {told}"
            );
        }
        let later = text.replace("Tag=send_delay", "Tag=of_tomorrow");
        assert!(
            read_hlog(later.as_bytes(), layout(2.5))
                .unwrap()
                .iter()
                .all(|(_, one, _)| one == Latency::EndToEnd)
        );
        assert!(read_hlog(b"Tag=send_delay,0.0\n", layout(0.0)).is_err());
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
