//! Exit codes: what a script learns without reading.

use std::process::ExitCode;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every SLO held, or there was none to hold.
    Held,
    /// An SLO was broken.
    Broken,
    /// Usage, or a faulty file.
    Faulty,
    /// The environment failed.
    Environment,
    /// A treatment without a usable trial, or a verdict undecided.
    Undecided,
    /// Ended by that signal.
    Signal(i32),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Held => 0,
            Exit::Broken => 1,
            Exit::Faulty => 2,
            Exit::Environment => 3,
            Exit::Undecided => 4,
            Exit::Signal(signal) => 128_u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
        })
    }
}
