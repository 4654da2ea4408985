//! Records in, findings out; pure. What a trial says, whether it is to be believed, and what the trials of a treatment say together.

mod calibration;
mod cost;
mod doubt;
mod facts;
mod findings;
mod growth;
mod judge;
mod knee;
mod metric;
mod outcome;
mod ranking;
mod reading;
mod scaling;
mod summary;
mod table;
mod trial;
mod verdict;
mod watched;

pub use cost::{Basis, Cost, tightest_slo};
pub use doubt::Doubt;
pub use facts::{Facts, WindowFacts};
pub use findings::{Findings, GroupFindings, TreatmentFindings, run_verdict};
pub use growth::Grown;
pub use judge::{Judged, judge, judge_groups};
pub use knee::Knee;
pub use outcome::Outcome;
pub use ranking::{Ranked, Ranking, SENSITIVITY_PERCENT, Tipping};
pub use reading::Reading;
pub use scaling::{Scaling, Sign};
pub use summary::{Load, Summary};
pub use table::{groups_table, treatments_table, trials_table};
pub use trial::TrialFindings;
pub use verdict::{RunVerdict, Verdict};
pub use watched::Watched;
