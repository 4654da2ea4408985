//! A document as text, as Markdown, as JSON; a figure as blocks of a terminal and as SVG. What is said is decided elsewhere.

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
mod text;

pub use html::{Card, gallery, html};
pub use json::{scaling, sections, summary};
pub use md::markdown;
pub use screen::Screen;
pub use svg::svg;
pub use text::text;

#[cfg(test)]
mod tests;
