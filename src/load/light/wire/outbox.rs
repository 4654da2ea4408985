//! What is to be written to a connection. Batches lie where they grew until they are written: only what stands around them is copied.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::iter;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;

use super::stream::Stream;

/// An outbox that has been emptied keeps no more than this.
const KEEP: usize = 4 << 10;
/// Up to here a batch is copied all the same: that costs less than a place of its own.
const COPIED: usize = 4 << 10;
/// Places that are written from at once.
const PLACES: usize = 32;

/// What is to be written to a connection.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Rc<RefCell<Out>>);

#[derive(Debug, Default)]
struct Out {
    /// All but the batches.
    bytes: Vec<u8>,
    /// Of `bytes`, what is written already.
    done: usize,
    /// What is left of each batch, and before which of `bytes` it belongs.
    batches: VecDeque<(usize, Bytes)>,
    /// Bytes that are not written yet, batches too.
    waiting: usize,
    /// All that was ever written.
    written: u64,
    closing: bool,
    /// Whether writing is told: only where nothing is answered.
    tells: bool,
    waker: Option<Waker>,
}

impl Out {
    /// What waits, in its order.
    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let mut from = self.done;
        let last = self.batches.back().map_or(self.done, |(at, _)| *at);
        let around = self.batches.iter().flat_map(move |(at, batch)| {
            let before = &self.bytes[from..*at];
            from = *at;
            [before, &batch[..]]
        });
        around.chain(iter::once(&self.bytes[last..])).filter(|part| !part.is_empty())
    }

    /// The next so many bytes are written.
    fn advance(&mut self, length: usize) {
        self.written += length as u64;
        self.waiting -= length;
        let mut left = length;
        while left > 0 {
            let part = match self.batches.front_mut() {
                Some((at, batch)) if *at == self.done => {
                    let part = left.min(batch.len());
                    batch.advance(part);
                    if batch.is_empty() {
                        self.batches.pop_front();
                    }
                    part
                }
                next => {
                    let end = next.map_or(self.bytes.len(), |(at, _)| *at);
                    let part = left.min(end - self.done);
                    self.done += part;
                    part
                }
            };
            left -= part;
        }
    }

    /// Lets go of what is written, in steps of half of all, so that moving the rest costs less than writing did. At the limit of a connection it is never
    /// empty.
    fn forget(&mut self) {
        if self.waiting == 0 {
            self.bytes.clear();
            self.bytes.shrink_to(KEEP);
            self.done = 0;
        } else if self.done > KEEP && self.done >= self.bytes.len() / 2 {
            self.bytes.drain(..self.done);
            for (at, _) in &mut self.batches {
                *at -= self.done;
            }
            self.done = 0;
        }
    }

    fn has(&mut self, more: usize) -> u64 {
        self.waiting += more;
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
        self.written + self.waiting as u64
    }
}

impl Outbox {
    /// Appends what `write` writes; returns where it ends, counted over all that was ever put in. `None` where nothing was written.
    pub fn put(&self, write: impl FnOnce(&mut Vec<u8>) -> bool) -> Option<u64> {
        let mut out = self.0.borrow_mut();
        let before = out.bytes.len();
        if !write(&mut out.bytes) {
            return None;
        }
        let more = out.bytes.len() - before;
        Some(out.has(more))
    }

    /// Appends what `write` writes, and the batch at the place in it that `write` returns; how much that is in all, and where it ends, counted over all
    /// that was ever put in.
    pub fn put_around(&self, batch: Bytes, write: impl FnOnce(&mut Vec<u8>) -> usize) -> (usize, u64) {
        let mut out = self.0.borrow_mut();
        let before = out.bytes.len();
        let at = write(&mut out.bytes);
        let more = out.bytes.len() - before + batch.len();
        if batch.len() > COPIED {
            out.batches.push_back((at, batch));
        } else {
            out.bytes.extend_from_slice(&batch);
            out.bytes[at..].rotate_right(batch.len());
        }
        (more, out.has(more))
    }

    /// Writes what the connection takes now; how much was ever written, where that is to be told and has become more.
    pub fn write(&self, context: &mut Context<'_>, stream: &mut Stream) -> io::Result<Option<u64>> {
        let mut out = self.0.borrow_mut();
        let before = out.written;
        while out.waiting > 0 {
            let mut places = [IoSlice::new(&[]); PLACES];
            let mut count = 0;
            for (place, part) in places.iter_mut().zip(out.parts()) {
                *place = IoSlice::new(part);
                count += 1;
            }
            match Pin::new(&mut *stream).poll_write_vectored(context, &places[..count]) {
                Poll::Pending => break,
                Poll::Ready(Ok(0)) => return Err(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(length)) => out.advance(length),
                Poll::Ready(Err(error)) => return Err(error),
            }
        }
        out.forget();
        // TLS may hold bytes back until it is flushed; a plain socket has nothing to flush.
        if let Poll::Ready(Err(error)) = Pin::new(stream).poll_flush(context) {
            return Err(error);
        }
        if out.waker.as_ref().is_none_or(|waker| !waker.will_wake(context.waker())) {
            out.waker = Some(context.waker().clone());
        }
        Ok((out.tells && out.written > before).then_some(out.written))
    }

    /// From now on it is told how much has been written.
    pub fn tell_written(&self) {
        self.0.borrow_mut().tells = true;
    }

    /// Ends the connection; it then tells nothing more.
    pub fn close(&self) {
        let mut out = self.0.borrow_mut();
        out.closing = true;
        if let Some(waker) = out.waker.take() {
            waker.wake();
        }
    }

    /// Whether it was ended.
    pub fn is_closed(&self) -> bool {
        self.0.borrow().closing
    }

    /// Takes what is to be written, as if it had been.
    #[cfg(test)]
    pub fn take(&self) -> Vec<u8> {
        let mut out = self.0.borrow_mut();
        let taken = out.parts().collect::<Vec<_>>().concat();
        out.advance(taken.len());
        out.forget();
        taken
    }

    /// All bytes that were taken.
    #[cfg(test)]
    pub fn written(&self) -> u64 {
        self.0.borrow().written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_outbox_that_is_never_empty_keeps_little_of_what_is_written() {
        let outbox = Outbox::default();
        let (mut put, mut taken) = (0_u64, Vec::<u8>::new());
        for _ in 0..10_000 {
            outbox.put(|bytes| {
                bytes.extend((put..put + 1_000).map(|at| at as u8));
                true
            });
            put += 1_000;
            let mut out = outbox.0.borrow_mut();
            let length = out.waiting - 500;
            taken.extend(out.parts().flatten().take(length));
            out.advance(length);
            out.forget();
            assert!(out.bytes.capacity() < 64 << 10, "{} bytes", out.bytes.capacity());
        }
        assert!(
            taken.iter().zip(0_u64..).all(|(byte, at)| *byte == at as u8),
            "what is left stays as it was"
        );
        outbox.take();
        let out = outbox.0.borrow();
        assert!(out.bytes.is_empty() && out.bytes.capacity() <= KEEP);
    }

    proptest! {
        #[test]
        fn what_was_put_goes_out_in_its_order_however_little_is_written_at_once(
            puts in proptest::collection::vec((0..40_usize, 0..3_usize, 0..9_usize, 0..9_000_usize), 1..40),
        ) {
            let (outbox, mut expected, mut got) = (Outbox::default(), Vec::<u8>::new(), Vec::<u8>::new());
            let mut next = 0_u8;
            let mut some = |length: usize| {
                next = next.wrapping_add(1);
                vec![next; length]
            };
            for (before, kind, after, written) in puts {
                let batch = some([0, COPIED, COPIED + 1][kind]);
                let (before, after) = (some(before), some(after));
                let whole = [&before[..], &batch, &after].concat();
                let (length, end) = outbox.put_around(Bytes::from(batch), |bytes| {
                    bytes.extend_from_slice(&before);
                    let at = bytes.len();
                    bytes.extend_from_slice(&after);
                    at
                });
                expected.extend_from_slice(&whole);
                prop_assert_eq!((length, end), (whole.len(), expected.len() as u64));
                let mut out = outbox.0.borrow_mut();
                let written = written.min(out.waiting);
                got.extend(out.parts().flatten().take(written));
                out.advance(written);
                out.forget();
            }
            got.extend(outbox.take());
            prop_assert!(got == expected);
            prop_assert_eq!(outbox.written(), expected.len() as u64);
            prop_assert!(outbox.0.borrow().batches.is_empty());
        }
    }
}
