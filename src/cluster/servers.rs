//! Clients that have lost all brokers are told again where they are.
//!
//! librdkafka forgets brokers that a response of metadata does not name, and a cluster whose brokers are all fenced (one that was frozen for longer than
//! its controller waits) names none. The client then means to ask its servers anew, and drops that too, because a response has come: it never finds a
//! broker again (<https://github.com/confluentinc/librdkafka/issues/5301>).
#![expect(unsafe_code, reason = "the safe wrapper cannot tell a client of further servers")]

use std::ffi::CString;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use rdkafka::bindings as rd;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};

use crate::timeline::{Clock, SECOND_NS};

/// How often in a row a client is told, a second apart: what it forgets may still be under way when it is told first. Where it loses them again it says so.
const TIMES: u32 = 10;

/// How often where it may have lost them and not say so: a few minutes. Each time adds to a list in librdkafka.
const LONG: u32 = 600;

/// The servers of a client, and whether it is to be told of them.
#[derive(Debug, Default)]
pub struct Servers {
    /// As `bootstrap.servers` has them.
    list: CString,
    left: AtomicU32,
    next_ns: AtomicU64,
}

impl Servers {
    /// None where they hold a zero byte: no client takes those.
    pub fn new(list: &str) -> Self {
        Servers { list: CString::new(list).unwrap_or_default(), ..Servers::default() }
    }

    /// Its client says that it has lost all brokers.
    pub fn lost(&self) {
        self.next_ns.store(0, Relaxed);
        self.left.fetch_max(TIMES, Relaxed);
    }

    /// Its client may have lost them all, and not say so: it is told until it has found one, or for long.
    pub fn may_be_lost(&self) {
        self.next_ns.store(0, Relaxed);
        self.left.store(LONG, Relaxed);
    }

    /// Its client has one again.
    pub fn found(&self) {
        self.left.store(0, Relaxed);
    }

    /// Whether it is to be told now; each time that it is counts.
    fn is_due(&self, now_ns: u64) -> bool {
        let left = self.left.load(Relaxed);
        if left == 0 || now_ns < self.next_ns.load(Relaxed) {
            return false;
        }
        self.next_ns.store(now_ns + SECOND_NS, Relaxed);
        self.left.store(left - 1, Relaxed);
        true
    }

    /// Tells its client if it is time. Servers that it still knows stay as they are.
    pub fn tell<C: ConsumerContext>(&self, client: &BaseConsumer<C>) {
        // SAFETY: the client lives as long as the borrow.
        unsafe { self.tell_raw(client.client().native_ptr()) }
    }

    /// The same of a client by its handle.
    ///
    /// # Safety
    ///
    /// `client` must be living.
    pub unsafe fn tell_raw(&self, client: *mut rd::rd_kafka_t) {
        // Nearly always nothing is lost, and then nobody asks for the time.
        if self.left.load(Relaxed) > 0 && self.is_due(Clock::anchor().now()) {
            // SAFETY: the list ends with a zero byte and is copied.
            unsafe {
                rd::rd_kafka_brokers_add(client, self.list.as_ptr());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_told_at_once_then_every_second_until_it_has_found_one() {
        let servers = Servers::new("localhost:9092");
        assert!(!servers.is_due(SECOND_NS), "nothing was lost");
        servers.lost();
        let told = |tenths: std::ops::Range<u64>| {
            tenths.filter(|tenth| servers.is_due(5 * SECOND_NS + tenth * SECOND_NS / 10)).collect::<Vec<_>>()
        };
        assert_eq!(told(0..25), [0, 10, 20]);
        servers.found();
        assert_eq!(told(25..50), [0; 0]);
        servers.lost();
        assert_eq!(told(50..1_000).len() as u32, TIMES);
        servers.may_be_lost();
        servers.lost();
        assert_eq!(told(1_000..2_000).len(), 100);
        assert_eq!(told(2_000..20_000).len() as u32, LONG - 100);
    }
}
