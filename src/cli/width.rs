//! How wide what is printed may be: one rule for all verbs.

/// That of the terminal that stdout is; `COLUMNS` where it is none, since a pipe may lead to one; none where nobody says.
pub fn width() -> Option<usize> {
    let terminal = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    rule(terminal, std::env::var("COLUMNS").ok().as_deref())
}

/// A terminal knows best; a width of nothing is none.
fn rule(terminal: Option<usize>, columns: Option<&str>) -> Option<usize> {
    let asked = || columns?.trim().parse().ok();
    terminal.filter(|width| *width > 0).or_else(asked).filter(|width| *width > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_as_wide_as_it_is_and_a_pipe_as_wide_as_columns_says() {
        assert_eq!(rule(Some(120), Some("40")), Some(120));
        assert_eq!(rule(None, Some("40")), Some(40));
        assert_eq!(rule(Some(0), Some("40")), Some(40), "a terminal that does not know");
        for nothing in [None, Some(""), Some("0"), Some("wide")] {
            assert_eq!(rule(None, nothing), None, "{nothing:?}");
        }
    }
}
