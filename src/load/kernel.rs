//! How the kernel schedules the calling thread: `sched_setattr` and `sched_getattr`.
#![expect(unsafe_code, reason = "neither libc nor rustix has a safe wrapper for these two system calls")]

use std::io;

/// A thread's scheduling, as far as bench asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// The usual one, with the slice that it may run at a stretch, in nanoseconds; 0 where the kernel does not tell (before 6.12).
    Other {
        /// Shorter slices are given sooner, and take no more of a core in all.
        slice_ns: u64,
    },
    /// First in, first out, before all that is usual; needs a privilege.
    Fifo {
        /// 1 to 99.
        priority: u32,
    },
    /// Another one; nothing that bench asks for.
    Else(u32),
}

/// Asks for a policy for the calling thread; its nice value stays.
pub fn set_policy(policy: Policy) -> io::Result<()> {
    let mut attributes = attributes()?;
    let (number, priority, runtime) = match policy {
        Policy::Other { slice_ns } => (libc::SCHED_OTHER as u32, 0, slice_ns),
        Policy::Fifo { priority } => (libc::SCHED_FIFO as u32, priority, 0),
        Policy::Else(_) => return Err(io::ErrorKind::Unsupported.into()),
    };
    attributes.sched_policy = number;
    attributes.sched_priority = priority;
    attributes.sched_runtime = runtime;
    let flags = 0_u32;
    // SAFETY: the kernel reads the structure, whose size it holds itself, and keeps no pointer to it.
    let failed = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, flags) };
    if failed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What the calling thread has.
pub fn policy() -> io::Result<Policy> {
    let attributes = attributes()?;
    Ok(match attributes.sched_policy {
        other if other == libc::SCHED_OTHER as u32 => Policy::Other { slice_ns: attributes.sched_runtime },
        fifo if fifo == libc::SCHED_FIFO as u32 => Policy::Fifo { priority: attributes.sched_priority },
        number => Policy::Else(number),
    })
}

fn attributes() -> io::Result<libc::sched_attr> {
    // SAFETY: all fields are numbers, for which zeros are values.
    let mut attributes: libc::sched_attr = unsafe { std::mem::zeroed() };
    let (size, flags) = (size_of::<libc::sched_attr>() as u32, 0_u32);
    // SAFETY: the kernel writes at most `size` bytes, which is the structure's.
    let failed = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, size, flags) };
    if failed == 0 { Ok(attributes) } else { Err(io::Error::last_os_error()) }
}
