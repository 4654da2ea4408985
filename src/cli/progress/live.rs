//! The live lines of a run: made of what is known, and no wider than the terminal.

use std::collections::VecDeque;
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use crate::driver::Tick;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// So many seconds of throughput are drawn.
const SPARKS: usize = 24;

/// Throughput of the last seconds, as a line of blocks from nothing to the greatest of them.
#[derive(Debug, Default)]
pub struct Sparks(VecDeque<f64>);

impl Sparks {
    /// Adds a second.
    pub fn add(&mut self, per_second: f64) {
        if self.0.len() == SPARKS {
            self.0.pop_front();
        }
        self.0.push_back(per_second.max(0.0));
    }

    /// Forgets all: another trial begins.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    fn drawn(&self) -> String {
        let most = self.0.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let step = |value: &f64| (value / most * (BLOCKS.len() - 1) as f64).round() as usize;
        self.0.iter().map(|value| BLOCKS[step(value).min(BLOCKS.len() - 1)]).collect()
    }
}

/// Parts beside each other, each with how little it matters; those that matter least are left out where there is no room for all.
fn fitted(parts: &[(u8, String)], room: usize) -> String {
    let mut most = u8::MAX;
    loop {
        let shown = parts.iter().filter(|(weight, text)| *weight <= most && !text.is_empty());
        let line = shown.map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" · ");
        if line.width() <= room || most == 0 {
            return cut(&line, room);
        }
        let shown = parts.iter().map(|(weight, _)| *weight).filter(|weight| *weight <= most);
        most = shown.max().unwrap_or_default().saturating_sub(1);
    }
}

/// What is wider than the room ends in an ellipsis.
pub fn cut(line: &str, room: usize) -> String {
    if line.width() <= room {
        return line.to_owned();
    }
    let mut kept = String::new();
    for c in line.chars() {
        if kept.width() + 2 > room {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// The trial, its phase and what is left of it and of the run.
pub fn where_it_is(trial: &str, phase: &str, (here, run): (Option<f64>, Duration), room: usize) -> String {
    let here = here.map_or_else(String::new, |left| format!("{left:.0} s left in the window"));
    let run = if run.as_secs() == 0 { String::new() } else { format!("{} in all", roughly(run)) };
    fitted(&[(0, trial.to_owned()), (1, phase.replace('_', " ")), (3, here), (2, run)], room)
}

/// How the trial goes.
pub fn how_it_goes(tick: &Tick, sparks: &Sparks, room: usize) -> String {
    let lag = tick.lag_messages.map_or_else(String::new, |lag| format!("lag {lag}"));
    let p99 = tick.end_to_end_p99_ms.map(|ms| format!("p99 so far {}", time(ms)));
    let p99 = p99.or_else(|| tick.ack_p99_ms.map(|ms| format!("ack p99 so far {}", time(ms))));
    let done = if tick.lag_messages.is_some() { "processed" } else { "acked" };
    fitted(
        &[
            (1, format!("offered {:.0}/s", tick.offered_msgs_per_s)),
            (0, format!("{done} {:.0}/s", tick.processed_msgs_per_s)),
            (4, sparks.drawn()),
            (2, lag),
            (3, p99.unwrap_or_default()),
        ],
        room,
    )
}

/// In the unit that suits.
fn time(ms: f64) -> String {
    match ms {
        ms if ms >= 10_000.0 => format!("{:.1} s", ms / 1e3),
        ms if ms >= 100.0 => format!("{ms:.0} ms"),
        ms => format!("{ms:.2} ms"),
    }
}

/// With no more digits than a guess has.
pub fn roughly(left: Duration) -> String {
    match left.as_secs() {
        seconds if seconds < 90 => format!("about {seconds} s left"),
        seconds if seconds < 5_400 => format!("about {} min left", seconds.div_ceil(60)),
        seconds => format!("about {} h {} min left", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick() -> Tick {
        Tick {
            elapsed_s: 3.0,
            left_s: 12.0,
            offered_msgs_per_s: 1200.0,
            processed_msgs_per_s: 395.4,
            lag_messages: Some(8123),
            end_to_end_p99_ms: Some(4012.3),
            ack_p99_ms: None,
        }
    }

    #[test]
    fn how_a_trial_goes_is_one_line_that_fits_whatever_the_width() {
        let mut sparks = Sparks::default();
        (0..40).for_each(|at| sparks.add(f64::from(at)));
        let all = how_it_goes(&tick(), &sparks, 200);
        assert_eq!(
            all,
            "offered 1200/s · processed 395/s · ▄▄▄▄▅▅▅▅▅▅▆▆▆▆▆▇▇▇▇▇▇███ · lag 8123 · p99 so far 4012 ms"
        );
        for room in 1..100 {
            let line = how_it_goes(&tick(), &sparks, room);
            assert!(line.width() <= room, "{room} {line}");
            assert_eq!(line.contains("processed 395/s"), room >= 15, "{room} {line}");
            let left = Some(12.0);
            let line = where_it_is("trial 3 of 27 1-r1", "warm_up", (left, Duration::from_secs(700)), room);
            assert!(line.width() <= room, "{room} {line}");
        }
        let alone = Tick { lag_messages: None, end_to_end_p99_ms: None, ..tick() };
        assert_eq!(how_it_goes(&alone, &Sparks::default(), 80), "offered 1200/s · acked 395/s");
        let alone = Tick { ack_p99_ms: Some(5.678), ..alone };
        let line = how_it_goes(&alone, &Sparks::default(), 80);
        assert_eq!(line, "offered 1200/s · acked 395/s · ack p99 so far 5.68 ms");
    }

    #[test]
    fn a_line_says_the_trial_the_phase_and_what_is_left_of_both() {
        let line = where_it_is("trial 3 of 27 1-r1", "warm_up", (Some(12.0), Duration::from_secs(700)), 99);
        assert_eq!(line, "trial 3 of 27 1-r1 · warm up · 12 s left in the window · about 12 min left in all");
        assert_eq!(
            where_it_is("prepare x", "connecting", (None, Duration::ZERO), 99),
            "prepare x · connecting"
        );
        assert_eq!(roughly(Duration::from_secs(8_000)), "about 2 h 13 min left");
    }
}
