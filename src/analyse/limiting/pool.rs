//! The cores and the disk that all on one host share.

use super::candidate::Candidate;
use super::kind::Kind;
use super::{Case, figure, percent};
use crate::record::TrialRecord;

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

/// The disk, where tasks waited for it for most of the time; consumers that write themselves may be whom it was waited for.
pub(super) fn disk(case: &Case<'_>) -> Candidate {
    let read: Vec<f64> = case.rows.iter().filter_map(|row| row.host_io_wait_percent).collect();
    if read.is_empty() {
        return Candidate::missing(Kind::BrokerDisk, "how long tasks waited for a disk");
    }
    let waited = read.iter().sum::<f64>() / read.len() as f64 / 100.0 * case.seconds;
    let evidence =
        format!("some task of the host waited for a disk in {} of the time", percent(waited, case.seconds));
    Candidate::of(Kind::BrokerDisk, Some(2.0 * waited > case.seconds), evidence).seconds(waited, case.seconds)
}
