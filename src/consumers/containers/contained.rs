//! One container, watched from outside: by its first process, which is one of this host, and by its control group.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use super::KILLED;
use crate::cluster::{Engine, child, process_started};
use crate::consumers::backend::Exit;
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
    /// When its first process began: a pid alone may be given anew.
    began: Option<u64>,
    pub(super) cgroup: Option<Cgroup>,
    /// How it ended, as the engine tells.
    pub(super) exit_code: Option<i32>,
    pub(super) oom_killed: bool,
    /// The engine was asked how: once, since one that does not know now never will.
    pub(super) asked_how: bool,
    /// Bench asked it to.
    pub(super) asked_to_end: bool,
    /// The engine has forgotten it.
    pub(super) removed: bool,
}

impl Contained {
    pub(super) fn of(id: String, started: Started, follower: Child, output: Output) -> Self {
        Contained {
            id,
            started,
            follower: Follower(follower),
            output,
            began: None,
            cgroup: None,
            exit_code: None,
            oom_killed: false,
            asked_how: false,
            asked_to_end: false,
            removed: false,
        }
    }

    /// Finds its process and its control group, where it has one of its own. One that ends meanwhile has none, and no error: the kernel puts it out of its group
    /// a moment before it is gone.
    pub(super) fn enter(&mut self) -> Result<(), CgroupError> {
        let Some(pid) = self.started.instance.pid else { return Ok(()) };
        self.began = process_started(pid);
        let deadline = Instant::now() + ENTERED_WITHIN;
        loop {
            let found = own_group(pid);
            if !is_alive(pid) {
                return Ok(());
            }
            match found {
                Ok(cgroup) => {
                    self.cgroup = Some(cgroup);
                    return Ok(());
                }
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => std::thread::sleep(super::LOOK),
            }
        }
    }

    /// Whether it has ended; when is noted once.
    pub(super) fn look(&mut self, clock: Clock) -> bool {
        let instance = &mut self.started.instance;
        let lives = instance.pid.is_some_and(|pid| is_alive(pid) && process_started(pid) == self.began);
        if !lives && instance.stopped_ns.is_none() {
            instance.stopped_ns = Some(clock.now());
        }
        !lives
    }

    /// Asks the engine how it ended; what it does not tell stays unknown.
    pub(super) fn ask_exit(&mut self, engine: &Engine) {
        self.asked_how = true;
        // The engine may learn of the end a little later than the kernel tells it.
        engine.ask("cannot wait for a container", &["wait", &self.id]).ok();
        let Ok(all) = engine.inspect(&[&self.id]) else { return };
        if let Some(one) = all.first().filter(|one| !one.state.running) {
            self.exit_code = Some(one.state.exit_code);
            self.oom_killed = one.state.oom_killed;
        }
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

    /// The process that hands on what it writes.
    pub(super) fn follower(&self) -> u32 {
        self.follower.0.id()
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
        Exit {
            instance: self.started.instance.index,
            status: self.exit_code.map(|code| ExitStatus::from_raw((code & 0xff) << 8)),
            overdue: self.asked_to_end && self.exit_code == Some(KILLED),
            stopped_ns: self.started.instance.stopped_ns.unwrap_or_default(),
            last_words: self.output.last_words(),
        }
    }
}

/// Waits until these processes have handed on the last that ended containers wrote, and have ended themselves.
pub(super) fn await_last_lines(followers: &[u32]) {
    let deadline = Instant::now() + LAST_LINES;
    while followers.iter().any(|pid| is_alive(*pid)) && Instant::now() < deadline {
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
