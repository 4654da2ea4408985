//! Distance between clients and brokers of one host: a relay for each role that is away, to which the brokers' listeners for it lead.
//!
//! Each connection is carried by a thread that lets bytes arrive half a round trip after they were sent, and never has more of them under way than TCP would
//! (see [`Line`](line::Line)). What the clients and brokers do is their own: their sockets end at the relay. What this cannot show: segments that are lost, and what
//! others on the way would do.

mod card;
mod conn;
mod line;
mod owner;
mod ping;
mod profile;
mod relay;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;

pub use card::Allowance;
pub use line::Way;
pub use profile::Profile;
pub use shared::{Cut, Held};

use ping::Pinger;
use relay::Relay;
use shared::{Shared, Told};

use crate::spec::Role;
use crate::timeline::Clock;

/// What a relay has carried so far, pings apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// When that was read, Unix ns.
    pub at: u64,
    /// Bytes to the brokers, and from them: what TCP carries, its own headers apart.
    pub bytes: [u64; 2],
    /// Connections that ever came.
    pub connections: u64,
    /// CPU time of the relay's thread, in ns.
    pub cpu_ns: u64,
}

/// The relays of a run.
#[derive(Debug)]
pub struct Distance {
    clock: Clock,
    relays: Vec<Carrier>,
}

/// One role's relay.
#[derive(Debug)]
struct Carrier {
    role: Role,
    /// Where its clients reach each broker.
    ports: Vec<u16>,
    shared: Arc<Shared>,
    pinger: Pinger,
    thread: Option<JoinHandle<()>>,
}

impl Distance {
    /// Listens for these roles, for each of `brokers`; `prepare` is done first on each of its threads.
    pub fn open(roles: &[Role], brokers: u32, clock: Clock, prepare: fn()) -> io::Result<Self> {
        let open = |role: &Role| Carrier::open(*role, brokers, clock, prepare);
        Ok(Distance { clock, relays: roles.iter().map(open).collect::<io::Result<_>>()? })
    }

    /// The ports where the clients of a role reach each broker; none of a role that reaches them directly.
    pub fn ports(&self, role: Role) -> Vec<u16> {
        self.of(role).map(|one| one.ports.clone()).unwrap_or_default()
    }

    /// The role's connections lead to these ports, one for each broker.
    pub fn lead(&self, role: Role, upstreams: &[u16]) {
        // The last is that of pings, and stays.
        self.tell(role, |told| told.upstreams.iter_mut().zip(upstreams).for_each(|(own, port)| *own = *port));
    }

    /// Puts a role at a distance.
    pub fn set(&self, role: Role, profile: Profile) {
        self.tell(role, |told| told.profile = profile);
    }

    /// Cuts a role off, or some of it, until it is healed; `number` is what does it.
    pub fn cut(&self, role: Role, number: usize, cut: Cut) {
        self.tell(role, |told| told.cuts.push((number, cut)));
    }

    /// Takes back what `number` has cut.
    pub fn heal(&self, role: Role, number: usize) {
        self.tell(role, |told| told.cuts.retain(|(by, _)| *by != number));
    }

    /// These instances share, all connections of each, what its network gives, and go on with what credits they had; others have no limit of their own.
    pub fn hold(&self, role: Role, held: Vec<Held>) {
        let is_known = |one: &Carrier| one.shared.told.lock().is_ok_and(|told| told.held == held);
        if !self.of(role).is_some_and(is_known) {
            self.tell(role, |told| told.held = held);
        }
    }

    /// Processes of the instances that are held.
    pub fn held(&self, role: Role) -> BTreeSet<u32> {
        let of = |one: &Carrier| {
            let told = one.shared.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.held.iter().flat_map(|held| &held.pids).copied().collect()
        };
        self.of(role).map(of).unwrap_or_default()
    }

    /// Forgets the pings of before and who was held, and heals what is cut.
    pub fn begin(&self) {
        for one in &self.relays {
            one.shared.tell(|told| {
                told.cuts.clear();
                told.held.clear();
                told.at_once = false;
            });
            one.pinger.forget();
        }
    }

    /// Nothing is measured any more: what is healed from now on does not wait until TCP would try again.
    pub fn end(&self) {
        self.relays.iter().for_each(|one| one.shared.tell(|told| told.at_once = true));
    }

    /// The roles that are away.
    pub fn roles(&self) -> impl Iterator<Item = Role> {
        self.relays.iter().map(|one| one.role)
    }

    /// What has been carried for a role so far.
    pub fn carried(&self, role: Role) -> Option<Carried> {
        let shared = &self.of(role)?.shared;
        Some(Carried {
            at: self.clock.now(),
            bytes: [0, 1].map(|way: usize| shared.bytes[way].load(Relaxed)),
            connections: shared.opened.load(Relaxed),
            cpu_ns: shared.cpu_ns.load(Relaxed),
        })
    }

    /// How long the pings of a role took that were sent in a span (Unix ns), in ns.
    pub fn pings(&self, role: Role, within: &Range<u64>) -> Vec<u64> {
        self.of(role).map(|one| one.pinger.took(within)).unwrap_or_default()
    }

    fn tell(&self, role: Role, change: impl FnOnce(&mut Told)) {
        if let Some(one) = self.of(role) {
            one.shared.tell(change);
        }
    }

    fn of(&self, role: Role) -> Option<&Carrier> {
        self.relays.iter().find(|one| one.role == role)
    }
}

#[cfg(test)]
impl Distance {
    /// How far a role is by now, and how many cuts of it are not healed.
    pub fn stands(&self, role: Role) -> Option<(Profile, usize)> {
        let told = self.of(role)?.shared.told.lock().unwrap();
        Some((told.profile, told.cuts.len()))
    }
}

impl Carrier {
    fn open(role: Role, brokers: u32, clock: Clock, prepare: fn()) -> io::Result<Self> {
        let listen = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listeners = (0..=brokers).map(listen).collect::<io::Result<Vec<_>>>()?;
        let ports = listeners.iter().map(|one| Ok(one.local_addr()?.port()));
        let mut ports = ports.collect::<io::Result<Vec<u16>>>()?;
        let near = ports.pop().unwrap_or_default();
        let far = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let echo = far.local_addr()?.port();
        let shared = Arc::new(Shared::new()?);
        let relay = Relay::new(Arc::clone(&shared), clock, listeners, role as u64)?;
        let name = format!("distance-{}", role.name());
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            prepare();
            // Its end shows: nothing is carried any more, and no ping comes back.
            relay.run().ok();
        })?;
        // Until the brokers are there nothing but pings leads anywhere.
        shared.tell(|told| told.upstreams = vec![0; brokers as usize].into_iter().chain([echo]).collect());
        let pinger = Pinger::start(clock, near, far, prepare)?;
        Ok(Carrier { role, ports, shared, pinger, thread: Some(thread) })
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        // Ends the wait of a ping that is under way.
        self.shared.end();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
