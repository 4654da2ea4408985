//! The backend `command`: each instance a copy of a program that is not ours, started by `sh -c` in a process group of its own. It says nothing that bench
//! understands: what it writes is kept, and that it lives is all that is known of it here.

mod running;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use running::Running;

use super::backend::{Act, Backend, BackendError, DeployedInstance, Exit, Launch, Said};
use super::emulation::cgroup::Cgroup;
use super::emulation::{Emulating, Governor};
use super::output::Output;
use super::readiness::Readiness;
use super::started::{Started, place_to_take};
use super::surroundings::{Files, GROUP, Surroundings};
use super::{Config, Gathered};
use crate::cluster::{ProcessGroup, Stood, child, kill_marked, remove_group};
use crate::spec::{self, StopSignal, secrets};
use crate::timeline::Clock;

/// How often a program that should end is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// How long the end of their output is waited for, once all are gone.
const LAST_OUTPUT: Duration = Duration::from_secs(2);
/// The variable that holds the path of this very binary: whoever starts `bench consumer` beside programs that are not ours takes it from there.
const OWN_PATH: &str = "BENCH_PROGRAM";
/// How a shell comes into control groups before it makes way for what is to run: `$0` is that, all other arguments are the groups' doors.
const ENTER: &str = "for door do echo 0 > \"$door\" || exit 125; done; exec sh -c \"$0\"";

/// What bench knows of a program before it is started.
pub struct Asked {
    /// As the file says.
    pub command: spec::Command,
    /// What it finds.
    pub around: Surroundings,
}

/// Copies of a program. What is left of them is killed when this is dropped.
pub struct Program {
    asked: Asked,
    clock: Clock,
    config: Option<Config>,
    /// What they find, from their deployment on.
    files: Option<Files>,
    running: Vec<Running>,
    emulation: Option<(Emulating, Governor)>,
    /// How they show that they are ready; none: their group does.
    readiness: Option<Readiness>,
    /// Control groups of those whose output was taken away.
    folders: Vec<PathBuf>,
}

impl Program {
    /// Nothing runs yet.
    pub fn new(clock: Clock, asked: Asked) -> Self {
        let readiness = asked.command.ready.as_ref().map(Readiness::new);
        Program {
            asked,
            clock,
            config: None,
            files: None,
            running: Vec::new(),
            emulation: None,
            readiness,
            folders: Vec::new(),
        }
    }

    /// Copies that are held in control groups, as much as an emulated machine would hold them.
    #[must_use]
    pub fn emulating(mut self, emulating: Option<Emulating>) -> Self {
        self.emulation = emulating.map(|emulating| emulating.governed(self.clock));
        self
    }

    fn start(&mut self, launch: &Launch, slot: u32) -> Result<u32, BackendError> {
        let index = self.running.len() as u32;
        let run = self.asked.command.run.clone();
        let spawn = |source| BackendError::Spawn { instance: index, program: run.clone(), source };
        let config = self.config.as_ref().ok_or(BackendError::NotDeployed)?;
        let found = self.files.as_ref().ok_or(BackendError::NotDeployed)?.found();
        let emulating = self.emulation.as_ref().map(|(emulating, _)| emulating);
        let machine = emulating.map(|emulating| launch.machine.as_ref().unwrap_or(&emulating.machine));
        let confined = emulating.zip(machine).map(|(emulating, machine)| emulating.confined(index, machine));
        let cgroup = confined.transpose()?.flatten();
        let mut command = Command::new("sh");
        match &cgroup {
            None => command.args(["-c", &self.asked.command.run]),
            Some(cgroup) => command.args(["-c", ENTER, &self.asked.command.run]).args(cgroup.doors()),
        };
        for (name, value) in &self.asked.command.env {
            let missing = |missing: secrets::Missing| spawn(io::Error::other(missing.to_string()));
            command.env(name, secrets::resolve(value).map_err(missing)?);
        }
        if let Some(dir) = &self.asked.command.dir {
            command.current_dir(dir);
        }
        let around = &self.asked.around;
        let instance_type = machine.map(|machine| machine.machine.instance.name.as_str());
        command.envs(around.variables(config, Some(slot), instance_type, &found).map_err(spawn)?);
        command.env(OWN_PATH, std::env::current_exe().map_err(BackendError::NoProgram)?);
        let (from, to) = io::pipe().map_err(spawn)?;
        let file = (around.output)().map_err(spawn)?;
        command.stdin(Stdio::null()).stdout(to.try_clone().map_err(spawn)?).stderr(to);
        let started_ns = self.clock.now();
        let child = child::spawn(command).map_err(spawn)?;
        let (pid, launched_ns) = (Some(child.id()), launch.launched_ns.unwrap_or(started_ns));
        let instance = DeployedInstance { index, pid, launched_ns, started_ns, stopped_ns: None };
        let output = Output::of(from, file).hiding(around.hidden.clone());
        if let (Some((_, governor)), Some(machine)) = (&self.emulation, machine) {
            governor.add((index, child.id()), machine.clone(), cgroup.clone(), None);
        }
        let started = Started::of(instance, (launch, slot));
        // One that has ended already was not waited for, and leads its group until then.
        let group = ProcessGroup::led_by(child.id());
        self.running.push(Running { cgroup, started, child, output, exit: None, gone: false });
        if let Err(source) = group.map_or(Ok(()), &self.asked.around.note_group) {
            if let Some(unnoted) = self.running.last_mut() {
                unnoted.signal(Signal::KILL);
                unnoted.started.leave_place();
            }
            return Err(spawn(source));
        }
        Ok(index)
    }

    /// Starts another in the place of one, of the same kind.
    fn start_again(&mut self, at: usize) -> Result<(), BackendError> {
        let (launch, slot) = self.running[at].started.again();
        self.start(&launch, slot)?;
        self.running[at].started.leave_place();
        Ok(())
    }

    /// The next one whose end nobody was told of.
    fn ended(&mut self) -> Option<Said> {
        let clock = self.clock;
        self.running.iter_mut().for_each(|running| running.look(clock));
        self.running.iter_mut().find_map(|running| running.started.tell())
    }

    /// Starts others in the place of those that ended a while ago; one that cannot be started is told, and tried again.
    fn restart(&mut self) {
        let restarts = self.asked.command.restart;
        for at in 0..self.running.len() {
            let now = self.clock.now();
            if self.running[at].started.is_due_again(now, restarts)
                && let Err(error) = self.start_again(at)
            {
                self.running[at].started.miss(now, &error);
            }
        }
    }

    /// Whether any process of any copy lives.
    fn is_anyone_left(&mut self) -> bool {
        let clock = self.clock;
        self.running.iter_mut().fold(false, |any, running| {
            running.look(clock);
            !running.gone || any
        })
    }
}

impl Backend for Program {
    fn observe(&self) -> Vec<Stood> {
        vec![Stood::NoProcesses]
    }

    fn apply(&mut self, config: &Config) -> Result<(), BackendError> {
        // Once, for all that come: what they find does not change while they run.
        let failed = |source| {
            let program = self.asked.command.run.clone();
            BackendError::Spawn { instance: 0, program, source }
        };
        self.files = Some(self.asked.around.write_files(config, 0o600).map_err(failed)?);
        self.config = Some(config.clone());
        Ok(())
    }

    fn next(&mut self, timeout: Duration) -> Option<Said> {
        if let Some(said) = self.ended() {
            return Some(said);
        }
        self.restart();
        if !timeout.is_zero() {
            std::thread::sleep(timeout);
        }
        self.ended()
    }

    fn instances(&self) -> Vec<DeployedInstance> {
        self.running.iter().map(|running| running.started.instance).collect()
    }

    /// All that are in the process groups now: a shell may not have made way for the program, and programs start others.
    fn processes(&self) -> Vec<u32> {
        in_groups(&self.running.iter().map(|running| running.child.id()).collect::<Vec<_>>())
    }

    fn processes_of(&self, instance: u32) -> Vec<u32> {
        let own = self.running.iter().filter(|running| running.started.instance.index == instance);
        in_groups(&own.map(|running| running.child.id()).collect::<Vec<_>>())
    }

    /// Unless the file says how they show it, nothing that these instances say tells it: their group's coordinator does.
    fn ready(&self, _: &Gathered) -> bool {
        let mut living = self.running.iter().filter(|running| running.exit.is_none());
        match &self.readiness {
            Some(readiness) => {
                readiness.of(living.map(|one| (one.started.instance.index, one.started.slot, &one.output)))
            }
            None => living.next().is_some(),
        }
    }

    fn act(&mut self, instance: u32, act: Act) -> bool {
        let clock = self.clock;
        let own = |running: &&mut Running| running.started.instance.index == instance;
        let Some(running) = self.running.iter_mut().find(own) else { return false };
        running.look(clock);
        let lives = !running.gone && running.exit.is_none();
        if lives && act == Act::Stop {
            // Whoever is asked to leave ends on nobody's own accord: none takes its place of itself.
            running.started.leave_place();
        }
        if lives {
            running.signal(match act {
                Act::Kill => Signal::KILL,
                Act::Stop => signal(self.asked.command.stop),
                Act::Pause => Signal::STOP,
                Act::Resume => Signal::CONT,
            });
        }
        lives
    }

    fn launch(&mut self, launch: &Launch) -> Result<u32, BackendError> {
        let there = self.running.iter().map(|one| &one.started);
        let slot = launch.slot(there.map(|one| (one.instance.index, one.slot)))?;
        self.start(launch, slot)
    }

    fn replace(&mut self, instance: u32) -> Result<(), BackendError> {
        let place = place_to_take(self.running.iter().map(|running| &running.started), instance)?;
        self.start_again(place)
    }

    fn governed(&mut self) -> Option<(&Emulating, &mut Governor)> {
        self.emulation.as_mut().map(|(emulating, governor)| (&*emulating, governor))
    }

    fn last_words(&self) -> Vec<(u32, String)> {
        let words = |one: &Running| (one.started.instance.index, one.output.last_words());
        self.running.iter().map(words).collect()
    }

    fn restore(&mut self, deadline: Duration) -> Vec<Exit> {
        // What ended on its own stays so from now on, though what it said is still to be heard.
        self.running.iter_mut().for_each(|running| running.started.leave_place());
        let grace = self.asked.command.grace.as_duration().min(deadline);
        let signal = signal(self.asked.command.stop);
        for running in &self.running {
            running.signal(signal);
            // One that was paused hears of nothing until it goes on.
            running.signal(Signal::CONT);
        }
        let end = Instant::now() + grace;
        while self.is_anyone_left() && Instant::now() < end {
            std::thread::sleep(LOOK);
        }
        let clock = self.clock;
        self.running.iter_mut().for_each(|running| running.kill(clock));
        if let Some(config) = &self.config {
            // Those that left their process group.
            kill_marked(GROUP, &config.group);
        }
        let exit = |running: &mut Running| {
            running.output.finish(LAST_OUTPUT);
            let (status, overdue) = running.exit.unwrap_or_default();
            Exit {
                instance: running.started.instance.index,
                status,
                overdue,
                stopped_ns: running.started.instance.stopped_ns.unwrap_or_default(),
                last_words: running.output.last_words(),
            }
        };
        self.running.iter_mut().map(exit).collect()
    }

    fn outputs(&mut self) -> Vec<(u32, Output)> {
        // They ended with their processes.
        let ended = std::mem::take(&mut self.running);
        self.folders
            .extend(ended.iter().flat_map(|running| &running.cgroup).flat_map(Cgroup::folders).cloned());
        ended.into_iter().map(|running| (running.started.instance.index, running.output)).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.running.is_empty() {
            self.restore(Duration::ZERO);
        }
        // Its thread reads the groups that are removed next.
        self.emulation = None;
        let folders = self.running.iter().flat_map(|running| &running.cgroup).flat_map(Cgroup::folders);
        for folder in folders.chain(&self.folders) {
            // What cannot be removed now goes with the run's group.
            remove_group(folder).ok();
        }
    }
}

/// All processes in these process groups.
fn in_groups(groups: &[u32]) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| group_of(*pid).is_some_and(|group| groups.contains(&group))).collect()
}

/// Field 5 of `/proc/<pid>/stat`; the second may hold blanks and ends at the last parenthesis.
fn group_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

fn signal(signal: StopSignal) -> Signal {
    match signal {
        StopSignal::Term => Signal::TERM,
        StopSignal::Int => Signal::INT,
        StopSignal::Hup => Signal::HUP,
        StopSignal::Quit => Signal::QUIT,
        StopSignal::Kill => Signal::KILL,
    }
}

#[cfg(test)]
mod tests;
