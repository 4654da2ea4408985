//! Where does it break? Which load, or which number of instances, is tried next, from all trials so far, and what they came to. Pure.
//!
//! Everything lies on a ladder of rungs that ascend from easy to hard. A search doubles until something breaks, goes on from the throughput of the first
//! trial that was saturated, weighs all trials so far (isotonic: what is harder does not break less often), and repeats the last good and the first bad
//! rung, interleaved, before it believes them. A rung that was repeated often enough is weighed by that alone, so that no bound stays one that its own
//! repetitions speak against. What comes next follows from the trials so far alone, so that a search that is cut goes on as if it had not been.

mod again;
mod boundary;
mod ladder;
mod next;
mod replay;
mod result;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod tests;
mod weigh;

pub use again::Again;
pub use boundary::Boundary;
pub use ladder::{Ladder, MOST_DOUBLINGS};
pub use replay::{Replayed, replay};
pub use result::{Came, Passed};

/// As few as a bound is confirmed by at least, so that a search that is to confirm more often later goes the same way.
const ALONE: u32 = 6;

/// How a search goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Where it looks.
    pub ladder: Ladder,
    /// Trials of a rung that is looked at, at least 1.
    pub probes: u32,
    /// Trials of either bound, once they are found; 0: the bounds are believed as they are.
    pub confirm: u32,
    /// Of so many trials that confirm a rung on, it is weighed by those alone; 0: always by all of it, as benches did before they had this.
    pub alone: u32,
    /// No more trials than this.
    pub most: usize,
    /// Whether each SLO's own boundary is looked for too.
    pub each: bool,
    /// SLOs, by their place, that what is harder holds more often: money over messages, as who has more to do costs less a message. Too little breaks them, which says
    /// nothing against more.
    pub eases: Vec<usize>,
}

impl Rules {
    /// A search as `search:` asks for it: a trial at each rung on the way, the bounds confirmed, and each SLO's own boundary looked for.
    pub fn asked(ladder: Ladder, confirm: u32, most: usize) -> Self {
        Rules { ladder, probes: 1, confirm, alone: ALONE, most, each: true, eases: Vec::new() }
    }

    /// What a trial says of all SLOs together to go on by; none where it is not to be believed. One that eases and is broken while there is more that could be done
    /// says nothing against what is harder.
    pub fn weighed(&self, told: &Told) -> Option<Said> {
        let said = told.said.as_ref()?;
        let is_too_little =
            |at: usize, one: Said| one == Said::Broken && told.overload.is_none() && self.eases.contains(&at);
        let counts = |(at, one): (usize, &Said)| if is_too_little(at, *one) { Said::Held } else { *one };
        let said = said.iter().enumerate().map(counts).collect();
        Told { said: Some(said), overload: told.overload }.all()
    }
}

/// What a trial said of an SLO.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It held.
    Held,
    /// It did not.
    Broken,
    /// It cannot be said; for a search that is as good as broken.
    Undecided,
}

/// What a trial said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    /// Of each SLO; none where the trial is not to be believed.
    pub said: Option<Vec<Said>>,
    /// What came through, in messages a second, where the trial was saturated.
    pub overload: Option<f64>,
}

impl Told {
    /// Of all SLOs together; none where the trial is not to be believed.
    pub fn all(&self) -> Option<Said> {
        let said = self.said.as_ref()?;
        let worst = [Said::Broken, Said::Undecided].into_iter().find(|one| said.contains(one));
        Some(worst.unwrap_or(Said::Held))
    }
}

/// What a trial was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To find the bounds.
    Probe,
    /// To confirm a bound at a rate that was found before.
    Confirm,
}

impl Purpose {
    /// One word, as in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Probe => "probe",
            Purpose::Confirm => "confirm",
        }
    }
}

/// A trial of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// Where.
    pub rung: i64,
    /// What for.
    pub purpose: Purpose,
    /// What it said.
    pub told: Told,
}

/// Trials of a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which.
    pub rung: i64,
    /// How many.
    pub trials: u32,
    /// What for.
    pub purpose: Purpose,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// These trials, in any order.
    Round(Vec<Ask>),
    /// Nothing.
    Done(Stop),
}

/// Why nothing comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Both bounds lie beside each other, and are confirmed where that was asked for.
    Found,
    /// The hardest rung there is holds.
    NothingBreaks,
    /// The easiest rung there is breaks.
    NothingHolds,
    /// At the easiest that was tried it cannot be said, and less will not say it either.
    NothingSaid,
    /// As many trials were made as may be.
    MostTrials,
}

impl Stop {
    /// One word, as in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Stop::Found => "found",
            Stop::NothingBreaks => "nothing_breaks",
            Stop::NothingHolds => "nothing_holds",
            Stop::NothingSaid => "nothing_said",
            Stop::MostTrials => "most_trials",
        }
    }
}
