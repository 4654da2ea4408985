//! Text on a page: whatever it comes from, it is text.

use std::fmt::Write;

use super::super::EXPLAINED;
use super::super::line::one_line;

/// In an element, or between the quotes of an attribute.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for c in one_line(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// In a link: what may mean something in one is written by its bytes.
pub fn encoded(text: &str) -> String {
    let mut link = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,=".contains(&byte) {
            link.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            write!(link, "%{byte:02X}").ok();
        }
    }
    link
}

/// Sentences: what stands between two backticks is code, and a word that the notes explain is set apart.
pub fn flowing(text: &str) -> String {
    let safe = escaped(text);
    let mut parts: Vec<&str> = safe.split('`').collect();
    // A backtick that nothing closes is one.
    let rest = if parts.len().is_multiple_of(2) { parts.pop() } else { None };
    let mut written = String::with_capacity(safe.len() + 16);
    for (at, part) in parts.iter().enumerate() {
        if at % 2 == 1 {
            written.extend(["<code>", part, "</code>"]);
        } else {
            let part = EXPLAINED.iter().fold((*part).to_owned(), |part, word| {
                part.replace(&format!("*{word}*"), &format!("<em>{word}</em>"))
            });
            written.push_str(&part);
        }
    }
    if let Some(rest) = rest {
        written.push('`');
        written.push_str(rest);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_files_is_text() {
        assert_eq!(flowing("<b>&\"'`<i>`"), "&lt;b&gt;&amp;&quot;&#39;<code>&lt;i&gt;</code>");
        assert_eq!(flowing("*Unknown*: *not* `*Unknown*`"), "<em>Unknown</em>: *not* <code>*Unknown*</code>");
        assert_eq!(flowing("a `b` c `d"), "a <code>b</code> c `d");
        assert_eq!(escaped("a\u{7}\nb"), "a b");
    }
}
