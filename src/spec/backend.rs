//! The keys of what runs a group's instances.

use super::key::{Form, Key, key, later};
use super::runs::{COMMAND, COMPOSE, CONTAINER};

const WORK: &[Key] = &[
    key("cpu", Form::Amount, "CPU time of the thread for each message."),
    key("wait", Form::Amount, "Wall time without CPU for each message: a downstream call."),
    key(
        "memory",
        Form::Bytes,
        "A working set of each instance, all of it touched; each message touches some of it.",
    ),
    key("disk", Form::Keys(DISK), "What is written for each message, after the CPU."),
    key("model", Form::Keys(MODEL), "A dense inference for each message; its weights are a working set."),
];

const DISK: &[Key] = &[
    key("write", Form::Bytes, "Bytes appended to a file of each consumer for each message; required."),
    key("sync", Form::Switch, "Whether each message waits until they are on the disk, default false."),
];

const MODEL: &[Key] = &[
    key("layers", Form::Count(1), "Layers, each a matrix of width × width weights of 4 bytes; default 2."),
    key("width", Form::Count(1), "Inputs and outputs of a layer; required."),
    key("count", Form::Count(1), "Models side by side, one of them drawn for each message; default 1."),
];

pub(super) const BACKEND: &[Key] = &[
    key(
        "process",
        Form::Keys(&[key("work", Form::Keys(WORK), "What is done with each message, default nothing.")]),
        "Child processes of the reference consumer.",
    ),
    key(
        "command",
        Form::Keys(COMMAND),
        "Copies of a program that is not ours, followed by what its group commits.",
    ),
    key(
        "container",
        Form::Keys(CONTAINER),
        "Containers of an image, by the engine that is there; followed by what their group commits.",
    ),
    key(
        "compose",
        Form::Keys(COMPOSE),
        "Containers of a service of a compose file that is not ours, as many as there are instances.",
    ),
    key(
        "external",
        Form::Keys(&[]),
        "Consumers that are deployed already: bench changes nothing, and follows what their group commits.",
    ),
    later("hook"),
];
