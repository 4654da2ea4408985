//! What the load left, and what a trial without consumers is.

use std::collections::BTreeMap;

use crate::books::{Books, Fairness, fairness};
use crate::driver::compose::{WindowUse, books, window_use};
use crate::driver::raw::Raw;
use crate::driver::rows::rows;
use crate::driver::times::Times;
use crate::load::{Loaded, ProducerCounts};
use crate::record::{Fingerprint, Pacing, Partitions, ProducerRow, Scrolled};
use crate::spec::{Content, Message};

/// What of a record the load tells; nothing where nothing was sent.
#[derive(Debug, Default)]
pub struct LoadPart {
    /// What was asked for; none where as much was sent as queues took.
    pub rate_msgs_per_s: Option<f64>,
    /// The books without any group.
    pub books: Option<Books>,
    /// Messages due in the window.
    pub due_in_window: u64,
    /// Values that no histogram of the load could hold.
    pub out_of_range: u64,
    /// What was used in the window.
    pub used: WindowUse,
    /// What the thread that keeps time got.
    pub pacing: Option<Pacing>,
    /// Messages that failed, by the error's name.
    pub failures: BTreeMap<String, u64>,
    /// When watching ended, in seconds since time 0.
    pub watched_s: Option<f64>,
    /// Acked messages by partition.
    pub partitions: Option<Partitions>,
    /// What was sent, as one number.
    pub fingerprint: Option<Fingerprint>,
    /// How evenly producers were served.
    pub fairness: Option<Fairness>,
    /// What each did, where there are several.
    pub producers: Vec<ProducerRow>,
}

impl LoadPart {
    /// Beside the rate that was asked for.
    pub fn of(raw: &Raw, rate_msgs_per_s: Option<f64>) -> Self {
        let (Some(times), Some(loaded)) = (&raw.times, &raw.loaded) else {
            return LoadPart { rate_msgs_per_s, ..LoadPart::default() };
        };
        let counts = loaded.counts.producers.read();
        let several = loaded.client_ids.len() > 1;
        // A producer without acks is not starved: nobody knows what became of its messages.
        let is_told = raw.window_is_whole() && loaded.counts.untold.total() == 0;
        LoadPart {
            rate_msgs_per_s,
            books: Some(books(loaded, None, (&[], None))),
            due_in_window: due_in_window(times, loaded),
            out_of_range: loaded.out_of_range,
            used: window_use(times.window, &raw.readings, 0),
            pacing: loaded.pacing.clone(),
            failures: loaded.failures.clone(),
            watched_s: Some((times.watched - times.zero) as f64 / 1e9),
            partitions: Some(Partitions {
                acked: loaded.ledger.counts(),
                acked_in_window: raw.acked_in_window.clone(),
                ..Partitions::default()
            }),
            fingerprint: loaded.fingerprint.clone(),
            fairness: if several && is_told { fairness_of(&counts, rate_msgs_per_s.is_some()) } else { None },
            producers: if several { producers(loaded, &counts, raw.window_is_whole()) } else { Vec::new() },
        }
    }

    /// Mean bytes of a message, where they are known only once it is made.
    pub fn message_bytes(&self, message: &Message) -> Option<u64> {
        let made = self.fingerprint.as_ref().filter(|_| matches!(message.content, Content::Template(_)))?;
        Some(made.mean_bytes.round() as u64)
    }
}

fn due_in_window(times: &Times, loaded: &Loaded) -> u64 {
    let counted = Scrolled::default();
    let rows = rows(times, loaded, 0, None, &counted).flatten();
    rows.filter(|row| row.phase == "measure").map(|row| row.due).sum()
}

/// At a rate each offered what was due; at `rate: max` all offered alike, as much as their queues took.
fn fairness_of(counts: &[ProducerCounts], paced: bool) -> Option<Fairness> {
    let acked: u64 = counts.iter().map(|one| one.acked_in_window).sum();
    let even = acked as f64 / counts.len() as f64;
    let offered = |due: u64| if paced { due as f64 } else { even };
    fairness(counts.iter().map(|one| (offered(one.due_in_window), one.acked_in_window)))
}

fn producers(loaded: &Loaded, counts: &[ProducerCounts], window_is_whole: bool) -> Vec<ProducerRow> {
    let row = |(producer, (client_id, counts)): (usize, (&String, &ProducerCounts))| ProducerRow {
        producer: producer as u32,
        client_id: client_id.clone(),
        due: counts.due,
        sent: counts.sent,
        refused: counts.refused,
        acked: counts.acked,
        failed: counts.failed,
        in_flight: counts.unknown,
        due_in_window: window_is_whole.then_some(counts.due_in_window),
        acked_in_window: window_is_whole.then_some(counts.acked_in_window),
    };
    loaded.client_ids.iter().zip(counts).enumerate().map(row).collect()
}
