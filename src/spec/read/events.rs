//! `events`: what is done to each trial on purpose while it runs.

pub(super) mod brokers;
mod cluster;
mod instances;
mod network;
mod upgrade;

use super::super::event::{DEEDS, Deed, Event, When, Whom};
use super::super::{Cluster, Consumers, Emulation, Phases, Topic};
use super::Section;
use super::tree::{Entry, Node, Value};
use crate::fault::Fault;
use crate::units::{InstanceType, Span};

/// What of the window lies before the first event, at least: recovery is told by how it was then.
const BEFORE: Span = Span::from_secs(3);

/// All of them, in the order of the file.
pub(super) fn events(
    file: Section<'_>,
    (consumers, phases): (&[Consumers], Phases),
    of_all: (&Cluster, &Topic, bool),
    types: (&[InstanceType], Emulation),
    faults: &mut Vec<Fault>,
) -> Vec<Event> {
    let items = file.get("events").map(Node::items).unwrap_or_default();
    let maps = items.iter().filter(|item| matches!(item.value, Value::Map(_)));
    let (mut all, mut entries): (Vec<Event>, Vec<&Entry>) = (Vec::new(), Vec::new());
    for item in maps {
        let section = Section { node: Some(item), origin: &item.origin };
        let at = when(section, phases, faults);
        let Some(entry) = entry(section, faults) else { continue };
        let done = done((file, section, entry), consumers, of_all, types, faults);
        let (Some(at), Some((group, deed))) = (at, done) else { continue };
        let name = name(section, &deed, &all, faults);
        let group_name = consumers.get(group).map(|own| own.group.clone()).unwrap_or_default();
        all.push(Event { name, at, group, group_name, deed });
        entries.push(entry);
    }
    for (event, entry) in all.iter().zip(entries) {
        instances::are_there(event, (consumers, &all), entry, faults);
    }
    all
}

/// What is done, and the group that it is done to, by its place: of what is done to all groups the first.
fn done(
    (file, section, entry): (Section<'_>, Section<'_>, &Entry),
    consumers: &[Consumers],
    of_all: (&Cluster, &Topic, bool),
    types: (&[InstanceType], Emulation),
    faults: &mut Vec<Fault>,
) -> Option<(usize, Deed)> {
    let (kind, (cluster, ..)) = (entry.key.as_str(), of_all);
    let inside = Section { node: Some(&entry.node), origin: &entry.origin };
    if network::KINDS.contains(&kind) {
        let deed = network::deed(kind, inside, (cluster, consumers), faults)?;
        if deed.is_of_all() {
            has_no_group(section, network::NO_GROUP, faults);
            return Some((0, deed));
        }
        return Some((group(section, consumers, faults)?, deed));
    }
    if cluster::KINDS.contains(&kind) {
        has_no_group(section, cluster::NO_GROUP, faults);
        return Some((0, cluster::deed(entry, of_all, consumers, faults)?));
    }
    if entry.node.get("broker").is_some() {
        has_no_group(section, brokers::NO_GROUP, faults);
        brokers::are_own(section, cluster, faults);
        return Some((0, brokers::deed(kind, inside, faults)?));
    }
    let group = group(section, consumers, faults)?;
    let own = upgrade::Own { section: upgrade::section_of(file, group), read: &consumers[group] };
    Some((group, deed(entry, own, types, faults)?))
}

/// What is done to all groups is said of none: what is wrong otherwise, and what to write.
fn has_no_group(section: Section<'_>, (what, hint): (&str, &str), faults: &mut Vec<Fault>) {
    if let Some(group) = section.get("group") {
        faults.push(group.origin.fault(what, Some(hint.to_owned())));
    }
}

/// The group that an event is done to, by its place.
fn group(section: Section<'_>, consumers: &[Consumers], faults: &mut Vec<Fault>) -> Option<usize> {
    if consumers.is_empty() {
        let hint = Some("write `consumers: { instances: 2 }`".to_owned());
        faults.push(section.origin.lack("an event needs consumers that it can be done to", hint));
        return None;
    }
    let group = match (section.get("group"), section.read::<String>("group")) {
        (Some(node), Some(name)) => {
            let found = consumers.iter().position(|group| group.group == name);
            if found.is_none() {
                let names: Vec<String> = consumers.iter().map(|group| format!("`{}`", group.group)).collect();
                let hint = Some(format!("there are: {}", names.join(", ")));
                faults.push(node.origin.fault(format!("there is no group `{name}`"), hint));
            }
            found?
        }
        _ => 0,
    };
    if consumers[group].is_external() {
        let what = format!("nothing can be done to `{}`, which is deployed already", consumers[group].group);
        let hint = "bench changes nothing of it: let `backend: command` run it, or leave the event out";
        faults.push(section.origin.fault(what, Some(hint.to_owned())));
    }
    Some(group)
}

/// When it comes: after the beginning of the window, and before its end.
fn when(section: Section<'_>, phases: Phases, faults: &mut Vec<Fault>) -> Option<When> {
    let Some(node) = section.get("at") else {
        let hint = Some("write `at: 15s`, counted from the start of the warm-up".to_owned());
        faults.push(section.origin.fault("an event has no `at`", hint));
        return None;
    };
    let at = match node.text() {
        Some(text) => When::At(text.parse().ok()?),
        None => within(node, faults)?,
    };
    let (earliest, latest) = at.span();
    let first = sum(phases.warm_up, BEFORE);
    let end = sum(phases.warm_up, phases.measure);
    if earliest < first {
        let what = format!("an event at {earliest} is too early: the window begins at {}", phases.warm_up);
        let hint = format!(
            "time 0 is the start of the warm-up: write `{first}` or later, so that {BEFORE} of the window tell how it was before"
        );
        faults.push(node.origin.fault(what, Some(hint)));
    } else if latest >= end {
        let what = format!("an event at {latest} is too late: the window ends at {end}");
        let hint = "time 0 is the start of the warm-up: lengthen `phases.measure`, or let it come earlier";
        faults.push(node.origin.fault(what, Some(hint.to_owned())));
    }
    Some(at)
}

fn sum(one: Span, other: Span) -> Span {
    Span::from_nanos(one.as_nanos().saturating_add(other.as_nanos()))
}

fn within(node: &Node, faults: &mut Vec<Fault>) -> Option<When> {
    let within = &node.get("within")?.node;
    let times: Vec<Span> =
        within.items().iter().map(|item| item.text()?.parse().ok()).collect::<Option<_>>()?;
    match times[..] {
        [from, to] if from < to => Some(When::Within(from, to)),
        _ => {
            let hint = Some("write `within: [10s, 20s]`".to_owned());
            faults.push(within.origin.fault("`within` takes two times, the earlier first", hint));
            None
        }
    }
}

/// Where it says what is done.
fn entry<'a>(section: Section<'a>, faults: &mut Vec<Fault>) -> Option<&'a Entry> {
    let entries = section.node.map(Node::entries).unwrap_or_default();
    let mut found = entries.iter().filter(|entry| DEEDS.contains(&entry.key.as_str()));
    let Some(entry) = found.next() else {
        let names: Vec<String> = DEEDS.iter().map(|name| format!("`{name}`")).collect();
        let hint = Some(format!("write one of {}", names.join(", ")));
        faults.push(section.origin.fault("an event does nothing", hint));
        return None;
    };
    if let Some(second) = found.next() {
        let what = format!("an event has both `{}` and `{}`", entry.key, second.key);
        faults.push(second.origin.fault(what, Some("write two events".to_owned())));
        return None;
    }
    Some(entry)
}

/// What is done to instances of a group.
fn deed(
    entry: &Entry,
    own: upgrade::Own<'_>,
    types: (&[InstanceType], Emulation),
    faults: &mut Vec<Fault>,
) -> Option<Deed> {
    let inside = Section { node: Some(&entry.node), origin: &entry.origin };
    let count = || inside.at_least_one("instances");
    let boot = || upgrade::boot(inside);
    Some(match entry.key.as_str() {
        "scale" => {
            if inside.get("instances").is_none() {
                let hint = Some("write `scale: { instances: 4 }`".to_owned());
                faults.push(inside.origin.lack("a `scale` has no `instances`", hint));
            }
            Deed::Scale(inside.read("instances")?, boot())
        }
        "add" => Deed::Add(count(), boot()),
        "remove" => Deed::Remove(count()),
        "upgrade" => upgrade::deed(inside, own, types, faults)?,
        "exhaust" => {
            if own.read.machine.as_ref().is_none_or(|machine| machine.instance.credits.is_none()) {
                let what = format!("the instances of `{}` have no CPU credits", own.read.group);
                let hint = "write `instance_type: t3.micro` under `consumers`; t2, t3, t3a and t4g have them";
                faults.push(entry.origin.fault(what, Some(hint.to_owned())));
            }
            Deed::Exhaust
        }
        kind => {
            let whom = whom(inside, faults)?;
            match kind {
                "kill" => Deed::Kill(whom),
                "stop" => Deed::Stop(whom),
                "restart" => Deed::Restart(whom, boot()),
                _ => Deed::Pause(whom, length(inside, kind, faults)?),
            }
        }
    })
}

fn length(pause: Section<'_>, kind: &str, faults: &mut Vec<Fault>) -> Option<Span> {
    let length = pause.read::<Span>("for");
    match pause.get("for") {
        None => {
            let hint =
                Some("write `for: 8s`; longer than the session, its partitions go to others".to_owned());
            faults.push(pause.origin.fault(format!("a `{kind}` has no `for`"), hint));
        }
        Some(node) if length == Some(Span::ZERO) => {
            faults.push(node.origin.fault(format!("a `{kind}` of no length is none"), None));
        }
        Some(_) => {}
    }
    length.filter(|length| *length > Span::ZERO)
}

fn whom(section: Section<'_>, faults: &mut Vec<Fault>) -> Option<Whom> {
    let Some(node) = section.get("instance") else { return Some(Whom::Random) };
    let text = node.text()?;
    match (text, text.parse()) {
        ("random", _) => Some(Whom::Random),
        ("all", _) => Some(Whom::All),
        (_, Ok(number)) => Some(Whom::Instance(number)),
        (_, Err(_)) => {
            let hint = Some("write a number, counted from 0, `random` or `all`".to_owned());
            faults.push(node.origin.fault(format!("`{text}` is no instance"), hint));
            None
        }
    }
}

/// As written, else what is done, with a number where that has been done before.
fn name(section: Section<'_>, deed: &Deed, others: &[Event], faults: &mut Vec<Fault>) -> String {
    let is_free = |name: &str| others.iter().all(|other| other.name != name);
    if let Some((node, name)) = section.get("name").and_then(|node| Some((node, node.text()?.to_owned()))) {
        if !is_free(&name) {
            let hint = Some("each `name` must differ".to_owned());
            faults.push(node.origin.fault(format!("a second event `{name}`"), hint));
        }
        return name;
    }
    let kind = deed.kind();
    let numbered = (2..).map(|number| format!("{kind}-{number}"));
    std::iter::once(kind.to_owned()).chain(numbered).find(|name| is_free(name)).unwrap_or_default()
}
