//! What text is written on: a terminal of some width, which may have colours, or a pipe that takes all.

/// What a report is written on; by default a pipe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screen {
    /// Columns of the terminal; none where any width will do.
    pub width: Option<usize>,
    /// Whether it shows colours. Nothing depends on them.
    pub colours: bool,
    /// What is typed to see what a narrow terminal leaves out.
    pub all: String,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Like all others.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// It only leads the eye.
    Quiet,
    /// Something held.
    Good,
    /// Something is to be known before it is believed.
    Warning,
    /// Something did not hold.
    Bad,
    /// One of several that are told apart.
    Hue(usize),
}

/// Those that a terminal of eight colours tells apart, and from the tones above.
const HUES: [&str; 4] = ["36", "35", "34", "37"];

impl Screen {
    /// The text in its tone, where there are colours.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if !self.colours || text.trim().is_empty() => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Heading => "1",
            Tone::Quiet => "2",
            Tone::Good => "32",
            Tone::Warning => "33",
            Tone::Bad => "31",
            Tone::Hue(hue) => HUES[hue % HUES.len()],
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// So many columns as there are, and no more than `most`.
    pub fn at_most(&self, most: usize) -> usize {
        self.width.map_or(most, |width| width.min(most)).max(1)
    }

    /// Lines of it, broken between words where the screen is narrow.
    pub fn filled(&self, text: &str) -> String {
        match self.width {
            Some(width) => textwrap::fill(text, textwrap::Options::new(width.max(1)).break_words(false)),
            None => text.to_owned(),
        }
    }
}
