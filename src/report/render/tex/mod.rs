//! A report for TeX: booktabs tables and pgfplots figures in one document that pdflatex compiles, each of which can be taken into another.

mod axis;
mod lanes;
mod marks;
mod picture;
mod table;
mod text;

use std::fmt::Write;

use super::svg::heading;
use crate::report::document::{Document, Figure, Part, Section};
use text::{escaped, flowing};

/// What the pieces of a document need; whoever takes one into a paper takes these lines too.
const NEEDED: &str = r"\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{textcomp}
\usepackage{pgfplots}
\pgfplotsset{compat=1.16}
\usetikzlibrary{patterns}
";
/// Where tables stand: in the width of the line, smaller where they are wider.
const TABLES: &str = r"\usepackage{array,booktabs,graphicx}
\newsavebox\benchbox
\newcommand\benchfit[1]{\sbox\benchbox{#1}\ifdim\wd\benchbox>\linewidth\resizebox{\linewidth}{!}{\usebox\benchbox}\else\usebox\benchbox\fi}
";
/// How the document itself looks. Its tables and figures stand where they are spoken of, and do not float.
const LOOKS: &str = r"\usepackage[a4paper,margin=2cm]{geometry}
\makeatletter
\newcommand\benchcaption[2]{\begingroup\def\@captype{#1}\caption[]{#2}\endgroup}
\makeatother
\setcounter{secnumdepth}{0}
\setlength\parindent{0pt}
\setlength\parskip{0.5em}
\sloppy
";

/// The whole report as a document.
pub fn tex(document: &Document) -> String {
    let mut page = String::from("% Made by bench from the records of a run. pdflatex compiles it.\n");
    page.push_str("\\documentclass[10pt]{article}\n% Figures need:\n");
    page.push_str(NEEDED);
    page.push_str("% Tables need:\n");
    page.push_str(TABLES);
    page.push_str("% This document needs:\n");
    page.push_str(LOOKS);
    put(&mut page, format_args!("\\title{{{}}}\n\\author{{}}\n\\date{{}}", escaped(&document.title)));
    put(
        &mut page,
        format_args!("\\begin{{document}}\n\\maketitle\n\\emph{{{}}}\n", flowing(&document.question)),
    );
    document.sections.iter().for_each(|of| section(&mut page, of));
    page.push_str("\\end{document}\n");
    page
}

/// A figure alone, to be taken into a document by `\input`.
pub fn fragment(figure: &Figure) -> String {
    let mut text = String::from("% Made by bench from the records of a run. What takes it in needs:\n");
    NEEDED.lines().for_each(|line| put(&mut text, format_args!("% {line}")));
    picture::pictures(&mut text, figure);
    text
}

/// A document that takes in the fragments that lie beside it, a page each, to look at them.
pub fn all_fragments(figures: &[&Figure]) -> String {
    let mut page =
        String::from("% Made by bench from the records of a run: all its figures. pdflatex compiles it.\n");
    page.push_str("\\documentclass[10pt]{article}\n");
    page.push_str(NEEDED);
    page.push_str(LOOKS);
    page.push_str("\\begin{document}\n");
    for figure in figures {
        put(&mut page, format_args!("\\begin{{center}}\n\\input{{{}.tex}}", figure.id));
        caption(&mut page, figure);
        page.push_str("\\end{center}\n\\clearpage\n");
    }
    page.push_str("\\end{document}\n");
    page
}

fn section(page: &mut String, section: &Section) {
    if !section.title.is_empty() {
        put(page, format_args!("\\section{{{}}}\n", flowing(&section.title)));
    }
    for part in &section.parts {
        match part {
            Part::Paragraph(sentences) | Part::Claims(_, sentences) => {
                put(page, format_args!("{}\n", flowing(&sentences.join(" "))));
            }
            Part::List(lines) => {
                page.push_str("\\begin{itemize}\n");
                for line in lines {
                    put(page, format_args!("\\item {}", flowing(line)));
                }
                page.push_str("\\end{itemize}\n\n");
            }
            Part::Table(of) => table::table(page, section, of),
            Part::Figure(of) => {
                page.push_str("\\begin{center}\n");
                picture::pictures(page, of);
                caption(page, of);
                page.push_str("\\end{center}\n\n");
            }
        }
    }
}

/// What a figure is of, and how to read it.
fn caption(page: &mut String, figure: &Figure) {
    let title = heading(figure);
    let words: Vec<String> =
        std::iter::once(format!("{title}.")).chain(figure.notes.iter().cloned()).collect();
    put(page, format_args!("\\benchcaption{{figure}}{{{}}}", flowing(&words.join(" "))));
}

/// A line; writing to a string cannot fail.
fn put(page: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(page, "{line}").ok();
}

#[cfg(test)]
mod tests;
