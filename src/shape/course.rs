//! The integral of a shape turned round: at which second have so many messages been due?
//!
//! A shape is cut at its breaks into pieces on which it is a straight line plus its sines. On a straight line the answer is the root of a quadratic; where
//! there are sines, Newton's method finds it, kept inside of the piece by bisection. It stands on the sender's hot path and allocates nothing.

use super::{Curve, Shape, Sine};

/// A tenth of a nanosecond, in seconds.
const EXACT_S: f64 = 1e-10;
/// Bisection alone takes a day to `EXACT_S` in fewer.
const MOST_STEPS: usize = 64;
/// Points a period at which a sum of sines is looked at; a multiple of 4, so that a single sine's top and trough are among them.
const LOOKS: f64 = 64.0;
/// Looks in all at most.
const MOST_LOOKS: f64 = 1e6;

/// A shape from second 0 to an end.
#[derive(Clone, Debug)]
pub struct Course {
    pieces: Box<[Piece]>,
    sines: Box<[Sine]>,
    end: f64,
    total: f64,
}

#[derive(Clone, Copy, Debug)]
struct Piece {
    start: f64,
    /// Messages due before its start, sines included.
    level: f64,
    /// The straight line's rate at its start, and how much that changes in a second.
    rate: f64,
    slope: f64,
}

impl Course {
    /// Of a shape that is nowhere below 0, up to second `end`.
    pub fn new(shape: &Shape, end: f64) -> Self {
        let straight = shape.without_sines();
        let mut starts = vec![0.0];
        starts.extend(straight.breaks().into_iter().filter(|second| *second > 0.0 && *second < end));
        let ends = starts.iter().skip(1).copied().chain([end]);
        let piece = |(start, end): (&f64, f64)| {
            let (rate, middle) = (straight.rate_at(*start), start.midpoint(end));
            let slope = if end > *start { (straight.rate_at(middle) - rate) / (middle - start) } else { 0.0 };
            Piece { start: *start, level: shape.integral(*start), rate, slope }
        };
        Course {
            pieces: starts.iter().zip(ends).map(piece).collect(),
            sines: shape.sines().collect(),
            end,
            total: shape.integral(end),
        }
    }

    /// Where it ends, in seconds.
    pub const fn end(&self) -> f64 {
        self.end
    }

    /// Messages due until its end.
    pub const fn total(&self) -> f64 {
        self.total
    }

    /// Messages due until a second.
    pub fn level_at(&self, second: f64) -> f64 {
        let second = second.clamp(0.0, self.end);
        let after = self.pieces.partition_point(|piece| piece.start <= second);
        self.level_in(after.saturating_sub(1), second)
    }

    /// The second at which `level` messages have been due; none beyond its end. `piece` (0 at first) and `near`, the last answer of the same caller, make it
    /// fast: levels may only rise from call to call, and so do the answers.
    pub fn second_of(&self, level: f64, piece: &mut u32, near: f64) -> Option<f64> {
        if level >= self.total {
            return None;
        }
        let mut index = *piece as usize;
        while self.pieces.get(index + 1).is_some_and(|next| next.level <= level) {
            index += 1;
        }
        *piece = index as u32;
        let here = &self.pieces[index];
        if self.sines.is_empty() {
            // What rounding would put beyond the piece (at a rate of zero, far beyond) is due at its end.
            let second = (here.start + here.straight(level - here.level)).min(self.end_of(index));
            return Some(second.max(near));
        }
        Some(self.search(index, level, near.max(here.start)).max(near))
    }

    fn level_in(&self, index: usize, second: f64) -> f64 {
        let piece = &self.pieces[index];
        let x = second - piece.start;
        let swing = |sine: &Sine| sine.integral(second) - sine.integral(piece.start);
        piece.level + x * (piece.rate + piece.slope * x / 2.0) + self.sines.iter().map(swing).sum::<f64>()
    }

    fn rate_in(&self, index: usize, second: f64) -> f64 {
        let piece = &self.pieces[index];
        let swing: f64 = self.sines.iter().map(|sine| sine.rate_at(second)).sum();
        piece.rate + piece.slope * (second - piece.start) + swing
    }

    fn end_of(&self, index: usize) -> f64 {
        self.pieces.get(index + 1).map_or(self.end, |next| next.start)
    }

    fn search(&self, index: usize, level: f64, from: f64) -> f64 {
        let (mut low, mut high) = (from, self.end_of(index));
        let mut second = from;
        for _ in 0..MOST_STEPS {
            let missing = level - self.level_in(index, second);
            if missing < 0.0 {
                high = second;
            } else {
                low = second;
            }
            let newton = second + missing / self.rate_in(index, second);
            let next = if newton >= low && newton <= high { newton } else { low.midpoint(high) };
            if (next - second).abs() < EXACT_S {
                return next;
            }
            second = next;
        }
        second
    }

    /// The greatest rate on it.
    pub fn peak(&self) -> f64 {
        self.looks().map(|(_, rate)| rate).fold(0.0, f64::max)
    }

    /// The second at which it is least, and its rate there. Between the tops and troughs of several sines it is a little off.
    pub fn least(&self) -> (f64, f64) {
        self.looks().min_by(|one, other| one.1.total_cmp(&other.1)).unwrap_or_default()
    }

    /// Seconds and rates among which the greatest and the least are: both ends of each piece, and a grid where there are sines.
    fn looks(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let shortest = self.sines.iter().map(|sine| sine.period).reduce(f64::min);
        let grid = shortest.map_or(self.end.max(1.0), |period| (period / LOOKS).max(self.end / MOST_LOOKS));
        (0..self.pieces.len()).flat_map(move |index| {
            let (start, end) = (self.pieces[index].start, self.end_of(index));
            let (first, last) = ((start / grid).ceil() as u64, (end / grid).floor() as u64);
            let inside = (first..=last).map(move |point| (point as f64 * grid).clamp(start, end));
            [start, end].into_iter().chain(inside).map(move |second| (second, self.rate_in(index, second)))
        })
    }
}

impl Piece {
    /// Seconds after its start at which a straight line has brought `messages`: the root of `slope/2 · x² + rate · x = messages`, written so that nothing
    /// cancels out when the slope is small.
    fn straight(&self, messages: f64) -> f64 {
        if self.slope == 0.0 {
            return messages / self.rate;
        }
        let root = (self.rate * self.rate + 2.0 * self.slope * messages).max(0.0).sqrt();
        2.0 * messages / (self.rate + root)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Constant, Part, Ramp, Spike, Step, Steps};
    use super::*;
    use proptest::prelude::*;

    fn shape(parts: &[u8], amplitude: f64) -> Shape {
        let part = |kind: &u8| match kind {
            0 => Part::Constant(Constant { rate: 50.0 }),
            1 => Part::Ramp(Ramp { from: 0.0, to: 100.0, over: 4.0 }),
            2 => Part::Ramp(Ramp { from: 80.0, to: 0.0, over: 7.0 }),
            3 => Part::Spike(Spike { to: 500.0, at: 2.0, lasts: 1.0 }),
            _ => Part::Steps(Steps::new(vec![
                Step { rate: 10.0, lasts: 3.0 },
                Step { rate: 0.0, lasts: 2.0 },
                Step { rate: 40.0, lasts: 0.0 },
            ])),
        };
        let mut parts: Vec<Part> = parts.iter().map(part).collect();
        if amplitude > 0.0 {
            parts.push(Part::Constant(Constant { rate: amplitude }));
            parts.push(Part::Sine(Sine { amplitude, period: 1.7 }));
        }
        Shape::new(parts)
    }

    proptest! {
        #[test]
        fn the_second_of_a_level_is_the_one_at_which_the_integral_reaches_it(
            parts in proptest::collection::vec(0..5_u8, 1..4), wavy: bool, step in 0.01..20.0_f64,
        ) {
            let shape = shape(&parts, if wavy { 30.0 } else { 0.0 });
            let course = Course::new(&shape, 10.0);
            let (mut level, mut piece, mut near) = (step / 2.0, 0, 0.0);
            while let Some(second) = course.second_of(level, &mut piece, near) {
                prop_assert!(second >= near && second <= 10.0);
                prop_assert!((shape.integral(second) - level).abs() < 1e-6, "{} at {second}, not {level}", shape.integral(second));
                prop_assert!((course.level_at(second) - level).abs() < 1e-6);
                near = second;
                level += step;
            }
            prop_assert!(level >= shape.integral(10.0));
        }
    }

    #[test]
    fn nothing_is_due_while_the_rate_is_zero() {
        let course = Course::new(&shape(&[4], 0.0), 10.0);
        assert!((course.second_of(30.5, &mut 0, 0.0).unwrap() - 5.0125).abs() < 1e-9);
        let zero = Course::new(&Shape::constant(0.0), 10.0);
        assert_eq!((zero.second_of(0.0, &mut 0, 0.0), zero.total()), (None, 0.0));
    }

    #[test]
    fn peak_and_least_are_found_on_straight_lines_and_sines() {
        let course = Course::new(&shape(&[0, 3], 20.0), 10.0);
        assert!((course.peak() - 590.0).abs() < 1.0, "{}", course.peak());
        let (second, least) = Course::new(&shape(&[0], 20.0), 10.0).least();
        assert!((least - 50.0).abs() < 1e-6 && ((second / 1.7).fract() - 0.75).abs() < 1e-6);
        assert_eq!(Course::new(&shape(&[2], 0.0), 3.5).least(), (3.5, 40.0));
    }
}
