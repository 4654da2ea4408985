//! Watches what emulated instances really use, keeps their credits, and tells kernel and instances what they may use.

use std::collections::BTreeMap;
use std::fs;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::budget::{Budget, Seen, Use};
use super::cgroup::{Cgroup, CgroupUse};
use super::machine::EmulatedMachine;
use super::wire::Wire;
use crate::books::InstanceSecond;
use crate::catalogue::{Account, Credits};
use crate::timeline::{Clock, SECOND_NS};

/// How often an instance is looked at.
const TICK_NS: u64 = SECOND_NS / 10;
const MS: u64 = 1_000_000;

/// Governs the instances of one group, in a thread of its own; ends with it.
#[derive(Debug)]
pub struct Governor {
    shared: Arc<(Mutex<State>, Condvar)>,
    thread: Option<JoinHandle<()>>,
    seconds: Receiver<InstanceSecond>,
}

#[derive(Debug)]
struct State {
    clock: Clock,
    group: String,
    zero_ns: Option<u64>,
    instances: Vec<GovernedInstance>,
    seconds: Sender<InstanceSecond>,
    /// Quotas that the kernel did not take, and readings that it did not give.
    refused: u32,
    stop: bool,
}

#[derive(Debug)]
struct GovernedInstance {
    index: u32,
    pid: u32,
    /// It was seen to have ended: nothing of it is looked at any more.
    ended: bool,
    cgroup: Option<Cgroup>,
    /// None to a program that is not ours: it hears nothing, and says nothing of its work.
    wire: Option<Wire>,
    budget: Budget,
    quota_us: u64,
    /// At the last look: milliseconds since time 0, and CPU used since the start; none before the first one at or after time 0.
    last: Option<(u64, u64)>,
    second: Second,
}

/// Since the last whole second: where it began, and sums over the looks in it.
#[derive(Debug, Default)]
struct Second {
    began_ms: u64,
    began: CgroupUse,
    used: Use,
    allowed_ms: u128,
}

impl Governor {
    /// Governs nothing yet. Until time 0 is set, instances are as fast as they ever are.
    pub fn start(clock: Clock, group: String) -> Self {
        let (to, seconds) = channel();
        let state = State {
            clock,
            group,
            zero_ns: None,
            instances: Vec::new(),
            seconds: to,
            refused: 0,
            stop: false,
        };
        let shared = Arc::new((Mutex::new(state), Condvar::new()));
        let watched = Arc::clone(&shared);
        // Without the thread nothing is recorded, and calibration doubts the trial.
        let thread =
            std::thread::Builder::new().name("governor".to_owned()).spawn(move || watch(&watched)).ok();
        Governor { shared, thread, seconds }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an instance on, as fast as it ever is; over the wire, where it has one, it hears what it may use and says what it has worked.
    pub fn add(
        &self,
        (index, pid): (u32, u32),
        machine: EmulatedMachine,
        cgroup: Option<Cgroup>,
        wire: Option<Wire>,
    ) {
        let instance = GovernedInstance {
            index,
            pid,
            ended: false,
            cgroup,
            wire,
            quota_us: machine.quota_us(machine.whole(), 0),
            budget: Budget::new(machine),
            last: None,
            second: Second::default(),
        };
        self.state().instances.push(instance);
    }

    /// What each instance is emulated on, by its index.
    pub fn machines(&self) -> BTreeMap<u32, EmulatedMachine> {
        self.state().instances.iter().map(|one| (one.index, one.budget.machine().clone())).collect()
    }

    /// Takes an instance's credits away; whether it lives and has an account.
    pub fn exhaust(&self, index: u32) -> bool {
        let mut state = self.state();
        let own = state.instances.iter_mut().find(|one| one.index == index && !one.ended);
        own.is_some_and(|one| one.budget.exhaust())
    }

    /// Credits begin at this moment, Unix ns.
    pub fn begin(&self, zero_ns: u64) {
        self.state().zero_ns = Some(zero_ns);
        self.shared.1.notify_all();
    }

    /// Processes of an instance that the kernel killed for its memory.
    pub fn oom_kills(&self, index: u32) -> u64 {
        let state = self.state();
        let cgroup = state.instances.iter().find(|instance| instance.index == index).map(|one| &one.cgroup);
        cgroup
            .and_then(Option::as_ref)
            .and_then(|cgroup| cgroup.read().ok())
            .map_or(0, |counted| counted.oom_kills)
    }

    /// What instances did in the seconds that have passed since it was asked last, from time 0 on; of each instance in the order of time.
    pub fn seconds(&self) -> impl Iterator<Item = InstanceSecond> {
        self.seconds.try_iter()
    }

    /// Ends it; how many quotas the kernel did not take, and readings that it did not give. The last seconds are then to be had.
    pub fn finish(&mut self) -> u32 {
        self.state().stop = true;
        self.shared.1.notify_all();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked leaves what it had recorded.
            thread.join().ok();
        }
        self.state().refused
    }
}

impl Drop for Governor {
    fn drop(&mut self) {
        self.finish();
    }
}

fn watch((state, changed): &(Mutex<State>, Condvar)) {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    while !state.stop {
        let now = state.clock.now();
        let wait = match state.zero_ns {
            None => Duration::from_nanos(TICK_NS),
            Some(zero) if now < zero => Duration::from_nanos(zero - now),
            Some(zero) => {
                state.look(now);
                let after = state.clock.now();
                Duration::from_nanos(TICK_NS - after.saturating_sub(zero) % TICK_NS)
            }
        };
        state = changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
    }
    if state.zero_ns.is_some_and(|zero| state.clock.now() > zero) {
        let now = state.clock.now();
        state.look(now);
    }
}

impl State {
    fn since_zero(&self, now_ns: u64) -> u64 {
        self.zero_ns.map_or(0, |zero| now_ns.saturating_sub(zero) / MS)
    }

    fn look(&mut self, now_ns: u64) {
        let now_ms = self.since_zero(now_ns);
        let State { group, instances, seconds, refused, .. } = self;
        for instance in instances.iter_mut().filter(|instance| !instance.ended) {
            // Of one that has ended by now this is the last look: what it earned afterwards would be nobody's.
            instance.ended = instance.has_ended();
            instance.look(now_ms, refused);
            let whole = now_ms / 1_000 * 1_000;
            if (whole > instance.second.began_ms || instance.ended)
                && let Some(second) = instance.end_second(now_ms, group)
            {
                // It fails once nobody wants any more.
                seconds.send(second).ok();
            }
        }
    }
}

impl GovernedInstance {
    /// Whether its process is gone, and with it all that this had started.
    fn has_ended(&self) -> bool {
        is_gone(self.pid) && self.cgroup.as_ref().is_none_or(|cgroup| cgroup.processes().is_empty())
    }

    /// CPU that it has used since its start; none where it cannot be read.
    fn cpu_ns(&self) -> Option<u64> {
        match &self.cgroup {
            Some(cgroup) => cgroup.cpu_ns().ok(),
            None => threads_cpu_ns(self.pid),
        }
    }

    fn look(&mut self, now_ms: u64, refused: &mut u32) {
        // What it says comes first: the kernel has then counted all of that.
        let said = self.wire.as_mut().and_then(Wire::heard);
        let Some(cpu_ns) = self.cpu_ns() else {
            // One that has ended uses nothing; its group still tells, unless it was a container's and went with it.
            *refused += u32::from(self.cgroup.as_ref().is_some_and(Cgroup::is_there));
            return;
        };
        let ms = self.last.map_or(0, |(last_ms, _)| now_ms.saturating_sub(last_ms));
        if self.last.is_none() {
            // What was used before time 0 is not counted.
            self.second = Second { began_ms: now_ms, began: self.counted(cpu_ns), ..Second::default() };
        } else if ms == 0 {
            return;
        }
        self.second.allowed_ms += u128::from(ms) * u128::from(self.budget.orders().allowed);
        self.budget.pass(ms, Seen { cpu_ns, said });
        self.last = Some((now_ms, cpu_ns));
        self.obey(refused);
    }

    /// Tells the instance and the kernel what it may use now, where that has changed.
    fn obey(&mut self, refused: &mut u32) {
        let machine = self.budget.machine();
        let orders = self.budget.orders();
        if let Some(wire) = &mut self.wire {
            wire.tell(orders.work);
        }
        let quota_us = machine.quota_us(orders.allowed, orders.overhead);
        if let Some(cgroup) = self.cgroup.as_ref().filter(|_| machine.is_off(self.quota_us, quota_us)) {
            match cgroup.set_quota(machine.period_us(), quota_us) {
                Ok(_) => self.quota_us = quota_us,
                Err(_) => *refused += 1,
            }
        }
    }

    fn counted(&self, cpu_ns: u64) -> CgroupUse {
        let counted = self.cgroup.as_ref().and_then(|cgroup| cgroup.read().ok()).unwrap_or_default();
        CgroupUse { cpu_ns, ..counted }
    }

    fn end_second(&mut self, now_ms: u64, group: &str) -> Option<InstanceSecond> {
        let began_ms = self.second.began_ms;
        let ms = now_ms.checked_sub(began_ms).filter(|ms| *ms > 0)?;
        let now = self.counted(self.last?.1);
        let used = self.budget.used();
        let next = Second { began_ms: now_ms, began: now, used, allowed_ms: 0 };
        let began = std::mem::replace(&mut self.second, next);
        let enforced = self.cgroup.is_some();
        let rate = |ns: u64| ns as f64 / (ms * MS) as f64;
        let news = used.since(began.used);
        let credits = |of: fn(&Account) -> Credits| self.budget.account().map(|account| of(account).as_f64());
        let since = |of: fn(&CgroupUse) -> u64| enforced.then(|| of(&now).saturating_sub(of(&began.began)));
        Some(InstanceSecond {
            t_s: began_ms as f64 / 1e3,
            group: group.to_owned(),
            instance: self.index,
            cpu_cores: rate(now.cpu_ns.saturating_sub(began.began.cpu_ns)),
            used_vcpus: rate(news.all()),
            overhead_vcpus: self.wire.as_ref().is_some_and(Wire::speaks).then(|| rate(news.overhead_ns)),
            allowed_vcpus: began.allowed_ms as f64 / (ms * MS) as f64,
            quota_cores: enforced.then(|| self.quota_us as f64 / self.budget.machine().period_us() as f64),
            periods: since(|counted| counted.periods),
            throttled_periods: since(|counted| counted.throttled_periods),
            throttled_ms: since(|counted| counted.throttled_ns).map(|ns| ns as f64 / 1e6),
            balance_credits: credits(Account::balance),
            surplus_credits: credits(Account::surplus),
            charged_credits: credits(Account::charged),
            uncovered_credits: credits(Account::uncovered),
            memory_mib: enforced.then(|| now.memory_bytes as f64 / f64::from(1 << 20)),
            oom_kills: enforced.then_some(now.oom_kills),
        })
    }
}

/// Whether a process is gone, or only waits for its end to be heard.
fn is_gone(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name before it may hold blanks and parentheses.
    stat.rsplit_once(')')
        .and_then(|(_, rest)| rest.trim_start().chars().next())
        .is_none_or(|state| "ZX".contains(state))
}

/// CPU of all threads that a process has now, to the nanosecond; `/proc/<pid>/stat` counts in hundredths of a second.
fn threads_cpu_ns(pid: u32) -> Option<u64> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let of = |task: fs::DirEntry| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    };
    Some(tasks.flatten().filter_map(of).sum())
}
