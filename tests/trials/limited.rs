//! A CPU limit of the control group that bench itself runs in is read from the kernel, and spoils what it stopped.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::{Desk, control_group, may_write};

/// Wants more than a core.
const HUNGRY: &str = "
topic: { partitions: 2 }
workload: { rate: 400/s, message: { size: 100B } }
consumers: { instances: 2, backend: { process: { work: { cpu: 3ms } } } }
phases: { warm_up: 1s, measure: 5s, drain: 1s }
";

/// A control group of half a core, until it is dropped.
struct HalfACore(PathBuf);

impl HalfACore {
    fn make() -> Self {
        let folder =
            control_group(std::process::id(), "cpu").join(format!("bench-half-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let [v1, v2] = ["cpu.cfs_quota_us", "cpu.max"].map(|name| folder.join(name));
        if v1.exists() { fs::write(v1, "50000") } else { fs::write(v2, "50000 100000") }.unwrap();
        HalfACore(folder)
    }

    /// The same call, from within the group.
    fn within(&self, command: &Command) -> Command {
        let mut within = Command::new("sh");
        let door = self.0.join("cgroup.procs");
        within.args(["-c", "echo $$ > \"$0\" && exec \"$@\""]).arg(door).arg(command.get_program());
        within.args(command.get_args()).current_dir(command.get_current_dir().unwrap());
        within.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        within
    }
}

impl Drop for HalfACore {
    fn drop(&mut self) {
        fs::remove_dir(&self.0).ok();
    }
}

#[test]
fn a_limit_of_half_a_core_is_told_by_the_plan_and_spoils_a_trial_with_its_numbers() {
    if !may_write() {
        return;
    }
    let half = HalfACore::make();
    let desk = Desk::new(HUNGRY);
    let plan = half.within(&desk.bench(&["plan", "promise.yaml"])).output().unwrap();
    let plan = String::from_utf8_lossy(&plan.stdout).into_owned();
    assert!(plan.contains("may together use 0.50 cores here"), "{plan}");
    half.within(&desk.bench(&["run", "promise.yaml"])).output().unwrap();
    let row = desk.trials().remove(0);
    assert_eq!(row["outcome"], "doubtful", "{row:?}");
    assert!(row["doubts"].split(';').any(|doubt| doubt == "cpu_quota"), "{row:?}");
    let record = desk.record();
    let limit = &record["host"]["limit"];
    assert_eq!(limit["cores"], 0.5);
    assert!(
        limit["throttled_periods"].as_u64() > Some(10) && limit["throttled_s"].as_f64() > Some(0.5),
        "{limit}"
    );
    let unlimited = desk.bench(&["plan", "promise.yaml"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&unlimited.stdout).contains("may together use"));
}
