//! How a total rate goes over time: messages per second over the seconds since time 0, the start of the warm-up. Pure maths on plain numbers.
//!
//! One file a curve; each knows its rate at any second and its exact integral, which is the number of messages due until then. `sum` adds curves up,
//! `course` turns the integral round: when is the n-th message due?

mod constant;
mod course;
mod ramp;
mod sine;
mod spike;
mod steps;
mod sum;
mod trace;

pub use constant::Constant;
pub use course::Course;
pub use ramp::Ramp;
pub use sine::Sine;
pub use spike::Spike;
pub use steps::{Step, Steps};
pub use sum::{Part, Shape};
pub use trace::{Clock, NoTrace, Playing, Trace};

/// A rate over time, for any second from 0 on.
pub trait Curve {
    /// Messages per second at a second; where it jumps, what it jumps to.
    fn rate_at(&self, second: f64) -> f64;

    /// Messages from second 0 to a second.
    fn integral(&self, second: f64) -> f64;

    /// Seconds where it jumps or bends; between them it is a straight line, a sine apart.
    fn breaks(&self) -> Vec<f64>;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every curve's integral is the sum of its rate over small steps.
    #[test]
    fn integrals_are_what_the_rates_add_up_to() {
        let steps = |rows: &[(f64, f64)]| {
            Steps::new(rows.iter().map(|&(rate, lasts)| Step { rate, lasts }).collect())
        };
        let curves: [(&str, Box<dyn Curve>); 8] = [
            ("constant", Box::new(Constant { rate: 7.0 })),
            ("ramp up", Box::new(Ramp { from: 2.0, to: 50.0, over: 3.0 })),
            ("ramp down", Box::new(Ramp { from: 50.0, to: 0.0, over: 6.0 })),
            ("jump", Box::new(Ramp { from: 5.0, to: 9.0, over: 0.0 })),
            ("spike", Box::new(Spike { to: 90.0, at: 1.5, lasts: 2.25 })),
            ("sine", Box::new(Sine { amplitude: 20.0, period: 2.5 })),
            ("steps", Box::new(steps(&[(5.0, 1.0), (0.0, 0.5), (20.0, 2.0), (1.0, 0.0)]))),
            ("trace", Box::new(Trace::read("t.csv", "second,msgs_per_s\n1,10\n2.5,0\n4,30\n").unwrap())),
        ];
        for (name, curve) in &curves {
            let (step, mut sum) = (1e-4, 0.0);
            for index in 0..80_000 {
                let second = f64::from(index) * step;
                assert!((curve.integral(second) - sum).abs() < 0.02, "{name} at {second}");
                sum += step * curve.rate_at(second + step / 2.0);
            }
        }
    }

    #[test]
    fn a_curve_is_straight_between_its_breaks() {
        let curves: [Box<dyn Curve>; 3] = [
            Box::new(Ramp { from: 2.0, to: 50.0, over: 3.0 }),
            Box::new(Spike { to: 90.0, at: 1.5, lasts: 2.25 }),
            Box::new(Trace::read("t.csv", "1,10\n2.5,0\n4,30\n").unwrap()),
        ];
        for curve in &curves {
            let mut breaks = curve.breaks();
            breaks.extend([0.0, 8.0]);
            breaks.sort_by(f64::total_cmp);
            for pair in breaks.windows(2).filter(|pair| pair[1] > pair[0]) {
                let at = |part: f64| curve.rate_at(pair[0] + part * (pair[1] - pair[0]));
                assert!((at(0.25) + at(0.75) - 2.0 * at(0.5)).abs() < 1e-9, "{pair:?}");
                assert!((at(0.0) + at(0.5) - 2.0 * at(0.25)).abs() < 1e-9, "{pair:?}");
            }
        }
    }
}
