//! Events that meet brokers, which only a cluster that bench started has.

use super::super::Section;
use super::super::tree::{Entry, Node};
use super::{Deed, length};
use crate::fault::Fault;
use crate::spec::{Cluster, Event, Topic, Which};
use crate::units::Span;

/// So many brokers are a quorum that outlives the loss of one.
const QUORUM: u32 = 3;

/// What is done to a broker is done to all groups.
pub(super) const NO_GROUP: (&str, &str) =
    ("a broker is in no group", "leave `group` out: what is done to a broker is done to all groups");

/// What is done to which broker.
pub(super) fn deed(kind: &str, inside: Section<'_>, faults: &mut Vec<Fault>) -> Option<Deed> {
    let node = inside.get("broker")?;
    if let Some(both) = inside.get("instance") {
        let what = format!("`{kind}` has both `broker` and `instance`");
        faults.push(both.origin.fault(what, Some("write two events".to_owned())));
        return None;
    }
    if let Some(boot) = inside.get("boot") {
        let what = "a broker that is restarted has no `boot`: it is started again at once";
        faults.push(boot.origin.fault(what, Some("leave `boot` out: it is of instances".to_owned())));
    }
    let which = Which::read(node.text()?);
    if which.is_none() {
        let what = format!("`{}` is no broker", node.text().unwrap_or_default());
        let hint = "write `leader-of-0`, `controller`, `random`, or a number, counted from 1";
        faults.push(node.origin.fault(what, Some(hint.to_owned())));
    }
    match kind {
        "kill" => which.map(Deed::KillBroker),
        "restart" => which.map(Deed::RestartBroker),
        "pause" => {
            let length = length(inside, kind, faults);
            which.zip(length).map(|(which, length)| Deed::PauseBroker(which, length))
        }
        // `stop` takes no broker, and an unknown key has been told.
        _ => None,
    }
}

/// The latest that an event may come; none where that is not written as it should be.
fn latest(event: &Node) -> Option<Span> {
    let at = &event.get("at")?.node;
    let text = at.text().or_else(|| at.get("within")?.node.items().last()?.text());
    text?.parse().ok()
}

/// A broker is one of a cluster that bench started.
pub(super) fn are_own(section: Section<'_>, cluster: &Cluster, faults: &mut Vec<Fault>) {
    if matches!(cluster, Cluster::Bootstrap { .. }) {
        let what = "nothing can be done to brokers that bench did not start";
        let hint = "write `cluster: { kafka: { brokers: 3 } }`, or let the event meet an `instance`";
        faults.push(section.origin.fault(what, Some(hint.to_owned())));
    }
}

/// Whether the cluster has the brokers that are met, and goes on without those that stay dead.
pub(in crate::spec::read) fn check(
    file: Section<'_>,
    cluster: &Cluster,
    (topic, partitions_unknown, events): (&Topic, bool, &[Event]),
    faults: &mut Vec<Fault>,
) {
    let Cluster::Kafka { brokers, .. } = cluster else { return };
    let written = file.get("events").map(Node::items).unwrap_or_default();
    let places = written.iter().filter_map(|item| {
        let of = |kind: &str| Some(&item.get(kind)?.node.get("broker")?.node);
        let node = ["kill", "pause", "restart"].into_iter().find_map(of)?;
        Some((node, Which::read(node.text()?)?, latest(item)?))
    });
    // Partitions that may be there at a time: those too that another event has added before.
    let there = |at: Span| {
        let before = events.iter().filter(|event| event.at.span().0 < at);
        before.filter_map(|event| event.deed.grown_to()).fold(topic.partitions, u32::max)
    };
    for (node, which, at) in places {
        let there = there(at);
        match which {
            Which::Number(number) if number == 0 || number > *brokers => {
                let hint = format!("brokers are counted from 1: write a number up to {brokers}");
                let what = format!("there is no broker {number}: the cluster has {brokers}");
                faults.push(node.origin.fault(what, Some(hint)));
            }
            Which::LeaderOf(partition) if !partitions_unknown && partition >= there => {
                let last = there.saturating_sub(1);
                let hint = format!("partitions are counted from 0: write a number up to {last}");
                let what = format!("there is no partition {partition}: the topic has {there} then");
                faults.push(node.origin.fault(what, Some(hint)));
            }
            _ => {}
        }
    }
    let kills = written.iter().filter_map(|item| item.get("kill"));
    let kills: Vec<&Entry> = kills.filter(|kill| kill.node.get("broker").is_some()).collect();
    let most = usize::from(*brokers >= QUORUM);
    let Some(kill) = kills.get(most) else { return };
    let (what, hint) = match most {
        0 => (
            format!("the cluster cannot go on once one broker of {brokers} stays dead"),
            "write `restart`, which starts it again at once, or `brokers: 3`",
        ),
        _ => (
            "the cluster cannot go on once a second broker stays dead: its quorum outlives the loss of one"
                .to_owned(),
            "write `restart`, which starts it again at once",
        ),
    };
    faults.push(kill.origin.fault(what, Some(hint.to_owned())));
}
