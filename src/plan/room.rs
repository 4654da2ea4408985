//! What a plan takes of the disk that the brokers write to, at the least.

use super::slos::property;
use super::{Plan, Treatment};
use crate::spec::{Fleet, Settings};

impl Plan {
    /// Bytes of the greatest trial in the logs of all brokers together, at the least: records' heads are left out, and what a compressor may take away is
    /// taken away. 0 where nobody knows beforehand: at `rate: max`, and where old records are deleted by their size.
    pub fn log_bytes(&self) -> u64 {
        let seconds = |at: usize, treatment: &Treatment| {
            let prepare = if at == self.prepare_treatment() { self.prepare.as_secs_f64() } else { 0.0 };
            treatment.settings.phases.load_s().max(prepare)
        };
        let bytes = |(at, treatment): (usize, &Treatment)| {
            let rate = treatment.mean_rate().unwrap_or_default();
            let messages = rate * seconds(at, treatment) + treatment.backlog();
            (messages * bytes_each(&treatment.settings)) as u64
        };
        self.treatments.iter().enumerate().map(bytes).max().unwrap_or_default()
    }
}

/// What a message takes at the least, replicas included.
fn bytes_each(settings: &Settings) -> f64 {
    let topic = &settings.topic;
    if topic.config.contains_key("retention.bytes") {
        return 0.0;
    }
    let message = &settings.workload.message;
    let compresses =
        |fleet: &Fleet| property(settings, fleet, "compression.codec").is_some_and(|codec| codec != "none");
    let is_compressed =
        settings.workload.fleets.iter().any(compresses) || topic.config.contains_key("compression.type");
    // What a compressor makes of messages of one's own nobody knows.
    if is_compressed && !message.is_made() {
        return 0.0;
    }
    let left = if is_compressed { 1.0 - message.compressibility.get() } else { 1.0 };
    message.size.mean() * left * f64::from(topic.replication.max(1))
}

#[cfg(test)]
mod tests {
    use super::super::compile::planned;

    #[test]
    fn the_greatest_trial_of_known_volume_says_what_the_logs_take_at_the_least() {
        let bytes = |rest: &str| {
            let text = format!("question: q\nphases: {{prepare: 0s, warm_up: 0s, measure: 10s}}\n{rest}\n");
            planned(&text).log_bytes()
        };
        let of = |rate: &str, more: &str| {
            format!("workload: {{rate: {rate}, message: {{size: 1KiB, compressibility: 75%}}{more}}}")
        };
        assert_eq!(bytes(&of("1k/s", "")), 10_240_000);
        assert_eq!(
            bytes(&format!("{}\nfactors: {{workload.rate: [1k/s, 3k/s]}}", of("1k/s", ""))),
            30_720_000
        );
        let compressed = of("1k/s", ", fleets: [{name: a, properties: {compression.type: zstd}}]");
        assert_eq!(bytes(&compressed), 2_560_000);
        assert_eq!(bytes(&of("max", "")), 0);
        assert_eq!(bytes(&format!("topic: {{config: {{retention.bytes: 1000}}}}\n{}", of("1k/s", ""))), 0);
    }
}
