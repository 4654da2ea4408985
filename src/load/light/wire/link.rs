//! One connection, as a task of its shard: it dials, then carries bytes both ways until either side ends it.
//!
//! What it hears it puts into the shard's inbox, where one loop works it off: so producers have one owner and no locks. Reading goes through one
//! buffer for all connections of a shard; a connection keeps bytes of its own only while half an answer has come.

use std::cell::RefCell;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, ReadBuf};

use super::dial::{Address, Dial, Ready};
use super::frame;
use super::outbox::Outbox;
use super::request::Versions;
use super::stream::Stream;
use crate::cluster::Weight;

/// Bytes read at once, for all connections of a shard.
const READ: usize = 64 << 10;

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
    if !outbox.is_closed() {
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
    if outbox.is_closed() {
        return Poll::Ready(String::new());
    }
    match outbox.write(context, stream) {
        Ok(None) => {}
        Ok(Some(written)) => inbox.borrow_mut().tell(link, Told::Written(written)),
        Err(error) => return Poll::Ready(error.to_string()),
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
