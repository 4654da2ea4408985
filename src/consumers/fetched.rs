//! How many bytes this instance got from brokers, as its sockets count them.
//!
//! The client's statistics say the same, and all partitions with it, and no interceptor can be given to a client that is made in one step. The kernel counts
//! what comes over a connection: it is asked once a second, and when a connection closes.
#![expect(
    unsafe_code,
    reason = "librdkafka closes sockets by a callback for which the safe wrapper has no place, and the kernel's count is read by a C call"
)]

use std::ffi::{c_int, c_void};
use std::mem::size_of_val;
use std::sync::{Mutex, PoisonError};

use rdkafka::bindings as rd;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};

/// Where `tcpi_bytes_received` stands in the kernel's `tcp_info`, in words of eight bytes.
const RECEIVED: usize = 16;

/// Of connections that are closed. Held too while those that are open are counted, so that none is counted twice.
static CLOSED: Mutex<u64> = Mutex::new(0);

/// Has a client count what came over a connection when it closes it.
pub(super) fn listen_to<C: ConsumerContext>(client: &BaseConsumer<C>) {
    // SAFETY: the living configuration is the client's own, as where it is told when it is held back; this is one pointer too, set once.
    unsafe {
        let configuration = rd::rd_kafka_conf(client.client().native_ptr()).cast_mut();
        rd::rd_kafka_conf_set_closesocket_cb(configuration, Some(on_close));
    }
}

/// Bytes so far, over all connections of this process: its clients have no others. None where the kernel does not tell.
pub(super) fn bytes() -> Option<u64> {
    let closed = CLOSED.lock().unwrap_or_else(PoisonError::into_inner);
    let open = std::fs::read_dir("/proc/self/fd").ok()?;
    let sockets = open.flatten().filter_map(|one| one.file_name().to_str()?.parse().ok());
    Some(*closed + sockets.filter_map(over).sum::<u64>())
}

/// What came over a connection; none of what is no TCP connection.
fn over(socket: c_int) -> Option<u64> {
    let mut told = [0_u64; 32];
    let mut length = libc::socklen_t::try_from(size_of_val(&told)).ok()?;
    // SAFETY: the kernel writes no more than `length` bytes, whatever the number stands for.
    let fine = unsafe {
        libc::getsockopt(socket, libc::IPPROTO_TCP, libc::TCP_INFO, told.as_mut_ptr().cast(), &raw mut length)
    };
    let reaches = length as usize >= (RECEIVED + 1) * size_of_val(&told[0]);
    (fine == 0 && reaches).then_some(told[RECEIVED])
}

/// SAFETY: called by librdkafka, whose socket it is and which uses it no more.
unsafe extern "C" fn on_close(socket: c_int, _: *mut c_void) -> c_int {
    let mut closed = CLOSED.lock().unwrap_or_else(PoisonError::into_inner);
    *closed += over(socket).unwrap_or_default();
    // SAFETY: see above.
    unsafe { libc::close(socket) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::{AsRawFd, IntoRawFd};

    #[test]
    fn what_came_over_a_connection_is_counted_while_it_is_open_and_after_it_was_closed() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut broker, _) = listener.accept().unwrap();
        assert_eq!(over(client.as_raw_fd()), Some(0));
        broker.write_all(&[7; 5_000]).unwrap();
        client.read_exact(&mut [0; 5_000]).unwrap();
        client.write_all(&[7; 300]).unwrap();
        assert_eq!(over(client.as_raw_fd()), Some(5_000), "what was sent is none of it");
        assert!(bytes().unwrap() >= 5_000);
        let before = *CLOSED.lock().unwrap();
        // SAFETY: nobody else has it any more.
        assert_eq!(unsafe { on_close(client.into_raw_fd(), std::ptr::null_mut()) }, 0);
        assert!(*CLOSED.lock().unwrap() >= before + 5_000);
        broker.read_exact(&mut [0; 300]).unwrap();
        assert_eq!(broker.read(&mut [0; 1]).unwrap(), 0, "it is closed");
        assert_eq!(over(std::fs::File::open("/dev/null").unwrap().as_raw_fd()), None);
    }
}
