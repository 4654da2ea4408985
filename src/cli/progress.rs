//! How a run goes, on stderr: two live lines on a terminal, plain lines elsewhere.
#![expect(clippy::print_stderr, reason = "talk goes to stderr, and this is the file that talks")]

mod lines;
mod live;

use std::io::{IsTerminal, Stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use terminal_size::terminal_size_of;

use self::lines::Lines;
use self::live::{Sparks, how_it_goes, where_it_is};
use crate::driver::{Event, Tick};
use crate::record::End;

/// Columns where a terminal does not tell.
const WIDTH: usize = 80;
/// What stands before the live lines.
const INDENT: usize = 2;
/// How often they turn.
const TURN: Duration = Duration::from_millis(200);

/// The live lines, and who turns them.
#[derive(Debug)]
struct Foot {
    lines: Arc<Mutex<Lines<Stderr>>>,
    stop: Option<Sender<()>>,
    turner: Option<JoinHandle<()>>,
}

impl Foot {
    fn start() -> Self {
        let lines = Arc::new(Mutex::new(Lines::new(std::io::stderr())));
        let (stop, stopped) = channel();
        let of = Arc::clone(&lines);
        let turner = std::thread::spawn(move || {
            while stopped.recv_timeout(TURN) == Err(RecvTimeoutError::Timeout) {
                of.lock().unwrap_or_else(PoisonError::into_inner).turn(columns());
            }
        });
        Foot { lines, stop: Some(stop), turner: Some(turner) }
    }

    fn with(&self, act: impl FnOnce(&mut Lines<Stderr>, usize)) {
        act(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner), columns());
    }
}

impl Drop for Foot {
    fn drop(&mut self) {
        drop(self.stop.take());
        self.turner.take().map(JoinHandle::join);
        self.with(Lines::clear);
    }
}

/// Those of the terminal that is told how the run goes, now: it may be made wider or narrower.
fn columns() -> usize {
    let width = terminal_size_of(std::io::stderr()).map(|(width, _)| usize::from(width.0));
    width.filter(|width| *width > 0).unwrap_or(WIDTH)
}

/// Tells a person what happens.
#[derive(Debug)]
pub struct Progress {
    live: Option<Foot>,
    trial: String,
    phase: String,
    /// Trials that are still to come after this one.
    to_come: u32,
    /// What a trial takes: by the plan, and once trials have ended, by them.
    per_trial: Duration,
    ended: u32,
    began: Option<Instant>,
    sparks: Sparks,
}

impl Progress {
    /// `per_trial` is what one trial will take, by the plan.
    pub fn new(per_trial: Duration) -> Self {
        let live = std::io::stderr().is_terminal().then(Foot::start);
        Progress {
            live,
            trial: String::new(),
            phase: String::new(),
            to_come: 0,
            per_trial,
            ended: 0,
            began: None,
            sparks: Sparks::default(),
        }
    }

    /// Tells one event.
    pub fn tell(&mut self, event: &Event<'_>) {
        match event {
            Event::Preparing(what) => self.line(what),
            Event::TrialBegins { order, of, name } => self.begin(*order, *of, name),
            Event::Phase(phase) => self.begin_phase(phase),
            Event::Connecting { up, of } => self.show(&format!("{up} of {of} producers connected"), None),
            Event::Tick(tick) => self.tick(tick),
            Event::TrialEnds { record, judged } => {
                self.took();
                let doubts: Vec<&str> = judged.doubts.iter().map(|doubt| doubt.id).collect();
                let doubts =
                    if doubts.is_empty() { String::new() } else { format!(" ({})", doubts.join(", ")) };
                let reason = match &record.end {
                    End::Failed(reason) => format!(": {reason}"),
                    _ => String::new(),
                };
                self.line(&format!("  {}{doubts}{reason}", judged.outcome.name()));
            }
            Event::Trouble(what) => self.line(&format!("  trouble: {what}")),
            Event::Deployed { .. } => {}
        }
    }

    /// Clears the live lines.
    pub fn end(&self) {
        if let Some(live) = &self.live {
            live.with(Lines::clear);
        }
    }

    fn begin(&mut self, order: u32, of: u32, name: &str) {
        self.began = Some(Instant::now());
        self.sparks.clear();
        self.phase.clear();
        self.to_come = of - order.min(of);
        self.trial =
            if order == 0 { format!("prepare {name}") } else { format!("trial {order} of {of} {name}") };
        let left = self.per_trial * (self.to_come + 1);
        let left = humantime::format_duration(Duration::from_secs(left.as_secs()));
        self.line(&format!("{} (about {left} left)", self.trial));
    }

    /// Learns from a trial how long the others will take.
    fn took(&mut self) {
        if let Some(began) = self.began.take() {
            let before = if self.ended == 0 { Duration::ZERO } else { self.per_trial * self.ended };
            self.ended += 1;
            self.per_trial = (before + began.elapsed()) / self.ended;
        }
    }

    /// What is left of the run, this trial included.
    fn left(&self) -> Duration {
        let spent = self.began.map_or(Duration::ZERO, |began| began.elapsed());
        self.per_trial * self.to_come + self.per_trial.saturating_sub(spent)
    }

    fn begin_phase(&mut self, phase: &str) {
        phase.clone_into(&mut self.phase);
        match &self.live {
            Some(_) => self.show(phase, None),
            None => eprintln!("  {}", phase.replace('_', " ")),
        }
    }

    fn tick(&mut self, tick: &Tick) {
        self.sparks.add(tick.processed_msgs_per_s);
        self.show(&self.phase, Some(tick));
    }

    /// The live lines: where the run is, and how the trial goes once it does.
    fn show(&self, phase: &str, tick: Option<&Tick>) {
        let Some(live) = &self.live else { return };
        let room = columns().saturating_sub(INDENT + 1);
        let left = (tick.map(|tick| tick.left_s.max(0.0)), self.left());
        let first = where_it_is(&self.trial, phase, left, room);
        let second = tick.map(|tick| how_it_goes(tick, &self.sparks, room));
        let shown = std::iter::once(first).chain(second).collect();
        live.with(|lines, width| lines.show(shown, width));
    }

    fn line(&self, text: &str) {
        match &self.live {
            Some(live) => live.with(|lines, width| lines.print(text, width)),
            None => eprintln!("{text}"),
        }
    }
}
