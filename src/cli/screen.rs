//! What stdout leads to: a terminal has a width and may have colours, a pipe takes everything.

use std::io::IsTerminal;
use std::path::Path;

use super::width::width;
use crate::report::Screen;

/// That of stdout, for a report of the run in this folder.
pub fn of_stdout(dir: &Path) -> Screen {
    let stdout = std::io::stdout();
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    Screen {
        width: width(),
        colours: stdout.is_terminal()
            && has_colours(set("NO_COLOR").is_some(), set("TERM").as_deref().and_then(|term| term.to_str())),
        all: format!("bench report {} | less -S", dir.display()),
    }
}

/// By what the environment says of a terminal (`https://no-color.org`).
fn has_colours(no_color: bool, term: Option<&str>) -> bool {
    !no_color && term.is_some_and(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dumb_terminal_one_that_nobody_named_and_who_wants_none_get_no_colours() {
        assert!(has_colours(false, Some("xterm-256color")));
        assert!(!has_colours(true, Some("xterm-256color")));
        assert!(!has_colours(false, Some("dumb")));
        assert!(!has_colours(false, None));
    }
}
