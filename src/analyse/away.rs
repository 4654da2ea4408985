//! Columns of who was at a distance from the brokers: how far it was to be, and was.

use super::findings::Findings;
use crate::record::TrialRecord;
use crate::spec::Role;

/// The roles that were at a distance in any trial, be it none.
pub(super) fn roles(findings: &Findings) -> Vec<Role> {
    let is_away = |role: &Role| {
        let mut all = findings.trials().flat_map(|trial| &trial.record.network);
        all.any(|away| away.role == role.name())
    };
    Role::ALL.into_iter().filter(is_away).collect()
}

/// Two columns for each of them.
pub(super) fn header(roles: &[Role]) -> impl Iterator<Item = String> {
    roles.iter().flat_map(|role| ["asked_ms", "ms"].map(|part| format!("{}_rtt_{part}", role.name())))
}

/// The round trip that was asked for and the median of its pings, in ms, where each was when the trial began; none of what is not known.
pub(super) fn values(record: &TrialRecord, roles: &[Role]) -> impl Iterator<Item = Option<f64>> {
    roles.iter().flat_map(move |role| {
        let away = record.network.iter().find(|away| away.role == role.name() && away.event.is_none());
        let pinged = away.and_then(|away| away.pings).map(|pings| pings.median_ms);
        [away.map(|away| away.rtt_ms), pinged]
    })
}
