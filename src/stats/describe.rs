//! What a handful of numbers look like: middle, mean, spread.

/// Arithmetic mean; none of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Standard deviation of a sample (divided by n − 1); none of less than two.
pub fn sd(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// The middle; of an even number the mean of the two middle ones; none of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

/// The quantile `p` by linear interpolation between order statistics (Hyndman & Fan 1996, type 7: R's default); none of nothing.
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted_quantile(&sorted, p)
}

/// The same of values that are sorted.
pub fn sorted_quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let at = p.clamp(0.0, 1.0) * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

/// Median of the absolute deviations from the median, not scaled; none of nothing.
pub fn mad(values: &[f64]) -> Option<f64> {
    let middle = median(values)?;
    median(&values.iter().map(|value| (value - middle).abs()).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handful_of_numbers_is_described() {
        let values = [4.0, 1.0, 2.0, 9.0];
        assert_eq!((mean(&values), median(&values), mad(&values)), (Some(4.0), Some(3.0), Some(1.5)));
        assert!((sd(&values).unwrap() - (38.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!((quantile(&values, 0.25), quantile(&values, 1.0)), (Some(1.75), Some(9.0)));
        assert_eq!((mean(&[]), median(&[]), sd(&[1.0]), mad(&[])), (None, None, None, None));
    }
}
