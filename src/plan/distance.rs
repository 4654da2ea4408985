//! Who of a run is at a distance from the brokers, in any of its treatments.

use super::{Plan, Treatment};
use crate::spec::{Role, Settings};

impl Treatment {
    /// Whether a role is at a distance, be it none, at any time.
    fn parts(&self, role: Role) -> bool {
        let Settings { network, events, .. } = &self.settings;
        network.of(role).is_some() || events.iter().any(|event| event.deed.moves(role))
    }
}

impl Plan {
    /// The roles that do not reach the brokers directly: in all treatments they go the same way, be it without a delay.
    pub fn distant(&self) -> Vec<Role> {
        let is_away = |role: &Role| self.treatments.iter().any(|treatment| treatment.parts(*role));
        Role::ALL.into_iter().filter(is_away).collect()
    }

    /// How far who is, each way once, with the treatments that it is of where it is not of all.
    pub(super) fn told_networks(&self) -> Vec<String> {
        let away = self.distant();
        if away.is_empty() {
            return Vec::new();
        }
        let mut told = self.told_once(|treatment| {
            let told = treatment.settings.network.to_string();
            vec![if told.is_empty() { "all near (no delay)".to_owned() } else { told }]
        });
        let names: Vec<&str> = away.iter().map(|role| role.name()).collect();
        told.push(format!(
            "by a proxy in bench, which carries all connections of {} and is pinged through in each trial",
            names.join(" and ")
        ));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile::planned;

    #[test]
    fn a_plan_tells_who_is_how_far_away_and_by_what() {
        let plan = planned(
            "question: q
workload: { rate: 100/s }
consumers: { instances: 1 }
factors: { network.consumers: [near, another-zone, us-east-1/eu-west-2] }
",
        );
        let text = plan.to_string();
        for told in [
            "consumers near (no delay) (",
            "consumers 0.83 ms away (another-zone) (",
            "consumers 76.5 ms away ± 0.19 ms (us-east-1/eu-west-2) (",
            "by a proxy in bench, which carries all connections of consumers",
        ] {
            assert!(text.contains(told), "{told} in {text}");
        }
        assert_eq!(planned("question: q\nworkload: { rate: 100/s }\n").distant(), []);
    }
}
