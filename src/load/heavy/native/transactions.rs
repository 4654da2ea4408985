//! The calls that begin and end a client's transactions.

use std::ffi::CStr;
use std::time::Duration;

use rdkafka::bindings as rd;

use super::{RawProducer, millis};

/// How an attempt to end a transaction went.
#[derive(Debug)]
pub enum Ending {
    /// It has ended so.
    Done,
    /// Not yet; the call may be made again.
    Again(String),
    /// It can only be aborted.
    MustAbort(String),
    /// The client is beyond repair.
    Fatal(String),
}

impl RawProducer {
    /// Makes the client ready for transactions, which takes an answer of their coordinator.
    pub fn init_transactions(&self, within: Duration) -> Result<(), String> {
        // SAFETY: a plain call on a living handle; the error is ours to destroy, which `ending` does.
        match unsafe { ending(rd::rd_kafka_init_transactions(self.client, millis(within))) } {
            Ending::Done => Ok(()),
            Ending::Again(error) | Ending::MustAbort(error) | Ending::Fatal(error) => Err(error),
        }
    }

    /// Begins a transaction; never waits.
    pub fn begin_transaction(&self) -> Result<(), String> {
        // SAFETY: as above.
        match unsafe { ending(rd::rd_kafka_begin_transaction(self.client)) } {
            Ending::Done => Ok(()),
            Ending::Again(error) | Ending::MustAbort(error) | Ending::Fatal(error) => Err(error),
        }
    }

    /// Commits the running transaction.
    pub fn commit_transaction(&self, within: Duration) -> Ending {
        // SAFETY: as above.
        unsafe { ending(rd::rd_kafka_commit_transaction(self.client, millis(within))) }
    }

    /// Aborts the running transaction.
    pub fn abort_transaction(&self, within: Duration) -> Ending {
        // SAFETY: as above.
        unsafe { ending(rd::rd_kafka_abort_transaction(self.client, millis(within))) }
    }
}

/// SAFETY: `error` must be null or a living error, which is destroyed.
unsafe fn ending(error: *mut rd::rd_kafka_error_t) -> Ending {
    if error.is_null() {
        return Ending::Done;
    }
    // SAFETY: it is asked before it is destroyed, once.
    unsafe {
        let text = CStr::from_ptr(rd::rd_kafka_error_string(error)).to_string_lossy().into_owned();
        let ending = if rd::rd_kafka_error_txn_requires_abort(error) != 0 {
            Ending::MustAbort(text)
        } else if rd::rd_kafka_error_is_retriable(error) != 0 {
            Ending::Again(text)
        } else {
            Ending::Fatal(text)
        };
        rd::rd_kafka_error_destroy(error);
        ending
    }
}
