//! One direction of one connection over a distance: what was sent when, when it arrives, and how much may be under way. Pure: the time is handed in.
//!
//! A sender may have no more under way than the window (the smaller of its own buffer and the receiver's) and than the congestion window, which begins at
//! ten segments (RFC 6928), doubles with each round trip as long as nothing is lost (RFC 5681), and shrinks again while nothing is sent (RFC 2861). What
//! arrives is acknowledged, and the acknowledgement takes the way back. So no more than a window passes in a round trip, as over a real distance; between
//! two sockets of one host it would be without end.

use std::collections::VecDeque;

/// Bytes of a segment on an Ethernet of 1,500, with time stamps.
const SEGMENT: usize = 1_448;
/// What a connection begins with: RFC 6928.
const FIRST: usize = 10 * SEGMENT;
/// Linux repeats nothing sooner than this after a round trip (`TCP_RTO_MIN`).
const LEAST_WAIT_NS: u64 = 200_000_000;
/// Linux waits no longer than this between two repetitions (`TCP_RTO_MAX`).
const MOST_WAIT_NS: u64 = 120_000_000_000;

/// What holds for a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// From one end to the other, in ns: half of the round trip.
    pub delay_ns: u64,
    /// Bits per second; none without a limit.
    pub bits_per_s: Option<u64>,
    /// Bytes that may be under way.
    pub window: usize,
}

/// One direction of one connection.
#[derive(Debug)]
pub struct Line {
    /// What has been sent and not arrived, in order.
    bytes: VecDeque<u8>,
    /// Of that: when so many arrive.
    arrivals: VecDeque<(u64, usize)>,
    /// When the sender learns that so many have arrived.
    acks: VecDeque<(u64, usize)>,
    under_way: usize,
    congestion: usize,
    last_sent: u64,
    /// When the link has put the last of what was sent onto the wire.
    idle_at: u64,
    last_arrival: u64,
    /// When the end of all that is sent arrives.
    end_at: Option<u64>,
    /// Before that nothing passes: the handshake, or what was lost is not sent again yet.
    held_until: u64,
    /// When something was lost first while the way is cut.
    lost_at: Option<u64>,
}

impl Line {
    /// Nothing can be sent before `held_until`.
    pub fn new(held_until: u64) -> Self {
        Line {
            bytes: VecDeque::new(),
            arrivals: VecDeque::new(),
            acks: VecDeque::new(),
            under_way: 0,
            congestion: FIRST,
            last_sent: held_until,
            idle_at: 0,
            last_arrival: 0,
            end_at: None,
            held_until,
            lost_at: None,
        }
    }

    /// How many bytes may be sent now.
    pub fn room(&mut self, now: u64, way: Way) -> usize {
        // Also while nothing passes: an acknowledgement that is past wakes nobody later.
        while let Some((_, bytes)) = self.acks.pop_front_if(|(at, _)| *at <= now) {
            // It grows only where it held the sender back.
            if self.under_way * 2 > self.congestion {
                self.congestion = (self.congestion + bytes).min(way.window.max(FIRST));
            }
            self.under_way -= bytes;
        }
        if now < self.held_until || self.end_at.is_some() {
            return 0;
        }
        let wait = wait_ns(way);
        if self.under_way == 0 && now.saturating_sub(self.last_sent) > wait {
            let times = ((now - self.last_sent) / wait).min(63);
            self.congestion = (self.congestion >> times).max(FIRST.min(self.congestion));
            self.last_sent = now;
        }
        let congestion = if way.delay_ns == 0 { way.window } else { self.congestion };
        congestion.min(way.window).saturating_sub(self.under_way)
    }

    /// Sends these bytes, which are `through` the sender's or the receiver's own network at a moment; `off_ns` is by how much they take longer, or shorter, than
    /// others.
    pub fn send(&mut self, (now, through): (u64, u64), bytes: &[u8], way: Way, off_ns: i64) {
        let on_wire =
            way.bits_per_s.map_or(0, |bits| (bytes.len() as u64 * 8).saturating_mul(1_000_000_000) / bits);
        self.idle_at = self.idle_at.max(through) + on_wire;
        let arrives = self.idle_at + way.delay_ns.saturating_add_signed(off_ns);
        // TCP gives nothing before what was sent earlier.
        self.last_arrival = self.last_arrival.max(arrives);
        self.bytes.extend(bytes);
        self.arrivals.push_back((self.last_arrival, bytes.len()));
        self.under_way += bytes.len();
        self.last_sent = now;
    }

    /// The sender sends nothing more.
    pub fn end(&mut self, now: u64, way: Way) {
        if self.end_at.is_none() {
            self.end_at = Some(self.last_arrival.max(now + way.delay_ns));
        }
    }

    /// Whether its end has arrived, and all before it.
    pub fn is_over(&self, now: u64) -> bool {
        now >= self.held_until && self.bytes.is_empty() && self.end_at.is_some_and(|at| at <= now)
    }

    /// What has arrived and was not taken, its first piece; empty where nothing has.
    pub fn arrived(&self, now: u64) -> &[u8] {
        if now < self.held_until {
            return &[];
        }
        let due: usize = self.arrivals.iter().take_while(|(at, _)| *at <= now).map(|(_, bytes)| bytes).sum();
        let first = self.bytes.as_slices().0;
        &first[..due.min(first.len())]
    }

    /// The receiver has taken so many of them.
    pub fn take(&mut self, now: u64, count: usize, way: Way) {
        self.bytes.drain(..count);
        let mut left = count;
        while left > 0 {
            let Some((_, bytes)) = self.arrivals.front_mut() else { break };
            let of_it = left.min(*bytes);
            *bytes -= of_it;
            left -= of_it;
            if *bytes == 0 {
                self.arrivals.pop_front();
            }
        }
        self.acks.push_back((now + way.delay_ns, count));
    }

    /// The receiver is gone: what is under way goes nowhere.
    pub fn drop_all(&mut self, now: u64) {
        self.bytes.clear();
        self.arrivals.clear();
        self.end_at = Some(now);
    }

    /// When something happens by itself; none where it waits for its ends. What has arrived and was not taken is not counted: the receiver says when it can.
    /// Acknowledgements are news only where the sender waits for them.
    pub fn next(&self, now: u64, sender_waits: bool) -> Option<u64> {
        let is_later = |at: &u64| *at > now;
        let arrival = self.arrivals.iter().map(|(at, _)| *at).find(is_later);
        let ack = self.acks.front().map(|(at, _)| *at).filter(|at| sender_waits && is_later(at));
        let end = self.end_at.filter(|at| is_later(at) && self.bytes.is_empty());
        let held = Some(self.held_until).filter(is_later);
        [arrival, ack, end, held].into_iter().flatten().min()
    }

    /// Whether something would pass if the way were not cut.
    pub fn wants_to_pass(&self, now: u64) -> bool {
        self.arrivals.front().is_some_and(|(at, _)| *at <= now)
            || self.acks.front().is_some_and(|(at, _)| *at <= now)
            || self.end_at.is_some_and(|at| at <= now)
    }

    /// The way is cut, and something was lost on it: it will be sent again.
    pub fn lose(&mut self, now: u64) {
        self.lost_at.get_or_insert(now);
    }

    /// The way is whole again: what was lost passes when TCP tries next, which it does after 200 ms and a round trip, and each time after twice as long; or at
    /// once.
    pub fn heal(&mut self, now: u64, way: Way, at_once: bool) {
        let Some(mut at) = self.lost_at.take().filter(|_| !at_once) else { return };
        let mut wait = wait_ns(way);
        while at < now {
            at += wait;
            wait = (wait * 2).min(MOST_WAIT_NS);
        }
        self.held_until = self.held_until.max(at);
        self.congestion = SEGMENT;
    }
}

/// How long TCP waits for an acknowledgement before it sends again.
fn wait_ns(way: Way) -> u64 {
    LEAST_WAIT_NS + 2 * way.delay_ns
}

#[cfg(test)]
mod tests;
