//! Where a share group (KIP-932) is, as its coordinator tells it. Its members acknowledge each message for itself: there are no commits.

/// By partition of the topics that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareOffsets {
    /// Where the first message lies that is not done; none where nobody has fetched yet.
    pub starts: Vec<Option<i64>>,
    /// Messages that are not done, those left out that are done beyond that first one; none where the broker does not tell it.
    pub lags: Vec<Option<u64>>,
}

impl ShareOffsets {
    /// Nothing is known of so many partitions.
    pub fn none(partitions: u32) -> Self {
        ShareOffsets { starts: vec![None; partitions as usize], lags: vec![None; partitions as usize] }
    }

    /// What is told of a partition; what is less than zero is not known.
    pub fn put(&mut self, number: u32, start: i64, lag: i64) {
        let place = number as usize;
        if let (Some(known), Some(told)) = (self.starts.get_mut(place), self.lags.get_mut(place)) {
            *known = (start >= 0).then_some(start);
            *told = u64::try_from(lag).ok();
        }
    }

    /// By partition, the offset before which all is done at the end. `ends` lay behind all that was there before it was asked: a coordinator writes down where a group
    /// begins only with what is done next, and so tells of the last messages only that none of them lags.
    pub fn done_at_last(&self, ends: &[Option<i64>]) -> Vec<Option<i64>> {
        let of = |at: usize, start: &Option<i64>| match self.lags.get(at) {
            Some(Some(0)) => (*start).max(ends.get(at).copied().flatten()),
            _ => *start,
        };
        self.starts.iter().enumerate().map(|(at, start)| of(at, start)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_lags_all_is_done_that_was_there_when_it_was_asked() {
        let mut told = ShareOffsets::none(4);
        told.put(0, 90, 0);
        told.put(1, 90, 4);
        told.put(2, -1, -1);
        told.put(3, 120, 0);
        assert_eq!(told.done_at_last(&[Some(100); 4]), [Some(100), Some(90), None, Some(120)]);
    }
}
