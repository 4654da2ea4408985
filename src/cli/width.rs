//! How wide what is printed may be.

/// The terminal's width; `COLUMNS` where there is none, since a pipe may lead to one; none where nobody says.
pub fn width() -> Option<usize> {
    let asked = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)).or_else(asked)
}
