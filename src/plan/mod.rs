//! What will happen: every treatment with its settings, every trial in its order. Pure: reads no file, touches nothing.

mod baseline;
mod budget;
mod compile;
mod crossed;
mod distance;
mod doubt;
mod doubts;
mod draw;
mod events;
mod growth;
mod machines;
mod needs;
mod room;
mod show;
mod slos;
#[cfg(test)]
mod tests;
mod too_large;
mod traces;

use crate::spec::scrape::Target;
use crate::spec::{Cluster, Response, Settings, Slo};
use crate::units::{Prices, Span};

pub use budget::Budget;
pub use compile::compile;
#[cfg(test)]
pub use compile::planned;
pub use doubt::PlanDoubt;
pub use events::DrawnEvent;
pub use growth::Growth;
pub use machines::wanted_cores;
pub use needs::Needs;

/// All trials of a run, in order, and what they share.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The file's stem, which names the results folder: `partitions`.
    pub experiment: String,
    /// The question that the report answers.
    pub question: String,
    /// The brokers, the same in all treatments.
    pub cluster: Cluster,
    /// Names of the factors, in the file's order.
    pub factors: Vec<String>,
    /// The full cross product of the levels, the first factor varying slowest.
    pub treatments: Vec<Treatment>,
    /// Trials in the order in which they run: blocks of one repetition each, shuffled by the seed.
    pub trials: Vec<PlannedTrial>,
    /// What the experiment is about, the first before all; empty where the file does not say.
    pub responses: Vec<Response>,
    /// What must hold.
    pub slos: Vec<Slo>,
    /// Pages of others that are read while trials run.
    pub scrape: Vec<Target>,
    /// Prices of all that the treatments use.
    pub prices: Prices,
    /// Trials of each treatment; of a search's either bound, once found.
    pub repetitions: u32,
    /// Everything drawn follows from it.
    pub seed: u64,
    /// Length of the unrecorded trial before the first; zero for none.
    pub prepare: Span,
    /// Searches whose trials follow from those before; none where the plan is all there is.
    pub growth: Option<Growth>,
}

/// One combination of levels.
#[derive(Clone, Debug)]
pub struct Treatment {
    /// `partitions=1,instances=2` (last part of each factor's name), made of characters that a file name may hold; `base` without factors.
    pub slug: String,
    /// The level's label of each factor, in the plan's order of factors.
    pub levels: Vec<String>,
    /// Whether it is the one thread over all partitions that the others have to beat.
    pub is_baseline: bool,
    /// What it is asked to do.
    pub settings: Settings,
}

impl Treatment {
    /// Messages per second offered in the window, on the average; none at `rate: max`.
    pub fn window_rate(&self) -> Option<f64> {
        let phases = self.settings.phases;
        let (start, length) = (phases.warm_up.as_secs_f64(), phases.measure.as_secs_f64());
        Some(self.settings.workload.volume.messages(start, start + length)? / length)
    }

    /// Messages per second offered in warm-up and window together, on the average; none at `rate: max`.
    pub fn mean_rate(&self) -> Option<f64> {
        let length = self.settings.phases.load_s();
        Some(self.settings.workload.volume.messages(0.0, length)? / length)
    }

    /// Messages that are written before its consumers are started.
    pub fn backlog(&self) -> f64 {
        self.settings.backlog.map_or(0.0, |backlog| backlog.messages as f64)
    }

    /// The most messages per second that are offered at any time; none at `rate: max`.
    pub fn peak_rate(&self) -> Option<f64> {
        Some(self.settings.workload.volume.course(self.settings.phases.load_s())?.peak())
    }
}

/// One execution of a treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedTrial {
    /// 1, 2, 3, … over the whole run.
    pub order: u32,
    /// 1, 2, 3, …: the block it belongs to.
    pub block: u32,
    /// Index into `Plan::treatments`.
    pub treatment: usize,
    /// 1, 2, 3, … among the trials of its treatment; equals the block.
    pub repetition: u32,
    /// Its schedule follows from this and the workload alone; the same for all treatments of one block, so that they are compared on like draws.
    pub seed: u64,
}
