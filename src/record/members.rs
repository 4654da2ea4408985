//! What the time of each consumer went to in the window.

use serde::{Deserialize, Serialize};

/// One consumer of a group (one thread of an instance), between the first and the last report that its instance cut in the window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemberTime {
    /// Its instance.
    pub instance: u32,
    /// Which thread of it.
    pub thread: u32,
    /// The partitions that it had at the window's end.
    pub partitions: Vec<u32>,
    /// The time between the two reports.
    pub over_s: f64,
    /// In which there was no message to be taken.
    pub idle_s: f64,
    /// Of the time, the quarter seconds in which there was none for some of it, however short: one that always has something to do has none of them.
    pub starved_s: f64,
    /// In which it waited for another system (`work.wait`).
    pub wait_s: f64,
    /// In which it wrote to a disk (`work.disk`).
    pub disk_s: f64,
}

impl MemberTime {
    /// All the rest: its own work, on a core or waiting for one.
    pub fn own_s(&self) -> f64 {
        (self.over_s - self.idle_s - self.wait_s - self.disk_s).max(0.0)
    }

    /// Whether it had something to do throughout most of the quarter seconds: then nothing before it held it back. None of no time.
    pub fn is_full(&self) -> Option<bool> {
        (self.over_s > 0.0).then_some(2.0 * self.starved_s < self.over_s)
    }

    /// The part of its time in which it had a message in its hands, from 0 to 1; none of no time.
    pub fn busy(&self) -> Option<f64> {
        (self.over_s > 0.0).then(|| ((self.over_s - self.idle_s) / self.over_s).clamp(0.0, 1.0))
    }
}
