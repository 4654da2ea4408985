//! The special functions that distributions are made of.

use std::f64::consts::PI;

/// Lanczos' coefficients for g = 7 (Godfrey 2001).
const LANCZOS: [f64; 9] = [
    0.999_999_999_999_809_9,
    676.520_368_121_885_1,
    -1_259.139_216_722_402_8,
    771.323_428_777_653_1,
    -176.615_029_162_140_6,
    12.507_343_278_686_905,
    -0.138_571_095_265_720_12,
    9.984_369_578_019_572e-6,
    1.505_632_735_149_311_6e-7,
];

/// ln Γ(x) of an x above 0, by Lanczos' approximation: fifteen digits.
pub fn ln_gamma(x: f64) -> f64 {
    if x < 0.5 {
        return (PI / (PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let t = x + 7.5;
    let tail: f64 = LANCZOS.iter().enumerate().skip(1).map(|(i, c)| c / (x + i as f64)).sum();
    0.5 * (2.0 * PI).ln() + (x + 0.5) * t.ln() - t + (LANCZOS[0] + tail).ln()
}

/// ln of the binomial coefficient.
pub fn ln_choose(n: u64, k: u64) -> f64 {
    ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0)
}

/// The regularised incomplete beta function `I_x(a, b)`: Lentz's continued fraction (Press et al., Numerical Recipes, 3rd ed., §6.4).
pub fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(x, a, b) / a
    } else {
        1.0 - front * beta_fraction(1.0 - x, b, a) / b
    }
}

fn beta_fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut over, mut under) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = under;
    for step in 1..10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            under = 1.0 / away(1.0 + term * under);
            over = away(1.0 + term / over);
            change = under * over;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// Where an increasing function takes the value, between two ends that enclose it: bisection to the last digit.
pub fn solve(mut low: f64, mut high: f64, value: f64, increasing: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if increasing(middle) < value { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_functions_are_those_of_the_library() {
        for x in [0.1, 0.5, 1.0, 2.5, 10.0, 1234.5] {
            let want = statrs::function::gamma::ln_gamma(x);
            assert!((ln_gamma(x) - want).abs() < 1e-11 * want.abs().max(1.0), "{x}");
        }
        for (a, b) in [(0.5, 0.5), (2.0, 3.0), (50.0, 0.5), (400.0, 600.0)] {
            for x in [0.0, 0.01, 0.3, 0.5, 0.9, 0.999, 1.0] {
                let want = statrs::function::beta::beta_reg(a, b, x);
                assert!((beta(x, a, b) - want).abs() < 1e-10, "{x} {a} {b}: {} {want}", beta(x, a, b));
            }
        }
        assert!((ln_choose(10, 3).exp() - 120.0).abs() < 1e-9);
    }

    #[test]
    fn a_value_is_found_between_two_ends() {
        assert!((solve(0.0, 10.0, 2.0, |x| x * x) - 2.0_f64.sqrt()).abs() < 1e-14);
    }
}
