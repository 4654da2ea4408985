//! Work spread over the time that it takes on an emulated vCPU.
//!
//! One emulated vCPU is a share x of a core of this host. Work of W on it costs x·W of CPU here, spread over W of wall time, over W ÷ speed when
//! credits have run out. It is done in slices of at most a millisecond of W: burn a slice's CPU, then sleep until its time is over. Overshoot and
//! lateness are carried over, within a message and to the next one of a busy thread, so that a late wake-up costs nothing in the long run.

use std::num::NonZeroU64;
use std::os::fd::OwnedFd;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use rustix::io::Errno;
use rustix::net::{SendFlags, send};
use rustix::thread::{clock_nanosleep_absolute, set_current_timer_slack};
use rustix::time::ClockId;
use serde::{Deserialize, Serialize};

use crate::timeline::{Clock, thread_cpu_ns};

/// Of work, in nanoseconds of vCPU time.
const SLICE_NS: u64 = 1_000_000;
/// A thread that waited longer for its message was idle: it has nothing to catch up on.
const IDLE_NS: u64 = 1_000_000;
/// Lateness beyond this is the host's, which stood still: catching up on it would be a burst that no slow CPU has.
const MOST_LATE_NS: u64 = 50_000_000;
/// How often it is told at most how much work was done: then what is told and what the kernel counts are of one moment, all but.
const TELL_NS: u64 = 2_000_000;
/// CPU of one vCPU in a millisecond, in nanoseconds.
const VCPU: f64 = 1e6;

/// What an instance is told of its vCPUs when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaceConfig {
    /// What one vCPU is of a core of this host, from above 0 to 1.
    pub share: f64,
    /// What it may use for its work at first, in nanoseconds of vCPU time a millisecond, all vCPUs together.
    pub allowance: u64,
}

/// The vCPUs of an instance, as its threads share them.
#[derive(Debug)]
pub struct Vcpus {
    share: f64,
    allowance: AtomicU64,
    busy: AtomicU32,
    worked: [AtomicU64; 4],
    told_ns: AtomicU64,
    listener: OnceLock<OwnedFd>,
}

/// Work that was done under a pace, since the start of the instance; all in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worked {
    /// vCPU time: the sum of W.
    pub vcpu_ns: u64,
    /// CPU time of this host that it cost.
    pub cpu_ns: u64,
    /// Wall time that it took.
    pub wall_ns: u64,
    /// Wall time that it should have taken: the sum of W ÷ speed.
    pub due_ns: u64,
}

impl Worked {
    /// What was done since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Worked) -> Worked {
        Worked {
            vcpu_ns: self.vcpu_ns.saturating_sub(earlier.vcpu_ns),
            cpu_ns: self.cpu_ns.saturating_sub(earlier.cpu_ns),
            wall_ns: self.wall_ns.saturating_sub(earlier.wall_ns),
            due_ns: self.due_ns.saturating_sub(earlier.due_ns),
        }
    }
}

impl Vcpus {
    /// As an instance is told.
    pub fn new(config: PaceConfig) -> Self {
        Vcpus {
            share: config.share,
            allowance: AtomicU64::new(config.allowance),
            busy: AtomicU32::new(0),
            worked: [const { AtomicU64::new(0) }; 4],
            told_ns: AtomicU64::new(0),
            listener: OnceLock::new(),
        }
    }

    /// From now on the other end of this socket is told what was worked: lines of two numbers, vCPU time and the CPU time that it cost, in nanoseconds
    /// since the start. The first one to be named stays.
    pub fn tell(&self, listener: OwnedFd) {
        self.listener.set(listener).ok();
    }

    /// It may use so much for its work from now on, in nanoseconds of vCPU time a millisecond.
    pub fn allow(&self, allowance: u64) {
        self.allowance.store(allowance, Relaxed);
    }

    /// Speed of a thread now, in vCPUs: never more than one, and what is allowed is shared by those that work.
    fn speed(&self) -> f64 {
        let busy = self.busy.load(Relaxed).max(1);
        // An allowance of nothing would never end; a hundredth of a vCPU is less than any type has.
        (self.allowance.load(Relaxed) as f64 / VCPU / f64::from(busy)).clamp(0.01, 1.0)
    }

    fn add(&self, now_ns: u64, slice: Worked) {
        let Worked { vcpu_ns, cpu_ns, wall_ns, due_ns } = slice;
        for (sum, one) in self.worked.iter().zip([vcpu_ns, cpu_ns, wall_ns, due_ns]) {
            sum.fetch_add(one, Relaxed);
        }
        let told_ns = self.told_ns.load(Relaxed);
        let Some(listener) = self.listener.get().filter(|_| now_ns.saturating_sub(told_ns) >= TELL_NS) else {
            return;
        };
        if self.told_ns.compare_exchange(told_ns, now_ns, Relaxed, Relaxed).is_ok() {
            let Worked { vcpu_ns, cpu_ns, .. } = self.worked();
            // Nobody may be there to hear it, or not have read what was said before: the next one says it all.
            send(
                listener,
                format!("{vcpu_ns} {cpu_ns}\n").as_bytes(),
                SendFlags::DONTWAIT | SendFlags::NOSIGNAL,
            )
            .ok();
        }
    }

    /// What has been done under the pace, by whole slices.
    pub fn worked(&self) -> Worked {
        let [vcpu_ns, cpu_ns, wall_ns, due_ns] = self.worked.each_ref().map(|sum| sum.load(Relaxed));
        Worked { vcpu_ns, cpu_ns, wall_ns, due_ns }
    }
}

/// The pace of one thread; to be made in that thread, whose timer slack it sets to the least.
#[derive(Debug)]
pub struct ThreadPace {
    clock: Clock,
    ended_ns: u64,
    late_ns: u64,
    /// CPU that the message before used beyond its share: its last wake-up, at most a slice's.
    overdrawn_ns: u64,
}

impl ThreadPace {
    /// A thread that has done nothing yet.
    pub fn new(clock: Clock) -> Self {
        // Where the kernel refuses, each sleep is up to 50 µs longer; the lateness is carried over all the same.
        set_current_timer_slack(NonZeroU64::new(1)).ok();
        ThreadPace { clock, ended_ns: 0, late_ns: 0, overdrawn_ns: 0 }
    }

    /// Does work of so many nanoseconds of vCPU time; `burn` uses the CPU of this thread until its clock shows the given time.
    pub fn spend(&mut self, vcpus: &Vcpus, work_ns: u64, mut burn: impl FnMut(u64)) {
        let began = self.clock.now();
        let between = began.saturating_sub(self.ended_ns);
        let idle = between > IDLE_NS;
        let mut due = began as f64 - if idle { 0.0 } else { self.late_ns as f64 };
        // What the thread did since its last message is overhead, and the work's allowance is smaller by it already: where the allowance and not the
        // vCPU is what holds the thread up, its time is not to be taken twice.
        let mut between = if idle { 0.0 } else { between as f64 };
        let started = thread_cpu_ns();
        let cpu = started.saturating_sub(self.overdrawn_ns);
        let (mut done, mut counted, mut now) = (0, started, began);
        vcpus.busy.fetch_add(1, Relaxed);
        while done < work_ns {
            let slice = SLICE_NS.min(work_ns - done);
            done += slice;
            let wall = slice as f64 / vcpus.speed();
            let taken = between.min(wall - slice as f64);
            between -= taken;
            due += wall - taken;
            burn(cpu + (done as f64 * vcpus.share) as u64);
            if due > self.clock.now() as f64 {
                let until = self.clock.mono_at(due as u64);
                while clock_nanosleep_absolute(ClockId::Monotonic, &until) == Err(Errno::INTR) {}
            }
            let (used, ended) = (thread_cpu_ns(), self.clock.now());
            let wall_ns = ended - now + taken as u64;
            vcpus.add(ended, Worked { vcpu_ns: slice, cpu_ns: used - counted, wall_ns, due_ns: wall as u64 });
            (counted, now) = (used, ended);
        }
        vcpus.busy.fetch_sub(1, Relaxed);
        self.ended_ns = now;
        self.late_ns = now.saturating_sub(due as u64).min(MOST_LATE_NS);
        let share = (work_ns as f64 * vcpus.share) as u64;
        self.overdrawn_ns = (counted - cpu).saturating_sub(share).min((SLICE_NS as f64 * vcpus.share) as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin(until: u64) {
        while thread_cpu_ns() < until {
            std::hint::spin_loop();
        }
    }

    fn paced(share: f64, allowance: u64, work_ns: u64, times: u32) -> Worked {
        let vcpus = Vcpus::new(PaceConfig { share, allowance });
        let mut pace = ThreadPace::new(Clock::anchor());
        (0..times).for_each(|_| pace.spend(&vcpus, work_ns, spin));
        vcpus.worked()
    }

    #[test]
    fn work_costs_its_share_of_cpu_and_takes_its_whole_time() {
        let worked = paced(0.1, 2_000_000, 2_000_000, 20);
        assert_eq!((worked.vcpu_ns, worked.due_ns), (40_000_000, 40_000_000));
        assert!(worked.wall_ns >= 39_000_000, "{worked:?}");
        // 4 ms of work, wake-ups within it; far from the 40 ms of a whole core.
        assert!((3_800_000..6_000_000).contains(&worked.cpu_ns), "{worked:?}");
    }

    #[test]
    fn a_thread_gets_one_vcpu_however_many_there_are_and_less_when_credits_are_spent() {
        assert_eq!(paced(0.2, 8_000_000, 1_000_000, 3).due_ns, 3_000_000);
        let slow = paced(0.2, 200_000, 1_000_000, 3);
        assert_eq!(slow.due_ns, 15_000_000, "a fifth of the speed");
        assert!(slow.wall_ns >= 14_900_000, "{slow:?}");
    }

    #[test]
    fn threads_that_work_at_once_share_what_is_allowed() {
        let vcpus = Vcpus::new(PaceConfig { share: 0.5, allowance: 400_000 });
        vcpus.busy.store(2, Relaxed);
        assert!((vcpus.speed() - 0.2).abs() < 1e-12);
        vcpus.allow(4_000_000);
        assert!((vcpus.speed() - 1.0).abs() < 1e-12);
        vcpus.busy.store(0, Relaxed);
        vcpus.allow(0);
        assert!(vcpus.speed() > 0.0, "work always ends");
    }

    #[test]
    fn what_a_thread_does_between_messages_is_overhead_and_delays_its_work_only_on_a_whole_vcpu() {
        let took = |allowance: u64| {
            let vcpus = Vcpus::new(PaceConfig { share: 0.1, allowance });
            let mut pace = ThreadPace::new(Clock::anchor());
            pace.spend(&vcpus, 1_000_000, spin);
            let (began, before) = (pace.ended_ns - pace.late_ns, vcpus.worked());
            (pace.ended_ns, pace.late_ns) = (began - 500_000, 0);
            pace.spend(&vcpus, 4_000_000, spin);
            (vcpus.worked().since(before).due_ns, pace.ended_ns - pace.late_ns - began)
        };
        // A host that holds the thread up between the two makes it idle: the best of some tries.
        let best = |allowance| (0..9).map(|_| took(allowance)).min_by_key(|(_, took_ns)| *took_ns).unwrap();
        let (due_ns, took_ns) = best(500_000);
        assert_eq!(due_ns, 8_000_000, "at half the speed");
        assert!(took_ns < 7_600_000, "{took_ns} ns, of which 0.5 ms had gone before");
        assert!(best(1_000_000).1 >= 4_000_000);
    }

    #[test]
    fn an_instance_tells_what_it_has_worked_while_it_works() {
        use std::io::Read;
        let (mut here, there) = std::os::unix::net::UnixStream::pair().unwrap();
        let vcpus = Vcpus::new(PaceConfig { share: 0.1, allowance: 2_000_000 });
        vcpus.tell(there.into());
        ThreadPace::new(Clock::anchor()).spend(&vcpus, 10_000_000, spin);
        let worked = vcpus.worked();
        drop(vcpus);
        let mut told = String::new();
        here.read_to_string(&mut told).unwrap();
        let lines: Vec<Vec<u64>> =
            told.lines().map(|line| line.split(' ').map(|it| it.parse().unwrap()).collect()).collect();
        assert!((1..=10).contains(&lines.len()) && lines.is_sorted(), "{told}");
        assert!(lines.iter().all(|line| line[0] <= worked.vcpu_ns && line[1] <= worked.cpu_ns), "{told}");
        assert_eq!(lines[0][0], 1_000_000, "the first slice is told at once");
    }

    #[test]
    fn lateness_of_a_busy_thread_is_made_up_for_by_its_next_message() {
        let vcpus = Vcpus::new(PaceConfig { share: 0.1, allowance: 2_000_000 });
        let mut pace = ThreadPace::new(Clock::anchor());
        pace.spend(&vcpus, 1_000_000, spin);
        (pace.late_ns, pace.ended_ns) = (3_000_000, pace.clock.now());
        let began = pace.clock.now();
        pace.spend(&vcpus, 4_000_000, spin);
        let (took, late) = (pace.clock.now() - began, pace.late_ns);
        assert!(took < 3_500_000 + late, "{took} ns, of which {late} late again");
        // One that waited for its message is late for nothing.
        (pace.late_ns, pace.ended_ns) = (3_000_000, pace.clock.now() - 2 * IDLE_NS);
        let began = pace.clock.now();
        pace.spend(&vcpus, 4_000_000, spin);
        assert!(pace.clock.now() - began >= 4_000_000);
    }
}
