//! What runs the instances of a group.

use std::fmt;

use super::Properties;
use super::key::{Form, Key, key};
use crate::units::Span;

/// What may be said of a program.
pub(super) const COMMAND: &[Key] = &[
    key("run", Form::Text, "What `sh -c` is given, once for each instance; required."),
    key("env", Form::Properties, "Variables of its environment; `${ENV}` for secrets."),
    key("dir", Form::Text, "The folder that it is started in, default the one that bench is started in."),
    key("stop", Form::Words(StopSignal::NAMES), "The signal that asks it to end, default SIGTERM."),
    key("grace", Form::Span, "How long it may take to end before it is killed, default 10s."),
    key(
        "restart",
        Form::Words(&["never", "always"]),
        "Whether another is started in the place of one that ended on its own, default never.",
    ),
    key(
        "ready",
        Form::OneOf(&[
            key(
                "log",
                Form::Text,
                "A regular expression that a line of each copy's output matches once it is ready.",
            ),
            key(
                "http",
                Form::Text,
                "An address, `http://…`, that answers 2xx once a copy is ready; `$BENCH_INSTANCE` in it stands for its number.",
            ),
        ]),
        "How it shows that it is ready, default: its group is stable and all partitions are assigned.",
    ),
];

/// What runs the instances of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Runs {
    /// Child processes of the reference consumer, which tell what they receive.
    #[default]
    Process,
    /// Copies of a program that is not ours: all that is known of them is what their group commits.
    Command(Command),
    /// Consumers that are deployed already: bench starts, stops and changes nothing.
    External,
}

/// A program that is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What `sh -c` is given.
    pub run: String,
    /// Variables of its environment; `${NAME}` as in properties.
    pub env: Properties,
    /// The folder that it is started in; none: the one that bench is started in.
    pub dir: Option<String>,
    /// What asks it to end.
    pub stop: StopSignal,
    /// How long it may take to end.
    pub grace: Span,
    /// Whether another is started in the place of one that ended on its own.
    pub restart: bool,
    /// How each copy shows that it is ready; none: their group does.
    pub ready: Option<Ready>,
}

/// How a copy of a program shows that it is ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ready {
    /// A line of its output matches this regular expression.
    Log(String),
    /// This address answers 2xx; `$BENCH_INSTANCE` in it stands for the copy's number.
    Http(String),
}

impl Ready {
    /// The variable that an address may hold.
    pub const INSTANCE: &'static str = "$BENCH_INSTANCE";
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ready::Log(what) => write!(f, "a line of its output matches `{what}`"),
            Ready::Http(address) => write!(f, "`{address}` answers 2xx"),
        }
    }
}

/// A signal that asks a program to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopSignal {
    /// What most programs leave their group for.
    Term,
    /// As Ctrl-C does.
    Int,
    /// As a terminal that is closed does.
    Hup,
    /// As Ctrl-\ does.
    Quit,
    /// Nothing is asked: it is killed.
    Kill,
}

impl StopSignal {
    /// How they are written.
    pub const NAMES: &'static [&'static str] = &["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGKILL"];

    /// The one with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "SIGTERM" => StopSignal::Term,
            "SIGINT" => StopSignal::Int,
            "SIGHUP" => StopSignal::Hup,
            "SIGQUIT" => StopSignal::Quit,
            "SIGKILL" => StopSignal::Kill,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_that_may_be_written_is_one() {
        assert!(StopSignal::NAMES.iter().all(|name| StopSignal::from_name(name).is_some()));
        assert_eq!(StopSignal::from_name("TERM"), None);
    }
}
