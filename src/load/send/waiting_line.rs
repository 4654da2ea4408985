//! Messages that wait before a client whose queue is full: in due order, until it takes them or their time is up.

/// One message that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiter {
    /// Its sequence.
    pub sequence: u64,
    /// When it was due, Unix ns.
    pub due: u64,
    /// When it was first handed to the client, Unix ns.
    pub attempted: u64,
}

/// A line of bounded length whose memory is taken beforehand (and touched only when it is needed).
#[derive(Debug)]
pub struct WaitingLine {
    line: std::collections::VecDeque<Waiter>,
}

impl WaitingLine {
    /// Room for `length` messages; it grows if more come, since nothing may be lost.
    pub fn with_capacity(length: usize) -> Self {
        WaitingLine { line: std::collections::VecDeque::with_capacity(length) }
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.line.is_empty()
    }

    /// Goes to the end of the line.
    pub fn join(&mut self, waiter: Waiter) {
        self.line.push_back(waiter);
    }

    /// Who is first.
    pub fn first(&self) -> Option<Waiter> {
        self.line.front().copied()
    }

    /// The first leaves.
    pub fn leave(&mut self) {
        self.line.pop_front();
    }
}
