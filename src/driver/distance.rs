//! How far a trial's roles are from the brokers, as the relays are told it, and what they carried.

use std::fs;

use super::times::Times;
use crate::cluster::{Carried, Profile, Way};
use crate::record::{Away, CarriedUse, Pings};
use crate::spec::{Cluster, Link, Network, Properties, Role, Settings};
use crate::units::{Bandwidth, Span};

/// What emulates a distance.
const PROXY: &str = "proxy";

/// Kafka's default of `socket.send.buffer.bytes` and `socket.receive.buffer.bytes`.
const BROKER: u64 = 102_400;
/// Kafka's default of `replica.socket.receive.buffer.bytes`.
const FOLLOWER: u64 = 65_536;

/// How far one role was from the brokers in a trial, until an event changed that, and what was seen of it.
#[derive(Clone, Debug)]
pub struct RawAway {
    /// Who.
    pub role: Role,
    /// The event that put it there, and when (Unix ns); none of where it was when the trial began.
    pub since: Option<(String, u64)>,
    /// As it was asked for.
    pub link: Link,
    /// As the relay was told.
    pub profile: Profile,
    /// What had been carried at the window's edges, or when an event changed the distance.
    pub carried: [Option<Carried>; 2],
    /// How long pings meanwhile took; none where none came back.
    pub pings: Option<Pings>,
}

/// What the kernel gives to a socket, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Buffers {
    /// The most that a program may ask for: to receive, to send (`net.core.{r,w}mem_max`).
    asked: [u64; 2],
    /// What a socket grows to by itself (the last of `net.ipv4.tcp_{r,w}mem`).
    grown: [u64; 2],
}

impl Buffers {
    /// Those of this host; Linux's defaults where they cannot be read.
    pub fn of_host() -> Self {
        let read = |name: &str, default: u64| {
            let text = fs::read_to_string(format!("/proc/sys/net/{name}")).unwrap_or_default();
            text.split_whitespace().next_back().and_then(|last| last.parse().ok()).unwrap_or(default)
        };
        Buffers {
            asked: [read("core/rmem_max", 212_992), read("core/wmem_max", 212_992)],
            grown: [read("ipv4/tcp_rmem", 6_291_456), read("ipv4/tcp_wmem", 4_194_304)],
        }
    }

    /// What a side has to receive into (0) or to send from (1). What a program asks for the kernel doubles, for what it needs beside the data (`man 7 socket`), so
    /// that much is left for data; of what it gives by itself half is (`tcp_adv_win_scale`, `man 7 tcp`).
    fn bytes(self, side: usize, set: Option<u64>) -> u64 {
        set.map_or(self.grown[side] / 2, |set| set.min(self.asked[side]))
    }
}

/// How the connections of a role are to be carried.
fn profile(settings: &Settings, role: Role, link: &Link, buffers: Buffers) -> Profile {
    let of_broker = |name: &str, default: u64| match &settings.cluster {
        Cluster::Kafka { config, .. } => match config.get(name).and_then(|text| text.parse::<i64>().ok()) {
            Some(-1) => None,
            Some(set) => u64::try_from(set).ok(),
            None => Some(default),
        },
        Cluster::Bootstrap { .. } => None,
    };
    let names = ["socket.receive.buffer.bytes", "socket.send.buffer.bytes"];
    let (receive, send) = match role {
        Role::Producers => smallest(settings.workload.fleets.iter().map(|fleet| &fleet.properties), names),
        Role::Consumers => smallest(settings.consumers.iter().map(|group| &group.properties), names),
        Role::Brokers => (of_broker("replica.socket.receive.buffer.bytes", FOLLOWER), None),
    };
    let to = buffers.bytes(1, send).min(buffers.bytes(0, of_broker(names[0], BROKER)));
    let from = buffers.bytes(1, of_broker(names[1], BROKER)).min(buffers.bytes(0, receive));
    let way = |window: u64| Way {
        delay_ns: link.rtt.as_nanos() / 2,
        bits_per_s: link.bandwidth.map(Bandwidth::as_bits),
        window: window as usize,
    };
    Profile { ways: [way(to), way(from)], jitter_ns: link.jitter.as_nanos() }
}

/// What clients ask the kernel for, the smallest of several: to receive, to send. For librdkafka 0 is what the kernel gives by itself, for Java's client, which calls
/// it otherwise, -1.
fn smallest<'a>(
    all: impl Iterator<Item = &'a Properties>,
    [receive, send]: [&str; 2],
) -> (Option<u64>, Option<u64>) {
    let all: Vec<&Properties> = all.collect();
    let of = |name: &str| {
        let written = |properties: &Properties| {
            let own = properties.get(name).or_else(|| properties.get(name.strip_prefix("socket.")?));
            own?.parse::<u64>().ok()
        };
        all.iter().filter_map(|properties| written(properties)).filter(|set| *set > 0).min()
    };
    (of(receive), of(send))
}

/// What the relays are told for a trial: each role that does not reach the brokers directly, at its distance in this network, be it none.
pub fn away(
    settings: &Settings,
    network: &Network,
    roles: impl Iterator<Item = Role>,
    buffers: Buffers,
) -> Vec<RawAway> {
    let of = |role: Role| {
        let link = network.of(role).copied().unwrap_or_default();
        // Instances have the network that they have, wherever an event puts them.
        let instance = settings.network.of(role).and_then(|link| link.instance);
        let link = Link { instance, ..link };
        let profile = profile(settings, role, &link, buffers);
        RawAway { role, since: None, link, profile, carried: [None; 2], pings: None }
    };
    roles.map(of).collect()
}

/// As its record tells it, in the time of these phases.
pub fn record(away: &RawAway, times: Option<&Times>) -> Away {
    let RawAway { role, since, link, profile, carried, pings } = away;
    Away {
        role: role.name().to_owned(),
        event: since.as_ref().map(|(event, _)| event.clone()),
        from_s: since.as_ref().zip(times).map(|((_, at), times)| times.since_zero(*at)),
        by: PROXY.to_owned(),
        place: link.place.map(str::to_owned),
        rtt_ms: link.rtt.as_millis_f64(),
        jitter_ms: link.jitter.as_millis_f64(),
        bandwidth_bits_per_s: link.bandwidth.map(Bandwidth::as_bits),
        instance_burst_s: link.instance.map(Span::as_secs_f64),
        crosses: link.crosses.map(|border| border.name().to_owned()),
        window_to_brokers_bytes: profile.ways[0].window as u64,
        window_from_brokers_bytes: profile.ways[1].window as u64,
        pings: *pings,
        carried: carried[0].zip(carried[1]).and_then(|(before, after)| between(before, after)),
    }
}

fn between(before: Carried, after: Carried) -> Option<CarriedUse> {
    let seconds = after.at.checked_sub(before.at).filter(|ns| *ns > 0)? as f64 / 1e9;
    let bytes = |way: usize| after.bytes[way].saturating_sub(before.bytes[way]);
    Some(CarriedUse {
        seconds,
        to_brokers_bytes: bytes(0),
        from_brokers_bytes: bytes(1),
        connections: after.connections,
        cpu_cores: after.cpu_ns.saturating_sub(before.cpu_ns) as f64 / 1e9 / seconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::planned;

    const LINUX: Buffers = Buffers { asked: [212_992; 2], grown: [6_291_456, 4_194_304] };

    fn windows(text: &str, role: Role) -> [usize; 2] {
        let settings = planned(text).treatments.remove(0).settings;
        profile(&settings, role, &Link::default(), LINUX).ways.map(|way| way.window)
    }

    #[test]
    fn a_window_is_the_smaller_of_two_buffers() {
        let file = |cluster: &str, consumers: &str| {
            format!(
                "question: q\ncluster: {{ kafka: {{ brokers: 3, config: {{ {cluster} }} }} }}\nworkload: {{ rate: 1/s, fleets: [{{ name: a, properties: {{ socket.send.buffer.bytes: 50000 }} }}] }}\nconsumers: {{ instances: 1, properties: {{ {consumers} }} }}\n"
            )
        };
        let plain = file("", "");
        assert_eq!(windows(&plain, Role::Producers), [50_000, 102_400]);
        assert_eq!(windows(&plain, Role::Consumers), [102_400; 2]);
        assert_eq!(windows(&plain, Role::Brokers), [102_400, 65_536]);
        // What the kernel gives by itself, half of it for data.
        let free = file("socket.send.buffer.bytes: -1", "");
        assert_eq!(windows(&free, Role::Consumers), [102_400, 2_097_152]);
        // It gives no program more than it may ask for.
        let asked = file("socket.send.buffer.bytes: 1048576", "socket.receive.buffer.bytes: 4194304");
        assert_eq!(windows(&asked, Role::Consumers), [102_400, 212_992]);
        let java = file("", "").replace(
            "properties: {  }",
            "backend: { command: { run: x } }, properties: { receive.buffer.bytes: 65536, send.buffer.bytes: -1 }",
        );
        assert_eq!(windows(&java, Role::Consumers), [102_400, 65_536], "as Java's client calls it");
    }

    #[test]
    fn a_record_tells_what_was_carried_between_the_windows_edges() {
        let settings = planned("question: q\nworkload: { rate: 1/s }\nconsumers: { instances: 1 }\nnetwork: { consumers: us-east-1/eu-west-2 }\n").treatments.remove(0).settings;
        let mut all =
            away(&settings, &settings.network, [Role::Producers, Role::Consumers].into_iter(), LINUX);
        let at = |at, bytes, cpu_ns| Some(Carried { at, bytes: [bytes, 10 * bytes], connections: 3, cpu_ns });
        all[1].carried = [at(1_000_000_000, 5, 0), at(3_000_000_000, 25, 500_000_000)];
        all[1].pings = Pings::of(vec![76_400_000, 76_600_000, 76_800_000]);
        let [near, far] = [&all[0], &all[1]].map(|one| record(one, None));
        assert_eq!((near.rtt_ms, near.carried, near.pings), (0.0, None, None));
        let carried = far.carried.unwrap();
        assert_eq!(
            (carried.to_brokers_bytes, carried.from_brokers_bytes, carried.cpu_cores),
            (20, 200, 0.25)
        );
        assert_eq!((far.rtt_ms, far.jitter_ms, far.crosses.as_deref()), (76.5, 0.19, Some("region")));
        assert!((far.off_ms().unwrap() - 0.1).abs() < 1e-9);
    }
}
