//! One copy of a program, with all that is in its process group.

use std::process::{Child, ExitStatus};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::consumers::emulation::cgroup::Cgroup;
use crate::consumers::output::Output;
use crate::consumers::started::Started;
use crate::timeline::Clock;

/// One copy, and all that it started.
pub(super) struct Running {
    /// Its control group, where it is held in one.
    pub(super) cgroup: Option<Cgroup>,
    pub(super) started: Started,
    pub(super) child: Child,
    pub(super) output: Output,
    pub(super) exit: Option<(Option<ExitStatus>, bool)>,
    /// Nobody is in its process group any more: its number may be another's by now.
    pub(super) gone: bool,
}

impl Running {
    /// Sees whether it, and all in its process group, have ended.
    pub(super) fn look(&mut self, clock: Clock) {
        if self.exit.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.ended(Some(status), false, clock);
        }
        self.gone |= self.exit.is_some() && !self.has_group();
    }

    fn ended(&mut self, status: Option<ExitStatus>, overdue: bool, clock: Clock) {
        self.exit = Some((status, overdue));
        self.started.instance.stopped_ns = Some(clock.now());
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }

    /// Tells all in its process group.
    pub(super) fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid().filter(|_| !self.gone) {
            // A group that nobody is in any more needs none.
            kill_process_group(pid, signal).ok();
        }
    }

    /// Whether anyone is in its process group: whoever outlives the shell that started him.
    fn has_group(&self) -> bool {
        self.pid().is_some_and(|pid| test_kill_process_group(pid).is_ok())
    }

    /// Kills all that is left of it. What has not ended by now is overdue, however soon it dies of the signal.
    pub(super) fn kill(&mut self, clock: Clock) {
        self.look(clock);
        self.signal(Signal::KILL);
        if self.exit.is_none() {
            // It can only fail for a child that was reaped, and this one was not.
            self.child.kill().ok();
            let status = self.child.wait().ok();
            self.ended(status, true, clock);
        }
    }
}
