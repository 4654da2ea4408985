//! Memory from which a client reads payloads without copying them, until it reports what became of each.
//!
//! The slot that was freed last is used first, so that payloads stay in the processor's caches; memory that no burst ever needed is never touched. A slot
//! keeps its body where one body is as good as another: where all such payloads are of one size, only the first one in a slot is copied whole.
#![expect(
    unsafe_code,
    reason = "librdkafka reads a payload that is not copied after the call has returned, which no borrow can tell"
)]

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

use crate::envelope;

/// No message shares a cache line with another.
const LINE: usize = 64;
/// Beyond this, payloads are copied by the client: they are out of the caches anyway.
const MOST_BYTES: usize = 64 << 20;

/// Slots of one size. Whoever reads them must be gone before they are dropped.
#[derive(Debug)]
pub struct Slots {
    base: NonNull<u8>,
    /// Bytes of all of them.
    length: usize,
    size: usize,
    largest: usize,
}

// SAFETY: it is memory and its address; who writes which slot is settled by `FreeSlots`, of which there is one.
unsafe impl Send for Slots {}
// SAFETY: as above.
unsafe impl Sync for Slots {}

impl Slots {
    /// For payloads of up to `largest` bytes; `None` where the system has no memory, or slots would be few.
    pub fn new(largest: usize) -> Option<Self> {
        let size = largest.next_multiple_of(LINE);
        let count = (MOST_BYTES / size.max(1)).min(u32::MAX as usize);
        if count < 1024 {
            return None;
        }
        let length = count * size;
        let (readable, private) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
        // SAFETY: a mapping of its own, wherever the kernel has room; it begins at a page, so slots begin at cache lines.
        let base = unsafe { mmap_anonymous(ptr::null_mut(), length, readable, private) }.ok()?;
        // Large pages: payloads are read once each, far apart in time, and looking up small pages would take longer than reading them. Without them it works too.
        // SAFETY: it is the mapping made above.
        unsafe { madvise(base, length, Advice::LinuxHugepage) }.ok();
        Some(Slots { base: NonNull::new(base.cast())?, length, size, largest })
    }

    /// All of them, free. To be asked for once. `alike` says that one body is as good as another.
    pub fn all_free(&self, alike: bool) -> FreeSlots {
        let count = (self.length / self.size) as u32;
        let free = Vec::with_capacity(count as usize);
        FreeSlots {
            base: self.base,
            size: self.size,
            count,
            free,
            unused: 0,
            largest: self.largest,
            kept: alike.then_some(0),
        }
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        // SAFETY: it was mapped with this length and is given back once. That fails only for what was never mapped.
        unsafe { munmap(self.base.as_ptr().cast(), self.length) }.ok();
    }
}

/// Which slots nobody reads.
#[derive(Debug)]
pub struct FreeSlots {
    base: NonNull<u8>,
    size: usize,
    count: u32,
    /// Those that were given back, with room for all.
    free: Vec<u32>,
    /// This one, and all behind it, were never used: a list of a million would take its time when the trial begins.
    unused: u32,
    largest: usize,
    /// Slots before this one hold a body as large as any; `None` once a payload was smaller.
    kept: Option<usize>,
}

// SAFETY: as for `Slots`.
unsafe impl Send for FreeSlots {}

impl FreeSlots {
    /// Whether so many payloads of up to so many bytes have room.
    pub fn have(&self, count: usize, largest: usize) -> bool {
        self.len() >= count && largest <= self.size
    }

    fn len(&self) -> usize {
        self.free.len() + (self.count - self.unused) as usize
    }

    /// Puts a payload into a slot, which nobody else gets until it is given back; `None` where there is none, or none so large. Beyond the envelope it may
    /// be the body of an earlier payload, where one is as good as another.
    pub fn put(&mut self, payload: &[u8]) -> Option<NonNull<c_void>> {
        if payload.len() > self.size {
            return None;
        }
        let slot = match self.free.pop() {
            Some(slot) => slot as usize,
            None if self.unused < self.count => {
                self.unused += 1;
                self.unused as usize - 1
            }
            None => return None,
        };
        self.kept = self.kept.filter(|_| payload.len() == self.largest);
        let fresh = match self.kept {
            Some(kept) if slot < kept => &payload[..envelope::BYTES.min(payload.len())],
            _ => payload,
        };
        self.kept = self.kept.map(|kept| kept.max(slot + 1));
        // SAFETY: the slot lies within the memory, and nobody reads or writes it.
        unsafe {
            let place = self.base.add(slot * self.size);
            place.copy_from_nonoverlapping(NonNull::from(fresh).cast(), fresh.len());
            Some(place.cast())
        }
    }

    /// Nobody reads this payload any more; one that lies elsewhere is none of ours.
    pub fn give_back(&mut self, payload: *const c_void) {
        let beyond = payload.addr().wrapping_sub(self.base.addr().get());
        let slot = beyond / self.size;
        if slot < self.count as usize {
            self.free.push(slot as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_has_one_payload_at_a_time_and_the_last_freed_is_the_first_used() {
        let slots = Slots::new(100).unwrap();
        let mut free = slots.all_free(true);
        let count = free.len();
        let payloads: Vec<_> = (0..200_u8).map(|n| (n, free.put(&[n; 100]).unwrap())).collect();
        for (n, payload) in &payloads {
            // SAFETY: the slot was filled above and is not given back yet.
            assert_eq!(unsafe { payload.cast::<[u8; 100]>().read() }, [*n; 100]);
        }
        free.give_back(payloads[7].1.as_ptr());
        assert_eq!(free.put(&[1]).unwrap(), payloads[7].1);
        for (_, payload) in payloads {
            free.give_back(payload.as_ptr());
        }
        assert_eq!(free.len(), count);
        free.give_back((&raw const count).cast());
        assert_eq!((free.len(), free.put(&[0; 129])), (count, None));
    }

    #[test]
    fn a_payload_has_its_own_envelope_and_a_whole_body_whatever_was_in_its_slot() {
        let slots = Slots::new(100).unwrap();
        let mut free = slots.all_free(true);
        let mut round = |payload: &[u8]| {
            let place = free.put(payload).unwrap();
            // SAFETY: the slot is as long, was filled above and is not given back yet.
            let held =
                unsafe { std::slice::from_raw_parts(place.as_ptr().cast::<u8>(), payload.len()) }.to_vec();
            free.give_back(place.as_ptr());
            held
        };
        assert_eq!(round(&[1; 100]), [1; 100]);
        let mixed = round(&[2; 100]);
        assert_eq!((&mixed[..envelope::BYTES], &mixed[envelope::BYTES..]), (&[2; 36][..], &[1; 64][..]));
        for (byte, length) in [(3, 50), (4, 100), (5, 100), (6, 36)] {
            assert_eq!(round(&vec![byte; length]), vec![byte; length]);
        }
    }

    #[test]
    fn messages_of_ones_own_are_copied_whole() {
        let slots = Slots::new(100).unwrap();
        let mut free = slots.all_free(false);
        for byte in [1, 2] {
            let place = free.put(&[byte; 100]).unwrap();
            // SAFETY: the slot is as long, was filled above and is not given back yet.
            assert_eq!(unsafe { place.cast::<[u8; 100]>().read() }, [byte; 100]);
            free.give_back(place.as_ptr());
        }
    }

    #[test]
    fn messages_of_which_few_would_fit_get_no_slots() {
        assert!(Slots::new(1 << 20).is_none());
        assert!(Slots::new(64 << 10).is_some());
    }

    #[test]
    fn what_lies_in_slots_can_be_compressed_no_further_than_what_was_put_in() {
        use crate::load::message::Bodies;
        use crate::units::Share;

        const SIZE: usize = 256;
        const BATCH: usize = 3_900;
        let slots = Slots::new(SIZE).unwrap();
        let mut free = slots.all_free(true);
        let mut bodies = Bodies::new(4 << 20, 1, Share::NONE, 1);
        let mut under_way = std::collections::VecDeque::new();
        let (mut before, mut after) = (0, 0);
        for batch in 0..100 {
            let places: Vec<_> = (0..BATCH).map(|_| free.put(bodies.take(SIZE)).unwrap()).collect();
            let mut bytes = Vec::with_capacity(BATCH * SIZE);
            for place in &places {
                // SAFETY: the slot is as long, was filled above and is not given back yet.
                let held = unsafe { std::slice::from_raw_parts(place.as_ptr().cast::<u8>(), SIZE) };
                bytes.extend_from_slice(held);
            }
            before += bytes.len();
            after += zstd::bulk::compress(&bytes, 3).unwrap().len();
            under_way.push_back(places);
            // Acks come late, and not always one batch at a time.
            while under_way.len() > 5 + batch % 7 {
                under_way.pop_front().into_iter().flatten().for_each(|place| free.give_back(place.as_ptr()));
            }
        }
        let left = f64::from(after as u32) / f64::from(before as u32);
        assert!(left > 0.97, "{left}");
    }
}
