//! A document as text, as Markdown, as HTML, as TeX, as JSON; a figure as blocks of a terminal, as SVG, and for pgfplots. What is said is decided elsewhere.

mod blocks;
mod dots;
mod grid;
mod html;
mod json;
mod line;
mod md;
mod page;
mod screen;
mod svg;
mod tex;
mod text;

pub use html::{Card, encoded, gallery, html};
pub use json::{reading, scaling, sections, summary};
pub use md::markdown;
pub use screen::Screen;
pub use svg::svg;
pub use tex::{all_fragments, fragment, tex};
pub use text::text;

/// Words that notes explain: where two stars stand around one of them, it is set apart.
const EXPLAINED: [&str; 3] = ["not told apart", "Not known", "Unknown"];

#[cfg(test)]
mod tests;
