//! Names of factors and treatments, short enough for a table.

use crate::record::Manifest;
use crate::spec::short_name;

/// `partitions=1, instances=2`.
pub fn named(manifest: &Manifest, levels: &[String]) -> String {
    let parts: Vec<String> = short(&manifest.factors)
        .into_iter()
        .zip(levels)
        .map(|(factor, level)| format!("{factor}={level}"))
        .collect();
    parts.join(", ")
}

/// The last part of each factor's path; of several that end alike the last two: `orders.instances`, `audit.instances`.
pub fn short(factors: &[String]) -> Vec<&str> {
    // The name of a property has dots of its own.
    let last = |factor: &str| factor.len() - short_name(factor).len();
    let end = |factor: &str, parts: usize| {
        let before = &factor[..last(factor).saturating_sub(1)];
        if parts == 1 { last(factor) } else { before.rfind('.').map_or(0, |dot| dot + 1) }
    };
    let name = |factor: &String| {
        let at = end(factor, 1);
        let alike = factors.iter().filter(|other| other[end(other, 1)..] == factor[at..]).count();
        if alike > 1 { end(factor, 2) } else { at }
    };
    factors.iter().map(|factor| &factor[name(factor)..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_named_by_as_little_as_tells_them_apart() {
        let of = |factors: [&str; 3]| short(&factors.map(str::to_owned)).join(" ");
        assert_eq!(of(["topic.partitions", "consumers.instances", "crowd"]), "partitions instances crowd");
        let dotted = ["topic.partitions", "workload.fleets.all.properties.linger.ms", "crowd"];
        assert_eq!(of(dotted), "partitions linger.ms crowd");
        assert_eq!(
            of(["consumers.orders.instances", "topic.partitions", "consumers.audit.instances"]),
            "orders.instances partitions audit.instances"
        );
    }
}
