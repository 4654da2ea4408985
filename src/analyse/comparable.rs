//! Which treatments may be compared by a metric.

use super::findings::TreatmentFindings;
use super::scaling::Sign;
use super::summary::Load;
use crate::spec::Metric;
use crate::units::Latency;

/// How loads must be alike, for a metric to compare more than loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// It tells of bench, or counts what must not be: it compares whatever the load was.
    Nothing,
    /// It is a rate of work: overload against overload, steady against steady, and bounds between the two.
    Rates,
    /// It is what a load took: both in overload, or both steady.
    LikeLoads,
    /// Under overload it only tells how long was watched: both steady.
    Steady,
}

fn needs(metric: &Metric) -> Needs {
    let name = metric.name.as_str();
    match metric.quantile() {
        Some((Latency::SendDelay, _)) => return Needs::Nothing,
        Some(_) => return Needs::Steady,
        None => {}
    }
    match name {
        "processed_msgs_per_s" | "processed_mib_per_s" | "acked_msgs_per_s" => Needs::Rates,
        "lost" | "duplicates" | "refused" | "failed" | "out_of_order" | "oom_kills" | "connect_s"
        | "received_unacked" | "received_aborted" | "foreign" | "aborted" | "credit_knee_s"
        // Of a backlog that was there before, which falls whatever else is offered.
        | "backlog_written_messages" | "time_to_drain_s" | "drained_msgs_per_s" | "age_p50_ms" | "age_p99_ms" => {
            Needs::Nothing
        }
        _ => Needs::LikeLoads,
    }
}

/// Whether it is the work that comes through, so that under overload it is overload throughput.
pub fn is_throughput(metric: &Metric) -> bool {
    needs(metric) == Needs::Rates
}

/// How the ratio of two treatments is to be read; none where they may not be compared by that metric.
pub fn sign(metric: &Metric, low: &TreatmentFindings, high: &TreatmentFindings) -> Option<Sign> {
    let basis = |one: &TreatmentFindings| one.costs.as_ref().map(|(basis, _)| *basis);
    if metric.is_cost() && basis(low) != basis(high) {
        return None;
    }
    match (needs(metric), low.load, high.load) {
        (Needs::Nothing, ..)
        | (Needs::Rates | Needs::LikeLoads, Load::Overload, Load::Overload)
        | (_, Load::Steady, Load::Steady) => Some(Sign::Equal),
        (Needs::Rates, Load::Overload, Load::Steady) => Some(Sign::AtLeast),
        (Needs::Rates, Load::Steady, Load::Overload) => Some(Sign::AtMost),
        _ => None,
    }
}
