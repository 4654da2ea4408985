//! A report as a page that needs nothing beside it: no request, no script to read it, light and dark, on paper too.

mod figure;
mod gallery;
mod shared;
mod table;
mod text;

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

use super::svg::{colours, rules};
use crate::report::document::{Document, Part, Section};
pub use gallery::{Card, gallery};
pub use text::encoded;
use text::{escaped, flowing};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The whole page.
pub fn html(document: &Document) -> String {
    let mut page = String::with_capacity(256 * 1024);
    head(&mut page, (&document.title, ""), Some(SCRIPT));
    let (title, question) = (titled(&document.title), flowing(&document.question));
    put(
        &mut page,
        format_args!(
            "<a class=\"vh skip\" href=\"#main\">Skip to the answer</a>\n<header>\n<h1>{title}</h1>\n<p class=\"question\">{question}</p>\n</header>"
        ),
    );
    contents(&mut page, document);
    page.push_str("<main id=\"main\" tabindex=\"-1\">\n");
    for of in &document.sections {
        section(&mut page, of);
    }
    put(&mut page, format_args!("</main>\n<script>{SCRIPT}</script>\n</body>\n</html>"));
    shared::shared(&page)
}

/// Nothing outside of the page may be asked for, whatever the text of a file says: the policy names what is here by its digest.
fn head(page: &mut String, (title, style): (&str, &str), script: Option<&str>) {
    let script = script.map_or_else(String::new, |script| {
        format!(" script-src 'sha256-{}';", STANDARD.encode(digest(&SHA256, script.as_bytes())))
    });
    let (light, dark, figures) = (colours(false), colours(true), rules());
    put(
        page,
        format_args!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';{script} base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{}</title>\n<style>\n:root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n@media print{{:root{{{light}}}}}\n{figures}\n{STYLE}{style}</style>\n</head>\n<body>",
            escaped(title)
        ),
    );
}

/// Links to the sections that have a heading.
fn contents(page: &mut String, document: &Document) {
    page.push_str("<nav aria-label=\"Sections\"><ul>\n");
    for section in document.sections.iter().filter(|section| !section.title.is_empty()) {
        // What was emulated stands behind each heading; a list of links needs it once at most.
        let name = section.title.split(" (").next().unwrap_or_default();
        put(page, format_args!("<li><a href=\"#{}\">{}</a></li>", section.id, escaped(name)));
    }
    page.push_str("</ul></nav>\n");
}

fn section(page: &mut String, section: &Section) {
    put(page, format_args!("<section id=\"{}\">", section.id));
    if !section.title.is_empty() {
        put(page, format_args!("<h2>{}</h2>", titled(&section.title)));
    }
    let mut leads = section.title.is_empty();
    let claims = section.parts.iter().any(|part| matches!(part, Part::Claims(..)));
    for of in &section.parts {
        if let (Part::Claims(from, sentences), true) = (of, leads) {
            // Whoever reads no further has read the first sentence.
            let (first, others) = sentences.split_at(sentences.len().min(1));
            put(page, format_args!("<p class=\"lead\">{}</p>", numbered(*from, first)));
            if !others.is_empty() {
                put(page, format_args!("<p>{}</p>", numbered(from + 1, others)));
            }
            leads = false;
        } else if let (Part::Paragraph(sentences), true, false) = (of, leads, claims) {
            // A comparison has no claims: what it came to leads.
            put(page, format_args!("<p class=\"lead\">{}</p>", flowing(&sentences.join(" "))));
            leads = false;
        } else {
            part(page, section, of);
        }
    }
    page.push_str("</section>\n");
}

fn part(page: &mut String, section: &Section, of: &Part) {
    match of {
        Part::Paragraph(sentences) => put(page, format_args!("<p>{}</p>", flowing(&sentences.join(" ")))),
        Part::Claims(from, sentences) => put(page, format_args!("<p>{}</p>", numbered(*from, sentences))),
        Part::List(lines) => {
            page.push_str("<ul>\n");
            for line in lines {
                put(page, format_args!("<li>{}</li>", flowing(line)));
            }
            page.push_str("</ul>\n");
        }
        Part::Table(of) => table::table(page, section, of),
        Part::Figure(of) => figure::figure(page, of),
    }
}

/// Claims, each with its number behind it: what it rests on is asked for by that.
fn numbered(from: usize, sentences: &[String]) -> String {
    let with_number = |(at, text): (usize, &String)| {
        format!(
            "{}<sup class=\"claim\" id=\"claim-{at}\"><a href=\"#claim-{at}\" title=\"bench report DIR --claim {at}\">{at}</a></sup>",
            flowing(text)
        )
    };
    (from..).zip(sentences).map(with_number).collect::<Vec<_>>().join(" ")
}

/// A title; what was emulated stands behind it, and is not the title itself.
fn titled(title: &str) -> String {
    match title.find(" (emulated").map(|at| title.split_at(at)) {
        Some((own, emulated)) => format!("{} <small>{}</small>", escaped(own), escaped(emulated)),
        None => escaped(title),
    }
}

/// A line of HTML; writing to a string cannot fail.
fn put(page: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(page, "{line}").ok();
}

#[cfg(test)]
mod tests;
