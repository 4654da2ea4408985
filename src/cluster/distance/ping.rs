//! Pings over a distance: what a round trip through the relay really takes, all the while.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::time::Timespec;

use crate::timeline::Clock;

/// Between two pings: at first, and of trials that last.
const EVERY: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(1)];
/// So many are close together: ten minutes' worth.
const CLOSE: usize = 6_000;
/// What does not come back within that long is not waited for: more than the longest round trip.
const GIVE_UP: Duration = Duration::from_secs(15);

/// When each ping was sent (Unix ns) and how long it took, in ns.
type Seen = Arc<Mutex<Vec<(u64, u64)>>>;

/// Sends pings until it is dropped.
#[derive(Debug)]
pub struct Pinger {
    seen: Seen,
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Pinger {
    /// Sends them to `port`, which leads back to `far`.
    pub fn start(clock: Clock, port: u16, far: TcpListener, prepare: fn()) -> io::Result<Self> {
        let seen = Seen::default();
        let (end, ended) = channel();
        let kept = Arc::clone(&seen);
        let thread = std::thread::Builder::new().name("distance-ping".to_owned()).spawn(move || {
            prepare();
            let mut way: Option<[TcpStream; 2]> = None;
            loop {
                way = way.or_else(|| connect(port, &far).ok());
                if let Some(ends) = &mut way {
                    let sent = clock.now();
                    match ping(ends) {
                        Ok(()) => keep(&kept, sent, clock.now() - sent),
                        // What was missed may still come, and would be taken for the next.
                        Err(_) => way = None,
                    }
                }
                let close = kept.lock().unwrap_or_else(PoisonError::into_inner).len() < CLOSE;
                if ended.recv_timeout(EVERY[usize::from(!close)]) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Pinger { seen, end: Some(end), thread: Some(thread) })
    }

    /// Forgets those of before.
    pub fn forget(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How long those took that were sent in a span (Unix ns), in ns.
    pub fn took(&self, within: &Range<u64>) -> Vec<u64> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|(at, _)| within.contains(at)).map(|(_, took)| *took).collect()
    }
}

impl Drop for Pinger {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell.
            thread.join().ok();
        }
    }
}

fn keep(seen: &Seen, sent: u64, took: u64) {
    seen.lock().unwrap_or_else(PoisonError::into_inner).push((sent, took));
}

/// The near end and the far end.
fn connect(port: u16, far: &TcpListener) -> io::Result<[TcpStream; 2]> {
    far.set_nonblocking(true)?;
    // Whoever called before may be in the line still.
    while far.accept().is_ok() {}
    let near = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    // The call arrives, or the relay is gone.
    let mut either = [PollFd::new(far, PollFlags::IN), PollFd::new(&near, PollFlags::IN)];
    let give_up = Timespec { tv_sec: GIVE_UP.as_secs() as i64, tv_nsec: 0 };
    poll(&mut either, Some(&give_up))?;
    let (called, _) = far.accept()?;
    called.set_nonblocking(false)?;
    for end in [&near, &called] {
        end.set_nodelay(true)?;
        end.set_read_timeout(Some(GIVE_UP))?;
    }
    Ok([near, called])
}

fn ping([near, far]: &mut [TcpStream; 2]) -> io::Result<()> {
    let mut byte = [0];
    near.write_all(&[1])?;
    far.read_exact(&mut byte)?;
    far.write_all(&byte)?;
    near.read_exact(&mut byte)
}
