//! How far clients and brokers were from one another, and what of it was measured.

use serde::{Deserialize, Serialize};

/// A round trip that is off by no more than this is as it was asked for, in ms, or in parts of itself.
const EXACT_MS: f64 = 0.5;
const EXACT_PART: f64 = 0.02;

/// How far one role was from the brokers, for as long as nothing changed that.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Away {
    /// `producers`, `consumers` or `brokers`.
    pub role: String,
    /// The event that put it there; null of where it was when the trial began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// From when on, in seconds since time 0, if an event put it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_s: Option<f64>,
    /// What emulated it: `proxy`.
    pub by: String,
    /// The preset that it was written by; null where numbers were.
    pub place: Option<String>,
    /// The round trip that was asked for.
    pub rtt_ms: f64,
    /// Its standard deviation, as asked for.
    pub jitter_ms: f64,
    /// Of each connection in each direction; null without a limit.
    pub bandwidth_bits_per_s: Option<u64>,
    /// How long each instance might go at the peak of its type's network before it had the baseline alone, in s; null where that was no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_burst_s: Option<f64>,
    /// What is paid for, `zone` or `region`; null for nothing.
    pub crosses: Option<String>,
    /// Bytes that a connection may have under way to a broker.
    pub window_to_brokers_bytes: u64,
    /// The same from a broker.
    pub window_from_brokers_bytes: u64,
    /// Pings from the window's start, or from the event on, until another distance or the window's end; null where none came back.
    pub pings: Option<Pings>,
    /// What was carried in the window for as long as it was so far; null where it was cut short.
    pub carried: Option<CarriedUse>,
}

/// Round trips through the proxy, as pings took them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pings {
    /// How many came back.
    pub count: u64,
    /// Half took no longer.
    pub median_ms: f64,
    /// 95 of 100 took no longer.
    pub p95_ms: f64,
    /// None took longer.
    pub max_ms: f64,
    /// Standard deviation.
    pub sd_ms: f64,
}

/// What a proxy carried, pings apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CarriedUse {
    /// Between the two readings.
    pub seconds: f64,
    /// Bytes to the brokers: what TCP carried, its own headers apart.
    pub to_brokers_bytes: u64,
    /// The same from them.
    pub from_brokers_bytes: u64,
    /// Connections that had ever come since the run began.
    pub connections: u64,
    /// CPU of the proxy's thread, in cores.
    pub cpu_cores: f64,
}

impl Pings {
    /// Of all times that pings took, in ns; none without any.
    pub fn of(mut took: Vec<u64>) -> Option<Self> {
        took.sort_unstable();
        let ms = |ns: u64| ns as f64 / 1e6;
        let at =
            |part: f64| took.get(((took.len() as f64 * part).ceil() as usize).max(1) - 1).map(|ns| ms(*ns));
        let count = took.len() as f64;
        let mean = took.iter().map(|ns| ms(*ns)).sum::<f64>() / count;
        let squares: f64 = took.iter().map(|ns| (ms(*ns) - mean).powi(2)).sum();
        Some(Pings {
            count: took.len() as u64,
            median_ms: at(0.5)?,
            p95_ms: at(0.95)?,
            max_ms: at(1.0)?,
            sd_ms: (squares / count).sqrt(),
        })
    }
}

impl Away {
    /// By how much the median of the pings is off, in ms; none without pings.
    pub fn off_ms(&self) -> Option<f64> {
        Some((self.pings?.median_ms - self.rtt_ms).abs())
    }

    /// Whether an event put it there for so short a time that no ping need have come back: they are sent one after the other, each second at the least.
    pub fn was_soon_over(&self) -> bool {
        let watched_ms = self.carried.map_or(f64::INFINITY, |carried| carried.seconds * 1e3);
        self.event.is_some() && watched_ms < self.rtt_ms + 1_000.0
    }

    /// By how much it may be off, in ms.
    pub fn exact_ms(&self) -> f64 {
        EXACT_MS.max(self.rtt_ms * EXACT_PART)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pings_are_summed_up_by_rank_and_a_round_trip_may_be_off_by_half_a_millisecond_or_two_percent() {
        let pings = Pings::of((1..=100).map(|ms| ms * 1_000_000).rev().collect()).unwrap();
        assert_eq!((pings.count, pings.median_ms, pings.p95_ms, pings.max_ms), (100, 50.0, 95.0, 100.0));
        assert!((pings.sd_ms - 28.866).abs() < 0.001, "{pings:?}");
        assert_eq!(Pings::of(Vec::new()), None);
        let away = |rtt_ms| Away { rtt_ms, pings: Some(pings), ..Away::default() };
        assert_eq!((away(10.0).exact_ms(), away(76.5).exact_ms()), (0.5, 1.53));
        assert_eq!(away(49.0).off_ms(), Some(1.0));
    }
}
