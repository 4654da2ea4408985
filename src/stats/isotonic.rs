//! Values that can only rise.

/// The nearest rising sequence in weighted squares: neighbours that fall are pooled into their mean until none do (pool adjacent violators; Barlow et
/// al. 1972). Weights above 0; none where there is not one for each value.
pub fn isotonic(values: &[f64], weights: &[f64]) -> Option<Vec<f64>> {
    if values.len() != weights.len() || !weights.iter().all(|weight| *weight > 0.0) {
        return None;
    }
    // Mean, weight and how many of each pool.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (&value, &weight) in values.iter().zip(weights) {
        let mut pool = (value, weight, 1);
        while let Some(before) = pools.pop_if(|before| before.0 >= pool.0) {
            let weight = before.1 + pool.1;
            pool = ((before.0 * before.1 + pool.0 * pool.1) / weight, weight, before.2 + pool.2);
        }
        pools.push(pool);
    }
    Some(pools.into_iter().flat_map(|(mean, _, count)| std::iter::repeat_n(mean, count)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_that_fall_are_pooled() {
        assert_eq!(isotonic(&[1.0, 3.0, 2.0, 4.0], &[1.0; 4]), Some(vec![1.0, 2.5, 2.5, 4.0]));
        assert_eq!(isotonic(&[4.0, 1.0], &[1.0, 3.0]), Some(vec![1.75, 1.75]));
        assert_eq!(isotonic(&[3.0, 2.0, 1.0], &[1.0; 3]), Some(vec![2.0; 3]));
        assert_eq!(isotonic(&[], &[]), Some(vec![]));
        assert_eq!((isotonic(&[1.0], &[]), isotonic(&[1.0], &[0.0])), (None, None));
    }
}
