//! Ends a fleet, and gathers what its threads leave.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use super::Fleet;
use crate::books::{BySecond, Kinds};
use crate::load::asked::ClientSpec;
use crate::load::crew::{Ended, Left};
use crate::load::send::{Refusals, Sent};
use crate::load::tally::{AckLatencies, Retries, note_earliest};
use crate::load::words::{error_name, error_words};
use crate::load::{LoadError, Loaded};
use crate::record::Spooled;

impl Fleet {
    /// Ends all of it: what waits is refused, what is in flight is unknown. `None` if it was never started.
    pub fn finish(mut self) -> Result<Option<Loaded>, LoadError> {
        let Some(crew) = self.running.take() else {
            return Ok(None);
        };
        let counts = Arc::clone(&crew.counts);
        let (keepers, mut kept) = (std::mem::take(&mut self.keepers), Ok(BTreeMap::new()));
        // The last transactions wait for reports.
        let Ended { left, ledgers } = crew.finish(|| kept = keepers.finish())?;
        let (mut latencies, mut refusals): (Vec<BySecond>, _) = (Vec::new(), Vec::new());
        let (mut errors, mut failures, mut in_flight) = (Kinds::default(), BTreeMap::new(), 0);
        kept?.iter().for_each(|(text, count)| errors.count(text, *count));
        let mut excused: BTreeMap<String, u64> = BTreeMap::new();
        let (mut unknown_dues, mut retries) = (BTreeMap::new(), Retries::default());
        let mut pacing = None;
        for Left { acks, sent, refusals: refused } in left {
            refusals.push(refused);
            if let Some((given, Sent { send_delay, accept_delay, refusals: refused })) = sent {
                pacing = Some(given);
                latencies.extend([send_delay, accept_delay]);
                refusals.push(refused);
            }
            let Some(acks) = acks else { continue };
            in_flight += acks.in_flight;
            for (quarter, due) in acks.unknown_dues() {
                note_earliest(&mut unknown_dues, *quarter, *due);
            }
            acks.errors().iter().for_each(|(text, count)| errors.count(text, count));
            retries.merge(acks.retries());
            for (code, count) in acks.failures() {
                *failures.entry(error_name(*code)).or_default() += count;
            }
            for (code, count) in acks.excused() {
                *excused.entry(error_name(*code)).or_default() += count;
            }
            let AckLatencies { from_due, service } = acks.into_latencies();
            latencies.push(service);
            latencies.extend(from_due);
        }
        for (code, count) in refusals.iter().flat_map(Refusals::iter) {
            errors.count(&error_name(code), count);
        }
        for (code, count) in retries.lasting() {
            errors.count(&format!("{}, for which batches were sent again", error_words(code)), count);
        }
        for ledger in ledgers {
            ledger.join().map_err(|_| LoadError::Died { thread: "ledger" })?;
        }
        latencies.iter_mut().for_each(BySecond::flush);
        let out_of_range = latencies.iter().map(BySecond::out_of_range).sum();
        drop(latencies); // they are what the scribe waits for
        let latencies = match self.kept.take() {
            Some((scribe, spool)) => scribe.finish().and_then(|()| Ok(spool.read()?))?,
            None => Spooled::default(),
        };
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner).closed();
        let client_ids = self.spec.clients.iter().map(ClientSpec::id).collect();
        Ok(Some(Loaded {
            latencies,
            out_of_range,
            counts,
            ledger,
            in_flight,
            unknown_dues,
            errors: errors.into_counts(),
            failures,
            excused,
            pacing,
            fingerprint: self.fingerprint.take(),
            before: self.before,
            client_ids,
        }))
    }
}
