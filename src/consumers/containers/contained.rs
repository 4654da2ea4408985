//! One container, watched from outside: by its first process, which is one of this host, and by its control group.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::parting::{Answer, Asking, KILLED, Parted};
use crate::cluster::{Engine, EngineError, child, process_started};
use crate::consumers::backend::{Born, Exit};
use crate::consumers::emulation::cgroup::{Cgroup, CgroupError};
use crate::consumers::output::Output;
use crate::consumers::started::Started;
use crate::timeline::Clock;

/// How long the engine may take to hand on the last that a container has written.
const LAST_LINES: Duration = Duration::from_secs(2);

/// How long an engine may take to put a process that it has started into a control group.
const ENTERED_WITHIN: Duration = Duration::from_secs(1);

/// One container.
pub(super) struct Contained {
    pub(super) id: String,
    pub(super) started: Started,
    /// Hands on what it writes.
    follower: Follower,
    pub(super) output: Output,
    /// When its first process began.
    began: Option<u64>,
    pub(super) cgroup: Option<Cgroup>,
    /// How it ended, once the engine has told; none where it was not asked. That is done once: one that does not know now never will.
    parted: Option<Answer>,
    /// Bench asked it to.
    pub(super) asked_to_end: bool,
    /// The engine has forgotten it.
    pub(super) removed: bool,
}

impl Contained {
    pub(super) fn of(born: Born, started: Started, follower: Child, output: Output) -> Self {
        Contained {
            id: born.id,
            started,
            follower: Follower(follower),
            output,
            began: born.began,
            cgroup: born.cgroup.ok().flatten(),
            parted: None,
            asked_to_end: false,
            removed: false,
        }
    }

    /// Sees whether it has ended; when is noted once.
    pub(super) fn look(&mut self, clock: Clock) {
        let instance = &mut self.started.instance;
        let lives = || instance.pid.is_some_and(|pid| is_alive(pid) && process_started(pid) == self.began);
        if instance.stopped_ns.is_none() && !lives() {
            instance.stopped_ns = Some(clock.now());
        }
    }

    /// What the engine is to be asked once it has ended, the first time.
    pub(super) fn ask_once(&mut self) -> Option<Asking> {
        if !self.started.has_ended() || self.parted.is_some() {
            return None;
        }
        let parted = Arc::clone(self.parted.insert(Arc::default()));
        Some(Asking { id: self.id.clone(), asked_to_end: self.asked_to_end, parted })
    }

    /// How it ended, once that is known as far as it ever will.
    pub(super) fn parted(&self) -> Option<Parted> {
        self.parted.as_ref()?.get().copied()
    }

    /// The processes in it.
    pub(super) fn processes(&self) -> Vec<u32> {
        if self.started.has_ended() {
            return Vec::new();
        }
        match &self.cgroup {
            Some(cgroup) => cgroup.processes(),
            None => self.started.instance.pid.into_iter().collect(),
        }
    }

    /// What is still to come of it, once it has ended: the last from the process that hands on what it writes, and how it ended.
    pub(super) fn last(&self) -> (u32, Option<Answer>) {
        (self.follower.0.id(), self.parted.clone())
    }

    /// After its end: hears the last that it wrote.
    pub(super) fn finish(&mut self, within: Duration) {
        let deadline = Instant::now() + LAST_LINES;
        while matches!(self.follower.0.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(super::LOOK);
        }
        child::terminate(&mut self.follower.0, Duration::ZERO).ok();
        self.output.finish(within);
    }

    /// How it ended.
    pub(super) fn exit(&self) -> Exit {
        let code = self.parted().and_then(|how| how.code);
        Exit {
            instance: self.started.instance.index,
            status: code.map(|code| ExitStatus::from_raw((code & 0xff) << 8)),
            overdue: self.asked_to_end && code == Some(KILLED),
            stopped_ns: self.started.instance.stopped_ns.unwrap_or_default(),
            last_words: self.output.last_words(),
        }
    }
}

/// Waits until these processes have handed on the last that ended containers wrote, and have ended themselves, and until the engine has told how those ended.
pub(super) fn await_last(last: &[(u32, Option<Answer>)]) {
    let deadline = Instant::now() + LAST_LINES;
    let is_to_come = |(follower, parted): &(u32, Option<Answer>)| {
        is_alive(*follower) || parted.as_ref().is_some_and(|parted| parted.get().is_none())
    };
    while last.iter().any(is_to_come) && Instant::now() < deadline {
        std::thread::sleep(super::LOOK);
    }
}

/// Whoever hands on what a container writes; he ends with this.
struct Follower(Child);

impl Drop for Follower {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        child::terminate(&mut self.0, Duration::ZERO).ok();
    }
}

/// Finds the first process of a container that was started at a moment (Unix ns), and its control group, where it has one of its own: both take their time.
pub(super) fn find(engine: &Engine, id: String, started_ns: u64) -> Result<Born, EngineError> {
    let pid = engine.pid_of(&id)?;
    let began = pid.and_then(process_started);
    let cgroup = pid.map_or(Ok(None), entered).map_err(|error| error.to_string());
    Ok(Born { id, pid, began, cgroup, started_ns })
}

/// The control group that a process comes into. One that ends meanwhile has none, and no error: the kernel puts it out of its group a moment before it is gone.
fn entered(pid: u32) -> Result<Option<Cgroup>, CgroupError> {
    let deadline = Instant::now() + ENTERED_WITHIN;
    loop {
        let found = own_group(pid);
        if !is_alive(pid) {
            return Ok(None);
        }
        match found {
            Ok(cgroup) => return Ok(Some(cgroup)),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => std::thread::sleep(super::LOOK),
        }
    }
}

/// The control group of a container's process: what it shares with bench is not its own.
fn own_group(pid: u32) -> Result<Cgroup, CgroupError> {
    let own = Cgroup::of_process(Path::new("/"), std::process::id())?;
    let theirs = Cgroup::of_process(Path::new("/"), pid)?;
    let shared = theirs.folders().iter().any(|folder| own.folders().contains(folder));
    if shared { Err(CgroupError::Shared) } else { Ok(theirs) }
}

/// Whether that process runs: a zombie does not.
fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}
