//! What a broker of bench's own is told: its settings, as text that Java reads back as it was meant.

use std::fmt::Write;

use super::BrokerSpec;
use crate::spec::Properties;

/// Where its partitions lie, below its own folder, which is where it runs: a path of its own could hold a comma, and parts a list there.
pub(super) const LOGS: &str = "logs";

/// The text of the settings of a broker with these ports: of producers, consumers, bench itself, the controller.
pub(super) fn server_properties(
    spec: &BrokerSpec,
    [load, consumers, control, controller]: [u16; 4],
) -> String {
    let listener = |name: &str, port: u16| format!("{name}://127.0.0.1:{port}");
    let clients =
        [listener("LOAD", load), listener("CONSUMERS", consumers), listener("CONTROL", control)].join(",");
    let mut properties = Properties::new();
    let mut set = |key: &str, value: String| properties.insert(key.to_owned(), value);
    set("process.roles", "broker,controller".to_owned());
    set("node.id", "1".to_owned());
    set("controller.quorum.bootstrap.servers", format!("127.0.0.1:{controller}"));
    set("controller.listener.names", "CONTROLLER".to_owned());
    set("inter.broker.listener.name", "CONTROL".to_owned());
    set("listeners", format!("{clients},{}", listener("CONTROLLER", controller)));
    set("advertised.listeners", clients);
    let names = ["LOAD", "CONSUMERS", "CONTROL", "CONTROLLER"].map(|name| format!("{name}:PLAINTEXT"));
    set("listener.security.protocol.map", names.join(","));
    set("log.dirs", LOGS.to_owned());
    for (key, value) in OWN {
        set(key, (*value).to_owned());
    }
    properties.extend(spec.config.clone());
    let lines: Vec<String> =
        properties.iter().map(|(key, value)| format!("{}={}", escaped(key), escaped(value))).collect();
    lines.join("\n")
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

    #[test]
    fn what_java_would_take_otherwise_is_escaped() {
        assert_eq!(escaped("log.dirs"), "log.dirs");
        assert_eq!(escaped(" a=b:c\\d"), "\\ a\\=b\\:c\\\\d");
        assert_eq!(escaped("ü\n😀"), "\\u00fc\\u000a\\ud83d\\ude00");
    }
}
