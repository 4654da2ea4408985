//! A report as Markdown. What comes from files is text here, whatever Markdown would make of it.

use tabled::builder::Builder;
use tabled::settings::Style;

use super::EXPLAINED;
use super::grid::Grid;
use super::page::{Marks, page};
use super::screen::Screen;
use crate::report::document::Document;

/// The whole report as Markdown.
pub fn markdown(document: &Document) -> String {
    page(document, &Markdown)
}

struct Markdown;

impl Marks for Markdown {
    fn title(&self, title: &str) -> String {
        format!("# {}\n", self.flowing(title))
    }

    fn heading(&self, title: &str) -> String {
        format!("## {}\n", self.flowing(title))
    }

    /// A `<` that a tag could begin with, a backtick that nothing closes, and what would begin or end an emphasis, a link, an entity; between backticks all
    /// is text already. What we set apart ourselves stays so.
    fn flowing(&self, text: &str) -> String {
        let mut escaped = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some(word) = explained(rest) {
                let (own, behind) = rest.split_at(word.len() + 2);
                escaped.push_str(own);
                rest = behind;
                continue;
            }
            let next = rest[c.len_utf8()..].chars().next();
            let code = if c == '`' { code(rest) } else { None };
            let taken = match c {
                '\\' => 1 + usize::from(next.is_some_and(|next| next.is_ascii_punctuation())),
                _ => code.unwrap_or(c.len_utf8()),
            };
            let may_be_tag = c == '<' && next.is_some_and(|next| !next.is_whitespace() && next != '=');
            let before = text[..text.len() - rest.len()].chars().next_back();
            if may_be_tag || (c == '`' && code.is_none()) || may_be_mark([before, Some(c), next], rest) {
                escaped.push('\\');
            }
            escaped.push_str(&rest[..taken]);
            rest = &rest[taken..];
        }
        escaped
    }

    fn line(&self, line: String) -> String {
        if begins_a_block(&line) { escaped_start(&line) } else { line }
    }

    /// A `|` would end the cell, and a backslash before it would give it back its meaning.
    fn cell(&self, text: &str) -> String {
        self.flowing(&text.replace('\\', "\\\\").replace('|', "\\|"))
    }

    fn table(&self, table: &Grid) -> String {
        Builder::from_iter(table.texts()).build().with(Style::markdown()).to_string()
    }

    /// In a fence longer than any within.
    fn literal(&self, block: &str) -> String {
        let longest = block.split(|c| c != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(3.max(longest + 1));
        format!("{fence}\n{block}{fence}")
    }

    fn is_close(&self) -> bool {
        false
    }

    fn screen(&self) -> Screen {
        Screen::default()
    }
}

/// The word that notes explain, where a text begins with it between two stars.
fn explained(text: &str) -> Option<&'static str> {
    let behind = text.strip_prefix('*')?;
    EXPLAINED.into_iter().find(|word| behind.strip_prefix(word).is_some_and(|rest| rest.starts_with('*')))
}

/// Whether a character, between those beside it, could begin or end an emphasis, a link or an entity.
fn may_be_mark([before, c, next]: [Option<char>; 3], rest: &str) -> bool {
    let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        Some('*') => !(is_blank(before) && is_blank(next)),
        // Within a word it is one of its letters.
        Some('_') => !(is_word(before) && is_word(next) || is_blank(before) && is_blank(next)),
        Some('~') => next == Some('~') || before == Some('~'),
        Some(']') => matches!(next, Some('(' | '[')),
        Some('&') => rest[1..].split_once(';').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
        }),
        _ => false,
    }
}

/// How long the code is that a text begins with, its backticks too: as many close it as began it.
fn code(text: &str) -> Option<usize> {
    let mut rest = text.trim_start_matches('`');
    let marks = text.len() - rest.len();
    while let Some(at) = rest.find('`') {
        let behind = rest[at..].trim_start_matches('`');
        if rest.len() - at - behind.len() == marks {
            return Some(text.len() - behind.len());
        }
        rest = behind;
    }
    None
}

/// Whether a line of text would be taken for a heading, a list, a quotation, a rule, a fence, a table or the definition of a link.
fn begins_a_block(line: &str) -> bool {
    let is_only = |marks: &[char]| line.chars().all(|c| c == ' ' || marks.contains(&c));
    let first_word = line.split(' ').next().unwrap_or_default();
    let number = first_word.trim_end_matches(['.', ')']);
    let is_numbered = number.len() + 1 == first_word.len() && number.chars().all(|c| c.is_ascii_digit());
    match line.chars().next() {
        Some('#') => first_word.chars().all(|c| c == '#'),
        Some('-' | '+' | '*' | '=' | '_') => {
            ["-", "+", "*"].contains(&first_word)
                || is_only(&['-', '|', ':'])
                || is_only(&['='])
                || is_only(&['*', '_'])
        }
        Some('>' | '|') => true,
        Some(':') => is_only(&[':', '-', '|']),
        Some('`') => line.starts_with("```"),
        Some('~') => line.starts_with("~~~"),
        Some('[') => line.contains("]:"),
        Some('0'..='9') => is_numbered && !number.is_empty(),
        _ => false,
    }
}

/// A backslash before the mark; of a number before what ends it.
fn escaped_start(line: &str) -> String {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    let (number, rest) = line.split_at(digits);
    format!("{number}\\{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_text_begins_a_block() {
        let of = |line: &str| Markdown.line(line.to_owned());
        let blocks = [
            "# a", "- a", "+ a", "* a", "---", "-- | :-", "===", "> a", "| a", "```", "~~~x", "[a]: b", "***",
        ];
        for block in blocks {
            assert_eq!(of(block), format!("\\{block}"));
        }
        assert_eq!(of("12. a"), "12\\. a");
        for plain in ["#1 of all", "-5 %", "12.5 s", "= 10 % of a core", "`a`: b", "a - b", "1 vCPU", ""] {
            assert_eq!(of(plain), plain);
        }
    }

    #[test]
    fn labels_are_no_emphasis_no_links_and_no_entities() {
        for (given, shown) in [
            ("level=*a* and **b**", r"level=\*a\* and \*\*b\*\*"),
            ("_a_ but end_to_end, a * b", r"\_a\_ but end_to_end, a * b"),
            ("[a](b) ![c](d) [1]", r"[a\](b) ![c\](d) [1]"),
            ("&lt; &#42; a & b; c", r"\&lt; \&#42; a & b; c"),
            ("~~a~~ ~5 s", r"\~\~a\~\~ ~5 s"),
            ("`*a*` is *not told apart*", "`*a*` is *not told apart*"),
            ("*Unknown*: *a*", "*Unknown*: \\*a\\*"),
        ] {
            assert_eq!(Markdown.flowing(given), shown);
        }
    }

    #[test]
    fn tags_are_text_and_comparisons_stay_as_they_are() {
        assert_eq!(Markdown.flowing("a <b> `c <d>` < 5 <= 6"), "a \\<b> `c <d>` < 5 <= 6");
        for (given, shown) in [
            ("a`<img src=x>", r"a\`\<img src=x>"),
            ("`a` b` <b>", r"`a` b\` \<b>"),
            ("`a``<b>```", r"\`a\`\`\<b>\`\`\`"),
            ("``a`<b>``", "``a`<b>``"),
            (r"\`a <b>`", r"\`a \<b>\`"),
            (r"\<b> \", r"\<b> \"),
        ] {
            assert_eq!(Markdown.flowing(given), shown);
        }
        assert_eq!(Markdown.cell(r"a|b\|c"), r"a\|b\\\|c");
        assert!(Markdown.literal("a ``` b\n").starts_with("````\na"));
    }
}
