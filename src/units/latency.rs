//! Which of a message's times is meant, and which percentile of it.

use std::fmt;

/// From when to when. Declared once; columns, tags and SLOs take their names from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Latency {
    /// due → attempted: bench's own lateness, nothing else.
    SendDelay,
    /// attempted → sent: back-pressure of the client and the brokers.
    AcceptDelay,
    /// due → acked.
    Ack,
    /// due → received.
    Receive,
    /// due → processed.
    EndToEnd,
    /// due → seen to be committed, of groups that are followed from outside.
    Committed,
    /// due → its result read from the topic that consumers write to.
    Output,
    /// sent → acked: the service-time twin of the ack latency; never stands for it.
    AckService,
    /// received → processed: the consumer's own time.
    ProcessService,
}

impl Latency {
    /// The ones that are columns of `trials.csv`.
    pub const COLUMNS: [Latency; 7] = [
        Latency::SendDelay,
        Latency::AcceptDelay,
        Latency::Ack,
        Latency::Receive,
        Latency::EndToEnd,
        Latency::Committed,
        Latency::Output,
    ];

    /// All, twins included.
    pub const ALL: [Latency; 9] = [
        Latency::SendDelay,
        Latency::AcceptDelay,
        Latency::Ack,
        Latency::Receive,
        Latency::EndToEnd,
        Latency::Committed,
        Latency::Output,
        Latency::AckService,
        Latency::ProcessService,
    ];

    /// Whether it ends at a consumer, so that each group has its own.
    pub const fn is_of_consumers(self) -> bool {
        matches!(
            self,
            Latency::Receive
                | Latency::EndToEnd
                | Latency::Committed
                | Latency::Output
                | Latency::ProcessService
        )
    }

    /// Prefix of its columns and tag of its histograms, such as `ack_latency`.
    pub const fn name(self) -> &'static str {
        match self {
            Latency::SendDelay => "send_delay",
            Latency::AcceptDelay => "accept_delay",
            Latency::Ack => "ack_latency",
            Latency::Receive => "receive_latency",
            Latency::EndToEnd => "end_to_end_latency",
            Latency::Committed => "committed_latency",
            Latency::Output => "output_latency",
            Latency::AckService => "ack_service_time",
            Latency::ProcessService => "process_service_time",
        }
    }

    /// The one with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Latency::ALL.into_iter().find(|latency| latency.name() == name)
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A percentile, or the greatest value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantile {
    /// From 0 to 1, both excluded.
    At(f64),
    /// The greatest value.
    Max,
}

/// A percentile is said when this many samples lie beyond it: the count of a tail of ten has a Poisson error of a third (1/√10); below that a percentile
/// tells of one or two messages.
const SAMPLES_BEYOND: f64 = 10.0;

impl Quantile {
    /// The ones that are columns of `trials.csv`.
    pub const COLUMNS: [Quantile; 5] =
        [Quantile::At(0.5), Quantile::At(0.9), Quantile::At(0.99), Quantile::At(0.999), Quantile::Max];

    /// Samples from which on it is said: ten lie beyond a percentile then; any has a greatest.
    pub fn least_samples(self) -> f64 {
        match self {
            Quantile::At(part) => SAMPLES_BEYOND / (1.0 - part),
            Quantile::Max => 1.0,
        }
    }

    /// Whether so many samples are enough for it to be said.
    pub fn is_said_of(self, samples: f64) -> bool {
        match self {
            Quantile::At(part) => samples * (1.0 - part) >= SAMPLES_BEYOND - 1e-6,
            Quantile::Max => true,
        }
    }

    /// Whether its name tells it from all others: percentiles are kept to four decimals of a percent.
    pub fn is_kept(self) -> bool {
        match self {
            Quantile::At(part) => ((part * 1e6).round() / 1e6 - part).abs() < 1e-9,
            Quantile::Max => true,
        }
    }

    /// `p50`, `p99_9`, `max`: as in a column's name.
    pub fn name(self) -> String {
        match self {
            Quantile::At(part) => {
                let percent = format!("{:.4}", part * 100.0);
                format!("p{}", percent.trim_end_matches('0').trim_end_matches('.').replace('.', "_"))
            }
            Quantile::Max => "max".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_named_as_columns() {
        let names = Quantile::COLUMNS.map(Quantile::name);
        assert_eq!(names, ["p50", "p90", "p99", "p99_9", "max"]);
    }
}
