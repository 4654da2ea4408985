//! What went wrong: errors of brokers and consumers while load ran, each once, with its count.

use std::collections::BTreeMap;

use super::load::LoadPart;
use crate::books::Kinds;
use crate::driver::raw::Raw;
use crate::driver::trial::BROKER_DIED;

/// What librdkafka calls a message whose time was up.
const TIMED_OUT: &str = "_MSG_TIMED_OUT";

/// Those that concern no single message, and those that messages failed of; that a client's own patience ended is no broker's error, nor what came of
/// something that was done on purpose.
pub fn of_load(raw: &Raw, load: &LoadPart) -> Kinds {
    let mut kinds = Kinds::default();
    let errors = raw.loaded.iter().filter(|_| raw.times.is_some()).flat_map(|loaded| &loaded.errors);
    errors.for_each(|(text, count)| kinds.count(text, *count));
    let excused = |error: &String| Some(*raw.loaded.as_ref()?.excused.get(error)?);
    for (error, count) in load.failures.iter().filter(|(error, _)| *error != TIMED_OUT) {
        let left = count.saturating_sub(excused(error).unwrap_or_default());
        if left > 0 {
            kinds.count(error, left);
        }
    }
    kinds
}

/// All of them with brokers that died and why messages waited, as `redact` leaves their texts.
pub fn told(kinds: Kinds, raw: &Raw, redact: impl Fn(&str) -> String) -> BTreeMap<String, u64> {
    let kinds = kinds.into_counts();
    let deaths = raw.events.iter().filter(|(_, kind, _)| kind == BROKER_DIED).map(|(.., died)| (died, 1));
    let waiting = raw.waiting.iter().map(|(words, messages)| (words, *messages));
    let mut errors = BTreeMap::new();
    for (text, count) in kinds.iter().map(|(text, count)| (text, *count)).chain(deaths).chain(waiting) {
        *errors.entry(redact(text)).or_default() += count;
    }
    errors
}
