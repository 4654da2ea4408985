//! What the cluster is asked for because of an event, while the trial goes on: an answer may take twenty seconds, in which pauses end and readings come.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::timeline::Clock;

/// Who is asked for what next: one after the other, in the order in which they came. A lock alone would let in whoever is awake first.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// How many have come so far.
    came: u64,
    passed: Arc<Passed>,
}

/// How many turns are over.
#[derive(Debug, Default)]
struct Passed(Mutex<u64>, Condvar);

/// One's own turn; it is over when this goes, whatever became of it.
#[derive(Debug)]
struct Turn<'a>(&'a Passed);

impl Passed {
    /// Waits until so many turns are over.
    fn turn(&self, before: u64) -> Turn<'_> {
        let passed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.1.wait_while(passed, |passed| *passed < before);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.1.notify_all();
    }
}

/// A question to the cluster that somebody waits for.
#[derive(Debug)]
pub(super) struct Aside(JoinHandle<Result<u64, String>>);

impl Aside {
    /// Asks on a thread of its own, once it is its turn: what was asked for first is done first. An error is that there is no thread.
    pub(super) fn ask(
        (clock, turns): (Clock, &mut Turns),
        question: impl FnOnce() -> Result<(), String> + Send + 'static,
    ) -> Result<Self, String> {
        let (before, passed) = (turns.came, Arc::clone(&turns.passed));
        let asks = move || {
            let _own = passed.turn(before);
            question().map(|()| clock.now())
        };
        let thread = std::thread::Builder::new().name("event".to_owned()).spawn(asks);
        let thread = thread.map_err(|error| format!("it could not be asked for: {error}"))?;
        // Who has no thread has no turn, and nobody waits for it.
        turns.came += 1;
        Ok(Aside(thread))
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
        let (clock, mut turns) = (Clock::anchor(), Turns::default());
        let (release, held) = channel::<()>();
        let (tell, told) = channel();
        let other = tell.clone();
        let first = Aside::ask((clock, &mut turns), move || {
            tell.send(1).map_err(|error| error.to_string())?;
            held.recv().map_err(|error| error.to_string())?;
            tell.send(2).map_err(|error| error.to_string())
        });
        let first = first.unwrap();
        assert_eq!(told.recv(), Ok(1));
        let second = Aside::ask((clock, &mut turns), move || {
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

    #[test]
    fn who_came_later_waits_though_nobody_has_a_turn_yet_and_goes_on_though_who_came_first_has_died() {
        let passed = Arc::new(Passed::default());
        let (tell, told) = channel();
        let later = {
            let (passed, tell) = (Arc::clone(&passed), tell.clone());
            std::thread::spawn(move || {
                let _own = passed.turn(1);
                tell.send("second").unwrap();
            })
        };
        // It is on its way long before the first one comes.
        assert!(told.recv_timeout(std::time::Duration::from_millis(50)).is_err());
        let first = std::thread::spawn(move || {
            let _own = passed.turn(0);
            tell.send("first").unwrap();
            panic!("as a question may");
        });
        assert!(first.join().is_err());
        later.join().unwrap();
        assert_eq!(told.iter().collect::<Vec<_>>(), ["first", "second"]);
    }
}
