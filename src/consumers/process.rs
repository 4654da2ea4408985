//! The backend `process`: each instance a child `bench consumer` on this host, its lines read from its stdout.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::backend::{Act, Backend, BackendError, DeployedInstance, Event, Exit, Launch, Said};
use super::emulation::cgroup::Cgroup;
use super::emulation::{Emulating, Governor, PaceConfig, Wire};
use super::surroundings::{LONGEST_VARIABLE, Lent, write};
use super::{Config, Gathered};
use crate::cluster::{Stood, child, remove_group};
use crate::timeline::Clock;

/// Lines of an instance's stderr that are kept.
const LAST_WORDS: usize = 20;
/// How often a child that should end is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Children of this process. What is left of them is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    program: Option<PathBuf>,
    /// Where configurations lie that are too long for a variable.
    private: PathBuf,
    clock: Clock,
    children: Vec<Running>,
    /// How many of them have somebody in their place.
    replaced: u32,
    said: (Sender<Said>, Receiver<Said>),
    config: Option<Config>,
    emulation: Option<(Emulating, Governor)>,
}

#[derive(Debug)]
struct Running {
    cgroup: Option<Cgroup>,
    /// Its number among equals; of one that took another's place the same.
    slot: u32,
    /// What it was to be.
    launch: Launch,
    child: Child,
    instance: DeployedInstance,
    exit: Option<(Option<ExitStatus>, bool)>,
    /// It has closed its output, and ends, if it has not.
    silent: bool,
    last_words: Arc<Mutex<VecDeque<String>>>,
    readers: Vec<JoinHandle<()>>,
    /// Its configuration, where it lies on a file: as long as it may be read.
    _file: Option<Lent>,
}

impl Process {
    /// Instances of this very binary.
    pub fn new(clock: Clock) -> Self {
        let (children, said) = (Vec::new(), channel());
        let private = std::env::temp_dir().join(format!("bench-consumers-{}", std::process::id()));
        Process { program: None, private, clock, children, replaced: 0, said, config: None, emulation: None }
    }

    /// Instances whose configurations lie in this folder where they are too long for a variable; it is made then, and only this user may look into it.
    #[must_use]
    pub fn keeping_files_in(mut self, private: PathBuf) -> Self {
        self.private = private;
        self
    }

    /// Instances of another program that is called and speaks like `bench consumer`.
    #[must_use]
    pub fn of(mut self, program: PathBuf) -> Self {
        self.program = Some(program);
        self
    }

    /// Instances that are emulated.
    #[must_use]
    pub fn emulating(mut self, emulating: Option<Emulating>) -> Self {
        self.emulation = emulating.map(|emulating| emulating.governed(self.clock));
        self
    }

    /// The processes that have not been found to have ended.
    pub fn pids(&self) -> Vec<u32> {
        let living = self.children.iter().filter(|running| running.exit.is_none());
        living.map(|running| running.child.id()).collect()
    }

    fn start(&mut self, launch: &Launch, slot: u32) -> Result<u32, BackendError> {
        let index = self.children.len() as u32;
        let config = self.config.as_ref().ok_or(BackendError::NotDeployed)?;
        let program = match &self.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(BackendError::NoProgram)?,
        };
        let emulating = self.emulation.as_ref().map(|(emulating, _)| emulating);
        let machine = emulating.map(|emulating| launch.machine.as_ref().unwrap_or(&emulating.machine));
        let confined = emulating.zip(machine).map(|(emulating, machine)| emulating.confined(index, machine));
        let cgroup = confined.transpose()?.flatten();
        let config = Config {
            instance: index,
            slot: Some(slot),
            group: launch.group.as_ref().unwrap_or(&config.group).clone(),
            cgroups: cgroup.as_ref().map(Cgroup::doors).unwrap_or_default(),
            pace: machine.map(|machine| PaceConfig { share: machine.share(), allowance: machine.whole() }),
            ..config.clone()
        };
        let text = serde_json::to_string(&config)
            .map_err(|source| BackendError::Config { instance: index, source })?;
        let spawn =
            |source| BackendError::Spawn { instance: index, program: program.display().to_string(), source };
        let (wire, stdin) = match machine.map(|_| Wire::pair()).transpose().map_err(spawn)? {
            Some((wire, theirs)) => (Some(wire), theirs.into()),
            None => (None, Stdio::null()),
        };
        let mut command = Command::new(&program);
        command
            .arg("consumer")
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Ctrl-C is for bench: a group of its own, or the terminal would tell the instances too.
            .process_group(0);
        let mut file = None;
        if text.len() <= LONGEST_VARIABLE {
            command.env(Config::VARIABLE, text);
        } else {
            let path = self.private.join(format!("{}-{index}.json", config.group));
            let path = file.insert(write(&path, &text, 0o600).map_err(spawn)?);
            command.arg("--config").arg(path.path());
        }
        let started_ns = self.clock.now();
        let mut child = child::spawn(command).map_err(spawn)?;
        let last_words = Arc::new(Mutex::new(VecDeque::new()));
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            let (to, clock) = (self.said.0.clone(), self.clock);
            readers.push(std::thread::spawn(move || pass_on(stdout, index, clock, &to)));
        }
        if let Some(stderr) = child.stderr.take() {
            let last_words = Arc::clone(&last_words);
            readers.push(std::thread::spawn(move || remember(stderr, &last_words)));
        }
        let launched_ns = launch.launched_ns.unwrap_or(started_ns);
        let pid = Some(child.id());
        let instance = DeployedInstance { index, pid, launched_ns, started_ns, stopped_ns: None };
        if let (Some((_, governor)), Some(wire), Some(machine)) = (&self.emulation, wire, machine) {
            governor.add((index, child.id()), machine.clone(), cgroup.clone(), Some(wire));
        }
        let launch = launch.clone();
        self.children.push(Running {
            cgroup,
            slot,
            launch,
            child,
            instance,
            exit: None,
            silent: false,
            last_words,
            readers,
            _file: file,
        });
        Ok(index)
    }

    fn child(&self, instance: u32) -> Result<&Running, BackendError> {
        let own = self.children.iter().find(|running| running.instance.index == instance);
        own.ok_or(BackendError::NotDeployed)
    }
}

impl Backend for Process {
    /// Children of this process, which die with it: none is left that anybody would have to bring back.
    fn observe(&self) -> Vec<Stood> {
        Vec::new()
    }

    fn apply(&mut self, config: &Config) -> Result<(), BackendError> {
        self.config = Some(config.clone());
        Ok(())
    }

    fn governed(&mut self) -> Option<(&Emulating, &mut Governor)> {
        self.emulation.as_mut().map(|(emulating, governor)| (&*emulating, governor))
    }

    fn act(&mut self, instance: u32, act: Act) -> bool {
        let clock = self.clock;
        let own = |running: &&mut Running| running.instance.index == instance;
        let Some(running) = self.children.iter_mut().find(own) else { return false };
        if running.has_ended(clock) {
            return false;
        }
        let tell = |signal| kill_process(Pid::from_child(&running.child), signal).is_ok();
        match act {
            Act::Kill => running.kill(clock, false),
            Act::Stop => tell(Signal::TERM),
            Act::Pause => tell(Signal::STOP),
            Act::Resume => tell(Signal::CONT),
        }
    }

    fn launch(&mut self, launch: &Launch) -> Result<u32, BackendError> {
        let slot = launch.slot(self.children.iter().map(|child| (child.instance.index, child.slot)))?;
        self.start(launch, slot)
    }

    fn replace(&mut self, instance: u32) -> Result<(), BackendError> {
        let launch = Launch { place_of: None, launched_ns: None, ..self.child(instance)?.launch.clone() };
        self.launch(&launch)?;
        self.replaced += 1;
        Ok(())
    }

    fn next(&mut self, timeout: Duration) -> Option<Said> {
        // Whoever leaves is paid for until it has ended, and not until all are stopped.
        let clock = self.clock;
        self.children.iter_mut().filter(|running| running.silent).for_each(|running| {
            running.has_ended(clock);
        });
        let said = self.said.1.recv_timeout(timeout).ok()?;
        if matches!(said.event, Event::Ended) {
            let own = |running: &&mut Running| running.instance.index == said.instance;
            self.children.iter_mut().filter(own).for_each(|running| running.silent = true);
        }
        Some(said)
    }

    fn instances(&self) -> Vec<DeployedInstance> {
        self.children.iter().map(|running| running.instance).collect()
    }

    fn ready(&self, gathered: &Gathered) -> bool {
        let instances = (self.children.len() as u32).saturating_sub(self.replaced);
        let is_ready = |config: &Config| gathered.ready(&config.topic, instances * config.threads);
        self.config.as_ref().is_some_and(is_ready)
    }

    fn restore(&mut self, deadline: Duration) -> Vec<Exit> {
        for running in self.children.iter_mut().filter(|running| running.exit.is_none()) {
            // One that has just ended needs no signal, and one that was paused hears of nothing until it goes on.
            kill_process(Pid::from_child(&running.child), Signal::TERM).ok();
            kill_process(Pid::from_child(&running.child), Signal::CONT).ok();
        }
        let end = Instant::now() + deadline;
        let clock = self.clock;
        let mut left = self.children.len();
        while left > 0 && Instant::now() < end {
            left = self
                .children
                .iter_mut()
                .filter_map(|running| (!running.has_ended(clock)).then_some(()))
                .count();
            if left > 0 {
                std::thread::sleep(LOOK);
            }
        }
        self.children.iter_mut().map(|running| running.close(clock)).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        for running in &mut self.children {
            running.close(self.clock);
        }
        // Its thread reads the groups that are removed next.
        self.emulation = None;
        for folder in self.children.iter().flat_map(|running| &running.cgroup).flat_map(Cgroup::folders) {
            // What cannot be removed now goes with the run's group.
            remove_group(folder).ok();
        }
    }
}

impl Running {
    fn has_ended(&mut self, clock: Clock) -> bool {
        if self.exit.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.ended(Some(status), false, clock);
        }
        self.exit.is_some()
    }

    fn ended(&mut self, status: Option<ExitStatus>, overdue: bool, clock: Clock) {
        self.exit = Some((status, overdue));
        self.instance.stopped_ns = Some(clock.now());
    }

    /// Kills and reaps it, unless it has ended.
    fn kill(&mut self, clock: Clock, overdue: bool) -> bool {
        if self.has_ended(clock) {
            return false;
        }
        // It can only fail for a child that was reaped, and this one was not.
        self.child.kill().ok();
        let status = self.child.wait().ok();
        self.ended(status, overdue, clock);
        true
    }

    /// How it ended, after everything that it said has been passed on.
    fn close(&mut self, clock: Clock) -> Exit {
        self.kill(clock, true);
        for reader in self.readers.drain(..) {
            // A reader that panicked has nothing more to pass on.
            reader.join().ok();
        }
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, overdue) = self.exit.unwrap_or_default();
        Exit {
            instance: self.instance.index,
            status,
            overdue,
            stopped_ns: self.instance.stopped_ns.unwrap_or_default(),
            last_words: words.iter().cloned().collect::<Vec<_>>().join("\n"),
        }
    }
}

fn pass_on(stdout: impl Read, instance: u32, clock: Clock, to: &Sender<Said>) {
    let say = |event| {
        let at_ns = clock.now();
        to.send(Said { instance, at_ns, event }).is_ok()
    };
    // A last line without its end was cut off by a kill: it is not what the instance meant to say, and fails to be read.
    let (mut stdout, mut text) = (BufReader::new(stdout), Vec::new());
    while stdout.read_until(b'\n', &mut text).is_ok_and(|length| length > 0) {
        let event = match serde_json::from_slice(&text) {
            Ok(line) => Event::Line(line),
            Err(error) => {
                Event::Unreadable(format!("instance {instance} wrote a line that cannot be read: {error}"))
            }
        };
        // Its memory stays for the next: in a thread of its own, lines of any lengths would leave holes that nobody fills.
        text.clear();
        if !say(event) {
            return;
        }
    }
    say(Event::Ended);
}

fn remember(stderr: impl Read, last_words: &Mutex<VecDeque<String>>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let mut words = last_words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.len() == LAST_WORDS {
            words.pop_front();
        }
        words.push_back(line);
    }
}

#[cfg(test)]
mod tests;
