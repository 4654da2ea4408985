//! What lay there before the consumers were started, and how old it was when they had done with it.

use crate::books::{ByQuarter, Sum, codec};
use crate::driver::group::RawGroup;
use crate::driver::raw::Raw;
use crate::plan::Treatment;
use crate::record::{Backlog, Gone, GroupRecord};
use crate::timeline::{QUARTER_NS, SECOND_NS, quarter_of};
use crate::units::Latency;

/// Of a trial that had one and came to time 0; or why a latency cannot be read.
pub fn record(raw: &Raw, treatment: &Treatment, lead: &GroupRecord) -> Result<Option<Backlog>, String> {
    let (Some(written), Some(times), Some(asked)) = (&raw.written, raw.times, treatment.settings.backlog)
    else {
        return Ok(None);
    };
    let mut ages = Sum::default();
    for group in raw.groups.iter().take(1) {
        let whole = if group.outside.is_some() { Latency::Committed } else { Latency::EndToEnd };
        for interval in group.latencies.iter() {
            let (second, latency, histogram) = interval?;
            if second < times.zero / SECOND_NS && latency == whole {
                ages.add(&histogram);
            }
        }
    }
    Ok(Some(Backlog {
        messages: written.messages,
        span_s: asked.span.as_secs_f64(),
        written_s: written.took_s,
        started_s: raw.consumers_started.map_or(0.0, |at| times.since_zero(at)),
        // When a share group was done with them nobody tells.
        ages: raw.groups.first().filter(|group| !group.shares).map(|_| codec::encode(&ages.take())),
        processed_before: lead.processed_before,
        gone: lead.gone,
    }))
}

/// When a group that tells itself what it processes had drained it by time 0, beside a load of so many messages a second; none where it had not, and of one that
/// is followed from outside: it is followed from shortly before time 0 on.
pub fn gone(raw: &Raw, group: &RawGroup, rate: f64) -> Option<Gone> {
    let (written, times, started) = (raw.written.as_ref()?, raw.times?, raw.consumers_started?);
    let told = group.outside.is_none().then(|| group.processed())?;
    let (at, processed) = gone_at(told, (written.messages, rate), (started, times.zero))?;
    Some(Gone { at_s: times.since_zero(at), processed })
}

/// The end of the first quarter second, Unix ns, at which no more of so many messages was left than what comes in one at that rate, and how many had been
/// processed; none where that was not so by `zero`.
fn gone_at(
    processed: &ByQuarter,
    (messages, rate): (u64, f64),
    (started, zero): (u64, u64),
) -> Option<(u64, u64)> {
    let few = rate * (QUARTER_NS as f64 / SECOND_NS as f64);
    let ends = quarter_of(started) + 1..=quarter_of(zero);
    let mut done = ends.map(|end| (end, processed.before(end)));
    let (end, done) = done.find(|(_, done)| messages.saturating_sub(*done) as f64 <= few)?;
    Some((end * QUARTER_NS, done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_before_the_load_begins_is_so_at_the_end_of_a_quarter_second() {
        let mut processed = ByQuarter::default();
        for (quarter, count) in [(40, 500), (41, 450), (43, 50)] {
            processed.add(quarter, count);
        }
        let at = |rate: f64, zero: u64| {
            gone_at(&processed, (1_000, rate), (40 * QUARTER_NS + 1, zero * QUARTER_NS))
        };
        let few = at(200.0, 48);
        assert_eq!(few, Some((42 * QUARTER_NS, 950)), "50 are as many as come in a quarter second");
        assert_eq!(at(100.0, 48), Some((44 * QUARTER_NS, 1_000)));
        assert_eq!(at(100.0, 44), Some((44 * QUARTER_NS, 1_000)), "at time 0 itself");
        assert_eq!(at(0.0, 43), None, "it was not gone by then");
    }
}
