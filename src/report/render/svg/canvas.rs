//! What is written into an SVG: text, lines and shapes, each with a class that the style gives a colour.

use std::fmt::Write;

use super::super::line::one_line;

/// Hues that can be told apart; of more the first come again, with other shapes and strokes.
pub const HUES: usize = 8;

/// Elements, one a line.
#[derive(Debug, Default)]
pub struct Canvas {
    /// What was drawn so far.
    pub text: String,
}

impl Canvas {
    /// A line of SVG.
    pub fn put(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        writeln!(self.text, "{line}").ok();
    }

    /// Text that ends, begins or has its middle there.
    pub fn write(&mut self, (x, y): (f64, f64), anchor: Anchor, class: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " c",
            Anchor::End => " e",
        };
        let class = format!("{class}{anchor}");
        let class =
            if class.is_empty() { String::new() } else { format!(" class=\"{}\"", class.trim_start()) };
        let (x, y, text) = (short(x), short(y), escaped(text));
        self.put(format_args!("<text x=\"{x}\" y=\"{y}\"{class}>{text}</text>"));
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let [x, y, u, v] = [from.0, from.1, to.0, to.1].map(short);
        let end = if y == v {
            format!("H{u}")
        } else if x == u {
            format!("V{v}")
        } else {
            format!("L{u},{v}")
        };
        self.put(format_args!("<path class=\"{class}\" d=\"M{x},{y}{end}\"/>"));
    }

    /// From each to the next.
    pub fn polyline(&mut self, points: &[(f64, f64)], class: &str) {
        let points: Vec<String> =
            points.iter().map(|(x, y)| format!("{},{}", short(*x), short(*y))).collect();
        self.put(format_args!("<polyline class=\"{class}\" points=\"{}\"/>", points.join(" ")));
    }

    /// What is drawn of one treatment, so that a page can bring it forward; of several, it is drawn as it is.
    pub fn of(&mut self, treatment: &str, draw: impl FnOnce(&mut Canvas)) {
        if treatment.is_empty() {
            return draw(self);
        }
        self.put(format_args!("<g data-of=\"{}\">", escaped(treatment)));
        draw(self);
        self.put(format_args!("</g>"));
    }

    /// Whatever else.
    pub fn path(&mut self, d: &str, class: &str) {
        self.put(format_args!("<path class=\"{class}\" d=\"{d}\"/>"));
    }
}

/// Where a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// A shape around a place: each hue has its own, so that no colour is needed to tell them apart.
pub fn shape(hue: usize, (x, y): (f64, f64), size: f64) -> String {
    let d = |points: &[(f64, f64)]| {
        let all: Vec<String> =
            points.iter().map(|(u, v)| format!("{},{}", short(x + u * size), short(y + v * size))).collect();
        format!("M{}Z", all.join("L"))
    };
    match hue % 6 {
        0 => {
            let (left, radius, across) = (short(x - size), short(size), short(2.0 * size));
            format!(
                "M{left},{}a{radius},{radius} 0 1 0 {across},0a{radius},{radius} 0 1 0 -{across},0Z",
                short(y)
            )
        }
        1 => d(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => d(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)]),
        3 => d(&[(0.0, -1.3), (1.1, 0.0), (0.0, 1.3), (-1.1, 0.0)]),
        4 => d(&[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)]),
        _ => d(&[(-1.2, -0.5), (1.2, -0.5), (1.2, 0.5), (-1.2, 0.5)]),
    }
}

/// With one decimal at most.
pub fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// About how wide a text is, in the size that figures are written in and the widest of usual fonts.
pub fn width(text: &str) -> f64 {
    unicode_width::UnicodeWidthStr::width(text) as f64 * 7.2
}

/// Cut where it would reach beyond its room; a table has it whole.
pub fn shortened(text: &str, room: f64) -> String {
    let mut shown = text.to_owned();
    while width(&shown) > room && shown.pop().is_some() {}
    if shown.len() == text.len() { shown } else { format!("{}…", shown.trim_end()) }
}

/// Text that is nothing but text, whatever it came from.
pub fn escaped(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
