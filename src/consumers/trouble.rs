//! Why a group does not come together, in the words of its instances.

use crate::cluster::{Weight, is_refusal};

/// What an instance has complained of since it was last given partitions; of several instances the one that a broker refuses first.
#[derive(Clone, Debug, Default)]
pub struct Trouble {
    /// The first time that somebody said no to an instance: which, when (Unix ns), and the words.
    refused: Option<(u32, u64, String)>,
    /// The last words of any.
    last: Option<String>,
}

impl Trouble {
    /// An instance complains.
    pub(super) fn came(&mut self, instance: u32, at_ns: u64, words: &str) {
        if self.refused.is_none() && is_refusal(words) {
            self.refused = Some((instance, at_ns, words.to_owned()));
        }
        self.last = Some(words.to_owned());
    }

    /// An instance has partitions: whatever it was, it is over.
    pub(super) fn is_over(&mut self, instance: u32) {
        self.refused.take_if(|(refused, ..)| *refused == instance);
    }

    /// The words of a broker that has said no for so long that it will not take that back.
    pub fn refusal(&self, now_ns: u64) -> Option<&str> {
        let patience_ns = Weight::Refused.patience().as_nanos() as u64;
        let (_, since_ns, words) = self.refused.as_ref()?;
        (now_ns.saturating_sub(*since_ns) > patience_ns).then_some(words)
    }

    /// The last that any instance complained of.
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::SECOND_NS;

    const DENIED: &str = "Message consumption error: GroupAuthorizationFailed (Broker: Group authorization failed): FindCoordinator failed";

    #[test]
    fn a_right_that_is_missing_is_told_once_it_has_been_missing_for_a_while_and_no_more_once_there_are_partitions()
     {
        let mut trouble = Trouble::default();
        let at = |second: u64| (1_000 + second) * SECOND_NS;
        trouble.came(0, at(0), "BrokerTransportFailure (Local: Broker transport failure): a:1: Disconnected");
        assert_eq!(trouble.refusal(at(60)), None, "who is away may come back");
        trouble.came(1, at(1), DENIED);
        trouble.came(0, at(2), "a later one");
        assert_eq!((trouble.refusal(at(2)), trouble.refusal(at(4))), (None, Some(DENIED)));
        assert_eq!(trouble.last(), Some("a later one"));
        trouble.is_over(0);
        assert_eq!(trouble.refusal(at(4)), Some(DENIED), "another instance has partitions");
        trouble.is_over(1);
        assert_eq!(trouble.refusal(at(4)), None);
    }
}
