//! How containers ended. The engine is asked aside: it may take its time, and the trial goes on meanwhile.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::{Containers, LOOK, kernel_log};
use crate::cluster::Engine;

/// A shell's way to say that a process was killed by SIGKILL, which engines share.
pub(super) const KILLED: i32 = 137;
/// How long the engine may take, where nothing else is left to be done, to tell how all have ended.
const TOLD_WITHIN: Duration = Duration::from_mins(2);

/// How one ended, as the engine tells; what it does not tell stays unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parted {
    /// Its exit status, where it is known.
    pub(super) code: Option<i32>,
    /// The kernel killed it for its memory.
    pub(super) out_of_memory: bool,
}

/// Where it is told, once it is known.
pub(super) type Answer = Arc<OnceLock<Parted>>;

/// A container of which it is asked.
pub(super) struct Asking {
    pub(super) id: String,
    /// Bench asked it to end.
    pub(super) asked_to_end: bool,
    /// Where the answer goes.
    pub(super) parted: Answer,
}

/// Asks the engine of these, one after the other, on a thread of its own. Without one nothing is known of them.
pub(super) fn ask(engine: &Engine, all: Vec<Asking>) {
    if all.is_empty() {
        return;
    }
    let engine = engine.clone();
    let answers: Vec<_> = all.iter().map(|one| Arc::clone(&one.parted)).collect();
    let asks = move || {
        for one in all {
            // Each is asked of once.
            one.parted.set(answer(&engine, &one)).ok();
        }
    };
    if std::thread::Builder::new().name("parting".to_owned()).spawn(asks).is_err() {
        for one in &answers {
            one.set(Parted::default()).ok();
        }
    }
}

fn answer(engine: &Engine, Asking { id, asked_to_end, .. }: &Asking) -> Parted {
    // The engine may learn of the end a little later than the kernel tells it.
    engine.ask("cannot wait for a container", &["wait", id]).ok();
    let all = engine.inspect(&[id]).unwrap_or_default();
    let Some(one) = all.first().filter(|one| !one.state.running) else { return Parted::default() };
    let code = one.state.exit_code;
    let killed = code == KILLED && !asked_to_end;
    let out_of_memory = one.state.oom_killed || (killed && kernel_log::has_killed(id));
    Parted { code: Some(code), out_of_memory }
}

impl Containers {
    /// Waits until it is known of all that have ended how they did.
    pub(super) fn await_parted(&self) {
        let deadline = Instant::now() + TOLD_WITHIN;
        let ended = self.running.iter().filter(|one| one.started.has_ended());
        while ended.clone().any(|one| one.parted().is_none()) && Instant::now() < deadline {
            std::thread::sleep(LOOK);
        }
    }
}
