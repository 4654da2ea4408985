//! What a relay is told while it runs, and what it counts.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering::Release;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, PoisonError};

use rustix::event::{EventfdFlags, eventfd};

use super::card::Allowance;
use super::profile::Profile;

/// Who is cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut {
    /// All of the role.
    All,
    /// The clients of these processes.
    Of(Vec<u32>),
}

impl Cut {
    /// The processes, where not all are meant.
    pub fn pids(&self) -> &[u32] {
        match self {
            Cut::All => &[],
            Cut::Of(pids) => pids,
        }
    }
}

/// An instance whose connections share a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Unique in the trial.
    pub number: u64,
    /// Its processes.
    pub pids: Vec<u32>,
    /// What it may send and receive.
    pub allowance: Allowance,
}

/// What a relay is told.
#[derive(Clone, Debug)]
pub struct Told {
    pub profile: Profile,
    /// Who is cut off, by the number of what did it.
    pub cuts: Vec<(usize, Cut)>,
    /// Who may have no more than a network of its own gives.
    pub held: Vec<Held>,
    /// Where each listener leads: ports of this host.
    pub upstreams: Vec<u16>,
    /// What is healed passes at once: nobody measures any more.
    pub at_once: bool,
}

impl Default for Told {
    fn default() -> Self {
        let profile = Profile::near();
        Told { profile, cuts: Vec::new(), held: Vec::new(), upstreams: Vec::new(), at_once: false }
    }
}

/// Between a relay's thread and whoever commands it.
#[derive(Debug)]
pub struct Shared {
    pub told: Mutex<Told>,
    /// Rises with each change.
    pub version: AtomicU64,
    pub wake: OwnedFd,
    pub stop: AtomicBool,
    /// Bytes to the brokers, and from them; pings apart.
    pub bytes: [AtomicU64; 2],
    /// Connections that ever came; pings apart.
    pub opened: AtomicU64,
    /// CPU time of its thread.
    pub cpu_ns: AtomicU64,
}

impl Shared {
    pub fn new() -> io::Result<Self> {
        Ok(Shared {
            told: Mutex::default(),
            version: AtomicU64::new(0),
            wake: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?,
            stop: AtomicBool::new(false),
            bytes: [const { AtomicU64::new(0) }; 2],
            opened: AtomicU64::new(0),
            cpu_ns: AtomicU64::new(0),
        })
    }

    /// Tells it something else.
    pub fn tell(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner));
        self.version.fetch_add(1, Release);
        self.rouse();
    }

    /// Its thread ends.
    pub fn end(&self) {
        self.stop.store(true, Release);
        self.rouse();
    }

    fn rouse(&self) {
        // Only a counter that is full refuses, and then it is awake.
        rustix::io::write(&self.wake, &1_u64.to_ne_bytes()).ok();
    }

    /// It has heard.
    pub fn awake(&self) {
        rustix::io::read(&self.wake, &mut [0_u8; 8]).ok();
    }
}
