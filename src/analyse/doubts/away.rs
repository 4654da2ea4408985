//! Doubts about distances: whether they were what was asked for.

use crate::analyse::doubt::{Doubt, spoils};
use crate::analyse::facts::Facts;
use crate::record::Away;

/// All of them.
pub(super) fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    facts.record.network.iter().filter_map(off).collect()
}

/// A round trip through the proxy that is not the one that was asked for.
fn off(away: &Away) -> Option<Doubt> {
    let hint =
        "the host was too busy to keep time: fewer producers or consumers, a lower rate, or more cores";
    let (role, asked, limit) = (&away.role, away.rtt_ms, away.exact_ms());
    let after = away.event.as_ref().map_or_else(String::new, |event| format!(" after `{event}`"));
    let Some((pings, off)) = away.pings.zip(away.off_ms()) else {
        if away.was_soon_over() {
            return None;
        }
        let what = format!(
            "no ping of the {role} came back through the proxy{after}: nobody knows how far they were"
        );
        return Some(spoils("distance", what, hint));
    };
    (off > limit).then(|| {
        let what = format!(
            "the round trip of the {role}{after} was {:.2} ms by {} pings, and was to be {asked:.2} ms (limit {limit:.2} ms off)",
            pings.median_ms, pings.count
        );
        spoils("distance", what, hint).of(off, limit, "ms")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{CarriedUse, Pings};

    fn moved(seconds: f64, pinged_ms: Option<f64>) -> Away {
        Away {
            role: "consumers".to_owned(),
            event: Some("far".to_owned()),
            rtt_ms: 100.0,
            pings: pinged_ms.map(|median_ms| Pings { count: 40, median_ms, ..Pings::default() }),
            carried: Some(CarriedUse { seconds, ..CarriedUse::default() }),
            ..Away::default()
        }
    }

    #[test]
    fn a_distance_that_an_event_made_is_doubted_where_it_was_not_what_was_asked_for() {
        let told = |away: &Away| off(away).map(|doubt| doubt.what);
        assert_eq!(told(&moved(10.0, Some(100.4))), None);
        let wrong = told(&moved(10.0, Some(60.0))).unwrap();
        assert!(wrong.starts_with("the round trip of the consumers after `far` was 60.00 ms"), "{wrong}");
        let unknown = told(&moved(10.0, None)).unwrap();
        assert!(unknown.contains("came back through the proxy after `far`"), "{unknown}");
        assert_eq!(told(&moved(0.9, None)), None, "it was over before any ping could be back");
        let first = Away { event: None, ..moved(0.9, None) };
        assert!(told(&first).is_some(), "where a trial began somebody must have pinged");
    }
}
