//! A p99 that a few seconds of the window made.

use super::settled::{Seconds, p99_ns, sum};
use crate::analyse::doubt::{Doubt, limits};
use crate::units::Latency;

/// Of so many of a window's seconds, the worst, a p99 must not hang: the tail of any other second is then lost in theirs.
const FEW: f64 = 0.05;
/// Without them it would be less than this part of what it is.
const PART: f64 = 0.5;

/// A doubt where the p99 of a latency would be less than half without the worst twentieth of the window's seconds, one at least: those in which most
/// messages took as long as it. It is true, and of those seconds.
pub fn doubt(latency: Latency, seconds: &Seconds) -> Option<Doubt> {
    let all = p99_ns(&sum(seconds.iter().map(|one| &one.1)))?;
    let long = |at: usize| -> u64 {
        seconds[at].1.iter().filter(|(value, _)| *value as f64 >= all).map(|(_, count)| count).sum()
    };
    let mut order: Vec<usize> = (0..seconds.len()).collect();
    order.sort_by_cached_key(|at| std::cmp::Reverse(long(*at)));
    let few = ((seconds.len() as f64 * FEW).ceil() as usize).max(1);
    if order.len() <= 2 * few {
        return None;
    }
    let without = p99_ns(&sum(order[few..].iter().map(|at| &seconds[*at].1)))?;
    let ms = |ns: f64| format!("{:.1}", ns / 1e6);
    (without < PART * all).then(|| {
        let what = format!(
            "the p99 of {} rests on {few} of {} seconds of the window: without {} it is {} ms, with {} {}",
            latency.name().replace('_', " "),
            seconds.len(),
            if few == 1 { "it" } else { "them" },
            ms(without),
            if few == 1 { "it" } else { "them" },
            ms(all)
        );
        let hint = "it tells of what happened in those seconds (see `series.csv` and `events.jsonl`): repeat, or lengthen `phases.measure`";
        limits("few_seconds", what, hint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::dense::histogram;

    fn seconds(of: impl Fn(i64) -> (u64, u64)) -> Vec<(i64, crate::books::Sparse)> {
        (0..30)
            .map(|second| {
                let (usual, slow) = of(second);
                let mut all = histogram();
                all.record_n(5_000_000, usual).unwrap();
                all.record_n(400_000_000, slow).unwrap();
                (second, (&all).into())
            })
            .collect()
    }

    #[test]
    fn a_p99_that_one_stall_made_is_doubted_and_a_long_tail_is_not() {
        let stalled = seconds(|second| if second == 11 { (500, 500) } else { (1000, 0) });
        let told = doubt(Latency::EndToEnd, &stalled).unwrap();
        assert!(!told.spoils && told.id == "few_seconds");
        assert!(
            told.what.starts_with("the p99 of end to end latency rests on 2 of 30 seconds"),
            "{}",
            told.what
        );
        let even = seconds(|_| (980, 20));
        assert_eq!(doubt(Latency::EndToEnd, &even), None);
        assert_eq!(doubt(Latency::EndToEnd, &[]), None);
    }
}
