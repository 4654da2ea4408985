//! A descriptor that a shard waits for beside its connections.
#![expect(unsafe_code, reason = "tokio registers a descriptor that is none of its own only so")]

use std::io;
use std::os::fd::OwnedFd;
use std::task::{Context, Poll};

use tokio::io::unix::AsyncFd;

/// An event counter or a timer of the kernel, owned.
#[derive(Debug)]
pub struct Signal(AsyncFd<OwnedFd>);

impl Signal {
    /// Must be made inside the runtime that waits for it.
    pub fn new(descriptor: OwnedFd) -> io::Result<Self> {
        // SAFETY: an `OwnedFd` is open, and stays the same and open until the registration that owns it is dropped.
        let registered = unsafe { AsyncFd::register(descriptor) };
        Ok(Signal(registered?))
    }

    /// The descriptor.
    pub fn descriptor(&self) -> &OwnedFd {
        self.0.get_ref()
    }

    /// Whether it has fired, which is then forgotten; else the task is woken when it does.
    pub fn poll_fired(&self, context: &mut Context<'_>) -> bool {
        let mut fired = false;
        while let Poll::Ready(Ok(mut guard)) = self.0.poll_read_ready(context) {
            fired |= rustix::io::read(self.descriptor(), &mut [0_u8; 8]).is_ok();
            guard.clear_ready();
        }
        fired
    }
}
