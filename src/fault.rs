//! One thing wrong in what the user wrote, and all of them together.

use std::collections::HashSet;
use std::fmt;

use unicode_width::UnicodeWidthStr;

/// Where in the file, counted from 1, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// Characters to mark, at least 1.
    pub width: usize,
}

/// What else could mend a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing but what it marks: that is wrong whatever stands elsewhere.
    #[default]
    Wrong,
    /// What stands elsewhere too: something is missing, or does not go with something, that a factor's level may bring or replace.
    Lacking,
}

/// One thing wrong in what the user wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where; none if it is not in the file (`--set`), and `what` then says where.
    pub place: Option<Place>,
    /// What was found and what is wrong with it.
    pub what: String,
    /// What to write instead.
    pub hint: Option<String>,
    /// What else could mend it.
    pub kind: Kind,
}

/// All that is wrong in one file, in the order of the places, at one place as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    /// The file as the user named it.
    pub file: String,
    /// Its text, for the marks.
    pub source: String,
    /// Never empty when it is given as an error.
    pub faults: Vec<Fault>,
}

impl Faults {
    /// Sorted by place, what has none first; each distinct fault once.
    pub fn new(file: impl Into<String>, source: impl Into<String>, mut faults: Vec<Fault>) -> Self {
        let mut told = HashSet::new();
        faults.retain(|fault| told.insert((fault.place, fault.what.clone())));
        faults.sort_by_key(|fault| fault.place);
        Faults { file: file.into(), source: source.into(), faults }
    }

    fn write_one(&self, fault: &Fault, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match fault.place {
            None => writeln!(f, "{}", fault.what)?,
            Some(Place { line, column, width }) => {
                writeln!(f, "{}:{line}:{column}: {}", self.file, fault.what)?;
                let text = self.source.lines().nth(line - 1).unwrap_or_default();
                let from = text.char_indices().nth(column - 1).map_or(text.len(), |(at, _)| at);
                let to = text[from..].char_indices().nth(width).map_or(text.len(), |(at, _)| from + at);
                // Tabs stay tabs, so that the mark stands under what it marks at any tab width.
                let blanks: Vec<String> =
                    text[..from].split('\t').map(|part| " ".repeat(part.width())).collect();
                if !text.trim().is_empty() {
                    let mark = "^".repeat(text[from..to].width().max(1));
                    writeln!(f, "    {text}\n    {}{mark}", blanks.join("\t"))?;
                }
            }
        }
        match &fault.hint {
            Some(hint) => writeln!(f, "    hint: {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            self.write_one(fault, f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(place: Option<(usize, usize, usize)>, what: &str, hint: Option<&str>) -> Fault {
        Fault {
            place: place.map(|(line, column, width)| Place { line, column, width }),
            what: what.to_owned(),
            hint: hint.map(str::to_owned),
            kind: Kind::Wrong,
        }
    }

    #[test]
    fn a_fault_is_told_with_its_place_its_line_a_mark_and_a_hint() {
        let faults = Faults::new(
            "a.yaml",
            "topic:\n  partitions: no\n",
            vec![
                fault(Some((2, 15, 2)), "`no` is not a whole number", None),
                fault(Some((1, 1, 5)), "wrong", Some("write it right")),
                fault(None, "--set x=1: wrong", None),
                fault(Some((2, 15, 2)), "`no` is not a whole number", None),
            ],
        );
        assert_eq!(
            faults.to_string(),
            "--set x=1: wrong\n\n\
             a.yaml:1:1: wrong\n    topic:\n    ^^^^^\n    hint: write it right\n\n\
             a.yaml:2:15: `no` is not a whole number\n      partitions: no\n                  ^^\n"
        );
    }

    #[test]
    fn a_mark_stands_under_wide_and_combining_characters() {
        for (line, marked, expected) in [
            ("question: 多く, topic: 語彙", "語彙", "                       ^^^^"),
            ("e\u{301}e\u{301}: x", "x", "    ^"),
            ("🚀🚀: x", "x", "      ^"),
            ("\tü\t家: x", "x", "\t \t    ^"),
        ] {
            let at = line.find(marked).unwrap();
            let (column, width) = (line[..at].chars().count() + 1, marked.chars().count());
            let told = Faults::new("a.yaml", line, vec![fault(Some((1, column, width)), "wrong", None)]);
            assert_eq!(told.to_string().lines().nth(2).unwrap(), format!("    {expected}"), "{line}");
        }
    }
}
