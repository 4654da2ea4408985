//! How wide what is printed may be.

/// That of the terminal that stdout is; `COLUMNS` where it is none, since a pipe may lead to one; none where nobody says.
pub fn width() -> Option<usize> {
    let asked = || std::env::var("COLUMNS").ok()?.parse().ok();
    of_terminal().or_else(asked)
}

/// That of the terminal that stdout is; none where it is none.
pub fn of_terminal() -> Option<usize> {
    terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0))
}
