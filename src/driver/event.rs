//! What a watcher of a run is told. The driver prints nothing; who wants to see progress listens.

use crate::analyse::Judged;
use crate::record::TrialRecord;

/// One thing worth telling.
#[derive(Debug)]
pub enum Event<'a> {
    /// Something takes a while before the first trial: fetching, starting, connecting.
    Preparing(&'a str),
    /// A trial begins; the unrecorded one has order 0.
    TrialBegins {
        /// 1, 2, 3, … or 0 for *prepare*.
        order: u32,
        /// Trials of the run.
        of: u32,
        /// What it is called.
        name: &'a str,
    },
    /// The processes of the consumers under test are up.
    Deployed {
        /// Their process ids, by instance.
        pids: &'a [u32],
    },
    /// A phase begins: `warm_up`, `measure`, `drain`, `tear_down`.
    Phase(&'a str),
    /// Producers are connecting.
    Connecting {
        /// So many are connected.
        up: u32,
        /// So many there are.
        of: u32,
    },
    /// How it goes, about once a second.
    Tick(Tick),
    /// A trial is over and saved.
    TrialEnds {
        /// What is on disk.
        record: &'a TrialRecord,
        /// What it comes to.
        judged: &'a Judged,
    },
    /// Something went wrong that does not end the run.
    Trouble(&'a str),
}

/// How a trial goes at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// Seconds since time 0.
    pub elapsed_s: f64,
    /// Seconds until the end of the window.
    pub left_s: f64,
    /// Messages due per second since the last tick.
    pub offered_msgs_per_s: f64,
    /// Messages processed (acked, without consumers) per second, as last told.
    pub processed_msgs_per_s: f64,
    /// Acked and not yet processed; `None` without consumers.
    pub lag_messages: Option<u64>,
    /// Of what was due in the window and came through so far; none before a hundred did, and without consumers.
    pub end_to_end_p99_ms: Option<f64>,
    /// The same of acks, where there are no consumers.
    pub ack_p99_ms: Option<f64>,
}

/// Listens to events.
pub type Watcher<'a> = &'a mut dyn FnMut(&Event<'_>);
