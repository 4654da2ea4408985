//! What lay there before the consumers were started, and how old it was when they had done with it.

use crate::books::{Sum, codec};
use crate::driver::raw::Raw;
use crate::plan::Treatment;
use crate::record::{Backlog, GroupRecord};
use crate::timeline::SECOND_NS;
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
    }))
}
