//! One connection, as a task of its shard: it dials, then carries bytes both ways until either side ends it.
//!
//! What it hears it puts into the shard's inbox, where one loop works it off: so producers have one owner and no locks. Reading goes through one
//! buffer for all connections of a shard; a connection keeps bytes of its own only while half an answer has come.

use std::cell::RefCell;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::dial::{Address, Dial, Ready};
use super::frame;
use super::request::Versions;
use super::stream::Stream;
use crate::cluster::Weight;

/// Bytes read at once, for all connections of a shard.
const READ: usize = 64 << 10;
/// An outbox that has been emptied keeps no more than this, unless it was as large as those of connections that are driven hard.
const KEEP: usize = 4 << 10;
/// From here on it is, and keeps what it had, up to the next: to give the memory back costs such a connection more than copying its bytes.
const LARGE: std::ops::RangeInclusive<usize> = (64 << 10)..=(1 << 20);

/// A connection's name in its shard; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkId {
    /// The shard's number of the producer.
    pub producer: u32,
    /// Counts the shard's connections.
    pub serial: u32,
}

/// What a connection tells.
#[derive(Debug)]
pub enum Told {
    /// It is up, with whom; how long that took since it was its turn, in ns.
    Up(Versions, u64, Address),
    /// An answer, as a range of the inbox's bytes.
    Frame(Range<usize>),
    /// So many bytes of the outbox have been written in all.
    Written(u64),
    /// It is gone, or was never there, and why.
    Down(Weight, String),
}

/// What all connections of a shard have told and nobody has heard yet.
#[derive(Debug)]
pub struct Inbox {
    /// In the order in which it was told.
    pub told: Vec<(LinkId, Told)>,
    /// The bytes of the answers.
    pub bytes: Vec<u8>,
    /// Who waits for news.
    pub waker: Option<Waker>,
    scratch: Box<[u8]>,
}

impl Default for Inbox {
    fn default() -> Self {
        let scratch = vec![0; READ].into_boxed_slice();
        Inbox { told: Vec::new(), bytes: Vec::new(), waker: None, scratch }
    }
}

impl Inbox {
    fn tell(&mut self, link: LinkId, told: Told) {
        self.told.push((link, told));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

/// What is to be written to a connection.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Rc<RefCell<Out>>);

#[derive(Debug, Default)]
struct Out {
    bytes: Vec<u8>,
    /// Of `bytes`, what is written already.
    done: usize,
    written: u64,
    closing: bool,
    /// Whether writing is told: only where nothing is answered.
    tells: bool,
    waker: Option<Waker>,
}

impl Out {
    /// Lets go of what is written, in steps of half of all, so that moving the rest costs less than writing did. At the limit of a connection it is never
    /// empty.
    fn forget(&mut self) {
        if self.done == self.bytes.len() {
            let held = self.bytes.len();
            self.bytes.clear();
            self.bytes.shrink_to(if held < *LARGE.start() { KEEP } else { held.min(*LARGE.end()) });
            self.done = 0;
        } else if self.done > KEEP && self.done >= self.bytes.len() / 2 {
            self.bytes.drain(..self.done);
            self.done = 0;
        }
    }
}

impl Outbox {
    /// Appends what `write` writes; returns where it ends, counted over all that was ever put in. `None` where nothing was written.
    pub fn put(&self, write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<u64> {
        let mut out = self.0.borrow_mut();
        if !write(&mut out.bytes) {
            return None;
        }
        let end = out.written + (out.bytes.len() - out.done) as u64;
        if let Some(waker) = out.waker.take() {
            waker.wake();
        }
        Some(end)
    }

    /// From now on it is told how much has been written.
    pub fn tell_written(&self) {
        self.0.borrow_mut().tells = true;
    }

    /// Takes what is to be written, as if it had been.
    #[cfg(test)]
    pub fn take(&self) -> Vec<u8> {
        let mut out = self.0.borrow_mut();
        out.written += (out.bytes.len() - out.done) as u64;
        std::mem::take(&mut out.bytes)
    }

    /// All bytes that were taken.
    #[cfg(test)]
    pub fn written(&self) -> u64 {
        self.0.borrow().written
    }

    /// Whether it was ended.
    #[cfg(test)]
    pub fn is_closed(&self) -> bool {
        self.0.borrow().closing
    }

    /// Ends the connection; it then tells nothing more.
    pub fn close(&self) {
        let mut out = self.0.borrow_mut();
        out.closing = true;
        if let Some(waker) = out.waker.take() {
            waker.wake();
        }
    }
}

/// Dials and serves one connection until it ends, and tells that it ended.
pub async fn run(dial: Dial, link: LinkId, outbox: Outbox, inbox: Rc<RefCell<Inbox>>) {
    // Dialling needs room for a handshake; a connection that is up must not keep it.
    let dialled = Box::pin(dial.connect()).await;
    let (weight, reason) = match dialled {
        Ok(Ready { mut stream, versions, took_ns, address }) => {
            inbox.borrow_mut().tell(link, Told::Up(versions, took_ns, address));
            let mut partial = Vec::new();
            let serve =
                |context: &mut Context<'_>| serve(context, &mut stream, link, &outbox, &inbox, &mut partial);
            (Weight::Lost, std::future::poll_fn(serve).await)
        }
        Err(hindrance) => (hindrance.weight, hindrance.words),
    };
    if !outbox.0.borrow().closing {
        inbox.borrow_mut().tell(link, Told::Down(weight, reason));
    }
}

fn serve(
    context: &mut Context<'_>,
    stream: &mut Stream,
    link: LinkId,
    outbox: &Outbox,
    inbox: &RefCell<Inbox>,
    partial: &mut Vec<u8>,
) -> Poll<String> {
    if outbox.0.borrow().closing {
        return Poll::Ready(String::new());
    }
    if let Err(error) = write(context, stream, link, outbox, inbox) {
        return Poll::Ready(error.to_string());
    }
    loop {
        let mut inbox = inbox.borrow_mut();
        let inbox = &mut *inbox;
        let mut buffer = ReadBuf::new(&mut inbox.scratch);
        match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => return Poll::Ready(error.to_string()),
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => {
                return Poll::Ready("the broker closed the connection".to_owned());
            }
            Poll::Ready(Ok(())) => {
                let length = buffer.filled().len();
                if let Err(reason) = cut(inbox, length, link, partial) {
                    return Poll::Ready(reason);
                }
            }
        }
    }
}

/// Cuts what has been read into answers; what is left of it is kept in `partial`.
fn cut(inbox: &mut Inbox, length: usize, link: LinkId, partial: &mut Vec<u8>) -> Result<(), String> {
    let Inbox { told, bytes, waker, scratch } = inbox;
    let mut rest: &[u8] = &scratch[..length];
    if !partial.is_empty() {
        partial.extend_from_slice(rest);
        rest = partial;
    }
    while let Some(range) = frame::first(rest)? {
        let start = bytes.len();
        let (end, length) = (range.end, range.len());
        bytes.extend_from_slice(&rest[range]);
        told.push((link, Told::Frame(start..start + length)));
        rest = &rest[end..];
        if let Some(waker) = waker.take() {
            waker.wake();
        }
    }
    *partial = rest.to_vec(); // nothing, and no memory, in nearly all cases
    Ok(())
}

fn write(
    context: &mut Context<'_>,
    stream: &mut Stream,
    link: LinkId,
    outbox: &Outbox,
    inbox: &RefCell<Inbox>,
) -> io::Result<()> {
    let mut out = outbox.0.borrow_mut();
    let out = &mut *out;
    let before = out.written;
    while out.done < out.bytes.len() {
        match Pin::new(&mut *stream).poll_write(context, &out.bytes[out.done..]) {
            Poll::Pending => break,
            Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(Ok(length)) => {
                out.done += length;
                out.written += length as u64;
            }
            Poll::Ready(Err(error)) => return Err(error),
        }
    }
    out.forget();
    // TLS may hold bytes back until it is flushed; a plain socket has nothing to flush.
    if let Poll::Ready(Err(error)) = Pin::new(stream).poll_flush(context) {
        return Err(error);
    }
    if out.tells && out.written > before {
        inbox.borrow_mut().tell(link, Told::Written(out.written));
    }
    if out.waker.as_ref().is_none_or(|waker| !waker.will_wake(context.waker())) {
        out.waker = Some(context.waker().clone());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outbox_that_is_never_empty_keeps_little_of_what_is_written() {
        let mut out = Out::default();
        let (mut put, mut taken) = (0_u64, Vec::new());
        for _ in 0..10_000 {
            out.bytes.extend((put..put + 1_000).map(|at| at as u8));
            put += 1_000;
            let length = (out.bytes.len() - out.done).saturating_sub(500);
            taken.extend_from_slice(&out.bytes[out.done..][..length]);
            out.done += length;
            out.forget();
            assert!(out.bytes.capacity() < 64 << 10, "{} bytes", out.bytes.capacity());
        }
        assert!(
            taken.iter().zip(0_u64..).all(|(byte, at)| *byte == at as u8),
            "what is left stays as it was"
        );
        taken.clear();
        out.done = out.bytes.len();
        out.forget();
        assert!(out.bytes.is_empty() && out.bytes.capacity() <= KEEP);
    }
}
