//! Times of which some were not seen to end, after Kaplan and Meier.

/// The product-limit estimate of how many last longer than a time: steps (t, S(t)) at each time at which one was seen to end, `S(t) = ∏ (1 − dᵢ/nᵢ)` over all
/// such times up to t, with d ending then of n that lasted until then (Kaplan & Meier 1958). A time that was not seen to end (`false`) counts as lasting
/// longer than those that ended at it.
pub fn survival(times: &[(f64, bool)]) -> Vec<(f64, f64)> {
    let mut ended: Vec<f64> = times.iter().filter(|(_, ended)| *ended).map(|(time, _)| *time).collect();
    ended.sort_by(f64::total_cmp);
    ended.dedup();
    let mut left = 1.0;
    let step = |at: f64| {
        let at_risk = times.iter().filter(|(time, _)| *time >= at).count();
        let ends = times.iter().filter(|(time, ended)| *ended && time.total_cmp(&at).is_eq()).count();
        left *= 1.0 - ends as f64 / at_risk as f64;
        (at, left)
    };
    ended.into_iter().map(step).collect()
}

/// The first time that less than half of all last longer than; where exactly half do from one step to the next, the middle of both, as the median of an even
/// number has it. None where it was not seen: half or more did not end.
pub fn median(times: &[(f64, bool)]) -> Option<f64> {
    const HALF: f64 = 1e-9;
    let steps = survival(times);
    let at = steps.iter().position(|(_, left)| *left <= 0.5 + HALF)?;
    let (time, left) = steps[at];
    if (left - 0.5).abs() > HALF {
        return Some(time);
    }
    steps.get(at + 1).map(|(next, _)| f64::midpoint(time, *next))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Weeks in remission of 21 patients under 6-mercaptopurine (Freireich et al. 1963), which every textbook has.
    const REMISSION: [(f64, bool); 21] = [
        (6.0, true),
        (6.0, true),
        (6.0, true),
        (6.0, false),
        (7.0, true),
        (9.0, false),
        (10.0, true),
        (10.0, false),
        (11.0, false),
        (13.0, true),
        (16.0, true),
        (17.0, false),
        (19.0, false),
        (20.0, false),
        (22.0, true),
        (23.0, true),
        (25.0, false),
        (32.0, false),
        (32.0, false),
        (34.0, false),
        (35.0, false),
    ];

    #[test]
    fn the_estimate_is_the_one_of_the_textbooks() {
        let known = [
            (6.0, 0.8571),
            (7.0, 0.8067),
            (10.0, 0.7529),
            (13.0, 0.6902),
            (16.0, 0.6275),
            (22.0, 0.5378),
            (23.0, 0.4482),
        ];
        let steps = survival(&REMISSION);
        assert_eq!(steps.len(), known.len());
        for ((time, left), (at, told)) in steps.into_iter().zip(known) {
            assert!((time - at).abs() < 1e-9 && (left - told).abs() < 1e-4, "{time} {left}");
        }
        assert_eq!(median(&REMISSION), Some(23.0));
    }

    #[test]
    fn with_nothing_censored_it_is_the_median_and_with_more_than_half_there_is_none() {
        let of = |times: &[f64]| median(&times.iter().map(|time| (*time, true)).collect::<Vec<_>>());
        assert_eq!((of(&[3.0, 1.0, 2.0]), of(&[4.0, 1.0, 2.0, 3.0]), of(&[])), (Some(2.0), Some(2.5), None));
        assert_eq!(median(&[(1.0, true), (5.0, false), (5.0, false)]), None);
        assert_eq!(median(&[(5.0, true), (9.0, false)]), None, "the other half may last for ever");
        // Three of five ended: the middle is known, however long the others went on.
        assert_eq!(median(&[(1.0, true), (2.0, true), (3.0, true), (9.0, false), (9.0, false)]), Some(3.0));
    }
}
