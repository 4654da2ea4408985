//! What the cluster is asked for because of an event, while the trial goes on: an answer may take twenty seconds, in which pauses end and readings come.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::timeline::Clock;

/// A question to the cluster that somebody waits for.
#[derive(Debug)]
pub(super) struct Aside(JoinHandle<Result<u64, String>>);

impl Aside {
    /// Asks on a thread of its own, once it is its turn: what was asked for first is done first. An error is that there is no thread.
    pub(super) fn ask(
        (clock, turn): (Clock, &Arc<Mutex<()>>),
        question: impl FnOnce() -> Result<(), String> + Send + 'static,
    ) -> Result<Self, String> {
        let turn = Arc::clone(turn);
        let asks = move || {
            let _own = turn.lock().unwrap_or_else(PoisonError::into_inner);
            question().map(|()| clock.now())
        };
        let thread = std::thread::Builder::new().name("event".to_owned()).spawn(asks);
        thread.map(Aside).map_err(|error| format!("it could not be asked for: {error}"))
    }

    /// Whether there is an answer.
    pub(super) fn is_answered(&self) -> bool {
        self.0.is_finished()
    }

    /// When it was done, Unix ns, or why it was refused; waits for it.
    pub(super) fn answer(self) -> Result<u64, String> {
        self.0.join().unwrap_or_else(|_| Err("it was asked for, and whoever asked has died".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn nobody_waits_for_an_answer_that_takes_its_time_and_what_is_asked_next_comes_after_it() {
        let (clock, turn) = (Clock::anchor(), Arc::default());
        let (release, held) = channel::<()>();
        let (tell, told) = channel();
        let other = tell.clone();
        let first = Aside::ask((clock, &turn), move || {
            tell.send(1).map_err(|error| error.to_string())?;
            held.recv().map_err(|error| error.to_string())?;
            tell.send(2).map_err(|error| error.to_string())
        });
        let first = first.unwrap();
        assert_eq!(told.recv(), Ok(1));
        let second = Aside::ask((clock, &turn), move || {
            other.send(3).ok();
            Err("refused".to_owned())
        });
        let second = second.unwrap();
        assert!(!first.is_answered() && !second.is_answered());
        let asked = clock.now();
        release.send(()).unwrap();
        let done = first.answer().unwrap();
        assert_eq!(second.answer(), Err("refused".to_owned()));
        assert!((asked..=clock.now()).contains(&done));
        assert_eq!(told.iter().collect::<Vec<_>>(), [2, 3]);
    }
}
