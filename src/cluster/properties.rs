//! What a broker of bench's own is told: its settings, as text that Java reads back as it was meant.

use std::fmt::Write;

use super::{BrokerSpec, Faces};
use crate::spec::Properties;

/// Where its partitions lie, below its own folder, which is where it runs: a path of its own could hold a comma, and parts a list there.
pub(super) const LOGS: &str = "logs";
/// A quorum of more would only cost: three outlive the loss of one.
const CONTROLLERS: usize = 3;

/// Ports of one broker: of producers, consumers, bench itself, the controller, the other brokers where these are at a distance.
pub(super) type Ports = [u16; 5];

/// Where among its ports each role's is, in the order of [`crate::spec::Role::ALL`].
pub(super) const LISTENERS: [usize; 3] = [0, 1, 4];

/// Where a broker stands among those that are started together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// Counted from 0.
    pub(super) index: usize,
    /// The ports of all.
    pub(super) all: &'a [Ports],
}

impl Place<'_> {
    /// The broker's `node.id`, counted from 1.
    pub(super) fn id(self) -> i32 {
        self.index as i32 + 1
    }

    /// An even number would lose its majority with as few as one less: of two brokers one is the quorum.
    fn controllers(self) -> usize {
        if self.all.len() < CONTROLLERS { 1 } else { CONTROLLERS }
    }
}

/// Whether a Kafka of this version must be told its controllers by name: up to 3.8 a quorum cannot be formed otherwise.
pub(super) fn names_voters(version: &str) -> bool {
    is_before(version, (3, 9))
}

/// Whether a Kafka of this version looks for deleted files only half a minute after its start: up to 3.7 it has no `log.initial.task.delay.ms`.
pub(super) fn deletes_late(version: &str) -> bool {
    is_before(version, (3, 8))
}

fn is_before(version: &str, release: (u32, u32)) -> bool {
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    numbers.next().zip(numbers.next()).is_some_and(|one| one < release)
}

/// The text of the settings of the broker at this place.
pub(super) fn server_properties(spec: &BrokerSpec, place: Place<'_>, faces: &Faces) -> String {
    let own = place.all[place.index];
    let controller = own[3];
    let listener = |name: &str, port: u16| format!("{name}://127.0.0.1:{port}");
    let clients = |[load, consumers, control, _, brokers]: Ports| {
        let mut all =
            vec![listener("LOAD", load), listener("CONSUMERS", consumers), listener("CONTROL", control)];
        all.extend(faces.parts_brokers().then(|| listener("BROKERS", brokers)));
        all.join(",")
    };
    let advertised = clients(faces.of(place.index, own));
    let clients = clients(own);
    let mut properties = Properties::new();
    let mut set = |key: &str, value: String| properties.insert(key.to_owned(), value);
    set("node.id", place.id().to_string());
    if place.index < place.controllers() {
        set("process.roles", "broker,controller".to_owned());
        set("listeners", format!("{clients},{}", listener("CONTROLLER", controller)));
    } else {
        set("process.roles", "broker".to_owned());
        set("listeners", clients.clone());
    }
    if place.all.len() == 1 && !names_voters(&spec.version) {
        set("controller.quorum.bootstrap.servers", format!("127.0.0.1:{controller}"));
    } else {
        let voters = place.all.iter().take(place.controllers()).enumerate();
        let voters: Vec<String> =
            voters.map(|(index, ports)| format!("{}@127.0.0.1:{}", index + 1, ports[3])).collect();
        set("controller.quorum.voters", voters.join(","));
    }
    set("controller.listener.names", "CONTROLLER".to_owned());
    let among = if faces.parts_brokers() { "BROKERS" } else { "CONTROL" };
    set("inter.broker.listener.name", among.to_owned());
    set("advertised.listeners", advertised);
    let names =
        ["LOAD", "CONSUMERS", "CONTROL", "CONTROLLER", "BROKERS"].map(|name| format!("{name}:PLAINTEXT"));
    set("listener.security.protocol.map", names.join(","));
    set("log.dirs", LOGS.to_owned());
    for (key, value) in OWN {
        set(key, (*value).to_owned());
    }
    for (key, value) in of_several(place.all.len()) {
        set(key, value.to_string());
    }
    properties.extend(spec.config.clone());
    let lines: Vec<String> =
        properties.iter().map(|(key, value)| format!("{}={}", escaped(key), escaped(value))).collect();
    lines.join("\n")
}

/// Kafka's own topics, so that the loss of one broker of several stops no group and no transaction.
fn of_several(brokers: usize) -> Vec<(&'static str, usize)> {
    let (replicas, in_sync) = (brokers.min(3), if brokers < 3 { 1 } else { 2 });
    let all = [
        ("offsets.topic.replication.factor", replicas),
        ("transaction.state.log.replication.factor", replicas),
        ("transaction.state.log.min.isr", in_sync),
        ("share.coordinator.state.topic.replication.factor", replicas),
        ("share.coordinator.state.topic.min.isr", in_sync),
    ];
    if brokers == 1 { Vec::new() } else { all.to_vec() }
}

/// A key or a value as `java.util.Properties` reads it, which takes a file for Latin-1 and a backslash for a mark of its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ' ' | ':' | '=' | '#' | '!' => escaped.extend(['\\', c]),
            _ if c.is_ascii_graphic() => escaped.push(c),
            // Writing to a string cannot fail.
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                write!(escaped, "\\u{unit:04x}").ok();
            }),
        }
    }
    escaped
}

/// What bench sets on a broker of its own: one trial leaves nothing to the next, groups form at once, one broker is enough.
pub const OWN: &[(&str, &str)] = &[
    // The broker's name for every topic's `file.delete.delay.ms`.
    ("log.segment.delete.delay.ms", "1000"),
    // Files of deleted topics would stay for the broker's first half minute.
    ("log.initial.task.delay.ms", "1000"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("auto.create.topics.enable", "false"),
    ("offsets.topic.replication.factor", "1"),
    ("offsets.topic.num.partitions", "4"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("share.coordinator.state.topic.replication.factor", "1"),
    ("share.coordinator.state.topic.min.isr", "1"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Role;

    #[test]
    fn what_java_would_take_otherwise_is_escaped() {
        assert_eq!(escaped("log.dirs"), "log.dirs");
        assert_eq!(escaped(" a=b:c\\d"), "\\ a\\=b\\:c\\\\d");
        assert_eq!(escaped("ü\n😀"), "\\u00fc\\u000a\\ud83d\\ude00");
    }

    fn told(index: usize, brokers: usize) -> Vec<String> {
        told_behind(index, brokers, &Faces::default())
    }

    fn told_behind(index: usize, brokers: usize, faces: &Faces) -> Vec<String> {
        let spec = BrokerSpec {
            version: "4.3.1".to_owned(),
            heap: crate::units::Bytes::new(1 << 29),
            config: Properties::from([("min.insync.replicas".to_owned(), "2".to_owned())]),
        };
        let all: Vec<Ports> =
            (1..=brokers as u16).map(|broker| [1, 2, 3, 4, 5].map(|port| broker * 10 + port)).collect();
        let text = server_properties(&spec, Place { index, all: &all }, faces).replace('\\', "");
        text.lines().map(str::to_owned).collect()
    }

    fn has(told: &[String], line: &str) -> bool {
        told.iter().any(|told| told == line)
    }

    #[test]
    fn three_brokers_are_one_quorum_and_outlive_the_loss_of_one() {
        for (index, id, port) in [(0, 1, 14), (2, 3, 34)] {
            let told = told(index, 3);
            assert!(has(&told, &format!("node.id={id}")), "{told:?}");
            assert!(has(&told, "process.roles=broker,controller"), "{told:?}");
            assert!(
                has(&told, "controller.quorum.voters=1@127.0.0.1:14,2@127.0.0.1:24,3@127.0.0.1:34"),
                "{told:?}"
            );
            assert!(
                told.iter().any(|line| line.ends_with(&format!("CONTROLLER://127.0.0.1:{port}"))),
                "{told:?}"
            );
            assert!(has(&told, "offsets.topic.replication.factor=3"), "{told:?}");
            assert!(has(&told, "transaction.state.log.min.isr=2"), "{told:?}");
            assert!(has(&told, "min.insync.replicas=2"), "the user's own: {told:?}");
        }
    }

    #[test]
    fn of_two_brokers_one_is_the_quorum_and_the_other_only_a_broker() {
        let told = told(1, 2);
        assert!(
            has(&told, "process.roles=broker") && has(&told, "controller.quorum.voters=1@127.0.0.1:14"),
            "{told:?}"
        );
        assert!(
            !told.iter().any(|line| line.starts_with("listeners=") && line.contains("CONTROLLER")),
            "{told:?}"
        );
    }

    #[test]
    fn who_is_at_a_distance_is_told_what_stands_before_the_broker() {
        let mut faces = Faces::default();
        faces.put(Role::Consumers, vec![71, 72, 73]);
        let near = told_behind(1, 3, &faces);
        assert!(
            near.iter().any(|line| line.starts_with(
                "listeners=LOAD://127.0.0.1:21,CONSUMERS://127.0.0.1:22,CONTROL://127.0.0.1:23,CONTROLLER"
            )),
            "{near:?}"
        );
        assert!(
            has(
                &near,
                "advertised.listeners=LOAD://127.0.0.1:21,CONSUMERS://127.0.0.1:72,CONTROL://127.0.0.1:23"
            ),
            "{near:?}"
        );
        assert!(has(&near, "inter.broker.listener.name=CONTROL"), "{near:?}");
        faces.put(Role::Brokers, vec![81, 82, 83]);
        let apart = told_behind(2, 3, &faces);
        assert!(has(&apart, "inter.broker.listener.name=BROKERS"), "{apart:?}");
        assert!(
            apart
                .iter()
                .any(|line| line.starts_with("listeners=") && line.contains("BROKERS://127.0.0.1:35")),
            "{apart:?}"
        );
        assert!(
            apart
                .iter()
                .any(|line| line.starts_with("advertised.listeners=")
                    && line.contains("BROKERS://127.0.0.1:83")),
            "{apart:?}"
        );
    }

    #[test]
    fn an_older_kafka_is_told_its_controllers_by_name() {
        for (version, old) in
            [("3.3.2", true), ("3.8.1", true), ("3.9.0", false), ("4.0.0", false), ("", false)]
        {
            assert_eq!(names_voters(version), old, "{version}");
        }
        assert!(deletes_late("3.7.2") && !deletes_late("3.8.1") && !deletes_late(""));
    }

    #[test]
    fn one_broker_is_told_what_it_always_was() {
        let told = told(0, 1);
        assert!(has(&told, "controller.quorum.bootstrap.servers=127.0.0.1:14"), "{told:?}");
        assert!(has(&told, "offsets.topic.replication.factor=1"), "{told:?}");
        assert!(!told.iter().any(|line| line.starts_with("controller.quorum.voters")), "{told:?}");
    }
}
