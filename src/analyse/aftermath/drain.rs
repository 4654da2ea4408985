//! How long it takes to work off what a gap has left.

/// Of a backlog in messages, a load and a capacity in messages per second: backlog ÷ (capacity − load). A gap of so many seconds leaves gap × load, if all stood still.
/// None where the capacity is no greater than the load: then it is never worked off.
pub fn expected_drain(backlog: f64, load: f64, capacity: f64) -> Option<f64> {
    (capacity > load && backlog >= 0.0).then(|| backlog / (capacity - load))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drain_lasts_as_long_as_what_is_left_of_the_capacity_allows() {
        // 45 s at 1000/s leave 45,000: with 1500/s all is as before after 135 s, with 1100/s after 495 s, the gap included.
        let whole = |capacity: f64| 45.0 + expected_drain(45.0 * 1_000.0, 1_000.0, capacity).unwrap();
        assert!((whole(1_500.0) - 135.0).abs() < 1e-9 && (whole(1_100.0) - 495.0).abs() < 1e-9);
        assert_eq!(expected_drain(45_000.0, 1_000.0, 1_000.0), None);
    }
}
