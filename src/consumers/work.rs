//! What the reference consumer does with a message: burns CPU, then waits.

use std::num::NonZeroU64;

use rand_distr::{Distribution, Exp, LogNormal};
use rand_pcg::Pcg64;
use rustix::io::Errno;
use rustix::thread::{clock_nanosleep_absolute, set_current_timer_slack};
use rustix::time::ClockId;

use super::config::{AmountConfig, Config};
use crate::timeline::{Clock, thread_cpu_ns};

/// Works on messages, one at a time, in the thread that made it.
#[derive(Debug)]
pub struct Worker {
    cpu: Option<Draw>,
    wait: Option<Draw>,
    random: Pcg64,
    clock: Clock,
}

#[derive(Debug)]
enum Draw {
    Fixed(u64),
    Exponential(Exp<f64>),
    LogNormal(LogNormal<f64>),
}

impl Draw {
    /// A distribution that cannot be (a mean of zero) is no work at all.
    fn new(amount: AmountConfig) -> Self {
        let drawn = match amount {
            AmountConfig::FixedNs(ns) => return Draw::Fixed(ns),
            AmountConfig::Exponential { mean_ns } if mean_ns > 0 => {
                Exp::new(1.0 / mean_ns as f64).ok().map(Draw::Exponential)
            }
            AmountConfig::LogNormal { median_ns, sigma } if median_ns > 0 => {
                LogNormal::new((median_ns as f64).ln(), sigma).ok().map(Draw::LogNormal)
            }
            _ => None,
        };
        drawn.unwrap_or(Draw::Fixed(0))
    }

    fn next(&self, random: &mut Pcg64) -> u64 {
        match self {
            Draw::Fixed(ns) => *ns,
            Draw::Exponential(distribution) => distribution.sample(random) as u64,
            Draw::LogNormal(distribution) => distribution.sample(random) as u64,
        }
    }
}

impl Worker {
    /// For one thread of an instance; to be made in that thread, whose timer slack it sets to the least.
    pub fn new(config: &Config, thread: u32) -> Self {
        // Where the kernel refuses, waits are up to 50 µs longer and show in the process service time.
        set_current_timer_slack(NonZeroU64::new(1)).ok();
        let stream = u128::from(config.instance) << 32 | u128::from(thread);
        Worker {
            cpu: config.work.cpu.map(Draw::new),
            wait: config.work.wait.map(Draw::new),
            random: Pcg64::new(config.seed.into(), stream),
            clock: config.clock,
        }
    }

    /// Works on one message.
    pub fn work(&mut self) {
        if let Some(cpu) = &self.cpu {
            let until = thread_cpu_ns() + cpu.next(&mut self.random);
            while thread_cpu_ns() < until {
                std::hint::spin_loop();
            }
        }
        if let Some(wait) = &self.wait {
            // Absolute, so that a signal in between makes it no longer.
            let until = self.clock.mono_at(self.clock.now() + wait.next(&mut self.random));
            while clock_nanosleep_absolute(ClockId::Monotonic, &until) == Err(Errno::INTR) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::WorkConfig;
    use super::*;
    use crate::timeline::SECOND_NS;

    fn worker(work: WorkConfig, thread: u32) -> Worker {
        let config = Config {
            servers: String::new(),
            group: String::new(),
            topic: String::new(),
            trial: 0,
            instance: 3,
            threads: 1,
            properties: std::collections::BTreeMap::new(),
            work,
            seed: 11,
            clock: Clock::anchor(),
            commit_interval_ms: 1_000,
            output: None,
        };
        Worker::new(&config, thread)
    }

    #[test]
    fn cpu_work_is_cpu_time_whatever_else_the_host_does() {
        let work = WorkConfig { cpu: Some(AmountConfig::FixedNs(3_000_000)), wait: None };
        let mut worker = worker(work, 0);
        let start = thread_cpu_ns();
        worker.work();
        let used = thread_cpu_ns() - start;
        assert!((3_000_000..3_500_000).contains(&used), "{used} ns");
    }

    #[test]
    fn a_wait_takes_its_time_and_no_cpu() {
        let work = WorkConfig { cpu: None, wait: Some(AmountConfig::FixedNs(20_000_000)) };
        let mut worker = worker(work, 0);
        let (wall, cpu) = (worker.clock.now(), thread_cpu_ns());
        worker.work();
        assert!(worker.clock.now() - wall >= 20_000_000);
        assert!(thread_cpu_ns() - cpu < 2_000_000);
    }

    fn draws(amount: AmountConfig, thread: u32) -> Vec<u64> {
        let mut worker = worker(WorkConfig::default(), thread);
        let draw = Draw::new(amount);
        (0..20_000).map(|_| draw.next(&mut worker.random)).collect()
    }

    #[test]
    fn draws_follow_from_seed_instance_and_thread() {
        let amount = AmountConfig::Exponential { mean_ns: SECOND_NS };
        assert_eq!(draws(amount, 0), draws(amount, 0));
        assert_ne!(draws(amount, 0), draws(amount, 1));
    }

    #[test]
    fn distributions_have_the_mean_and_the_median_that_were_asked_for() {
        let exponential = draws(AmountConfig::Exponential { mean_ns: 1_000_000 }, 0);
        let mean = exponential.iter().sum::<u64>() as f64 / exponential.len() as f64;
        assert!((mean / 1e6 - 1.0).abs() < 0.05, "{mean}");
        let mut log_normal = draws(AmountConfig::LogNormal { median_ns: 1_000_000, sigma: 0.5 }, 0);
        log_normal.sort_unstable();
        let median = log_normal[log_normal.len() / 2] as f64;
        assert!((median / 1e6 - 1.0).abs() < 0.05, "{median}");
    }

    #[test]
    fn a_mean_of_zero_is_no_work() {
        assert!(draws(AmountConfig::Exponential { mean_ns: 0 }, 0).iter().all(|ns| *ns == 0));
    }
}
