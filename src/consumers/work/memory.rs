//! A working set: memory of which all is touched once, and some of it by each message.

use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

const PAGE: usize = 4096;
/// Pages that each message touches, one after the other through the whole set, so that no part of it grows cold.
const PER_MESSAGE: usize = 64;

/// Memory of one instance, shared by its threads.
#[derive(Debug)]
pub struct WorkingSet {
    bytes: Box<[AtomicU8]>,
    next: AtomicUsize,
}

impl WorkingSet {
    /// So many bytes, all of them written.
    pub fn new(bytes: usize) -> Self {
        WorkingSet { bytes: (0..bytes).map(|_| AtomicU8::new(1)).collect(), next: AtomicUsize::new(0) }
    }

    /// What one message touches.
    pub fn touch(&self) {
        let pages = self.bytes.len() / PAGE;
        if pages == 0 {
            return;
        }
        let first = self.next.fetch_add(PER_MESSAGE, Relaxed);
        for page in first..first + PER_MESSAGE.min(pages) {
            self.bytes[page % pages * PAGE].fetch_add(1, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_through_all_of_it() {
        let set = WorkingSet::new(100 * PAGE);
        set.touch();
        set.touch();
        assert!(set.bytes.chunks(PAGE).all(|page| page[0].load(Relaxed) > 1));
        WorkingSet::new(7).touch();
    }
}
