//! In a straight line from one rate to another, and on at that one.

use super::Curve;

/// From `from` at second 0 to `to` at second `over`; `to` from then on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// Messages per second at second 0, at least 0.
    pub from: f64,
    /// Messages per second in the end, at least 0.
    pub to: f64,
    /// Seconds that the way takes; 0 is `to` at once.
    pub over: f64,
}

impl Curve for Ramp {
    fn rate_at(&self, second: f64) -> f64 {
        if second >= self.over { self.to } else { self.from + (self.to - self.from) * second / self.over }
    }

    fn integral(&self, second: f64) -> f64 {
        let on_the_way = second.min(self.over);
        let rising = if self.over > 0.0 {
            on_the_way * (self.from + (self.to - self.from) * on_the_way / self.over / 2.0)
        } else {
            0.0
        };
        rising + self.to * (second - on_the_way)
    }

    fn breaks(&self) -> Vec<f64> {
        vec![self.over]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_half_way_at_half_its_time_and_stays_where_it_ends() {
        let ramp = Ramp { from: 100.0, to: 300.0, over: 10.0 };
        assert_eq!([0.0, 5.0, 10.0, 99.0].map(|second| ramp.rate_at(second) as u32), [100, 200, 300, 300]);
        assert!((ramp.integral(12.0) - 2_600.0).abs() < 1e-9);
    }
}
