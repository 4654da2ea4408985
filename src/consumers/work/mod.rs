//! What the reference consumer does with a message: CPU or an inference, then memory, then the disk, then the wait.

mod disk;
mod draw;
mod memory;
mod model;

use std::io;
use std::num::NonZeroU64;
use std::sync::Arc;

use rand_pcg::Pcg64;
use rustix::io::Errno;
use rustix::thread::{clock_nanosleep_absolute, set_current_timer_slack};
use rustix::time::ClockId;

use self::disk::Scratch;
use self::draw::Draw;
use self::memory::WorkingSet;
use self::model::{Inference, Weights};
use super::config::Config;
use super::emulation::{ThreadPace, Vcpus, Worked};
use super::spent::{Spending, Spent};
use crate::timeline::{Clock, thread_cpu_ns};

/// What the threads of an instance share: vCPUs, memory, models.
#[derive(Debug, Default)]
pub struct Workplace {
    vcpus: Option<Vcpus>,
    memory: Option<WorkingSet>,
    weights: Option<Weights>,
    spending: Vec<Spending>,
}

impl Workplace {
    /// As configured; all memory that it needs is there and touched when this returns.
    pub fn new(config: &Config) -> Self {
        let mut random = Pcg64::new(config.seed.into(), u128::MAX);
        Workplace {
            vcpus: config.pace.map(Vcpus::new),
            memory: config.work.memory_bytes.map(|bytes| WorkingSet::new(bytes as usize)),
            spending: (0..config.threads).map(|_| Spending::default()).collect(),
            weights: config.work.model.map(|model| Weights::new(model, &mut random)),
        }
    }

    /// The vCPUs, where they are emulated.
    pub fn vcpus(&self) -> Option<&Vcpus> {
        self.vcpus.as_ref()
    }

    /// What a thread's time goes to; none of a thread that is not there.
    pub fn spending(&self, thread: u32) -> Option<&Spending> {
        self.spending.get(thread as usize)
    }

    /// What the time of each thread went to so far.
    pub fn spent(&self) -> Vec<Spent> {
        self.spending.iter().map(Spending::read).collect()
    }

    /// What has been done under a pace.
    pub fn worked(&self) -> Worked {
        self.vcpus.as_ref().map(Vcpus::worked).unwrap_or_default()
    }
}

/// Works on messages, one at a time, in the thread that made it.
#[derive(Debug)]
pub struct Worker {
    place: Arc<Workplace>,
    cpu: Option<Draw>,
    wait: Option<Draw>,
    inference: Option<(Inference, u64)>,
    scratch: Option<Scratch>,
    random: Pcg64,
    pace: ThreadPace,
    clock: Clock,
    thread: u32,
}

impl Worker {
    /// For one thread of an instance; to be made in that thread, whose timer slack it sets to the least.
    pub fn new(config: &Config, thread: u32, place: Arc<Workplace>) -> io::Result<Self> {
        // Where the kernel refuses, waits are up to 50 µs longer and show in the process service time.
        set_current_timer_slack(NonZeroU64::new(1)).ok();
        let stream = u128::from(config.instance) << 32 | u128::from(thread);
        let inference = place.weights.as_ref().map(|weights| {
            let mut inference = Inference::new(weights);
            let cost_ns = inference.cost_ns(weights);
            (inference, cost_ns)
        });
        Ok(Worker {
            place,
            cpu: config.work.cpu.map(Draw::new),
            wait: config.work.wait.map(Draw::new),
            inference,
            scratch: config.work.disk.map(|disk| Scratch::new(disk, thread)).transpose()?,
            random: Pcg64::new(config.seed.into(), stream),
            pace: ThreadPace::new(config.clock),
            clock: config.clock,
            thread,
        })
    }

    /// Works on one message.
    pub fn work(&mut self) -> io::Result<()> {
        let Worker { place, random, pace, clock, thread, .. } = self;
        let spending = place.spending(*thread);
        if let Some(cpu) = &self.cpu {
            let work_ns = cpu.next(random);
            match &place.vcpus {
                Some(vcpus) => pace.spend(vcpus, work_ns, spin_until),
                None => spin_until(thread_cpu_ns() + work_ns),
            }
        }
        if let (Some((inference, cost_ns)), Some(weights)) = (&mut self.inference, &place.weights) {
            inference.draw(weights, random);
            match &place.vcpus {
                Some(vcpus) => pace.spend(vcpus, *cost_ns, |cpu_ns| inference.until(weights, cpu_ns)),
                None => inference.whole(weights),
            }
        }
        if let Some(memory) = &place.memory {
            memory.touch();
        }
        if let Some(scratch) = &mut self.scratch {
            let began = clock.now();
            scratch.write()?;
            spending.inspect(|spending| spending.disk(clock.now().saturating_sub(began)));
        }
        if let Some(wait) = &self.wait {
            // Absolute, so that a signal in between makes it no longer.
            let began = clock.now();
            let until = clock.mono_at(began + wait.next(random));
            while clock_nanosleep_absolute(ClockId::Monotonic, &until) == Err(Errno::INTR) {}
            spending.inspect(|spending| spending.wait(clock.now().saturating_sub(began)));
        }
        Ok(())
    }
}

fn spin_until(cpu_ns: u64) {
    while thread_cpu_ns() < cpu_ns {
        std::hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::{AmountConfig, WorkConfig};
    use super::super::emulation::PaceConfig;
    use super::*;

    fn worker(work: WorkConfig, pace: Option<PaceConfig>) -> Worker {
        let smallest = r#"{"servers":"b:1","group":"g","topic":"t","trial":7,"instance":3,"threads":1,"seed":11,"clock":0}"#;
        let config = Config { work, pace, clock: Clock::anchor(), ..serde_json::from_str(smallest).unwrap() };
        Worker::new(&config, 0, Arc::new(Workplace::new(&config))).unwrap()
    }

    fn cpu(ns: u64) -> WorkConfig {
        WorkConfig { cpu: Some(AmountConfig::FixedNs(ns)), ..WorkConfig::default() }
    }

    #[test]
    fn cpu_work_is_cpu_time_whatever_else_the_host_does() {
        let mut worker = worker(cpu(3_000_000), None);
        let start = thread_cpu_ns();
        worker.work().unwrap();
        let used = thread_cpu_ns() - start;
        assert!((3_000_000..3_500_000).contains(&used), "{used} ns");
    }

    #[test]
    fn a_wait_takes_its_time_and_no_cpu() {
        let work = WorkConfig { wait: Some(AmountConfig::FixedNs(20_000_000)), ..WorkConfig::default() };
        let mut worker = worker(work, None);
        let (wall, cpu) = (worker.clock.now(), thread_cpu_ns());
        worker.work().unwrap();
        assert!(worker.clock.now() - wall >= 20_000_000);
        assert!(thread_cpu_ns() - cpu < 2_000_000);
    }

    #[test]
    fn on_an_emulated_vcpu_the_same_work_costs_a_share_and_takes_its_whole_time() {
        let mut worker = worker(cpu(10_000_000), Some(PaceConfig { share: 0.2, allowance: 1_000_000 }));
        let (wall, cpu) = (worker.clock.now(), thread_cpu_ns());
        worker.work().unwrap();
        assert!(worker.clock.now() - wall >= 10_000_000);
        assert!((2_000_000..4_000_000).contains(&(thread_cpu_ns() - cpu)));
        assert_eq!(worker.place.worked().vcpu_ns, 10_000_000);
    }

    #[test]
    fn a_model_costs_what_its_inference_costs_on_a_whole_core() {
        use super::super::config::ModelConfig;
        let model = Some(ModelConfig { layers: 2, width: 256, count: 2 });
        let work = WorkConfig { model, ..WorkConfig::default() };
        let mut worker = worker(work, Some(PaceConfig { share: 0.5, allowance: 1_000_000 }));
        let (_, cost_ns) = worker.inference.as_ref().unwrap();
        let cost_ns = *cost_ns;
        worker.work().unwrap();
        assert_eq!(worker.place.worked().vcpu_ns, cost_ns);
        assert!(cost_ns > 1_000, "131 072 products take more than a microsecond");
    }
}
