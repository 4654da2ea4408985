//! Ends a fleet, and gathers what its threads leave.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use super::Fleet;
use crate::books::Kinds;
use crate::load::asked::ClientSpec;
use crate::load::crew::Ended;
use crate::load::heavy::error_name;
use crate::load::light::LightFleet;
use crate::load::send::{Refusals, Sent};
use crate::load::{LoadError, Loaded};
use crate::units::Latency;

impl Fleet {
    /// Ends all of it: what waits is refused, what is in flight is unknown. `None` if it was never started.
    pub fn finish(mut self) -> Result<Option<Loaded>, LoadError> {
        let Some(crew) = self.running.take() else {
            return Ok(None);
        };
        let counts = Arc::clone(&crew.counts);
        let (keepers, mut kept) = (std::mem::take(&mut self.keepers), Ok(BTreeMap::new()));
        let (light, mut books) = (self.light.take(), None);
        let Ended { sent, mut reports, ledgers } = crew.finish(|| {
            // Reports are still taken: the last transactions wait for them.
            kept = keepers.finish();
            self.producers.iter().for_each(|producer| producer.purge());
            books = light.map(LightFleet::finish);
        })?;
        reports.extend(books.transpose()?.into_iter().flatten().map(|acks| (acks, Refusals::default())));
        let (mut latencies, mut refusals) = (Vec::new(), Vec::new());
        let (mut errors, mut failures, mut in_flight) = (Kinds::default(), BTreeMap::new(), 0);
        kept?.iter().for_each(|(text, count)| errors.count(text, *count));
        let mut unknown_dues = BTreeMap::new();
        for (acks, refused) in reports {
            in_flight += acks.in_flight;
            for (quarter, due) in acks.unknown_dues() {
                let earliest = unknown_dues.entry(*quarter).or_insert(*due);
                *earliest = *due.min(earliest);
            }
            acks.errors().iter().for_each(|(text, count)| errors.count(text, count));
            for (code, count) in acks.failures() {
                *failures.entry(error_name(*code)).or_default() += count;
            }
            let (ack, service) = acks.into_latencies(); // closes the channel, so that its ledger's thread ends
            latencies.push((Latency::AckService, service));
            latencies.extend(ack.map(|ack| (Latency::Ack, ack)));
            refusals.push(refused);
        }
        let mut pacing = None;
        for (given, Sent { send_delay, accept_delay, refusals: refused }) in sent {
            pacing = Some(given);
            latencies.extend([(Latency::SendDelay, send_delay), (Latency::AcceptDelay, accept_delay)]);
            refusals.push(refused);
        }
        for (code, count) in refusals.iter().flat_map(Refusals::iter) {
            errors.count(&error_name(code), count);
        }
        for ledger in ledgers {
            ledger.join().map_err(|_| LoadError::Died { thread: "ledger" })?;
        }
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner).closed();
        let client_ids = self.spec.clients.iter().map(ClientSpec::id).collect();
        Ok(Some(Loaded {
            latencies,
            counts,
            ledger,
            in_flight,
            unknown_dues,
            errors: errors.into_counts(),
            failures,
            pacing,
            client_ids,
        }))
    }
}
