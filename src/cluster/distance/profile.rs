//! How far a role is from the brokers just now.

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;

use super::line::Way;

/// Draws further out than so many standard deviations are taken back to there.
const FARTHEST: f64 = 3.0;

/// What holds for all connections of a role.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Profile {
    /// To the brokers, and from them.
    pub ways: [Way; 2],
    /// Standard deviation of a round trip, in ns.
    pub jitter_ns: u64,
}

impl Profile {
    /// A round trip, in ns.
    pub fn round_trip_ns(&self) -> u64 {
        self.ways[0].delay_ns + self.ways[1].delay_ns
    }

    /// No distance at all.
    pub const fn near() -> Self {
        let way = Way { delay_ns: 0, bits_per_s: None, window: usize::MAX / 2 };
        Profile { ways: [way; 2], jitter_ns: 0 }
    }
}

/// Draws how much longer, or shorter, each piece is under way.
#[derive(Debug)]
pub struct Draw(Pcg64);

impl Draw {
    /// The same draws for the same seed.
    pub fn new(seed: u64) -> Self {
        Draw(Pcg64::seed_from_u64(seed))
    }

    /// Of two ways, each drawn so, the sum has the deviation of a round trip.
    pub fn off_ns(&mut self, profile: &Profile) -> i64 {
        if profile.jitter_ns == 0 {
            return 0;
        }
        let drawn: f64 = StandardNormal.sample(&mut self.0);
        let off =
            drawn.clamp(-FARTHEST, FARTHEST) * profile.jitter_ns as f64 * std::f64::consts::FRAC_1_SQRT_2;
        off.round() as i64
    }
}
