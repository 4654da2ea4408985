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
    let Some((pings, off)) = away.pings.zip(away.off_ms()) else {
        let what =
            format!("no ping of the {role} came back through the proxy: nobody knows how far they were");
        return Some(spoils("distance", what, hint));
    };
    (off > limit).then(|| {
        let what = format!(
            "the round trip of the {role} was {:.2} ms by {} pings, and was to be {asked:.2} ms (limit {limit:.2} ms off)",
            pings.median_ms, pings.count
        );
        spoils("distance", what, hint).of(off, limit, "ms")
    })
}
