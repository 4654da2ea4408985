//! What runs the instances of a group.

use std::fmt;

use super::compose::Compose;
use super::key::{Form, Key, key};
use super::{Properties, secrets};
use crate::units::Span;

/// How instances that are not ours show that they are ready.
const READY: Key = key(
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
);

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
    READY,
];

/// What may be said of containers.
pub(super) const CONTAINER: &[Key] = &[
    key("image", Form::Text, "The image of each instance; pulled where the engine does not have it."),
    key(
        "build",
        Form::Text,
        "A folder with a `Dockerfile`, instead: the image is built before the first trial.",
    ),
    key("dockerfile", Form::Text, "Name of the file in that folder, default `Dockerfile`."),
    key("args", Form::List(&Form::Text), "What the image is given to run, default its own command."),
    key("env", Form::Properties, "Variables of its environment; `${ENV}` for secrets."),
    key("stop", Form::Words(StopSignal::NAMES), "The signal that asks it to end, default SIGTERM."),
    key("grace", Form::Span, "How long it may take to end before it is killed, default 10s."),
    key(
        "restart",
        Form::Words(&["never", "always"]),
        "Whether another is started in the place of one that ended on its own, default never.",
    ),
    READY,
];

/// What may be said of a service of a compose file.
pub(super) const COMPOSE: &[Key] = &[
    key("file", Form::Text, "The compose file, which is never written; required."),
    key("service", Form::Text, "The service in it whose containers are the instances; required."),
    key("env", Form::Properties, "Variables that are set over its own; `${ENV}` for secrets."),
    key("grace", Form::Span, "How long a container may take to end before it is killed, default 10s."),
    READY,
];

/// What runs the instances of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Runs {
    /// Child processes of the reference consumer, which tell what they receive.
    #[default]
    Process,
    /// Copies of a program that is not ours: all that is known of them is what their group commits.
    Command(Command),
    /// Containers of an image that is not ours, followed in the same way.
    Container(Container),
    /// Containers of a service of a compose file that is not ours.
    Compose(Compose),
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
            Ready::Http(address) => write!(f, "`{}` answers 2xx", secrets::without_login(address)),
        }
    }
}

/// Containers of an image that is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// What they are containers of.
    pub source: Source,
    /// What the image is given to run; empty: its own command.
    pub args: Vec<String>,
    /// Variables of their environment; `${NAME}` as in properties.
    pub env: Properties,
    /// What asks them to end.
    pub stop: StopSignal,
    /// How long they may take to end.
    pub grace: Span,
    /// Whether another is started in the place of one that ended on its own.
    pub restart: bool,
    /// How each shows that it is ready; none: their group does.
    pub ready: Option<Ready>,
}

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// By its name.
    Image(String),
    /// Built.
    Build {
        /// The folder that is given to the build, from where bench is started.
        folder: String,
        /// The file in it that says how.
        dockerfile: String,
    },
}

/// What is said of all consumers that bench starts and that are not ours.
#[derive(Clone, Copy, Debug)]
pub struct Upkeep<'a> {
    /// Variables of their environment.
    pub env: &'a Properties,
    /// How long they may take to end.
    pub grace: Span,
    /// Whether another is started in the place of one that ended on its own.
    pub restart: bool,
    /// How each shows that it is ready; none: their group does.
    pub ready: Option<&'a Ready>,
}

impl Runs {
    /// What is said of consumers that bench starts and that are not ours; none of others.
    pub fn upkeep(&self) -> Option<Upkeep<'_>> {
        match self {
            Runs::Process | Runs::External => None,
            Runs::Command(command) => {
                let ready = command.ready.as_ref();
                Some(Upkeep { env: &command.env, grace: command.grace, restart: command.restart, ready })
            }
            Runs::Container(container) => Some(container.upkeep()),
            Runs::Compose(compose) => Some(compose.upkeep()),
        }
    }
}

impl Container {
    /// What is said of it as of all that are not ours.
    pub fn upkeep(&self) -> Upkeep<'_> {
        Upkeep { env: &self.env, grace: self.grace, restart: self.restart, ready: self.ready.as_ref() }
    }
}

impl Compose {
    /// What is said of it as of all that are not ours. What ends is not started again: the service's own policy is taken away, too.
    pub fn upkeep(&self) -> Upkeep<'_> {
        Upkeep { env: &self.env, grace: self.grace, restart: false, ready: self.ready.as_ref() }
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

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            StopSignal::Term => "SIGTERM",
            StopSignal::Int => "SIGINT",
            StopSignal::Hup => "SIGHUP",
            StopSignal::Quit => "SIGQUIT",
            StopSignal::Kill => "SIGKILL",
        }
    }

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
        assert!(
            StopSignal::NAMES
                .iter()
                .all(|name| StopSignal::from_name(name).is_some_and(|one| one.name() == *name))
        );
        assert_eq!(StopSignal::from_name("TERM"), None);
    }
}
