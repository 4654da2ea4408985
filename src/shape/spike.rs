//! Nothing but for a while.

use super::Curve;

/// `to` for `lasts` seconds from second `at` on, nothing before and after. Added to something else it goes on top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spike {
    /// Messages per second while it lasts, at least 0.
    pub to: f64,
    /// The second at which it begins.
    pub at: f64,
    /// How many seconds it lasts.
    pub lasts: f64,
}

impl Curve for Spike {
    fn rate_at(&self, second: f64) -> f64 {
        if second >= self.at && second < self.at + self.lasts { self.to } else { 0.0 }
    }

    fn integral(&self, second: f64) -> f64 {
        self.to * (second - self.at).clamp(0.0, self.lasts)
    }

    fn breaks(&self) -> Vec<f64> {
        vec![self.at, self.at + self.lasts]
    }
}
