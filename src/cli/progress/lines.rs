//! Lines at the foot of a terminal that are written anew again and again, below others that stay.

use std::io::Write;

use unicode_width::UnicodeWidthStr;

use super::live::cut;

/// What turns while nothing else changes.
const TURNS: [char; 8] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧'];

/// The live lines, and where they are written.
#[derive(Debug)]
pub struct Lines<W> {
    to: W,
    /// What is to be seen.
    live: Vec<String>,
    /// What is on the screen, as it was written.
    written: Vec<String>,
    turn: usize,
}

impl<W: Write> Lines<W> {
    /// None so far.
    pub const fn new(to: W) -> Self {
        Lines { to, live: Vec::new(), written: Vec::new(), turn: 0 }
    }

    /// Shows these from now on, in so many columns.
    pub fn show(&mut self, live: Vec<String>, width: usize) {
        self.live = live;
        self.draw(width);
    }

    /// A sign of life.
    pub fn turn(&mut self, width: usize) {
        self.turn = (self.turn + 1) % TURNS.len();
        if !self.live.is_empty() {
            self.draw(width);
        }
    }

    /// Writes a line that stays.
    pub fn print(&mut self, text: &str, width: usize) {
        let mut out = self.cleared(width);
        out.push_str(text);
        out.push('\n');
        self.put(&out);
        self.draw(width);
    }

    /// Takes the live lines away.
    pub fn clear(&mut self, width: usize) {
        let out = self.cleared(width);
        self.live.clear();
        self.put(&out);
    }

    fn draw(&mut self, width: usize) {
        let mut out = self.cleared(width);
        let marks = [TURNS[self.turn], ' '];
        let lines = self
            .live
            .iter()
            .enumerate()
            .map(|(at, line)| cut(&format!("{} {line}", marks[at.min(1)]), width.saturating_sub(1)));
        self.written = lines.collect();
        out.push_str(&self.written.join("\n"));
        self.put(&out);
    }

    /// What clears the live lines. A terminal that became narrower has broken them into more rows.
    fn cleared(&mut self, width: usize) -> String {
        let rows = |line: &String| line.width().div_ceil(width.max(1)).max(1);
        let rows: usize = self.written.drain(..).map(|line| rows(&line)).sum();
        match rows {
            0 => String::new(),
            1 => "\r\u{1b}[J".to_owned(),
            rows => format!("\r\u{1b}[{}A\u{1b}[J", rows - 1),
        }
    }

    fn put(&mut self, text: &str) {
        // Whoever cannot be told anything is not told that either.
        self.to.write_all(text.as_bytes()).and_then(|()| self.to.flush()).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As much of a terminal as is needed: it breaks lines, and rows that it broke are whole again where there is more room.
    fn seen(bytes: &[u8], width: usize) -> Vec<String> {
        let (mut rows, mut row, mut column) = (vec![Vec::<char>::new()], 0, 0);
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\r' => column = 0,
                '\n' => (row, column) = (row + 1, 0),
                '\u{1b}' => {
                    let code: String =
                        std::iter::from_fn(|| letters.next_if(|c| !c.is_ascii_alphabetic())).collect();
                    match (code.as_str(), letters.next().unwrap()) {
                        (up, 'A') => row -= up[1..].parse::<usize>().unwrap(),
                        ("[", 'J') => {
                            rows.truncate(row + 1);
                            rows[row].truncate(column);
                        }
                        other => panic!("{other:?}"),
                    }
                }
                letter => {
                    if column == width {
                        (row, column) = (row + 1, 0);
                    }
                    rows.resize(rows.len().max(row + 1), Vec::new());
                    rows[row].truncate(column);
                    rows[row].push(letter);
                    column += 1;
                }
            }
            rows.resize(rows.len().max(row + 1), Vec::new());
        }
        rows.into_iter().map(|row| row.into_iter().collect::<String>().trim_end().to_owned()).collect()
    }

    fn two(wide: usize) -> Vec<String> {
        vec!["a".repeat(wide), "b".repeat(wide)]
    }

    #[test]
    fn live_lines_are_written_over_and_what_is_printed_stays_above_them() {
        let mut lines = Lines::new(Vec::new());
        lines.print("starting", 20);
        lines.show(two(3), 20);
        lines.turn(20);
        lines.print("trial 1", 20);
        lines.show(vec!["c".to_owned()], 20);
        lines.show(two(40), 20);
        let now = seen(&lines.to, 20);
        assert_eq!(now[..2], ["starting", "trial 1"]);
        assert_eq!(now.len(), 4, "nothing is broken: {now:?}");
        assert!(
            now[2].starts_with("⠙ aaa") && now[2].ends_with('…') && now[3].starts_with("  bbb"),
            "{now:?}"
        );
        lines.clear(20);
        assert_eq!(seen(&lines.to, 20), ["starting", "trial 1", ""], "nothing is left of them");
        lines.clear(20);
        lines.turn(20);
        assert_eq!(seen(&lines.to, 20), ["starting", "trial 1", ""], "nor comes any of it back");
    }

    #[test]
    fn a_terminal_that_becomes_narrower_or_wider_keeps_nothing_of_what_was_live() {
        for (before, after) in [(40, 15), (15, 40), (40, 39)] {
            let mut lines = Lines::new(Vec::new());
            lines.print("kept", before);
            lines.show(two(before), before);
            lines.turn(after);
            // What is on the screen was broken anew when the width changed.
            let now = seen(&lines.to, after);
            assert_eq!(now.len(), 3, "{before} {after} {now:?}");
            assert_eq!(now[0], "kept");
            assert!(now[1].starts_with("⠙ aaa") && now[2].starts_with("  bbb"), "{now:?}");
        }
    }
}
