//! When the events of a trial come, and whom they meet: drawn from its seed, so that the same trial always has the same.

use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp, LogNormal};
use rand_pcg::Pcg64;

use super::{Plan, PlanDoubt, Treatment};
use crate::alike::together;
use crate::spec::{Amount, Event, Slo, When};
use crate::timeline::SECOND_NS;
use crate::units::{Latency, Span};

/// Set apart from what else is drawn from a trial's seed.
const OWN: u64 = 0x6576_656e_7473;
/// And boot times from where in a heartbeat the event comes.
const BOOT: u64 = 0x0062_6f6f_7473;
/// Fewer injections than these tell little: where in its heartbeat an instance is met decides.
const FEW: u32 = 10;
/// Fewer whole seconds of the window before the first event tell little of what is usual: p99 is read of five together, so that they are one piece or two. In seconds.
const STEADY_S: u64 = 10;

/// How soon after it was due a message must be processed to come in time, where no SLO says it: within the length of the seconds that are counted.
const IN_TIME: Span = Span::from_secs(1);

/// One event of one trial.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnEvent {
    /// What is done.
    pub event: Event,
    /// When, since time 0.
    pub at: Span,
    /// Which of those that live then it meets, where that is drawn: the remainder of this by how many they are.
    pub pick: u64,
}

impl DrawnEvent {
    /// How long its n-th new instance, counted from 0, takes from its launch until its program is started.
    pub fn boot(&self, nth: u32) -> Span {
        let mut random = Pcg64::seed_from_u64(self.pick ^ BOOT.wrapping_mul(u64::from(nth) + 1));
        let drawn_s = match self.event.deed.boot() {
            Amount::Fixed(boot) => return boot,
            // A mean or a median of nothing is no wait at all.
            Amount::Exponential { mean } => {
                Exp::new(1.0 / mean.as_secs_f64()).map(|of| of.sample(&mut random)).ok()
            }
            Amount::LogNormal { median, sigma } => {
                LogNormal::new(median.as_secs_f64().ln(), sigma).map(|of| of.sample(&mut random)).ok()
            }
        };
        Span::from_nanos((drawn_s.filter(|drawn| drawn.is_finite()).unwrap_or_default() * 1e9) as u64)
    }
}

impl Treatment {
    /// The events of a trial of this seed, in the order in which they come.
    pub fn drawn_events(&self, seed: u64) -> Vec<DrawnEvent> {
        let draw = |(number, event): (u64, &Event)| {
            // One more event changes nothing of those before it.
            let mut random = Pcg64::seed_from_u64(seed ^ OWN.wrapping_mul(number + 1));
            let (phase, pick) = (random.next_u64(), random.next_u64());
            let at = match event.at {
                When::At(at) => at,
                When::Within(from, to) => {
                    let width = u128::from(to.as_nanos() - from.as_nanos());
                    Span::from_nanos(from.as_nanos() + ((width * u128::from(phase)) >> 64) as u64)
                }
            };
            DrawnEvent { event: event.clone(), at, pick }
        };
        let mut all: Vec<DrawnEvent> = (0..).zip(&self.settings.events).map(draw).collect();
        all.sort_by_key(|drawn| drawn.at.as_nanos());
        all
    }

    /// That little is told of what was usual before its first event, and what would tell more.
    pub(super) fn short_steady(&self) -> Vec<(String, String)> {
        let earliest = |event: &Event| match event.at {
            When::At(at) | When::Within(at, _) => at,
        };
        let warm_up = self.settings.phases.warm_up;
        let first = self.settings.events.iter().map(earliest).min_by_key(|at| at.as_nanos());
        let steady = first.map(|at| at.as_nanos().saturating_sub(warm_up.as_nanos()) / SECOND_NS);
        let Some(steady) = steady.filter(|seconds| *seconds < STEADY_S) else { return Vec::new() };
        let what = format!(
            "the window may have {steady} whole seconds before its first event, and what came of events is told against these"
        );
        let [from, to] =
            [STEADY_S, STEADY_S + 3].map(|s| Span::from_nanos(warm_up.as_nanos() + s * SECOND_NS));
        vec![(what, format!("write `at: {{within: [{from}, {to}]}}` or later, and as much longer a window"))]
    }

    /// A sentence for each event: `pause at 15s: instance 0 of `orders` paused for 8s (SIGSTOP)`.
    pub(super) fn told_events(&self) -> Vec<String> {
        let told = |event: &Event| format!("{} {}: {event}", event.name, event.at);
        self.settings.events.iter().map(told).collect()
    }
}

impl Plan {
    /// Whether something is done on purpose in any treatment: then instances of all tell what is needed to see what came of it, so that treatments differ in nothing else.
    pub fn has_events(&self) -> bool {
        self.treatments.iter().any(|treatment| !treatment.settings.events.is_empty())
    }

    /// How soon after it was due a message of a treatment must be processed to come in time: by the most that an SLO allows any share of end-to-end latencies,
    /// so that no message is late which no SLO calls so; else a second. None where nobody asks, since nothing is done on purpose, or nothing is ever due.
    pub fn in_time(&self, treatment: &Treatment) -> Option<Span> {
        if !self.has_events() || treatment.mean_rate().is_none() {
            return None;
        }
        let bounds = self.slos.iter().filter_map(allowed_ms);
        Some(bounds.reduce(f64::max).map_or(IN_TIME, |ms| Span::from_nanos((ms * 1e6) as u64)))
    }

    /// The sentences of all treatments, each once, with the treatments that it is of where it is not of all.
    pub(super) fn told_events(&self) -> Vec<String> {
        self.told_once(Treatment::told_events)
    }

    /// What is told of the treatments, each sentence once, with the treatments that it is of where it is not of all.
    pub(super) fn told_once<'a>(&'a self, of: impl Fn(&Treatment) -> Vec<String>) -> Vec<String> {
        let each = |treatment: &'a Treatment| {
            of(treatment).into_iter().map(move |told| (told, treatment.slug.as_str()))
        };
        let told = |(told, slugs): (String, Vec<&str>)| {
            if slugs.len() == self.treatments.len() { told } else { format!("{told} ({})", slugs.join(" ")) }
        };
        together(self.treatments.iter().flat_map(each)).into_iter().map(told).collect()
    }

    /// That an event is repeated too seldom.
    pub(super) fn few_injections(&self) -> Option<PlanDoubt> {
        let with = self.treatments.iter().filter(|treatment| !treatment.settings.events.is_empty());
        let treatments: Vec<String> = with.map(|treatment| treatment.slug.clone()).collect();
        if treatments.is_empty() || self.repetitions >= FEW {
            return None;
        }
        let what = format!(
            "each event is done {} times, and where in a heartbeat it comes decides",
            self.repetitions
        );
        let hint = format!("write `repetitions: {FEW}`, and `at: {{within: [15s, 18s]}}` to draw its phase");
        Some(PlanDoubt { id: "few_injections", what, hint: Some(hint), treatments })
    }
}

/// The most that an SLO allows an end-to-end latency, in ms; none where it speaks of something else.
fn allowed_ms(slo: &Slo) -> Option<f64> {
    let (latency, _) = slo.metric.quantile()?;
    (latency == Latency::EndToEnd && slo.comparison.is_upper()).then_some(slo.bound)
}

#[cfg(test)]
mod tests {
    use super::super::compile::planned;
    use crate::units::Span;

    const TEXT: &str = "question: q
workload: { rate: 100/s }
consumers: { group: g, instances: 3 }
phases: { warm_up: 5s, measure: 30s }
events:
  - { at: { within: [10s, 20s] }, kill: {} }
  - { at: 9s, pause: { instance: 1, for: 8s }, name: hang }
";

    #[test]
    fn an_event_comes_at_a_time_that_the_seed_draws_and_at_the_same_again() {
        let treatment = planned(TEXT).treatments.remove(0);
        let first = treatment.drawn_events(1);
        assert_eq!(first, treatment.drawn_events(1));
        assert_eq!(first[0].event.name, "hang", "they come in the order of time");
        let times: Vec<f64> = (0..200).map(|seed| treatment.drawn_events(seed)[1].at.as_secs_f64()).collect();
        assert!(times.iter().all(|at| (10.0..20.0).contains(at)), "{times:?}");
        let mean = times.iter().sum::<f64>() / 200.0;
        assert!((mean - 15.0).abs() < 1.0, "a phase is as likely as any other: {mean}");
        let picks: std::collections::BTreeSet<u64> =
            (0..50).map(|seed| treatment.drawn_events(seed)[1].pick % 3).collect();
        assert_eq!(picks.len(), 3);
    }

    #[test]
    fn boot_times_are_drawn_for_each_instance_and_the_same_again() {
        let add = "events: [{ at: 9s, add: { instances: 3, boot: BOOT } }]\n";
        let (head, _) = TEXT.split_once("events:").unwrap();
        let boots = |boot: &str| {
            let treatment = planned(&format!("{head}{}", add.replace("BOOT", boot))).treatments.remove(0);
            move |seed: u64, nth: u32| treatment.drawn_events(seed)[0].boot(nth).as_secs_f64()
        };
        let fixed = boots("40s");
        assert!((0..9).all(|seed| (fixed(seed, 0) - 40.0).abs() < 1e-9));
        let drawn = boots("{ log_normal: { median: 40s, sigma: 0.5 } }");
        assert!((drawn(1, 0) - drawn(1, 0)).abs() < 1e-9 && (drawn(1, 0) - drawn(1, 1)).abs() > 1e-6);
        let mut all: Vec<f64> = (0..999).map(|seed| drawn(seed, 0)).collect();
        all.sort_by(f64::total_cmp);
        assert!((all[499] / 40.0 - 1.0).abs() < 0.1, "{}", all[499]);
        let exponential = boots("{ exponential: { mean: 40s } }");
        let mean = (0..2_000).map(|seed| exponential(seed, 2)).sum::<f64>() / 2_000.0;
        assert!((mean / 40.0 - 1.0).abs() < 0.1, "{mean}");
    }

    #[test]
    fn a_plan_tells_its_events_and_that_there_are_few_of_them() {
        let text = planned(TEXT).to_string();
        assert!(text.contains("hang at 9s: instance 1 of `g` paused for 8s (SIGSTOP)"), "{text}");
        assert!(text.contains("kill at a time between 10s and 20s"), "{text}");
        assert!(text.contains("each event is done 1 times"), "{text}");
        let enough = planned(&format!("{TEXT}repetitions: 10\n")).to_string();
        assert!(!enough.contains("each event is done"), "{enough}");
    }

    #[test]
    fn a_plan_tells_that_little_of_its_window_comes_before_its_first_event() {
        let short = |text: &str| {
            let doubts = planned(text).doubts();
            doubts.into_iter().find(|doubt| doubt.id == "short_steady")
        };
        let doubt = short(TEXT).unwrap();
        assert!(doubt.what.contains("may have 4 whole seconds before its first event"), "{}", doubt.what);
        assert_eq!(doubt.treatments, ["base"]);
        assert!(doubt.hint.unwrap().contains("`at: {within: [15s, 18s]}`"));
        let later = TEXT.replace("at: 9s", "at: 15s");
        assert!(short(&later).unwrap().what.contains("may have 5 whole"), "the earliest of a span counts");
        assert_eq!(short(&later.replace("[10s, 20s]", "[15s, 20s]")), None);
        let (head, _) = TEXT.split_once("events:").unwrap();
        assert_eq!(short(head), None);
    }

    #[test]
    fn in_time_is_what_no_slo_calls_late_and_else_a_second() {
        let text = |more: &str| {
            format!("question: q\nworkload: {{ rate: 100/s }}\nconsumers: {{ instances: 1 }}\n{more}")
        };
        let in_time = |more: &str| {
            let plan = planned(&text(more));
            plan.in_time(&plan.treatments[0])
        };
        let events = "events: [{ at: 15s, kill: { instance: 0 } }]\n";
        assert_eq!(in_time(events), Some(Span::from_secs(1)));
        let slos = "slos: [\"p50(end_to_end) < 20ms\", \"p99(end_to_end) <= 250ms\", \"p99(ack) < 5s\", \"lost <= 0\"]\n";
        assert_eq!(in_time(&format!("{events}{slos}")), Some(Span::from_millis(250)));
        assert_eq!(in_time(slos), None, "nobody asks where nothing is done on purpose");
        let beside = format!(
            "factors: {{ failure: {{ killed: {{ {} }}, none: {{ events: [] }} }} }}\n",
            events.trim()
        );
        let plan = planned(&text(&beside));
        let each: Vec<Option<Span>> = plan.treatments.iter().map(|one| plan.in_time(one)).collect();
        assert_eq!(each, [Some(Span::from_secs(1)); 2], "treatments differ in what is done to them alone");
        let max = planned(&text(events).replace("rate: 100/s", "rate: max"));
        assert_eq!(max.in_time(&max.treatments[0]), None, "nothing is ever due");
    }
}
