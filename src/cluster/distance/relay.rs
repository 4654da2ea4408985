//! The thread that stands between the clients of a role and the brokers.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::sync::{Arc, PoisonError};

use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

use super::card::Card;
use super::conn::{Buffer, Conn};
use super::owner::{holders, ports_of};
use super::profile::Draw;
use super::shared::{Cut, Shared, Told};
use crate::timeline::{Clock, thread_cpu_ns};

/// What events are of: a connection's two ends have numbers below all of these.
const WAKE: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;
const LISTENERS: u64 = u64::MAX / 2;
/// Events that are taken at once.
const EVENTS: usize = 256;
/// How often it says what CPU it has used.
const TELL_NS: u64 = 100_000_000;

/// What one thread needs to carry all connections of a role.
pub struct Relay {
    shared: Arc<Shared>,
    clock: Clock,
    /// One for each broker, and the last for pings.
    listeners: Vec<TcpListener>,
    poll: OwnedFd,
    timer: OwnedFd,
    conns: Vec<Option<Conn>>,
    free: Vec<usize>,
    /// When connections are looked at next; some of these are out of date.
    due: BinaryHeap<Reverse<(u64, usize)>>,
    told: Told,
    /// The version of what it was told last.
    version: u64,
    /// Ports of those who are cut off, where not all are.
    cut_ports: BTreeSet<u16>,
    /// The networks of those who are held, by their numbers, and whose each port is.
    cards: HashMap<u64, Card>,
    held_ports: HashMap<u16, u64>,
    buffer: Buffer,
    told_cpu_at: u64,
}

impl Relay {
    /// Listens on these, the last of which is for pings.
    pub fn new(
        shared: Arc<Shared>,
        clock: Clock,
        listeners: Vec<TcpListener>,
        seed: u64,
    ) -> io::Result<Self> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let edge = EventFlags::IN | EventFlags::ET;
        epoll::add(&poll, &shared.wake, EventData::new_u64(WAKE), EventFlags::IN)?;
        epoll::add(&poll, &timer, EventData::new_u64(TIMER), edge)?;
        for (number, listener) in listeners.iter().enumerate() {
            listener.set_nonblocking(true)?;
            epoll::add(&poll, listener, EventData::new_u64(LISTENERS + number as u64), EventFlags::IN)?;
        }
        Ok(Relay {
            shared,
            clock,
            listeners,
            poll,
            timer,
            conns: Vec::new(),
            free: Vec::new(),
            due: BinaryHeap::new(),
            told: Told::default(),
            version: 0,
            cut_ports: BTreeSet::new(),
            cards: HashMap::new(),
            held_ports: HashMap::new(),
            buffer: Buffer::new(Draw::new(seed)),
            told_cpu_at: 0,
        })
    }

    /// Until it is told to stop.
    pub fn run(mut self) -> io::Result<()> {
        let mut events = [epoll::Event { flags: EventFlags::empty(), data: EventData::new_u64(0) }; EVENTS];
        loop {
            self.set_timer()?;
            let count = match epoll::wait(&self.poll, &mut events, None) {
                Ok(count) => count,
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            if self.shared.stop.load(Acquire) {
                return Ok(());
            }
            let now = self.clock.now();
            if self.version != self.shared.version.load(Acquire) {
                self.listen_to_what_is_told(now);
            }
            for event in &events[..count] {
                let (flags, data) = (event.flags, event.data);
                match data.u64() {
                    WAKE => self.shared.awake(),
                    TIMER => {}
                    token if token >= LISTENERS => self.accept((token - LISTENERS) as usize, now),
                    token => self.hear(token, flags, now),
                }
            }
            while let Some(Reverse((at, id))) = self.due.peek().copied().filter(|Reverse((at, _))| *at <= now)
            {
                self.due.pop();
                if self.conns.get(id).and_then(Option::as_ref).is_some_and(|conn| conn.due == at) {
                    self.serve(id, now);
                }
            }
            if now.saturating_sub(self.told_cpu_at) > TELL_NS {
                self.told_cpu_at = now;
                self.shared.cpu_ns.store(thread_cpu_ns(), Relaxed);
            }
        }
    }

    fn set_timer(&self) -> io::Result<()> {
        let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
        let at = self.due.peek().map_or(zero, |Reverse((at, _))| self.clock.mono_at(*at));
        let timer = Itimerspec { it_interval: zero, it_value: at };
        timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &timer)?;
        Ok(())
    }

    /// Distances and cuts may be new: every connection is looked at.
    fn listen_to_what_is_told(&mut self, now: u64) {
        self.version = self.shared.version.load(Acquire);
        self.told.clone_from(&self.shared.told.lock().unwrap_or_else(PoisonError::into_inner));
        self.find_who_is_cut_off();
        self.take_hold(now);
        for id in 0..self.conns.len() {
            let Some(mut conn) = self.conns[id].take() else { continue };
            conn.card = self.card_of(&conn);
            conn.set_cut(self.is_cut(conn.port, conn.to), now, &self.told);
            self.conns[id] = Some(conn);
            self.serve(id, now);
        }
    }

    fn find_who_is_cut_off(&mut self) {
        let pids: Vec<u32> = self.told.cuts.iter().flat_map(|(_, cut)| cut.pids()).copied().collect();
        self.cut_ports = if pids.is_empty() { BTreeSet::new() } else { ports_of(&pids) };
    }

    /// Who is held anew has all its credits, who is held still what it has left.
    fn take_hold(&mut self, now: u64) {
        let known = std::mem::take(&mut self.cards);
        let of = |number: u64| known.get(&number).copied();
        self.cards = self
            .told
            .held
            .iter()
            .map(|one| (one.number, of(one.number).unwrap_or_else(|| Card::new(one.allowance, now))))
            .collect();
        self.find_who_is_held();
    }

    fn find_who_is_held(&mut self) {
        self.held_ports = if self.told.held.is_empty() { HashMap::new() } else { holders(&self.told.held) };
    }

    /// The network that a connection goes through beside others of its instance: the one that it had, as long as it is there, since a socket that is closed has no
    /// owner any more.
    fn card_of(&self, conn: &Conn) -> Option<u64> {
        if is_of_pings(conn.to, &self.listeners) {
            return None;
        }
        let known = conn.card.filter(|number| self.cards.contains_key(number));
        known.or_else(|| self.held_ports.get(&conn.port).copied())
    }

    /// Pings tell of the distance, which no cut changes.
    fn is_cut(&self, port: u16, to: usize) -> bool {
        !is_of_pings(to, &self.listeners)
            && self.told.cuts.iter().any(|(_, cut)| matches!(cut, Cut::All) || self.cut_ports.contains(&port))
    }

    fn accept(&mut self, to: usize, now: u64) {
        while let Ok((socket, from)) = self.listeners[to].accept() {
            if socket.set_nonblocking(true).and_then(|()| socket.set_nodelay(true)).is_err() {
                continue;
            }
            // Its port is a new one.
            self.find_who_is_cut_off();
            self.find_who_is_held();
            let id = self.free.pop().unwrap_or_else(|| {
                self.conns.push(None);
                self.conns.len() - 1
            });
            if listen(&self.poll, &socket, id, 0).is_err() {
                self.free.push(id);
                continue;
            }
            let mut conn = Conn::new(socket, from.port(), to, now, &self.told.profile);
            conn.card = self.card_of(&conn);
            conn.set_cut(self.is_cut(from.port(), to), now, &self.told);
            self.shared.opened.fetch_add(u64::from(!is_of_pings(to, &self.listeners)), Relaxed);
            self.conns[id] = Some(conn);
            self.serve(id, now);
        }
    }

    fn hear(&mut self, token: u64, flags: EventFlags, now: u64) {
        let id = (token / 2) as usize;
        let Some(conn) = self.conns.get_mut(id).and_then(Option::as_mut) else { return };
        let end = &mut conn.ends[(token % 2) as usize];
        let ended = EventFlags::ERR | EventFlags::HUP | EventFlags::RDHUP;
        end.is_readable |= flags.intersects(EventFlags::IN | ended);
        end.is_writable |= flags.intersects(EventFlags::OUT | EventFlags::ERR | EventFlags::HUP);
        self.serve(id, now);
    }

    fn serve(&mut self, id: usize, now: u64) {
        self.dial(id, now);
        let Some(conn) = &mut self.conns[id] else { return };
        let card = conn.card.and_then(|number| self.cards.get_mut(&number));
        let moved = conn.serve(now, &self.told.profile, &mut self.buffer, card);
        if !is_of_pings(conn.to, &self.listeners) {
            for (counted, bytes) in self.shared.bytes.iter().zip(moved.bytes) {
                counted.fetch_add(bytes, Relaxed);
            }
        }
        if moved.is_over {
            self.conns[id] = None;
            self.free.push(id);
            return;
        }
        let next = conn.next(now, moved).unwrap_or(u64::MAX);
        if next != conn.due {
            conn.due = next;
            if next < u64::MAX {
                self.due.push(Reverse((next, id)));
            }
        }
    }

    /// Calls the other end, when it is time.
    fn dial(&mut self, id: usize, now: u64) {
        let Some(conn) = &mut self.conns[id] else { return };
        if conn.is_cut() || conn.dial_at.is_none_or(|at| at > now) {
            return;
        }
        conn.dial_at = None;
        let upstream = self.told.upstreams.get(conn.to).filter(|_| !conn.has_hung_up());
        let called = upstream.and_then(|port| {
            let socket = call(*port).ok()?;
            listen(&self.poll, &socket, id, 1).ok()?;
            Some(socket)
        });
        match called {
            Some(socket) => conn.ends[1].socket = Some(socket),
            None => conn.refuse(now, &self.told.profile),
        }
    }
}

/// Whether what comes to this listener is a ping.
fn is_of_pings(listener: usize, all: &[TcpListener]) -> bool {
    listener + 1 == all.len()
}

/// What happens to this end of a connection is heard from now on.
fn listen(poll: &OwnedFd, socket: &TcpStream, id: usize, end: u64) -> io::Result<()> {
    let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
    Ok(epoll::add(poll, socket, EventData::new_u64(id as u64 * 2 + end), flags)?)
}

/// Without waiting for an answer: a broker that hangs gives none.
fn call(port: u16) -> io::Result<TcpStream> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    match rustix::net::connect(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
        Ok(()) | Err(Errno::INPROGRESS) => {}
        Err(error) => return Err(error.into()),
    }
    let socket = TcpStream::from(socket);
    socket.set_nodelay(true)?;
    Ok(socket)
}
