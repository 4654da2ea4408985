//! `latency.hlog`, read line by line: the log of a long trial is larger than the memory that asking it should take.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Seek};
use std::ops::Range;

use super::hlog::{Layout, Line, OF_WINDOW, Unpacker};
use super::latencies::Latencies;
use crate::books::{Sparse, Sum};
use crate::units::Latency;

/// What a trial is judged by: the window's sum of each latency that is a column. Where that sum holds fewer than `due` messages, also how many each second
/// of the window holds, since then it matters in which second those without a value were due. A log of earlier days has no sums: its seconds are added up.
pub fn read_hlog_of_window(
    text: &mut (impl BufRead + Seek),
    layout: Layout,
    due: u64,
) -> Result<Latencies, String> {
    let mut latencies = Latencies::new();
    let mut unpacker = Unpacker::default();
    let (from, to) = layout.window();
    let (mut there, mut summed) = (BTreeSet::new(), BTreeMap::new());
    let mut lines = Lines::of(&mut *text);
    while let Some(line) = lines.next()? {
        let of = line.tag.strip_suffix(OF_WINDOW);
        let Some(latency) = column(of.unwrap_or(line.tag)) else { continue };
        if of.is_none() {
            there.insert(latency);
            continue;
        }
        let sum = line.unpack(&mut unpacker)?;
        *summed.entry(latency).or_insert(0) += sum.len();
        latencies.add_span(latency, (from, to), &sum);
    }
    there.retain(|latency| summed.get(latency).is_none_or(|held| *held < due));
    if there.is_empty() {
        return Ok(latencies);
    }
    text.rewind().map_err(|error| error.to_string())?;
    let mut sums = BTreeMap::<Latency, Sum>::new();
    let mut lines = Lines::of(text);
    while let Some(line) = lines.next()? {
        let Some(latency) = column(line.tag).filter(|latency| there.contains(latency)) else { continue };
        let second = line.second(layout.warm_up_s)?;
        if (from..to).contains(&second) {
            let histogram = line.unpack(&mut unpacker)?;
            latencies.add_count(second, latency, histogram.len());
            if !summed.contains_key(&latency) {
                sums.entry(latency).or_default().add(&histogram);
            }
        }
    }
    for (latency, mut sum) in sums {
        latencies.add_span(latency, (from, to), &sum.take());
    }
    Ok(latencies)
}

fn column(tag: &str) -> Option<Latency> {
    Latency::from_name(tag).filter(|latency| Latency::COLUMNS.contains(latency))
}

/// One latency by the second in order of time, of the seconds within; they count from the window's start. Those in which nothing was due are not there.
pub fn read_hlog_seconds(
    text: impl BufRead,
    layout: Layout,
    latency: Latency,
    within: Range<i64>,
) -> Result<Vec<(i64, Sparse)>, String> {
    let mut unpacker = Unpacker::default();
    let mut seconds = Vec::new();
    let mut lines = Lines::of(text);
    while let Some(line) = lines.next()? {
        if line.tag != latency.name() {
            continue;
        }
        let second = line.second(layout.warm_up_s)?;
        if within.contains(&second) {
            seconds.push((second, line.unpack(&mut unpacker)?));
        }
    }
    seconds.sort_by_key(|one| one.0);
    Ok(seconds)
}

/// A log's intervals, of which one is held at a time; comments, and the line that names the columns, are none.
struct Lines<R> {
    text: R,
    /// The line at hand, and its number from 1.
    line: String,
    at: usize,
}

impl<R: BufRead> Lines<R> {
    fn of(text: R) -> Self {
        Lines { text, line: String::new(), at: 0 }
    }

    fn next(&mut self) -> Result<Option<Line<'_>>, String> {
        loop {
            self.line.clear();
            self.at += 1;
            if self.text.read_line(&mut self.line).map_err(|error| format!("line {}: {error}", self.at))? == 0
            {
                return Ok(None);
            }
            if self.line.starts_with("Tag=") {
                break;
            }
        }
        let at = self.at;
        Line::of(at, self.line.trim_end()).map(Some).ok_or_else(|| format!("line {at}: it is no interval"))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::hlog::tests::{layout, some, write_hlog};
    use super::*;

    const ALL: Range<i64> = i64::MIN..i64::MAX;
    const WRITTEN: [Latency; 2] = [Latency::SendDelay, Latency::EndToEnd];

    #[test]
    fn what_is_written_is_read_back_also_with_a_warm_up_of_quarters() {
        for warm_up_s in [3.0, 2.5, 2.25] {
            let text = write_hlog(&some(), layout(warm_up_s)).unwrap();
            for latency in Latency::ALL {
                let back = read_hlog_seconds(&*text, layout(warm_up_s), latency, ALL).unwrap();
                let was: Vec<(i64, Sparse)> = some()
                    .iter()
                    .filter(|(_, one, _)| *one == latency)
                    .map(|(second, _, histogram)| (second, histogram.clone()))
                    .collect();
                assert_eq!(back, was, "{warm_up_s} {latency}");
            }
        }
    }

    #[test]
    fn a_window_is_read_by_its_sum_and_by_its_seconds_where_values_are_missing_or_no_sum_was_written() {
        let text = write_hlog(&some(), layout(2.5)).unwrap();
        let read = |text: &[u8], due| read_hlog_of_window(&mut Cursor::new(text), layout(2.5), due).unwrap();
        let (whole, missing) = (read(&text, 20), read(&text, 21));
        let text = String::from_utf8(text).unwrap();
        let earlier: Vec<&str> = text.lines().filter(|line| !line.contains(OF_WINDOW)).collect();
        assert_eq!(earlier.len() + 2, text.lines().count(), "a sum for each latency that has any");
        let earlier = read(earlier.join("\n").as_bytes(), 20);
        for latency in WRITTEN {
            for read in [&whole, &missing, &earlier] {
                assert_eq!(read.window(latency, 0, 4), some().window(latency, 0, 4));
                assert_eq!(read.iter().count(), 0, "no second's histogram is held");
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
        let seconds = |text: &str| read_hlog_seconds(text.as_bytes(), layout(2.5), Latency::SendDelay, ALL);
        let first = text.lines().position(|line| line.starts_with("Tag=")).unwrap();
        let packed = text.lines().nth(first).unwrap().rsplit(',').next().unwrap();
        for (with, what) in
            [("", ""), (&packed[..packed.len() / 8 * 4], "not a histogram"), ("HIST!", "Invalid")]
        {
            let told = seconds(&text.replacen(packed, with, 1)).unwrap_err();
            assert!(
                told.starts_with(&format!("line {}: ", first + 1)) && told.contains(what),
                "{with}: {told}"
            );
        }
        let later = text.replace("Tag=send_delay", "Tag=of_tomorrow");
        assert_eq!(seconds(&later), Ok(Vec::new()));
        let cut = b"Tag=send_delay,0.0\n";
        assert!(read_hlog_seconds(&cut[..], layout(0.0), Latency::SendDelay, ALL).is_err());
        assert!(read_hlog_of_window(&mut Cursor::new(cut), layout(0.0), 1).is_err());
    }
}
