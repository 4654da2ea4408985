//! The rate over time of each treatment, as blocks of text.

use std::fmt::Write;

use super::{Plan, Treatment, traces};
use crate::spec::Volume;
use crate::units::{Rate, Span};

/// Rows of a picture.
const ROWS: usize = 8;
/// Narrower than this nothing can be seen.
const LEAST_COLUMNS: usize = 10;
/// Room for the rate's number and the line beside it.
const MARGIN: usize = 11;
/// Eighths of a block, from below.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Plan {
    /// One picture for each volume that treatments differ in, no line longer than `width`: messages per second, the mean of each column, from the start of
    /// the warm-up to the end of the window.
    pub fn draw(&self, width: usize) -> String {
        let mut drawn: Vec<(&Treatment, Vec<&str>)> = Vec::new();
        let times = |treatment: &Treatment| {
            let phases = treatment.settings.phases;
            [phases.warm_up, phases.measure].map(Span::as_nanos)
        };
        for treatment in &self.treatments {
            let alike = |one: &Treatment| {
                times(one) == times(treatment)
                    && one.settings.events == treatment.settings.events
                    && one.settings.workload.volume == treatment.settings.workload.volume
            };
            match drawn.iter_mut().find(|one| alike(one.0)) {
                Some((.., slugs)) => slugs.push(&treatment.slug),
                None => drawn.push((treatment, vec![&treatment.slug])),
            }
        }
        let mut text = String::new();
        // A name is not broken at its hyphens.
        let options = textwrap::Options::new(width).word_splitter(textwrap::WordSplitter::NoHyphenation);
        for (treatment, slugs) in drawn {
            let all = slugs.len() == self.treatments.len() && slugs.len() > 1;
            let names = if all { "all treatments".to_owned() } else { slugs.join(" ") };
            text.push_str(&textwrap::fill(&names, &options));
            text.push('\n');
            let [warm_up, measure] = times(treatment);
            let volume = &treatment.settings.workload.volume;
            let events: Vec<(f64, f64)> = treatment
                .settings
                .events
                .iter()
                .map(|event| event.at.span())
                .map(|(from, to)| (from.as_secs_f64(), to.as_secs_f64()))
                .collect();
            let times = (warm_up as f64 / 1e9, measure as f64 / 1e9);
            text.push_str(&picture(volume, times, &events, width));
            for event in treatment.told_events() {
                text.push_str(&textwrap::fill(&format!("▲ {event}"), &options));
                text.push('\n');
            }
            for trace in traces::sentences(treatment) {
                text.push_str(&textwrap::fill(&trace, &options));
                text.push('\n');
            }
            text.push('\n');
        }
        text
    }
}

/// With a mark below for each event, from the earliest to the latest second that it may have.
fn picture(
    volume: &Volume,
    (warm_up_s, measure_s): (f64, f64),
    events: &[(f64, f64)],
    width: usize,
) -> String {
    let columns = width.saturating_sub(MARGIN).max(LEAST_COLUMNS);
    let end = warm_up_s + measure_s;
    let step = end / columns as f64;
    let mean =
        |column: usize| Some(volume.messages(column as f64 * step, (column + 1) as f64 * step)? / step);
    let Some(means) = (0..columns).map(mean).collect::<Option<Vec<f64>>>() else {
        return "max: as much as the clients' queues take\n".to_owned();
    };
    let top = means.iter().copied().fold(0.0, f64::max);
    let mut text = String::new();
    for row in (0..ROWS).rev() {
        let label = match row {
            _ if row == ROWS - 1 => rate(top),
            0 => "0/s".to_owned(),
            _ => String::new(),
        };
        let block = |mean: &f64| {
            let eighths = if top > 0.0 { (mean / top * ROWS as f64 * 8.0).round() as usize } else { 0 };
            // The least that is more than nothing is still seen.
            let eighths = if row == 0 && *mean > 0.0 { eighths.max(1) } else { eighths };
            BLOCKS[eighths.saturating_sub(row * 8).min(8)]
        };
        let line: String = means.iter().map(block).collect();
        writeln!(text, "{label:>9} │{}", line.trim_end()).ok(); // writing to a text cannot fail
    }
    let window = ((warm_up_s / step).round() as usize).min(columns);
    let axis = format!("{}{}", "╌".repeat(window), "─".repeat(columns - window));
    let times = ticks(warm_up_s, end, window, columns);
    writeln!(text, "{:>9} └{axis}\n{:>10} {times}", "", "").ok();
    if !events.is_empty() {
        let column = |second: f64| ((second / step) as usize).min(columns - 1);
        let mut marks = vec![' '; columns];
        for (from, to) in events {
            marks[column(*from)..=column(*to)].fill('▲');
        }
        let marks: String = marks.into_iter().collect();
        writeln!(text, "{:>10} {}", "", marks.trim_end()).ok();
    }
    text
}

/// Seconds under the axis: 0, the start of the window, the end.
fn ticks(warm_up_s: f64, end_s: f64, window: usize, columns: usize) -> String {
    let second = |second: f64| format!("{}s", (second * 100.0).round() / 100.0);
    let (start, last) = (second(0.0), second(end_s));
    let mut line = start.clone();
    let middle = format!("{} window", second(warm_up_s));
    let room = columns.saturating_sub(last.len());
    if window > start.len() && window + middle.len() < room {
        line = format!("{line:<window$}{middle}");
    }
    if line.len() < room {
        line = format!("{line:<room$}{last}");
    }
    line
}

fn rate(per_second: f64) -> String {
    let digits = if per_second >= 100.0 { 1.0 } else { 100.0 };
    Rate::per_second((per_second * digits).round() / digits).map_or("0/s".to_owned(), |rate| {
        let text = rate.to_string();
        if text.len() > 9 { format!("{per_second:.2e}/s") } else { text }
    })
}

#[cfg(test)]
mod tests {
    use super::super::compile::planned;
    fn draw(workload: &str, width: usize) -> String {
        let text = format!("question: q\nworkload: {workload}\nphases: {{warm_up: 5s, measure: 15s}}\n");
        planned(&text).draw(width)
    }

    #[test]
    fn a_shape_is_drawn_over_its_seconds() {
        let shape =
            "{shape: [{ramp: {from: 0/s, to: 20k/s, over: 10s}}, {spike: {to: 20k/s, at: 15s, for: 2s}}]}";
        insta::assert_snapshot!(draw(shape, 60), @r"
        base
            40k/s │                                     ████
                  │                                     ████▅
                  │                                     █████
                  │                                    ██████
                  │                   ▁▃▄▅▇█████████████████████████
                  │             ▂▃▄▆▇███████████████████████████████
                  │       ▂▃▄▆▇█████████████████████████████████████
              0/s │▁▂▃▅▆▇███████████████████████████████████████████
                  └╌╌╌╌╌╌╌╌╌╌╌╌─────────────────────────────────────
                   0s          5s window                         20s
        ");
    }

    #[test]
    fn events_are_marked_below_the_rate() {
        let events = "{rate: 100/s}\nconsumers: {group: g}\nevents: [{at: {within: [9s, 11s]}, kill: {}}]";
        let text = draw(events, 60);
        let marks = text.lines().find(|line| line.trim_start().starts_with('▲')).unwrap();
        let columns: Vec<usize> =
            marks.chars().enumerate().filter(|(_, sign)| *sign == '▲').map(|(at, _)| at).collect();
        // 49 columns for 20 seconds, behind 11.
        assert_eq!((columns[0], *columns.last().unwrap()), (11 + 22, 11 + 26), "{text}");
        assert!(text.contains("▲ kill at a time between 9s and 11s"), "{text}");
    }

    #[test]
    fn no_line_is_wider_than_asked_for() {
        let factors =
            "{}\nfactors: {workload.rate: [1/s, 1200k/s, 123.4567k/s], topic.partitions: [1, 2, 3, 4]}";
        for width in [22, 40, 133] {
            let text = draw(factors, width);
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}\n{text}");
            assert_eq!(text.matches("0s").count(), 3 + 3, "one picture a rate, {width}\n{text}");
        }
    }
}
