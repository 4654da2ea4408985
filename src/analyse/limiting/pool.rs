//! The cores and the disk that all on one host share.

use super::candidate::Candidate;
use super::kind::Kind;
use super::{Case, figure, percent};
use crate::record::TrialRecord;
use crate::record::series::Rows;
use crate::stats::mean;

/// The host's cores, where a doubt tells that none was left; whoever took most of what was used is what it came to.
pub(super) fn cores(case: &Case<'_>) -> Candidate {
    let record = case.record;
    for id in ["cpu_quota", "steal"] {
        if let Some(doubt) = case.doubt(id) {
            return Candidate::of(Kind::Host, Some(true), doubt.what.clone());
        }
    }
    let Some(host) = record.host else {
        return Candidate::missing(Kind::Host, "what the host's cores were busy with");
    };
    let (cores, busy) = (f64::from(host.cores), host.cpu_percent / 100.0 * f64::from(host.cores));
    let kind = most(record, busy);
    let evidence =
        format!("{} of the host's {} cores were busy{}", figure(busy), figure(cores), parts(record));
    Candidate::of(kind, Some(case.doubt("host_cpu_short").is_some()), evidence).cores(busy, cores)
}

/// Who used more of the busy cores than all others together; the host where nobody did.
fn most(record: &TrialRecord, busy: f64) -> Kind {
    let of = [
        (record.cluster.map(|cluster| cluster.cpu_cores), Kind::BrokerCpu),
        (record.consumers.map(|consumers| consumers.cpu_cores), Kind::ConsumersCpu),
        (record.load_cpu_cores, Kind::Client),
    ];
    let most = of.into_iter().find(|(cores, _)| cores.is_some_and(|cores| 2.0 * cores > busy));
    most.map_or(Kind::Host, |(_, kind)| kind)
}

fn parts(record: &TrialRecord) -> String {
    let of = [
        (record.cluster.map(|cluster| cluster.cpu_cores), "brokers"),
        (record.consumers.map(|consumers| consumers.cpu_cores), "consumers"),
        (record.load_cpu_cores, "bench's load"),
    ];
    let told: Vec<String> =
        of.into_iter().filter_map(|(cores, who)| Some(format!("{who} {}", figure(cores?)))).collect();
    if told.is_empty() { String::new() } else { format!(", of which {}", told.join(", ")) }
}

/// Share of the window in which tasks waited for a disk, in percent; none where that was not read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waited {
    brokers: Option<f64>,
    host: Option<f64>,
}

impl Waited {
    /// In these rows.
    pub(super) fn of(rows: impl Rows) -> Self {
        Waited {
            brokers: mean(&rows.known(|row| row.cluster_io_wait_percent)),
            host: mean(&rows.known(|row| row.host_io_wait_percent)),
        }
    }
}

/// The brokers' disk, where they themselves waited for one for most of the time. What the whole host waited may have been anybody's: it only rules out that it was
/// theirs, where it is less than that.
pub(super) fn disk(case: &Case<'_>) -> Candidate {
    let waited = |percent: Option<f64>| percent.map(|percent| percent / 100.0 * case.seconds);
    let said = |who: &str, waited: f64| {
        format!("some task of {who} waited for a disk in {} of the time", percent(waited, case.seconds))
    };
    let is_most = |waited: f64| 2.0 * waited > case.seconds;
    let candidate = |explains: Option<bool>, evidence: String, waited: f64| {
        Candidate::of(Kind::BrokerDisk, explains, evidence).seconds(waited, case.seconds)
    };
    if let Some(own) = waited(case.waited.brokers) {
        return candidate(Some(is_most(own)), said("the brokers", own), own);
    }
    match waited(case.waited.host) {
        Some(all) if !is_most(all) => candidate(Some(false), said("the host", all), all),
        Some(all) => {
            let evidence =
                format!("how long the brokers themselves waited for a disk ({})", said("the host", all));
            candidate(None, evidence, all)
        }
        None => Candidate::missing(Kind::BrokerDisk, "how long the brokers waited for a disk"),
    }
}
