//! The report for people: text and Markdown are the same sections with other marks.

use textwrap::{Options, WordSeparator, WordSplitter};

use super::Format;
use super::answer::answer;
use super::course::courses;
use super::curve::curves;
use super::groups;
use super::measured::measured;
use super::producers;
use super::spent;
use super::tables;
use super::trust;
use super::{cost, emulated};
use crate::analyse::Findings;
use crate::record::{Manifest, Run};
use crate::spec::Client;

/// Lines of text end here at the latest; tables may be wider.
const WIDTH: usize = 108;

/// The whole report.
pub fn body(run: &Run, findings: &Findings, format: Format) -> String {
    let manifest = &run.manifest;
    let mut page = Page { format, text: String::new() };
    page.title(&title(manifest, findings));
    page.paragraph(&manifest.question);
    if let Some(answer) = answer(manifest, findings) {
        page.paragraph(&answer);
    }
    if let Some(answer) = cost::answer(manifest, findings) {
        page.paragraph(&answer);
    }
    if manifest.finished.is_none() {
        page.paragraph("The run is not finished: what follows is of the trials so far.");
    }

    let emulated = emulated::title(run);
    page.section(&format!("Treatments{emulated}"));
    page.block(&tables::treatments(manifest, findings, format));
    page.paragraph(
        "Median (least – greatest) of the valid trials; n is valid/all trials. Scaling is throughput over that of the first treatment.",
    );
    if tables::any_overload(findings) {
        page.paragraph(
            "Where the load is `overload`, throughput is overload throughput: an upper bound of what the configuration \
             sustains. Overload is compared with overload and steady with steady; else the factor is only a bound (≥, ≤).",
        );
    }
    if tables::any_draining(findings) {
        page.paragraph(
            "Where the load is `draining`, what the warm-up had left was worked off in the window: throughput is more than what \
             was offered, and compared with nothing.",
        );
    }

    if groups::any(findings) {
        page.section(&format!("Groups{emulated}"));
        page.block(&groups::table(manifest, findings, format));
        page.paragraph(&groups::note(findings));
    }

    if producers::any(findings) {
        page.section("Producers");
        page.block(&producers::table(manifest, findings, format));
        page.paragraph(
            "Each producer's acks in the window over what it offered in it (at `rate: max`, over an even share). Jain's index is 1 where all were \
             served alike and 1/n where one alone was.",
        );
    }

    if let Some(table) = spent::table(manifest, findings, format) {
        page.section("What it took");
        page.block(&table);
        page.paragraph(
            "CPU of the brokers that bench started, per million messages acked; requests, batches and bytes by the producers' own statistics; CPU of \
             bench's load, and memory of its whole process.",
        );
    }
    if let Some(curves) = curves(manifest, findings) {
        page.section(&format!("Curves{emulated}"));
        page.literal(&curves);
        page.paragraph("Medians of the valid trials, from nothing to the greatest.");
    }

    costs(&mut page, run, findings, &emulated);

    page.section(&format!("Latencies{emulated}"));
    if tables::any_at_max(findings) {
        page.paragraph("At `rate: max` a message is due when it is sent: no latency counts from due.");
    }
    if tables::any_latency(findings) {
        latencies(&mut page, manifest, findings);
    }

    if !manifest.slos.is_empty() {
        page.section(&format!("What must hold{emulated}"));
        let slos = manifest.slos.iter().enumerate();
        page.list(slos.map(|(at, slo)| format!("SLO {}: `{}`", at + 1, slo.text)));
        page.block(&tables::verdicts(manifest, findings, format));
    }

    page.section("Doubts");
    let mut doubts = trust::doubts(findings);
    doubts.extend(groups::limits(findings));
    if doubts.is_empty() {
        page.paragraph("None.");
    } else {
        page.list(doubts);
    }

    page.section("Books");
    page.list(trust::books(findings).into_iter().chain(groups::lines(findings)));

    page.section("How it was measured");
    page.list(measured(run).into_iter().chain(emulated::how(run, findings)));

    page.section("Data");
    page.paragraph(
        "In this folder: `trials.csv`, `treatments.csv`, `trials/` (record, histograms, series and events of each), \
         `plan.csv`, `experiment.yaml`, `manifest.json`.",
    );
    page.text
}

/// What a million messages cost, and how credits went.
fn costs(page: &mut Page, run: &Run, findings: &Findings, emulated: &str) {
    let manifest = &run.manifest;
    if cost::any(findings) {
        page.section(&format!("Cost{emulated}"));
        for (title, table) in cost::tables(manifest, findings, page.format) {
            page.paragraph(title);
            page.block(&table);
        }
        page.list(cost::notes(manifest, findings));
    }
    let courses = courses(run, findings);
    if !courses.is_empty() {
        page.section(&format!("Credits over time{emulated}"));
        for course in courses {
            page.paragraph(&format!(
                "{}: {}. {}",
                course.trial,
                course.what,
                course.knee().unwrap_or_default()
            ));
            page.literal(&course.text());
        }
    }
}

/// The client is part of the answer where it is not the one that everybody else uses.
fn title(manifest: &Manifest, findings: &Findings) -> String {
    let mut clients = findings.trials().flat_map(|trial| trial.record.asked.clients.values()).peekable();
    let light = clients.peek().is_some() && clients.all(|client| client == Client::Light.name());
    if light { format!("{} (light client)", manifest.experiment) } else { manifest.experiment.clone() }
}

fn latencies(page: &mut Page, manifest: &Manifest, findings: &Findings) {
    page.block(&tables::latencies(manifest, findings, page.format));
    page.paragraph(
        "In ms, by rank over all messages due in the window. `> x`: it lies among messages that took longer than we \
         watched. Send delay is bench's own lateness.",
    );
    if tables::any_overload(findings) {
        page.paragraph("Latencies of a treatment in overload only say how long it was watched.");
    }
}

struct Page {
    format: Format,
    text: String,
}

impl Page {
    fn title(&mut self, title: &str) {
        self.heading(title, '#', '=');
    }

    fn section(&mut self, title: &str) {
        self.text.push('\n');
        self.heading(title, '\u{0}', '-');
    }

    fn heading(&mut self, title: &str, mark: char, under: char) {
        let line = match (self.format, mark) {
            (Format::Md, '#') => format!("# {title}\n"),
            (Format::Md, _) => format!("## {title}\n"),
            _ => format!("{title}\n{}\n", under.to_string().repeat(title.chars().count())),
        };
        self.text.push_str(&line);
    }

    fn paragraph(&mut self, text: &str) {
        self.space();
        self.wrapped(text, "", "");
    }

    fn block(&mut self, table: &str) {
        self.space();
        for line in table.lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    /// A block whose blanks and lines stay as they are.
    fn literal(&mut self, text: &str) {
        if self.format == Format::Md {
            self.block(&format!("```\n{text}```"));
        } else {
            self.block(text);
        }
    }

    fn list(&mut self, lines: impl IntoIterator<Item = String>) {
        self.space();
        for line in lines {
            self.wrapped(&line, "- ", "  ");
        }
    }

    fn space(&mut self) {
        // A text heading has its line below and needs no more; Markdown and paragraphs do.
        let underlined = self.text.ends_with("=\n") || self.text.ends_with("--\n");
        if !underlined {
            self.text.push('\n');
        }
    }

    /// Greedy, and never within a word: names and hyphens stay as they are.
    fn wrapped(&mut self, text: &str, first: &str, next: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let options = Options::new(WIDTH)
            .initial_indent(first)
            .subsequent_indent(next)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        self.text.push_str(&textwrap::fill(&words.join(" "), options));
        self.text.push('\n');
    }
}
