//! Up and down.

use std::f64::consts::TAU;

use super::Curve;

/// `amplitude · sin(2π · second / period)`: rises from 0, and is below it for half of the time. It is for adding to something else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sine {
    /// Messages per second between the middle and the top.
    pub amplitude: f64,
    /// Seconds from one top to the next, above 0.
    pub period: f64,
}

impl Curve for Sine {
    fn rate_at(&self, second: f64) -> f64 {
        self.amplitude * (TAU * second / self.period).sin()
    }

    fn integral(&self, second: f64) -> f64 {
        self.amplitude * self.period / TAU * (1.0 - (TAU * second / self.period).cos())
    }

    fn breaks(&self) -> Vec<f64> {
        Vec::new()
    }
}
