//! What runs the instances of a group, and what does not go together with a program that is not ours.

use super::super::{Command, Runs, StopSignal};
use super::Section;
use super::tree::{Node, Value};
use crate::fault::Fault;
use crate::units::Span;

/// How long a program may take to end, where nothing is said.
const GRACE: Span = Span::from_secs(10);
/// How the names of variables begin that bench sets itself.
const OURS: &str = "BENCH_";

/// What runs a group.
pub(super) fn runs(group: Section<'_>, faults: &mut Vec<Fault>) -> Runs {
    let backend = group.under("backend");
    let Some(entry) = backend.get("command") else { return Runs::Process };
    let command = backend.under("command");
    if command.get("run").is_none() && matches!(entry.value, Value::Map(_)) {
        let hint = Some("write `run: \"python3 consumer.py\"`".to_owned());
        faults.push(entry.origin.lack("`backend.command` has no `run`", hint));
    }
    variables(command, faults);
    for key in ["instance_type", "credits"] {
        if let Some(entry) = group.get(key) {
            let hint = Some("leave it out: the program runs on this host as it is".to_owned());
            faults.push(entry.origin.fault(format!("`{key}` is not built yet for `backend.command`"), hint));
        }
    }
    Runs::Command(Command {
        run: command.read("run").unwrap_or_default(),
        env: command.config("env"),
        dir: command.get("dir").and_then(|node| node.text()).map(str::to_owned),
        stop: command
            .read::<String>("stop")
            .and_then(|name| StopSignal::from_name(&name))
            .unwrap_or(StopSignal::Term),
        grace: command.read("grace").unwrap_or(GRACE),
        restart: command.read::<String>("restart").as_deref() == Some("always"),
    })
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
    let command =
        |item: &Node| item.get("backend").is_some_and(|backend| backend.node.get("command").is_some());
    if items.iter().all(command) {
        return;
    }
    for entry in items.iter().filter(|item| command(item)).filter_map(|item| item.get("backend")) {
        let hint = Some("give all groups a `command`, or none".to_owned());
        faults.push(
            entry.origin.fault("`backend.command` beside a group of another backend is not built yet", hint),
        );
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
            "with `acks: 0` nobody knows where messages lie, and so what a `command` has committed of them";
        faults.push(consumers.origin.fault(what, hint));
    }
}
