//! `network`: how far clients and brokers are from one another.

use super::super::network::{Border, Link, Network, Role, preset, regions};
use super::super::path::nearest;
use super::super::{ANOTHER_ZONE, Cluster, Consumers, Deed, Event, NEAR, Runs};
use super::Section;
use super::tree::Node;
use crate::fault::Fault;
use crate::units::{InstanceType, Share, Span};

/// Nothing on Earth is further: clients would only time out.
const FARTHEST: Span = Span::from_secs(10);
/// Either way has half of the round trip, is off by a standard deviation of jitter ÷ √2, and by three of these at most: they are within the half up to a jitter
/// of 1 ÷ (3 · √2), 23.5 %.
const MOST_JITTER_PERCENT: u64 = 23;

/// What stands under `network` of a file or of an event.
pub(super) fn network(
    section: Section<'_>,
    (cluster, consumers): (&Cluster, &[Consumers]),
    faults: &mut Vec<Fault>,
) -> Network {
    let mut network = Network::default();
    for role in Role::ALL {
        let Some(entry) = section.node.and_then(|node| node.get(role.name())) else { continue };
        reaches(role, &entry.node, (cluster, consumers), faults);
        let inside = Section { node: Some(&entry.node), origin: &entry.origin };
        let link = link(inside, faults).unwrap_or_default();
        if let Some((node, burst)) = inside.get("instance").zip(link.instance) {
            has_limits(role, (node, burst), consumers, faults);
        }
        network.put(role, link);
    }
    network
}

/// Whether this role has brokers at a distance.
pub(super) fn reaches(
    role: Role,
    node: &Node,
    (cluster, consumers): (&Cluster, &[Consumers]),
    faults: &mut Vec<Fault>,
) {
    match cluster {
        Cluster::Bootstrap { .. } => {
            let what = "a distance needs brokers that bench starts: those of another cluster say themselves where clients reach them";
            let hint = "write `cluster: { kafka: {} }`, or put real distance between the hosts";
            faults.push(node.origin.fault(what, Some(hint.to_owned())));
        }
        Cluster::Kafka { brokers: 1, .. } if role == Role::Brokers => {
            let hint = "write `cluster: { kafka: { brokers: 3 } }`";
            faults.push(node.origin.fault("one broker is at no distance from others", Some(hint.to_owned())));
        }
        Cluster::Kafka { .. } if role == Role::Consumers && consumers.is_empty() => {
            let hint = "write `consumers: { instances: 2 }`, or `network: producers:`";
            faults
                .push(node.origin.fault("there are no consumers that could be away", Some(hint.to_owned())));
        }
        Cluster::Kafka { .. } => {}
    }
}

fn link(inside: Section<'_>, faults: &mut Vec<Fault>) -> Option<Link> {
    let node = inside.node?;
    if let Some(name) = node.text() {
        return named(node, name, faults);
    }
    let between = inside.get("between");
    let base = match between.and_then(|node| Some((node, node.text()?))) {
        Some((node, name)) => named(node, name, faults)?,
        None => Link::default(),
    };
    if let Some(node) =
        inside.get("loss").filter(|_| inside.read::<Share>("loss").is_some_and(|loss| loss.get() > 0.0))
    {
        let hint = "leave `loss` out: a proxy between two sockets loses no segments of TCP, and netem, which does, is not built in";
        faults.push(node.origin.fault("loss cannot be emulated", Some(hint.to_owned())));
    }
    let link = Link {
        rtt: inside.read("rtt").unwrap_or(base.rtt),
        jitter: inside.read("jitter").unwrap_or(base.jitter),
        bandwidth: inside.read("bandwidth").or(base.bandwidth),
        instance: instance(inside, faults),
        crosses: match inside.get("crosses").and_then(Node::text) {
            Some("zone") => Some(Border::Zone),
            Some("region") => Some(Border::Region),
            Some(_) => None,
            None => base.crosses,
        },
        place: base.place,
    };
    if let Some(node) = inside.get("rtt").filter(|_| link.rtt > FARTHEST) {
        let hint = Some(format!("write `{FARTHEST}` or less"));
        faults.push(node.origin.fault(format!("a round trip of {} is too long", link.rtt), hint));
    }
    let most = Span::from_nanos(link.rtt.as_nanos() / 100 * MOST_JITTER_PERCENT);
    if let Some(node) = inside.get("jitter").filter(|_| link.jitter > most) {
        let what = format!("a jitter of {} is too much for a round trip of {}", link.jitter, link.rtt);
        let hint = format!(
            "it is a standard deviation: write `{most}` or less, {MOST_JITTER_PERCENT}% of the round trip, so that nothing arrives before it was sent"
        );
        faults.push(node.origin.fault(what, Some(hint)));
    }
    Some(link)
}

/// How long instances may go beyond the baseline of their type's network; none where that is no limit.
fn instance(inside: Section<'_>, faults: &mut Vec<Fault>) -> Option<Span> {
    let is_limited = inside.get("instance").and_then(Node::text) == Some("baseline");
    if let Some(node) = inside.get("burst").filter(|_| !is_limited) {
        let hint = "write `instance: baseline` beside it, or leave it out";
        faults.push(node.origin.fault("`burst` is of a network that has a limit", Some(hint.to_owned())));
    }
    is_limited.then(|| inside.read("burst").unwrap_or(Span::ZERO))
}

/// Whether all who are held to the network of their instance type have one that is known.
fn has_limits(role: Role, (node, burst): (&Node, Span), consumers: &[Consumers], faults: &mut Vec<Fault>) {
    let mut fault = |what: String, hint: &str| faults.push(node.origin.fault(what, Some(hint.to_owned())));
    if role != Role::Consumers {
        return fault(
            format!("{} are no instances of a type", role.name()),
            "write `bandwidth`, which is of each connection",
        );
    }
    if consumers.iter().all(|group| group.machine.is_none()) {
        return fault(
            "no consumers have an instance type, whose network they could have".to_owned(),
            "write `consumers: { instance_type: t3.micro }`, or `bandwidth`, which is of each connection",
        );
    }
    for group in consumers {
        let Some(machine) = &group.machine else { continue };
        if group.runs != Runs::Process {
            return fault(
                format!(
                    "`{}` has a machine that is smaller than its type, and would have all of its network",
                    group.group
                ),
                "leave `instance` out: only the reference consumer's rates are those of the full-size instance",
            );
        }
        if let Some(what) = unknown(&machine.instance, burst) {
            return fault(
                what,
                "leave `instance` out, or take a type that `bench instances` shows with its network",
            );
        }
    }
}

/// What of a type's network nobody knows.
fn unknown(instance: &InstanceType, burst: Span) -> Option<String> {
    let lacks = match (instance.network_baseline_gbps, instance.network_peak_gbps) {
        (None, _) => "baseline",
        (_, None) if burst > Span::ZERO => "peak",
        _ => return None,
    };
    Some(format!("no {lacks} is known of the network of `{}`", instance.name))
}

/// Whether the network is known too of those that take the place of others.
pub(super) fn of_upgrades(
    section: Section<'_>,
    (network, events): (&Network, &[Event]),
    faults: &mut Vec<Fault>,
) {
    let Some(burst) = network.of(Role::Consumers).and_then(|link| link.instance) else { return };
    let Some(node) = section.under("consumers").get("instance") else { return };
    for event in events {
        let Deed::Upgrade(upgrade) = &event.deed else { continue };
        if let Some(what) = unknown(&upgrade.machine.instance, burst) {
            let hint = "take a type that `bench instances` shows with its network".to_owned();
            faults.push(node.origin.fault(format!("{what} (event `{}`)", event.name), Some(hint)));
        }
    }
}

fn named(node: &Node, name: &str, faults: &mut Vec<Fault>) -> Option<Link> {
    let found = preset(name);
    if found.is_none() {
        let known: Vec<&str> = [NEAR, ANOTHER_ZONE].into_iter().chain(regions()).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `{{ rtt: 76ms }}`, or one that was measured: {}", known.join(", ")),
        };
        faults.push(node.origin.fault(format!("no distance is known of `{name}`"), Some(hint)));
    }
    found
}
