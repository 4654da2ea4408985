//! What runs the instances of a group, and what does not go together with a program that is not ours.

mod containers;

use super::super::{Command, Emulation, Ready, Runs, StopSignal};
use super::Section;
use super::tree::{Entry, Node, Value};
use crate::fault::Fault;
use crate::units::Span;

/// How long a program may take to end, where nothing is said.
const GRACE: Span = Span::from_secs(10);
/// How the names of variables begin that bench sets itself.
const OURS: &str = "BENCH_";

/// What runs a group.
pub(super) fn runs(group: Section<'_>, emulation: Emulation, faults: &mut Vec<Fault>) -> Runs {
    let backend = group.under("backend");
    if let Some(entry) = backend.node.and_then(|node| node.get("external")) {
        external(group, entry, faults);
        return Runs::External;
    }
    if let Some(entry) = backend.get("container") {
        held(group, emulation, faults);
        return Runs::Container(containers::container(backend.under("container"), entry, faults));
    }
    if let Some(entry) = backend.get("compose") {
        held(group, emulation, faults);
        return Runs::Compose(containers::compose(backend.under("compose"), entry, faults));
    }
    let Some(entry) = backend.get("command") else { return Runs::Process };
    let command = backend.under("command");
    if command.get("run").is_none() && matches!(entry.value, Value::Map(_)) {
        let hint = Some("write `run: \"python3 consumer.py\"`".to_owned());
        faults.push(entry.origin.lack("`backend.command` has no `run`", hint));
    }
    variables(command, faults);
    held(group, emulation, faults);
    Runs::Command(Command {
        run: command.read("run").unwrap_or_default(),
        env: command.config("env"),
        dir: command.get("dir").and_then(|node| node.text()).map(str::to_owned),
        stop: stop(command),
        grace: command.read("grace").unwrap_or(GRACE),
        restart: restarts(command),
        ready: ready(command, faults),
    })
}

fn stop(section: Section<'_>) -> StopSignal {
    let named = section.read::<String>("stop").and_then(|name| StopSignal::from_name(&name));
    named.unwrap_or(StopSignal::Term)
}

fn restarts(section: Section<'_>) -> bool {
    section.read::<String>("restart").as_deref() == Some("always")
}

/// What is not ours is held to its instance type by the kernel alone.
fn held(group: Section<'_>, emulation: Emulation, faults: &mut Vec<Fault>) {
    if let Some(entry) = group.get("instance_type").filter(|_| !emulation.cgroups) {
        let hint = Some("leave `emulation.enforce` out, or `instance_type`".to_owned());
        let what =
            "a program that is not ours has no pacing of its own: with `enforce: work` nothing would hold it";
        faults.push(entry.origin.fault(what, hint));
    }
}

/// How each copy shows that it is ready.
fn ready(command: Section<'_>, faults: &mut Vec<Fault>) -> Option<Ready> {
    let ready = command.under("ready");
    if let Some(node) = ready.get("log") {
        let text = node.text()?.to_owned();
        if let Err(error) = regex::Regex::new(&text) {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
            faults.push(node.origin.fault(format!("`{text}` is no regular expression: {why}"), None));
        }
        return Some(Ready::Log(text));
    }
    let node = ready.get("http")?;
    let text = node.text()?.to_owned();
    let has_host =
        text.strip_prefix("http://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if !has_host {
        let hint = Some("write `http: \"http://localhost:8080/health\"`".to_owned());
        faults.push(node.origin.fault(format!("`{text}` is no address that bench can ask"), hint));
    }
    Some(Ready::Http(text))
}

/// Of consumers that are deployed already nothing can be set, and their group has a name.
fn external(group: Section<'_>, entry: &Entry, faults: &mut Vec<Fault>) {
    for key in ["instances", "threads", "instance_type", "credits", "properties"] {
        if let Some(set) = group.node.and_then(|node| node.get(key)) {
            let what = format!("`{key}` cannot be set: the consumers are deployed already");
            let hint = "leave it out, or let bench start them: `backend: { command: { run: \"…\" } }`";
            faults.push(set.origin.fault(what, Some(hint.to_owned())));
        }
    }
    if group.get("group").is_none() {
        let hint = Some("write the name that their group has: `group: orders`".to_owned());
        faults.push(entry.origin.lack("`external` consumers need a `group`", hint));
    }
}

/// Deployed consumers read what they always read: a topic that a trial makes anew would have nobody.
pub(super) fn reads_existing(consumers: Section<'_>, faults: &mut Vec<Fault>) {
    let hint = Some("name the topic that they read: `topic: { existing: orders }`".to_owned());
    let what = "nobody of `external` consumers would read a topic that bench makes anew";
    faults.push(consumers.origin.fault(what, hint));
}

/// Names that no variable can have, or that bench sets itself.
fn variables(command: Section<'_>, faults: &mut Vec<Fault>) {
    for entry in command.get("env").map(Node::entries).unwrap_or_default() {
        let name = &entry.key;
        if name.starts_with(OURS) {
            let hint = Some("give it another name".to_owned());
            faults.push(entry.origin.fault(format!("`{name}` is set by bench itself"), hint));
        } else if name.is_empty() || name.contains(['=', '\0']) {
            faults.push(entry.origin.fault(format!("`{name}` is no name for a variable"), None));
        }
    }
}

/// Groups that tell what they receive wait for a canary, which a program that is not ours might choke on: they do not stand beside each other yet.
pub(super) fn of_one_kind(items: &[Node], faults: &mut Vec<Fault>) {
    let follows = |item: &Node| {
        let is = |kind: &str| item.get("backend").is_some_and(|backend| backend.node.get(kind).is_some());
        ["command", "container", "compose", "external"].into_iter().find(|kind| is(kind))
    };
    if items.iter().all(|item| follows(item).is_some()) {
        return;
    }
    for (item, kind) in items.iter().filter_map(|item| Some((item, follows(item)?))) {
        let Some(entry) = item.get("backend") else { continue };
        let hint = Some(
            "give none of them a `backend`, or each one of `command`, `container`, `compose` and `external`"
                .to_owned(),
        );
        let what = format!("`backend.{kind}` beside a group of the reference consumer is not built yet");
        faults.push(entry.origin.fault(what, hint));
    }
}

/// Where no broker tells what it wrote, nobody knows which of a group's commits pass which messages.
pub(super) fn acked<'a>(
    consumers: Section<'_>,
    mut acks: impl Iterator<Item = &'a String>,
    faults: &mut Vec<Fault>,
) {
    if acks.any(|acks| acks == "0") {
        let hint = Some("write `acks: 1` or `acks: all`".to_owned());
        let what =
            "with `acks: 0` nobody knows where messages lie, and so what others have committed of them";
        faults.push(consumers.origin.fault(what, hint));
    }
}
