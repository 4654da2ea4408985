//! Credits, CPU and throughput over the time of a trial: lines of blocks for a terminal, the same as SVG.

use std::fmt::Write;

use super::emulated;
use crate::analyse::{Findings, Knee, TreatmentFindings, TrialFindings};
use crate::books::InstanceSecond;
use crate::record::Run;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// A line that never rises above this shows nothing.
const LEAST: f64 = 0.000_5;
/// Columns of a line.
const WIDTH: usize = 60;

/// One line over time: a name with its unit, a value a second (none where unknown).
struct Line {
    name: &'static str,
    values: Vec<Option<f64>>,
}

/// The course of one trial, its instances together.
pub struct Course {
    /// The trial.
    pub trial: String,
    /// What was emulated in it.
    pub what: String,
    lines: Vec<Line>,
    knee: Option<Knee>,
}

/// The figure of a trial, in the run's folder.
pub fn file_name(trial: &str) -> String {
    format!("credits-{trial}.svg")
}

/// The courses of all treatments with emulated instances.
pub fn courses(run: &Run, findings: &Findings) -> Vec<Course> {
    let of = |shown: &TrialFindings| {
        let TrialFindings { record, seconds, knee, .. } = shown;
        let saved = run.trials.iter().find(|trial| trial.record.order == record.order);
        let rows = saved.map(|trial| trial.rows.as_slice()).unwrap_or_default();
        let length = seconds.iter().map(|second| second.t_s.floor() as usize + 1).max().unwrap_or_default();
        // Sums over instances of what is used, means of what each one has.
        let over = |read: fn(&InstanceSecond) -> Option<f64>, mean: bool| -> Vec<Option<f64>> {
            (0..length)
                .map(|at| {
                    let inside = seconds.iter().filter(|second| second.t_s.floor() as usize == at);
                    let values: Vec<f64> = inside.filter_map(read).collect();
                    let sum: f64 = values.iter().sum();
                    let count = if mean { values.len() } else { 1 };
                    (!values.is_empty()).then(|| sum / count as f64)
                })
                .collect()
        };
        let processed = (0..length)
            .map(|at| {
                let inside = rows.iter().filter(|row| row.t_s.floor() as usize == at);
                let counts: Vec<u64> = inside.map(|row| row.processed).collect();
                (!counts.is_empty()).then(|| counts.iter().sum::<u64>() as f64)
            })
            .collect();
        let lines = vec![
            Line { name: "balance, credits", values: over(|second| second.balance_credits, true) },
            Line { name: "surplus, credits", values: over(|second| second.surplus_credits, true) },
            Line { name: "used, vCPUs", values: over(|second| Some(second.used_vcpus), false) },
            Line { name: "throttled, ms/s", values: over(|second| second.throttled_ms, false) },
            Line { name: "processed, msgs/s", values: processed },
        ];
        let what = record.emulated.iter().map(emulated::what);
        Course {
            trial: record.trial.clone(),
            what: what.collect::<Vec<_>>().join("; "),
            lines: lines
                .into_iter()
                .filter(|line| line.values.iter().flatten().any(|value| *value > LEAST))
                .collect(),
            knee: *knee,
        }
    };
    findings.treatments.iter().filter_map(TreatmentFindings::shown).map(of).collect()
}

impl Course {
    /// The sentence on the knee; none where there is none.
    pub fn knee(&self) -> Option<String> {
        let knee = self.knee?;
        Some(format!(
            "Knee at {:.1} s: credits were spent; the recorded use predicts {:.1} s ({:+.1} %).",
            knee.found_s,
            knee.predicted_s,
            (knee.found_s / knee.predicted_s - 1.0) * 100.0
        ))
    }

    /// Lines of blocks, each from nothing to its greatest value.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let seconds = self.lines.first().map_or(0, |line| line.values.len());
        for Line { name, values } in &self.lines {
            let most = values.iter().flatten().copied().fold(0.0, f64::max);
            let drawn: String = columns(values).map(|value| block(value, most)).collect();
            // Writing to a string cannot fail.
            writeln!(text, "{name:<18} {drawn}  0 – {}", super::number::plain(most)).ok();
        }
        let mark = self.knee.map(|knee| {
            let at = (knee.found_s / seconds.max(1) as f64 * seconds.min(WIDTH) as f64) as usize;
            format!("{:<18} {}^ knee\n", "", " ".repeat(at.min(WIDTH)))
        });
        text.push_str(&mark.unwrap_or_default());
        writeln!(text, "{:<18} 0 – {seconds} s", "time").ok();
        text
    }

    /// The same as SVG: one panel a line, a dashed rule at the knee.
    pub fn svg(&self) -> String {
        const LEFT: usize = 150;
        const WIDE: usize = 600;
        const HIGH: usize = 70;
        const GAP: usize = 26;
        let seconds = self.lines.first().map_or(1, |line| line.values.len()).max(1);
        let height = 40 + self.lines.len() * (HIGH + GAP) + 20;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"10\" y=\"20\" font-size=\"13\">{} (emulated: {})</text>\n",
            LEFT + WIDE + 20,
            escaped(&self.trial),
            escaped(&self.what)
        );
        let x = |second: f64| LEFT as f64 + second / seconds as f64 * WIDE as f64;
        for (index, Line { name, values }) in self.lines.iter().enumerate() {
            let top = 40 + index * (HIGH + GAP);
            let most = values.iter().flatten().copied().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
            let points: Vec<String> = values
                .iter()
                .enumerate()
                .filter_map(|(at, value)| Some((at, (*value)?)))
                .map(|(at, value)| {
                    let y = (top + HIGH) as f64 - value / most * HIGH as f64;
                    format!("{:.1},{y:.1} {:.1},{y:.1}", x(at as f64), x(at as f64 + 1.0))
                })
                .collect();
            write!(
                svg,
                "<text x=\"10\" y=\"{}\">{name}</text>\n<text x=\"10\" y=\"{}\" fill=\"gray\">0 – {}</text>\n\
                 <rect x=\"{LEFT}\" y=\"{top}\" width=\"{WIDE}\" height=\"{HIGH}\" fill=\"none\" stroke=\"lightgray\"/>\n\
                 <polyline points=\"{}\" fill=\"none\" stroke=\"steelblue\" stroke-width=\"1.5\"/>\n",
                top + 14,
                top + 30,
                super::number::plain(most),
                points.join(" ")
            )
            .ok();
        }
        if let Some(knee) = self.knee {
            let (at, end) = (x(knee.found_s), height - 40);
            write!(
                svg,
                "<line x1=\"{at:.1}\" y1=\"34\" x2=\"{at:.1}\" y2=\"{end}\" stroke=\"firebrick\" stroke-dasharray=\"4 3\"/>\n\
                 <text x=\"{:.1}\" y=\"34\" fill=\"firebrick\">knee {:.1} s</text>\n",
                at + 3.0,
                knee.found_s
            )
            .ok();
        }
        write!(svg, "<text x=\"{LEFT}\" y=\"{}\">0 – {seconds} s since time 0</text>\n</svg>\n", height - 12)
            .ok();
        svg
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Seconds gathered into as many columns as fit, each the mean of its own.
fn columns(values: &[Option<f64>]) -> impl Iterator<Item = Option<f64>> + '_ {
    let wide = values.len().min(WIDTH);
    (0..wide).map(move |column| {
        let (from, to) = (
            column * values.len() / wide,
            ((column + 1) * values.len() / wide).max(column * values.len() / wide + 1),
        );
        let known: Vec<f64> = values[from..to.min(values.len())].iter().flatten().copied().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    })
}

fn block(value: Option<f64>, most: f64) -> char {
    let Some(value) = value else { return ' ' };
    let step = (value / most.max(f64::MIN_POSITIVE) * (BLOCKS.len() - 1) as f64).round();
    BLOCKS[(step as usize).min(BLOCKS.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        let values = (0..120).map(|at| if at == 3 { None } else { Some(f64::from(120 - at)) }).collect();
        Course {
            trial: "001-a<b-r1".to_owned(),
            what: "1 × t3.micro, standard".to_owned(),
            lines: vec![Line { name: "balance, credits", values }],
            knee: Some(Knee { instance: 0, found_s: 60.0, predicted_s: 58.0 }),
        }
    }

    #[test]
    fn a_line_falls_as_its_values_do_and_the_knee_is_marked_under_it() {
        let text = course().text();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("balance, credits") && lines[0].ends_with("0 – 120"), "{text}");
        let drawn = lines[0].split_whitespace().nth(2).unwrap();
        assert_eq!(
            (drawn.chars().count(), drawn.chars().next(), drawn.chars().last()),
            (60, Some('█'), Some('▁'))
        );
        assert_eq!(lines[1].chars().position(|c| c == '^'), Some(19 + 30), "{text}");
        assert!(course().knee().unwrap().contains("+3.4 %"));
    }

    #[test]
    fn the_figure_is_svg_and_says_what_was_emulated() {
        let svg = course().svg();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(
            svg.contains("001-a&lt;b-r1 (emulated: 1 × t3.micro, standard)") && svg.contains("knee 60.0 s")
        );
    }
}
