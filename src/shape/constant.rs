//! Always the same.

use super::Curve;

/// The same rate at every second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant {
    /// Messages per second, at least 0.
    pub rate: f64,
}

impl Curve for Constant {
    fn rate_at(&self, _second: f64) -> f64 {
        self.rate
    }

    fn integral(&self, second: f64) -> f64 {
        self.rate * second
    }

    fn breaks(&self) -> Vec<f64> {
        Vec::new()
    }
}
