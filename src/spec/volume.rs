//! How much is sent.

use crate::shape::{Course, Curve, Shape, Trace};
use crate::units::Rate;

/// How much all fleets together send.
#[derive(Clone, Debug, PartialEq)]
pub enum Volume {
    /// The same rate throughout, whatever becomes of it: open loop.
    Rate(Rate),
    /// A rate that goes over time, open loop too; second 0 is the start of the warm-up.
    Shape(Shape),
    /// As much as the clients' queues take: closed by them.
    Max,
}

impl Volume {
    /// The traces that it is made of.
    pub fn traces(&self) -> impl Iterator<Item = &Trace> + '_ {
        let shape = if let Volume::Shape(shape) = self { Some(shape) } else { None };
        shape.into_iter().flat_map(Shape::traces)
    }

    /// As a shape; none where the queues decide.
    pub fn shape(&self) -> Option<Shape> {
        match self {
            Volume::Rate(rate) => Some(Shape::constant(rate.as_per_second())),
            Volume::Shape(shape) => Some(shape.clone()),
            Volume::Max => None,
        }
    }

    /// From second 0 to `end_s`, for schedules; none where the queues decide.
    pub fn course(&self, end_s: f64) -> Option<Course> {
        Some(Course::new(&self.shape()?, end_s))
    }

    /// Messages that are due between two seconds, on the average over all that may be drawn; none where the queues decide.
    pub fn messages(&self, from_s: f64, to_s: f64) -> Option<f64> {
        match self {
            Volume::Rate(rate) => Some(rate.as_per_second() * (to_s - from_s)),
            Volume::Shape(shape) => Some(shape.integral(to_s) - shape.integral(from_s)),
            Volume::Max => None,
        }
    }
}
