//! Text for TeX: whatever it comes from, it is text, and pdflatex has a glyph for it or is told its number.

use std::fmt::Write;

use super::super::EXPLAINED;
use super::super::line::one_line;

/// Letters that the encodings `utf8` and `T1` have.
const LETTERS: &str = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ\
    ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĹĺĽľŁłŃńŇňŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž";

/// What has a name there, and the name.
#[rustfmt::skip]
const NAMED: [(char, &str); 66] = [
    ('\\', r"\textbackslash{}"), ('~', r"\textasciitilde{}"), ('^', r"\textasciicircum{}"), ('<', r"\textless{}"),
    ('>', r"\textgreater{}"), ('|', r"\textbar{}"), ('"', r"\textquotedbl{}"), ('`', r"\textasciigrave{}"),
    ('\'', r"\textquotesingle{}"), ('{', r"\{"), ('}', r"\}"), ('$', r"\$"), ('%', r"\%"), ('#', r"\#"), ('_', r"\_"), ('&', r"\&"),
    // Behind the end of a row they would be taken for its options.
    ('[', "{[}"), (']', "{]}"), ('*', "{*}"),
    ('×', r"\texttimes{}"), ('÷', r"\textdiv{}"), ('–', r"\textendash{}"), ('—', r"\textemdash{}"), ('…', r"\textellipsis{}"),
    ('→', r"\ensuremath{\rightarrow}"), ('←', r"\ensuremath{\leftarrow}"), ('≥', r"\ensuremath{\geq}"), ('≤', r"\ensuremath{\leq}"),
    ('≈', r"\ensuremath{\approx}"), ('≠', r"\ensuremath{\neq}"), ('−', r"\ensuremath{-}"), ('∞', r"\ensuremath{\infty}"),
    ('µ', r"\textmu{}"), ('μ', r"\textmu{}"), ('°', r"\textdegree{}"), ('±', r"\textpm{}"), ('·', r"\textperiodcentered{}"),
    ('²', r"\texttwosuperior{}"), ('³', r"\textthreesuperior{}"), ('€', r"\texteuro{}"), ('§', r"\textsection{}"),
    ('“', r"\textquotedblleft{}"), ('”', r"\textquotedblright{}"), ('‘', r"\textquoteleft{}"), ('’', r"\textquoteright{}"),
    ('⌈', r"\ensuremath{\lceil}"), ('⌉', r"\ensuremath{\rceil}"), ('√', r"\ensuremath{\surd}"), ('∑', r"\ensuremath{\Sigma}"),
    ('α', r"\ensuremath{\alpha}"), ('β', r"\ensuremath{\beta}"), ('γ', r"\ensuremath{\gamma}"), ('δ', r"\ensuremath{\delta}"),
    ('ε', r"\ensuremath{\varepsilon}"), ('η', r"\ensuremath{\eta}"), ('θ', r"\ensuremath{\theta}"), ('κ', r"\ensuremath{\kappa}"),
    ('λ', r"\ensuremath{\lambda}"), ('π', r"\ensuremath{\pi}"), ('ρ', r"\ensuremath{\rho}"), ('σ', r"\ensuremath{\sigma}"),
    ('τ', r"\ensuremath{\tau}"), ('φ', r"\ensuremath{\varphi}"), ('Δ', r"\ensuremath{\Delta}"), ('Ω', r"\ensuremath{\Omega}"),
    ('\u{a0}', "~"),
];

/// Text that is nothing but text.
pub fn escaped(text: &str) -> String {
    put(&one_line(text), false)
}

/// Sentences: what stands between two backticks is code, and a word that the notes explain is set apart.
pub fn flowing(text: &str) -> String {
    let line = one_line(text);
    let mut parts: Vec<&str> = line.split('`').collect();
    // A backtick that nothing closes is one.
    let rest = if parts.len().is_multiple_of(2) { parts.pop() } else { None };
    let mut written = String::with_capacity(line.len() * 2);
    for (at, part) in parts.iter().enumerate() {
        if at % 2 == 1 {
            written.extend([r"\texttt{", &put(part, true), "}"]);
        } else {
            let part = EXPLAINED.iter().fold(put(part, false), |part, word| {
                part.replace(&format!("{{*}}{word}{{*}}"), &format!("\\emph{{{word}}}"))
            });
            written.push_str(&part);
        }
    }
    if let Some(rest) = rest {
        written.extend([put("`", false), put(rest, false)]);
    }
    written
}

/// Each character by itself. Code is long and has no blanks: it may end a line behind what joins its words.
fn put(text: &str, is_code: bool) -> String {
    let mut written = String::with_capacity(text.len() * 2);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match NAMED.iter().find(|(of, _)| *of == c) {
            Some((_, name)) => written.push_str(name),
            None if c.is_ascii() || LETTERS.contains(c) => written.push(c),
            // Writing to a string cannot fail.
            None => drop(write!(written, r"{{\footnotesize U+{:04X}}}", u32::from(c))),
        }
        // Two hyphens would be a dash, two commas a quotation mark.
        if matches!(c, '-' | ',') && chars.peek() == Some(&c) {
            written.push_str("{}");
        }
        if is_code && matches!(c, '/' | '_' | '=' | ';' | ',') {
            written.push_str(r"\allowbreak{}");
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_comes_from_a_file_is_a_command() {
        assert_eq!(
            escaped("\\input{a} 5 % $x$ #1 a_b ~ ^ &\n\u{1b}[31m"),
            r"\textbackslash{}input\{a\} 5 \% \$x\$ \#1 a\_b \textasciitilde{} \textasciicircum{} \& {[}31m"
        );
        assert_eq!(escaped("--format <b>"), r"-{}-format \textless{}b\textgreater{}");
        assert_eq!(
            escaped("3× – 4 ≥ 1 µs → ö"),
            r"3\texttimes{} \textendash{} 4 \ensuremath{\geq} 1 \textmu{}s \ensuremath{\rightarrow} ö"
        );
        assert_eq!(
            escaped("⌈P/n⌉ γσκ"),
            r"\ensuremath{\lceil}P/n\ensuremath{\rceil} \ensuremath{\gamma}\ensuremath{\sigma}\ensuremath{\kappa}"
        );
        assert_eq!(escaped("你"), r"{\footnotesize U+4F60}");
        assert_eq!(flowing("a `b_c` d `e"), r"a \texttt{b\_\allowbreak{}c} d \textasciigrave{}e");
        assert_eq!(flowing("it is *not told apart*"), r"it is \emph{not told apart}");
        assert_eq!(flowing("*Unknown*: no"), r"\emph{Unknown}: no");
    }
}
