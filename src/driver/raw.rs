//! What came of a trial, before it is added up.

use std::collections::BTreeMap;
use std::ops::Range;

use super::distance::RawAway;
use super::group::RawGroup;
use super::injected::RawInjected;
use super::journal::Happened;
use super::times::Times;
use crate::books::{OffsetSet, Topics};
use crate::load::{Loaded, Wire, Written};
use crate::observe::Reading;
use crate::record::{ScrapedRow, Scrolled};

/// What came of a trial, before it is added up.
#[derive(Debug)]
pub struct Raw {
    /// Phases; `None` if it never came to time 0.
    pub times: Option<Times>,
    /// When all groups were ready, Unix ns: from then on nothing may happen to them.
    pub ready_ns: Option<u64>,
    /// What the load left.
    pub loaded: Option<Loaded>,
    /// Messages acked in the window, by partition; empty where it was cut short.
    pub acked_in_window: Vec<u64>,
    /// What came of each group, in the order of the file; none where producers are alone.
    pub groups: Vec<RawGroup>,
    /// Counters of the host and its processes, in the order of time.
    pub readings: Scrolled<Reading>,
    /// What each of the pages of others gave.
    pub scraped: Vec<Scrolled<ScrapedRow>>,
    /// What had gone over the wire at the window's edges, with the time (Unix ns); `None` where clients do not tell.
    pub wire: [Option<(u64, Wire)>; 2],
    /// How far each role was from the brokers, in the order of time; none of those that reach them directly.
    pub away: Vec<RawAway>,
    /// By partition, the offset before which nothing is the trial's; empty of a topic of its own.
    pub starts: Vec<i64>,
    /// Where each of these partitions ended when all had stopped; empty where nobody asked.
    pub ends: Vec<i64>,
    /// What was written before the consumers were started.
    pub written: Option<Written>,
    /// When they were started, Unix ns.
    pub consumers_started: Option<u64>,
    /// The canaries' offsets, by partition.
    pub canaries: Vec<OffsetSet>,
    /// What was done to it on purpose, in the order in which it came.
    pub injected: Vec<RawInjected>,
    /// What happened, with its time (Unix ns).
    pub events: Vec<Happened>,
    /// How long each part took, in seconds.
    pub spent_s: BTreeMap<String, f64>,
    /// Its topics.
    pub topics: Topics,
    /// Whether the cluster did not make them, or let a group not read them: then it does not for any other trial either.
    pub denied: bool,
    /// Their settings as the cluster applied them; empty where it did not tell.
    pub topic_config: BTreeMap<String, String>,
    /// Why messages waited for their acks, and how many did.
    pub waiting: Vec<(String, u64)>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// Whether a signal ended it.
    pub interrupted: bool,
}

impl Raw {
    /// Whether the window came to its end, of a trial with load.
    pub fn window_is_whole(&self) -> bool {
        !self.acked_in_window.is_empty()
    }

    /// From the moment the groups were ready: what happens to them in the run-up happens to the window too. Unix ns; empty without time 0.
    pub fn under_load(&self) -> Range<u64> {
        self.times.map_or(0..0, |times| self.ready_ns.unwrap_or(times.zero)..times.window.1)
    }

    /// Of a trial that has not begun.
    pub fn new(topics: Topics) -> Self {
        Raw {
            times: None,
            ready_ns: None,
            loaded: None,
            acked_in_window: Vec::new(),
            groups: Vec::new(),
            readings: Scrolled::default(),
            scraped: Vec::new(),
            wire: [None; 2],
            away: Vec::new(),
            starts: Vec::new(),
            ends: Vec::new(),
            written: None,
            consumers_started: None,
            canaries: Vec::new(),
            injected: Vec::new(),
            events: Vec::new(),
            spent_s: BTreeMap::new(),
            topics,
            denied: false,
            topic_config: BTreeMap::new(),
            waiting: Vec::new(),
            failure: None,
            interrupted: false,
        }
    }
}
