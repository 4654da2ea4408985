//! Whether an interval log is whole: every line what its writer makes of what is in it, each histogram what its checksum says and packed as all others
//! are, and each sum that of its seconds.

use std::collections::BTreeMap;
use std::io::BufRead;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};

use super::hlog::{FIRST_LINE, Layout, Line, OF_WINDOW, Unpacker};
use crate::books::{Sparse, Sum};
use crate::units::Latency;

/// Reads all of a log. Gives the tags that this bench does not know; or the first thing that is wrong, with its line.
pub fn check_hlog(mut log: impl BufRead, layout: Layout) -> Result<Vec<String>, String> {
    let mut text = String::new();
    let mut next = |at: usize, text: &mut String| {
        text.clear();
        log.read_line(text).map_err(|error| format!("line {at}: {error}"))
    };
    next(1, &mut text)?;
    if text.trim_end() != FIRST_LINE {
        return Err(format!("line 1 is not `{FIRST_LINE}`"));
    }
    let (mut unpacker, mut packer) = (Unpacker::default(), Packer::default());
    let window = layout.window();
    let (mut last, mut unknown) = (None, Vec::new());
    // What the seconds of the window add up to, and what the log says that they do.
    let (mut added, mut sums) = (BTreeMap::<Latency, Sum>::new(), BTreeMap::new());
    let mut at = 1;
    while next(at + 1, &mut text)? > 0 {
        at += 1;
        let Some(whole) = text.strip_suffix('\n') else { return Err(format!("line {at} is cut")) };
        if whole.starts_with(['#', '"']) {
            continue;
        }
        let Some(line) = Line::of(at, whole) else { return Err(format!("line {at} is no interval")) };
        let histogram = line.unpack_whole(&mut unpacker)?;
        packer.look(at, &line, &histogram)?;
        let is_sum = line.tag.strip_suffix(OF_WINDOW).and_then(Latency::from_name);
        if let Some(latency) = Latency::from_name(line.tag) {
            let second = line.second(layout.warm_up_s)?;
            if last.is_some_and(|last| last >= (second, latency)) {
                return Err(format!("line {at} is out of its order"));
            }
            same(at, &cells(&line, &histogram, layout.of_second(second)), whole)?;
            if (window.0..window.1).contains(&second) {
                added.entry(latency).or_default().add(&histogram);
            }
            last = Some((second, latency));
        } else if let Some(latency) = is_sum {
            same(at, &cells(&line, &histogram, layout.of_window()), whole)?;
            sums.insert(latency, (at, histogram));
        } else if !unknown.contains(&line.tag.to_owned()) {
            unknown.push(line.tag.to_owned());
        }
    }
    packer.verdict()?;
    for (latency, (at, sum)) in sums {
        if added.remove(&latency).unwrap_or_default().take() != sum {
            return Err(format!("line {at} is not the sum of its seconds"));
        }
    }
    Ok(unknown)
}

/// Packs anew what was unpacked: deflate has many ways to say the same, and a changed digit may be one of them. Logs of another library than ours are packed
/// otherwise in every line, and then nothing follows.
#[derive(Default)]
struct Packer {
    serializer: V2DeflateSerializer,
    packed: Vec<u8>,
    text: String,
    alike: usize,
    /// The first line that is packed otherwise.
    other: Option<usize>,
}

impl Packer {
    fn look(&mut self, at: usize, line: &Line<'_>, histogram: &Sparse) -> Result<(), String> {
        self.packed.clear();
        self.text.clear();
        let packed = self.serializer.serialize(&histogram.dense(), &mut self.packed);
        packed.map_err(|error| format!("line {at}: {error:?}"))?;
        STANDARD.encode_string(&self.packed, &mut self.text);
        if self.text == line.packed {
            self.alike += 1;
        } else {
            self.other.get_or_insert(at);
        }
        Ok(())
    }

    fn verdict(&self) -> Result<(), String> {
        match self.other {
            Some(at) if self.alike > 0 => Err(format!("line {at} is packed otherwise than the others")),
            _ => Ok(()),
        }
    }
}

/// A line as it is written.
fn cells(line: &Line<'_>, histogram: &Sparse, (start_s, length_s): (f64, f64)) -> String {
    let most = histogram.dense().max() as f64 / 1e6;
    format!("Tag={},{start_s:.3},{length_s:.3},{most:.3},{}", line.tag, line.packed)
}

fn same(at: usize, written: &str, found: &str) -> Result<(), String> {
    if written == found { Ok(()) } else { Err(format!("line {at} is not what its histogram says")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::hlog::write_hlog_to;
    use crate::record::testing::Synthetic;
    use std::borrow::Cow;

    fn log(layout: Layout) -> Vec<u8> {
        let (latencies, mut text) = (Synthetic::default().latencies(), Vec::new());
        let intervals =
            latencies.iter().map(|(second, latency, one)| Ok((second, latency, Cow::Borrowed(one))));
        write_hlog_to(&mut text, intervals, layout).unwrap();
        text
    }

    #[test]
    fn every_changed_digit_of_an_interval_is_found_also_where_the_file_has_no_sum() {
        let layout = Layout { warm_up_s: 2.0, measure_s: 10.0 };
        let text = String::from_utf8(log(layout)).unwrap();
        assert_eq!(check_hlog(text.as_bytes(), layout).unwrap(), [""; 0]);
        let mut start = 0;
        for (number, line) in text.split_inclusive('\n').enumerate() {
            let digits = (number % 13..line.len() - 1).step_by(13).chain([line.len() - 8, line.len() - 3]);
            for at in digits.filter(|_| line.starts_with("Tag=")) {
                let mut changed = text.clone().into_bytes();
                let byte = &mut changed[start + at];
                *byte = if *byte == b'1' { b'2' } else { b'1' };
                let found = check_hlog(&changed[..], layout);
                // Another tag may be one of tomorrow: it is told, and not as wrong.
                assert!(found.map_or(true, |tags| !tags.is_empty()), "{at} of {line}");
            }
            start += line.len();
        }
    }

    #[test]
    fn a_line_that_is_missing_twice_there_or_cut_is_found() {
        let layout = Layout { warm_up_s: 2.0, measure_s: 10.0 };
        let text = String::from_utf8(log(layout)).unwrap();
        let line = text.split_inclusive('\n').find(|line| line.starts_with("Tag=ack_latency,5.000")).unwrap();
        let told = |text: &str| check_hlog(text.as_bytes(), layout).unwrap_err();
        assert!(told(&text.replace(line, "")).ends_with("is not the sum of its seconds"));
        assert!(told(&text.replace(line, &line.repeat(2))).ends_with("is out of its order"));
        assert!(told(text.trim_end()).ends_with("is cut"));
        assert!(told(&text.replacen("1.3", "2.0", 1)).starts_with("line 1 is not"));
    }
}
