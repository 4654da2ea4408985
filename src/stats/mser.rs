//! Where a series has settled.

use super::describe::mean;

/// Observations in one batch.
const BATCH: usize = 5;
/// The fewest batches that say anything: of less the half that may be cut is no choice.
const FEWEST: usize = 8;
/// How many standard errors of the kept mean a cut must move it, to be more than a cut of noise.
const MOVED: f64 = 1.96;

/// How a series goes (Barrett et al., OOPSLA 2017).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Settled from its beginning.
    Flat,
    /// It begins worse than it settles.
    WarmUp,
    /// It begins better than it settles.
    SlowDown,
    /// It does not settle in the half that may be cut.
    None,
}

impl Course {
    /// One word, as in a table.
    pub const fn name(self) -> &'static str {
        match self {
            Course::Flat => "flat",
            Course::WarmUp => "warm-up",
            Course::SlowDown => "slow-down",
            Course::None => "none",
        }
    }
}

/// Where a series has settled, and what it is before and after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steady {
    /// Observations to discard; a multiple of five.
    pub cut: usize,
    /// The least statistic: about the variance of the kept mean.
    pub mser: f64,
    /// Mean of all whole batches.
    pub whole: f64,
    /// Mean of those after the cut.
    pub kept: f64,
    /// Whether it settles in the half that may be cut.
    pub settles: bool,
}

impl Steady {
    /// How it goes, of something of which more or less is better. A cut that moves the mean by no more than noise moves it is none.
    pub fn course(&self, more_is_better: bool) -> Course {
        let moved = self.kept - self.whole;
        if !self.settles {
            Course::None
        } else if self.cut == 0 || moved.abs() <= MOVED * self.mser.sqrt() {
            Course::Flat
        } else if (moved > 0.0) == more_is_better {
            Course::WarmUp
        } else {
            Course::SlowDown
        }
    }
}

/// MSER-5 (White, Cobb & Spratt, WSC 2000): means of five z₁…z_k, and the cut d up to ⌊k/2⌋ that makes Σ(zⱼ − z̄)²/(k−d)² least, over what is kept.
/// None of less than 40 observations, or where one is not a number.
pub fn mser5(series: &[f64]) -> Option<Steady> {
    let batches: Vec<f64> = series.chunks_exact(BATCH).filter_map(mean).collect();
    if batches.len() < FEWEST || !batches.iter().all(|batch| batch.is_finite()) {
        return None;
    }
    let most = batches.len() / 2;
    let all = statistics(&batches).into_iter().take(most + 1).enumerate();
    let (cut, mser) = all.min_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(Steady {
        cut: BATCH * cut,
        mser,
        whole: mean(&batches)?,
        kept: mean(&batches[cut..])?,
        settles: cut < most,
    })
}

/// The statistic of each cut: what is kept grows from the end on, one by one (Welford 1962), so that a day takes no longer than its length.
fn statistics(batches: &[f64]) -> Vec<f64> {
    let (mut n, mut middle, mut squares) = (0.0, 0.0, 0.0);
    let with = |batch: &f64| {
        n += 1.0;
        let off = batch - middle;
        middle += off / n;
        squares += off * (batch - middle);
        squares / (n * n)
    };
    let mut all: Vec<f64> = batches.iter().rev().map(with).collect();
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn golden() -> Vec<f64> {
        (0..100_u32)
            .map(|t| {
                let noise = f64::from(7919 * t % 13) - 6.0;
                10.0 + 100.0 * (-f64::from(t) / 10.0).exp() + 0.5 * noise
            })
            .collect()
    }

    #[test]
    fn a_decaying_start_is_cut_where_the_golden_vector_cuts_it() {
        let series = golden();
        let steady = mser5(&series).unwrap();
        assert_eq!((steady.cut, steady.settles), (45, true));
        assert!((steady.mser - 0.036_660_73).abs() < 1e-8);
        assert!((steady.whole - 20.467_855).abs() < 1e-6 && (steady.kept - 10.193_200).abs() < 1e-6);
        assert_eq!((steady.course(true), steady.course(false)), (Course::SlowDown, Course::WarmUp));
        let batches: Vec<f64> = series.chunks_exact(5).filter_map(mean).collect();
        let want = [
            21.230_182, 8.730_973, 3.552_68, 1.502_217, 0.540_874, 0.234_431, 0.134_716, 0.067_019, 0.041_92,
            0.036_661, 0.041_322,
        ];
        for (cut, (found, want)) in statistics(&batches).into_iter().zip(want).enumerate() {
            assert!((found - want).abs() < 1e-6, "{cut}");
        }
    }

    #[test]
    fn the_quarter_seconds_of_two_days_take_no_time_to_speak_of() {
        let quarters = 2 * 86_400 * 4;
        let late = 100_000;
        let series: Vec<f64> = (0..quarters)
            .map(|t| f64::from(7919 * (t % 13) % 13) + if t < late { 40.0 } else { 0.0 })
            .collect();
        let steady = mser5(&series).unwrap();
        assert!(steady.cut.abs_diff(late as usize) < 100 && steady.settles, "{steady:?}");
    }

    #[test]
    fn noise_is_flat_and_what_keeps_growing_never_settles() {
        let noise: Vec<f64> = (0..120_u32).map(|t| 50.0 + f64::from(7919 * t % 13)).collect();
        assert_eq!(mser5(&noise).unwrap().course(true), Course::Flat);
        let rising: Vec<f64> = (0..120).map(f64::from).collect();
        assert_eq!(mser5(&rising).unwrap().course(false), Course::None);
        let constant = mser5(&[7.0; 60]).unwrap();
        assert_eq!((constant.cut, constant.course(true)), (0, Course::Flat));
    }

    #[test]
    fn a_short_series_or_one_with_a_hole_says_nothing() {
        assert_eq!(mser5(&[1.0; 39]), None);
        let mut holed = vec![1.0; 60];
        holed[30] = f64::NAN;
        assert_eq!(mser5(&holed), None);
    }
}
