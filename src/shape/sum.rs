//! Curves added up.

use super::{Constant, Curve, Ramp, Sine, Spike, Steps, Trace};

/// One curve of a shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Always the same.
    Constant(Constant),
    /// A straight line.
    Ramp(Ramp),
    /// One rate after the other.
    Steps(Steps),
    /// On top for a while.
    Spike(Spike),
    /// Up and down.
    Sine(Sine),
    /// From a file.
    Trace(Trace),
}

impl Part {
    fn curve(&self) -> &dyn Curve {
        match self {
            Part::Constant(constant) => constant,
            Part::Ramp(ramp) => ramp,
            Part::Steps(steps) => steps,
            Part::Spike(spike) => spike,
            Part::Sine(sine) => sine,
            Part::Trace(trace) => trace,
        }
    }
}

/// The sum of curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    parts: Vec<Part>,
}

impl Shape {
    /// Of these curves.
    pub const fn new(parts: Vec<Part>) -> Self {
        Shape { parts }
    }

    /// The same rate at every second.
    pub fn constant(rate: f64) -> Self {
        Shape::new(vec![Part::Constant(Constant { rate })])
    }

    /// Its sines.
    pub fn sines(&self) -> impl Iterator<Item = Sine> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Sine(sine) => Some(*sine),
            _ => None,
        })
    }

    /// Its traces.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> + '_ {
        self.parts.iter().filter_map(|part| match part {
            Part::Trace(trace) => Some(trace),
            _ => None,
        })
    }

    /// All of it without its sines: straight between its breaks.
    #[must_use]
    pub fn without_sines(&self) -> Self {
        Shape::new(self.parts.iter().filter(|part| !matches!(part, Part::Sine(_))).cloned().collect())
    }
}

impl Curve for Shape {
    fn rate_at(&self, second: f64) -> f64 {
        self.parts.iter().map(|part| part.curve().rate_at(second)).sum()
    }

    fn integral(&self, second: f64) -> f64 {
        self.parts.iter().map(|part| part.curve().integral(second)).sum()
    }

    fn breaks(&self) -> Vec<f64> {
        let mut breaks: Vec<f64> = self.parts.iter().flat_map(|part| part.curve().breaks()).collect();
        breaks.sort_by(f64::total_cmp);
        breaks.dedup();
        breaks
    }
}
