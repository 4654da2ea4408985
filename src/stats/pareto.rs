//! What nothing else beats on both counts.

/// Which points are on the front where less is better on both axes: no other is at most as great on both and less on one. A point that is not known
/// (not a number) is on none.
pub fn front(points: &[(f64, f64)]) -> Vec<bool> {
    let beats = |a: &(f64, f64), b: &(f64, f64)| a.0 <= b.0 && a.1 <= b.1 && (a.0 < b.0 || a.1 < b.1);
    let known = |point: &(f64, f64)| !point.0.is_nan() && !point.1.is_nan();
    points.iter().map(|point| known(point) && !points.iter().any(|other| beats(other, point))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beaten_on_both_counts_is_not_on_the_front() {
        let points = [(1.0, 9.0), (2.0, 5.0), (3.0, 5.0), (4.0, 1.0), (1.0, 9.0), (f64::NAN, 0.0)];
        assert_eq!(front(&points), [true, true, false, true, true, false]);
    }
}
