//! `bench list [DIR]`: the runs below a folder.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the list is this verb's result")]

use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::exit::Exit;
use super::width::width;
use crate::record::StoreError;
use crate::report::list::{Asked, Ended, Listed, list};
use crate::report::{gallery, shown};

/// Between two columns.
const GAP: &str = "  ";
/// The least width of a column of sentences; where two of them have less, the question is left out.
const LEAST: usize = 28;
/// Where there is less, a row would be a tower of single words: each run is a few lines then.
const NARROW: usize = 72;
/// The most of a word that may be what decides a column's width.
const LONGEST: usize = 24;

/// How runs are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// As a page.
    Page,
}

impl Show {
    /// By the options given.
    pub const fn of(json: bool, html: bool) -> Self {
        match (json, html) {
            (true, _) => Show::Json,
            (false, true) => Show::Page,
            (false, false) => Show::Text,
        }
    }
}

/// Prints the runs below a folder.
pub fn run(dir: &Path, show: Show) -> ExitCode {
    let failed = |error: StoreError| {
        eprintln!("error: {error}");
        ExitCode::from(Exit::Environment)
    };
    if show == Show::Page {
        return shown(dir).map_or_else(failed, |runs| {
            print!("{}", gallery(dir, &runs));
            ExitCode::SUCCESS
        });
    }
    let runs = match list(dir) {
        Ok(runs) => runs,
        Err(error) => return failed(error),
    };
    if show == Show::Json {
        println!("{:#}", Value::Array(runs.iter().map(to_json).collect()));
    } else if runs.is_empty() {
        println!("no runs below {}", dir.display());
    } else {
        print!("{}", text(&runs, dir, width()));
    }
    ExitCode::SUCCESS
}

fn to_json(run: &Listed) -> Value {
    let asked = |of: fn(&Asked) -> &String| run.asked.as_ref().map(of);
    let (trials, planned) = match run.outcome {
        Ended::Unfinished(trials, planned) => (Some(trials), Some(planned)),
        _ => (None, None),
    };
    let why = match &run.outcome {
        Ended::Unread(why) => Some(why),
        _ => None,
    };
    json!({
        "folder": run.folder.display().to_string(),
        "started": asked(|asked| &asked.started),
        "experiment": asked(|asked| &asked.experiment),
        "question": asked(|asked| &asked.question),
        "answer": run.answer,
        "outcome": run.outcome.name(),
        "outcome_told": run.told,
        "trials": trials,
        "planned": planned,
        "why_unread": why,
    })
}

/// As it fits into so many columns; all of it where any width will do.
fn text(runs: &[Listed], dir: &Path, width: Option<usize>) -> String {
    match width.filter(|width| *width < NARROW) {
        Some(width) => blocks(runs, dir, width),
        None => table(runs, dir, width),
    }
}

/// A few lines a run, with all of it.
fn blocks(runs: &[Listed], dir: &Path, width: usize) -> String {
    let block = |run: &Listed| {
        let [date, experiment, outcome, question, answer, folder] = row(run, dir);
        let head = [date, experiment, outcome].into_iter().filter(|part| !part.is_empty());
        let told = [("question", question), ("answer", answer), ("folder", folder)];
        let told = told.into_iter().filter(|(_, what)| !what.is_empty());
        let lines = told.map(|(name, what)| {
            let indented = textwrap::Options::new(width).initial_indent("  ").subsequent_indent("    ");
            textwrap::fill(&format!("{name}: {what}"), indented)
        });
        let head = textwrap::fill(&head.collect::<Vec<_>>().join(" · "), width);
        std::iter::once(head).chain(lines).map(|line| line + "\n").collect::<String>()
    };
    runs.iter().map(block).collect::<Vec<_>>().join("\n")
}

/// One row a run: sentences flow within their columns where there is a width, and stand on one line where there is none.
fn table(runs: &[Listed], dir: &Path, width: Option<usize>) -> String {
    let mut rows: Vec<[String; 6]> =
        vec![["date", "experiment", "outcome", "question", "answer", "folder"].map(str::to_owned)];
    rows.extend(runs.iter().map(|run| row(run, dir)));
    let natural = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let Some(width) = width else {
        // The last column is left as long as it is.
        let widths = [natural(0), natural(1), natural(2), natural(3), natural(4), 0];
        return rows.iter().map(|row| line(&row.each_ref().map(String::as_str), &widths)).collect();
    };
    let fixed = [natural(0), natural(1).min(LONGEST), natural(2).min(LONGEST)];
    let left = |columns: usize| {
        width.saturating_sub(fixed.iter().sum::<usize>() + (fixed.len() + columns - 1) * GAP.len())
    };
    // By what matters most: the answer, the question, the folder.
    let folder = natural(5);
    let shown: Vec<(usize, usize)> = if left(3) >= folder + 3 * LEAST {
        let each = (left(3) - folder) / 2;
        vec![(3, each), (4, left(3) - folder - each), (5, folder)]
    } else if left(2) >= 2 * LEAST {
        vec![(3, left(2) / 2), (4, left(2) - left(2) / 2)]
    } else {
        vec![(4, left(1).max(1))]
    };
    let columns: Vec<(usize, usize)> = fixed.into_iter().enumerate().chain(shown).collect();
    let widths: Vec<usize> = columns.iter().map(|(_, width)| *width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<Vec<String>> = columns
            .iter()
            .map(|(at, width)| textwrap::wrap(&row[*at], *width).into_iter().map(Cow::into_owned).collect())
            .collect();
        for at in 0..cells.iter().map(Vec::len).max().unwrap_or_default() {
            let parts: Vec<&str> =
                cells.iter().map(|lines| lines.get(at).map_or("", String::as_str)).collect();
            text.push_str(&line(&parts, &widths));
        }
    }
    let names = [(3, "question"), (5, "folder")];
    let out: Vec<&str> = names
        .iter()
        .filter(|(at, _)| columns.iter().all(|(shown, _)| shown != at))
        .map(|(_, name)| *name)
        .collect();
    if !out.is_empty() {
        let left_out = format!("left out for want of width: {} (`--json` has all)", out.join(", "));
        text.push_str(&textwrap::fill(&left_out, width));
        text.push('\n');
    }
    text
}

fn row(run: &Listed, dir: &Path) -> [String; 6] {
    let folder = run.folder.strip_prefix(dir).unwrap_or(&run.folder).display().to_string();
    // An unknown run is known by its folder.
    let [started, experiment, question] = match &run.asked {
        Some(asked) => [&asked.started, &asked.experiment, &asked.question].map(|text| one_line(text)),
        None => [String::new(), folder.clone(), String::new()],
    };
    let (outcome, answer) = match &run.outcome {
        Ended::Unfinished(..) => (run.told.clone(), String::new()),
        Ended::Unread(why) => (run.outcome.name().to_owned(), one_line(why)),
        _ => (run.told.clone(), run.answer.as_deref().map(one_line).unwrap_or_default()),
    };
    let date = started.get(..16).unwrap_or(&started).replace('T', " ");
    [date, experiment, outcome, question, answer, folder]
}

/// Cells beside each other, each as wide as its column.
fn line(cells: &[&str], widths: &[usize]) -> String {
    let padded = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("{cell}{}", " ".repeat(width.saturating_sub(cell.width()))));
    format!("{}\n", padded.collect::<Vec<_>>().join(GAP).trim_end())
}

/// Text of files, with nothing in it that moves a terminal's cursor.
fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Listed> {
        let asked = Asked {
            started: "2026-11-27T10:11:32.000Z".to_owned(),
            experiment: "partitions".to_owned(),
            question: "Does throughput grow with partitions as long as\nconsumers grow with them?".to_owned(),
        };
        let done = Listed {
            folder: "r/partitions/2026-11-27T10-11-32Z-6193d7".into(),
            asked: Some(asked.clone()),
            answer: Some("From partitions=1, instances=1 to partitions=4, instances=4 overload throughput went from 198 to 791 messages per second (4.00×).".to_owned()),
            outcome: Ended::Held,
            told: "held".to_owned(),
        };
        vec![
            Listed {
                asked: None,
                answer: None,
                outcome: Ended::Unread("cannot read `r/x/manifest.json`".to_owned()),
                told: "unread".to_owned(),
                folder: "r/x".into(),
            },
            Listed {
                answer: None,
                outcome: Ended::Unfinished(3, 27),
                told: "unfinished 3/27".to_owned(),
                ..done.clone()
            },
            done,
        ]
    }

    #[test]
    fn a_table_is_never_wider_than_it_may_be_and_says_what_it_leaves_out() {
        for width in [72, 80, 100, 140, 200, 300] {
            let text = table(&some(), Path::new("r"), Some(width));
            assert!(text.lines().all(|line| line.width() <= width), "{width}:\n{text}");
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(text.contains("left out"), width < 200, "{width}:\n{text}");
            assert!(words.contains("2026-11-27 10:11 partitions"), "{width}:\n{text}");
            assert!(text.contains("unfinished 3/27") && text.contains("held"), "{width}:\n{text}");
        }
    }

    #[test]
    fn where_there_is_little_room_a_run_is_a_few_lines_with_all_of_it() {
        for width in [20, 32, 40, 60, 71] {
            let text = text(&some(), Path::new("r"), Some(width));
            assert!(text.lines().all(|line| line.width() <= width), "{width}:\n{text}");
            let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(!text.contains("left out"), "{width}:\n{text}");
            for said in
                ["question: Does throughput grow with partitions", "answer: From partitions=1,", "(4.00×)."]
            {
                assert!(words.contains(said), "{width}: {said}\n{text}");
            }
            // No tower of words: the run that is through has at most twice the lines that its letters need.
            let block = text.split("\n\n").last().unwrap();
            let letters: usize = block.lines().map(UnicodeWidthStr::width).sum();
            assert!(block.lines().count() <= 2 * letters.div_ceil(width) + 4, "{width}:\n{block}");
        }
        let text = text(&some(), Path::new("r"), Some(60));
        assert!(
            text.contains("\n\n2026-11-27 10:11 · partitions · unfinished 3/27\n  question: Does"),
            "{text}"
        );
    }

    #[test]
    fn in_a_pipe_a_run_is_one_line_with_all_of_it() {
        let text = table(&some(), Path::new("r"), None);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[1].contains("unread") && lines[1].contains("cannot read `r/x/manifest.json`"));
        assert!(
            lines[3].contains("as long as consumers grow")
                && lines[3].ends_with("(4.00×).  partitions/2026-11-27T10-11-32Z-6193d7"),
            "{}",
            lines[3]
        );
    }
}
