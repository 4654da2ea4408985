//! How a run goes, on stderr: one live line on a terminal, plain lines elsewhere.
#![expect(clippy::print_stderr, reason = "talk goes to stderr, and this is the file that talks")]

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::driver::{Event, Tick};
use crate::record::End;

/// Tells a person what happens.
#[derive(Debug)]
pub struct Progress {
    live: Option<ProgressBar>,
    trial: String,
    phase: String,
    of: u32,
    run_left: Duration,
    per_trial: Duration,
}

impl Progress {
    /// `per_trial` is what one trial will take, by the plan.
    pub fn new(per_trial: Duration) -> Self {
        let live = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            bar.set_style(
                ProgressStyle::with_template("{spinner} {msg}")
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Progress {
            live,
            trial: String::new(),
            phase: String::new(),
            of: 0,
            run_left: Duration::ZERO,
            per_trial,
        }
    }

    /// Tells one event.
    pub fn tell(&mut self, event: &Event<'_>) {
        match event {
            Event::Preparing(what) => self.line(what),
            Event::TrialBegins { order, of, name } => self.begin(*order, *of, name),
            Event::Phase(phase) => self.begin_phase(phase),
            Event::Connecting { up, of } => {
                if let Some(live) = &self.live {
                    live.set_message(format!("{} · {up} of {of} producers connected", self.trial));
                }
            }
            Event::Tick(tick) => self.tick(tick),
            Event::TrialEnds { record, judged } => {
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

    /// Clears the live line.
    pub fn end(&self) {
        if let Some(live) = &self.live {
            live.finish_and_clear();
        }
    }

    fn begin(&mut self, order: u32, of: u32, name: &str) {
        self.of = of;
        self.run_left = self.per_trial * (of + 1 - order.min(of));
        self.trial =
            if order == 0 { format!("prepare {name}") } else { format!("trial {order} of {of} {name}") };
        let left = humantime::format_duration(Duration::from_secs(self.run_left.as_secs()));
        self.line(&format!("{} (about {left} left)", self.trial));
    }

    fn begin_phase(&mut self, phase: &str) {
        phase.clone_into(&mut self.phase);
        match &self.live {
            Some(live) => live.set_message(format!("{} · {phase}", self.trial)),
            None => eprintln!("  {}", phase.replace('_', " ")),
        }
    }

    fn tick(&self, tick: &Tick) {
        let Some(live) = &self.live else { return };
        let lag = tick.lag_messages.map_or_else(String::new, |lag| format!(" · lag {lag}"));
        live.set_message(format!(
            "{} · {} · offered {:.0}/s · processed {:.0}/s{lag} · {:.0} s left in the window",
            self.trial,
            self.phase.replace('_', " "),
            tick.offered_msgs_per_s,
            tick.processed_msgs_per_s,
            tick.left_s.max(0.0),
        ));
    }

    fn line(&self, text: &str) {
        match &self.live {
            Some(live) => live.println(text),
            None => eprintln!("{text}"),
        }
    }
}
