//! Distances that somebody has measured.

use super::{Border, Link};
use crate::units::Span;

/// When and by whom round trips between regions were measured.
pub const MEASURED: &str =
    "averages of pings between EC2 hosts, 2020-06-05 (github.com/vitorenesduarte/fantoch, `latency_aws`)";

/// Two availability zones of one region: 0.82 to 0.83 ms between eu-west-1a and its neighbours (pings of 5 minutes, L. Liesis, 2022-11-29). Others lie
/// between 0.25 and 3.4 ms.
pub const ANOTHER_ZONE: &str = "another-zone";
const ZONE_US: u64 = 830;

/// Beside the brokers: through the proxy as the others are, without a delay.
pub const NEAR: &str = "near";

/// The one pair whose mean deviation was written down, and that, in µs: nothing is known of the others, and they get none.
const DEVIATION: (&str, u64) = ("us-east-1/eu-west-2", 190);

/// Round trips in µs: the average of the pings, see [`MEASURED`].
const REGIONS: [(&str, u64); 24] = [
    ("us-east-1/us-east-1", 260),
    ("us-east-1/us-east-2", 10_500),
    ("us-east-1/us-west-2", 72_500),
    ("us-east-1/eu-west-1", 70_500),
    ("us-east-1/eu-west-2", 76_500),
    ("us-east-1/eu-central-1", 85_600),
    ("us-east-1/ap-southeast-1", 235_800),
    ("us-east-1/ap-northeast-1", 152_400),
    ("us-east-1/sa-east-1", 113_000),
    ("eu-west-2/us-east-2", 85_800),
    ("eu-west-2/us-west-2", 145_200),
    ("eu-west-2/eu-west-1", 10_500),
    ("eu-west-2/eu-west-2", 120),
    ("eu-west-2/eu-central-1", 14_700),
    ("eu-west-2/ap-southeast-1", 170_300),
    ("eu-west-2/ap-northeast-1", 209_200),
    ("eu-west-2/sa-east-1", 194_200),
    ("us-west-2/us-east-2", 48_500),
    ("us-west-2/us-west-2", 300),
    ("us-west-2/eu-west-1", 127_300),
    ("us-west-2/eu-central-1", 157_500),
    ("us-west-2/ap-southeast-1", 162_700),
    ("us-west-2/ap-northeast-1", 100_900),
    ("us-west-2/sa-east-1", 180_300),
];

/// The names of all pairs, as they may be written.
pub fn regions() -> impl Iterator<Item = &'static str> {
    REGIONS.iter().map(|(pair, _)| *pair)
}

/// The distance of that name, whichever of two regions stands first.
pub fn preset(name: &str) -> Option<Link> {
    let of = |place, micros: u64, jitter: u64, crosses| Link {
        place: Some(place),
        rtt: Span::from_nanos(micros * 1_000),
        jitter: Span::from_nanos(jitter * 1_000),
        bandwidth: None,
        instance: None,
        crosses,
    };
    match name {
        NEAR => return Some(of(NEAR, 0, 0, None)),
        ANOTHER_ZONE => return Some(of(ANOTHER_ZONE, ZONE_US, 0, Some(Border::Zone))),
        _ => {}
    }
    let (from, to) = name.split_once('/')?;
    let is_it = |(pair, _): &&(&str, u64)| {
        pair.split_once('/').is_some_and(|pair| pair == (from, to) || pair == (to, from))
    };
    let (pair, micros) = REGIONS.iter().find(is_it)?;
    if from == to {
        // Whether a border is crossed within a region nobody said.
        return Some(of(*pair, *micros, 0, None));
    }
    let jitter = if *pair == DEVIATION.0 { DEVIATION.1 } else { 0 };
    Some(of(*pair, *micros, jitter, Some(Border::Region)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_regions_is_as_far_from_either_end_and_is_paid_for() {
        let there = preset("us-east-1/eu-west-2").unwrap();
        let back = preset("eu-west-2/us-east-1").unwrap();
        assert_eq!((there.rtt, there.crosses), (Span::from_nanos(76_500_000), Some(Border::Region)));
        assert_eq!(there, back);
        assert_eq!(
            preset("us-west-2/us-west-2").unwrap().crosses,
            None,
            "within a region nothing is crossed for sure"
        );
        assert_eq!(preset(ANOTHER_ZONE).unwrap().crosses, Some(Border::Zone));
        assert_eq!(preset("us-east-1/mars-1"), None);
    }

    #[test]
    fn each_pair_is_there_once() {
        let mut pairs: Vec<Vec<&str>> = regions().map(|pair| pair.split('/').collect()).collect();
        for pair in &mut pairs {
            pair.sort_unstable();
        }
        let known = pairs.len();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(pairs.len(), known);
    }
}
