//! Where numbers lie along an axis, and which of them are written beside it.

use crate::report::document::Scale as Kind;
use crate::report::number::{plain, tick};

/// Powers of ten that an axis has at most.
const DECADES: f64 = 4.0;

/// An axis of a length of 1.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    kind: Kind,
    from: f64,
    to: f64,
    step: f64,
}

impl Scale {
    /// That holds all these, with about so many ticks. Numbers begin at nothing; of ratios, at a power of ten.
    pub fn of(kind: Kind, values: impl Iterator<Item = f64>, ticks: f64) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
        for value in values.filter(|value| value.is_finite()) {
            most = most.max(value);
            if value > 0.0 {
                least = least.min(value);
            }
        }
        match kind {
            Kind::Linear => {
                let most = if most > 0.0 { most } else { 1.0 };
                let step = round(most / ticks);
                Scale { kind, from: 0.0, to: (most / step - 1e-9).ceil() * step, step }
            }
            Kind::Log => {
                let (least, most) = if least <= most { (least, most) } else { (1.0, 10.0) };
                let (from, to) = (least.log10().floor(), (most.log10() - 1e-9).ceil());
                // What is less than a thousandth of a tenth of the greatest lies on the ground: it is nothing beside it.
                Scale { kind, from: from.max(to - DECADES), to: to.max(from + 1.0), step: 1.0 }
            }
            Kind::Nines => Scale { kind, from: 0.0, to: nines(most).max(1.0), step: 1.0 },
            Kind::Words => Scale { kind, from: -0.5, to: most + 0.5, step: 1.0 },
        }
    }

    /// That holds these levels and no more, each with a tick: where nothing was measured between them nothing is written.
    /// Beside the first and the last there is so much room, as a part of what lies between them.
    pub fn of_levels(kind: Kind, levels: &[f64], beside: f64) -> Self {
        let seen = |value: f64| if kind == Kind::Log { value.max(f64::MIN_POSITIVE).log10() } else { value };
        let (least, most) = levels.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |ends, level| {
            (ends.0.min(seen(*level)), ends.1.max(seen(*level)))
        });
        let pad = if most > least { (most - least) * beside } else { 1.0 };
        Scale { kind, from: least - pad, to: most + pad, step: 1.0 }
    }

    /// Where a value lies, from 0 to 1.
    pub fn part(&self, value: f64) -> f64 {
        let at = match self.kind {
            Kind::Linear | Kind::Words => value,
            Kind::Log => value.max(f64::MIN_POSITIVE).log10(),
            Kind::Nines => nines(value),
        };
        ((at - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }

    /// Values and what is written beside them.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let steps = ((self.to - self.from) / self.step).round() as u32;
        let at = |step: u32| self.from + f64::from(step) * self.step;
        match self.kind {
            Kind::Linear => (0..=steps).map(|step| (at(step), short(at(step), self.step))).collect(),
            Kind::Log => {
                (0..=steps).map(|step| 10_f64.powf(at(step))).map(|value| (value, power(value))).collect()
            }
            Kind::Nines => {
                let whole = (0..=self.to.floor() as u32).map(|nines| 1.0 - 10_f64.powi(-(nines as i32)));
                let mut all: Vec<f64> = whole.collect();
                all.insert(1, 0.5);
                all.into_iter().map(|share| (share, percent(share))).collect()
            }
            Kind::Words => Vec::new(),
        }
    }
}

fn nines(share: f64) -> f64 {
    -(1.0 - share).max(1e-12).log10()
}

/// The next of 1, 2, 5 times a power of ten that is not below.
fn round(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let fits = |times: &f64| times * power >= least * (1.0 - 1e-9);
    power * [1.0, 2.0, 5.0].into_iter().find(fits).unwrap_or(10.0)
}

/// `20k` for 20000, where that loses nothing.
pub fn short(value: f64, step: f64) -> String {
    let written = |divisor: f64, letter: &str| format!("{}{letter}", tick(value / divisor, step / divisor));
    if value == 0.0 || value < 10_000.0 {
        tick(value, step)
    } else if value < 1e6 {
        written(1e3, "k")
    } else {
        written(1e6, "M")
    }
}

fn power(value: f64) -> String {
    if value >= 10_000.0 { short(value, value) } else { tick(value, value) }
}

/// `99.9` for 0.999.
pub fn percent(share: f64) -> String {
    let text = format!("{:.7}", share * 100.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.len() > 6 { plain(share * 100.0) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(kind: Kind, values: &[f64], ticks: f64) -> String {
        let scale = Scale::of(kind, values.iter().copied(), ticks);
        scale.ticks().into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_and_reach_the_greatest() {
        assert_eq!(ticks(Kind::Linear, &[0.242], 3.0), "0.0 0.1 0.2 0.3");
        assert_eq!(ticks(Kind::Linear, &[1637.0], 3.0), "0 1000 2000");
        assert_eq!(ticks(Kind::Linear, &[19.0], 8.0), "0 5 10 15 20");
        assert_eq!(ticks(Kind::Linear, &[0.0], 3.0), "0.0 0.5 1.0");
        assert_eq!(ticks(Kind::Linear, &[42_000.0], 3.0), "0 20k 40k 60k");
        assert_eq!(ticks(Kind::Log, &[0.000_02, 700.0], 3.0), "0.1 1 10 100 1000");
        assert_eq!(ticks(Kind::Nines, &[0.0, 0.9995], 3.0), "0 50 90 99 99.9");
    }

    #[test]
    fn each_nine_is_as_far_as_the_one_before() {
        let scale = Scale::of(Kind::Nines, [0.999].into_iter(), 3.0);
        for (share, part) in [(0.0, 0.0), (0.9, 1.0 / 3.0), (0.99, 2.0 / 3.0), (0.999, 1.0)] {
            assert!((scale.part(share) - part).abs() < 1e-9, "{share}");
        }
        let scale = Scale::of(Kind::Log, [1.0, 100.0].into_iter(), 3.0);
        assert!((scale.part(10.0) - 0.5).abs() < 1e-9);
        assert!(scale.part(0.0) < 1e-9, "nothing lies at the foot");
    }
}
