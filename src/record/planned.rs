//! `plan.csv`: every trial of the run in its order.

use serde::{Deserialize, Serialize};

/// One line of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    /// 1, 2, 3, … over the whole run.
    pub order: u32,
    /// The block it belongs to.
    pub block: u32,
    /// The treatment's slug.
    pub treatment: String,
    /// 1, 2, 3, … among the trials of its treatment.
    pub repetition: u32,
    /// Its schedule follows from this and the workload.
    pub seed: u64,
}

/// The file's text.
pub fn write_plan(plan: &[PlanRow]) -> Result<Vec<u8>, String> {
    super::rows::write_rows(plan)
}

/// What [`write_plan`] wrote.
pub fn read_plan(text: &[u8]) -> Result<Vec<PlanRow>, String> {
    super::rows::ReadRows::of(text)?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_back_with_slugs_that_hold_commas() {
        let plan = vec![PlanRow {
            order: 1,
            block: 1,
            treatment: "partitions=1,instances=2".to_owned(),
            repetition: 1,
            seed: u64::MAX,
        }];
        let text = write_plan(&plan).unwrap();
        assert!(text.starts_with(b"order,block,treatment,repetition,seed\n"));
        assert_eq!(read_plan(&text).unwrap(), plan);
    }
}
