//! What the threads that keep time ask of the kernel, and what they get: ask, read back, go on with what was given.

use std::num::NonZeroU64;

use rustix::thread::{
    CpuSet, current_timer_slack, sched_getaffinity, sched_setaffinity, set_current_timer_slack,
};

use super::LoadError;
use super::kernel::{self, Policy};
use crate::record::{Pacing, Wish};
use crate::spec::{Load, Priority};

/// Wake-ups as exact as the clock: by default they come up to 50 µs late.
const TIMER_SLACK: NonZeroU64 = NonZeroU64::MIN;
/// The shortest slice that the kernel gives: who runs shortly is let in soon.
const SLICE_NS: u64 = 100_000;
/// Before all that is not realtime, and behind the kernel's own threads, which have 50 and more.
const FIFO_PRIORITY: u32 = 10;

/// Asks for the calling thread, which keeps time, what the file wants.
pub fn ask(load: &Load) -> Pacing {
    let before = kernel::policy().ok();
    let wanted = match load.priority {
        Priority::Normal => Policy::Other { slice_ns: SLICE_NS },
        Priority::Realtime => Policy::Fifo { priority: FIFO_PRIORITY },
    };
    // Who may not be realtime is at least let in soon.
    let refused = kernel::set_policy(wanted).is_err();
    if refused && load.priority == Priority::Realtime {
        kernel::set_policy(Policy::Other { slice_ns: SLICE_NS }).ok();
    }
    // What is not given shows when it is read back.
    set_current_timer_slack(Some(TIMER_SLACK)).ok();
    let got = kernel::policy().ok().or(before);
    // Sleeps of realtime threads end on time anyway, and the kernel takes no wish.
    let realtime = matches!(got, Some(Policy::Fifo { .. }));
    let slice = |policy: Policy| match policy {
        Policy::Other { slice_ns } if slice_ns > 0 => Some(slice_ns / 1_000),
        _ => None,
    };
    Pacing {
        priority: load.priority.name().to_owned(),
        policy: Wish { asked: Some(name(wanted)), got: got.map(name) },
        slice_us: Wish { asked: slice(wanted), got: got.and_then(slice) },
        timer_slack_ns: Wish {
            asked: (!realtime).then_some(TIMER_SLACK.get()),
            got: current_timer_slack().ok(),
        },
        cores: Wish { asked: load.cores.clone(), got: allowed() },
    }
}

/// Asks for the calling thread, which is woken often and runs shortly, to be let in soon and woken exactly.
pub fn keep_time() {
    ask(&Load::default());
}

fn name(policy: Policy) -> String {
    match policy {
        Policy::Other { .. } => "other".to_owned(),
        Policy::Fifo { priority } => format!("fifo {priority}"),
        Policy::Else(number) => format!("policy {number}"),
    }
}

/// What this host would give, asked for on a thread that ends at once. Fails where the host lacks one of the cores.
pub fn resolve(load: &Load) -> Result<Pacing, LoadError> {
    let asking = load.clone();
    within(load, || std::thread::Builder::new().name("load-ask".to_owned()).spawn(move || ask(&asking)))?
        .map_err(|source| LoadError::System { source })?
        .join()
        .map_err(|_| LoadError::Died { thread: "ask" })
}

/// Does something on the load's cores: threads that it starts stay there, the calling one does not.
pub fn within<T>(load: &Load, work: impl FnOnce() -> T) -> Result<T, LoadError> {
    let Some(cores) = &load.cores else { return Ok(work()) };
    let system = |error: rustix::io::Errno| LoadError::System { source: error.into() };
    let before = sched_getaffinity(None).map_err(system)?;
    let mut wanted = CpuSet::new();
    for core in cores {
        let core = *core as usize;
        if core >= CpuSet::MAX_CPU || !before.is_set(core) {
            return Err(LoadError::NoCore { core, cores: listed(&before) });
        }
        wanted.set(core);
    }
    sched_setaffinity(None, &wanted).map_err(system)?;
    let done = work();
    sched_setaffinity(None, &before).map_err(system)?;
    Ok(done)
}

fn allowed() -> Option<Vec<u32>> {
    Some(listed(&sched_getaffinity(None).ok()?))
}

fn listed(set: &CpuSet) -> Vec<u32> {
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).map(|core| core as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(priority: Priority, cores: Option<Vec<u32>>) -> Load {
        Load { priority, cores }
    }

    #[test]
    fn what_is_told_is_what_was_read_back_and_nothing_is_left_on_the_calling_thread() {
        let (policy, slack, cores) = (kernel::policy().unwrap(), current_timer_slack().unwrap(), allowed());
        let pacing = resolve(&load(Priority::Normal, None)).unwrap();
        assert_eq!((pacing.policy.asked, pacing.policy.got), (Some("other".into()), Some("other".into())));
        assert_eq!((pacing.timer_slack_ns.asked, pacing.timer_slack_ns.got), (Some(1), Some(1)));
        // Kernels before 6.12 tell no slice; later ones give the one that was asked for.
        assert!(pacing.slice_us.got.is_none_or(|slice| slice == 100), "{:?}", pacing.slice_us);
        assert_eq!(pacing.cores, Wish { asked: None, got: cores.clone() });
        assert_eq!(
            (kernel::policy().unwrap(), current_timer_slack().unwrap(), allowed()),
            (policy, slack, cores)
        );
    }

    #[test]
    fn realtime_is_given_or_told_to_be_refused() {
        let pacing = resolve(&load(Priority::Realtime, None)).unwrap();
        assert_eq!(pacing.policy.asked.as_deref(), Some("fifo 10"));
        let got = pacing.policy.got.as_deref();
        assert!(
            got == Some("fifo 10") && pacing.is_given() || (got == Some("other") && !pacing.is_given()),
            "{pacing:?}"
        );
        assert_eq!(resolve(&load(Priority::Normal, None)).unwrap().policy.got.as_deref(), Some("other"));
    }

    #[test]
    fn threads_stay_on_the_loads_cores_and_a_core_that_is_not_there_is_named() {
        let first = allowed().unwrap()[0];
        let pacing = resolve(&load(Priority::Normal, Some(vec![first]))).unwrap();
        assert_eq!(pacing.cores, Wish { asked: Some(vec![first]), got: Some(vec![first]) });
        let error = resolve(&load(Priority::Normal, Some(vec![first, 999]))).unwrap_err().to_string();
        assert!(error.contains("core 999"), "{error}");
    }
}
