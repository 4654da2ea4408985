//! Whatever is done to a trial, in whatever order, and whenever it ends, all is brought back: with fake consumers on a fake cluster.

mod cluster;
mod consumers;

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;

use super::super::Stage;
use crate::books::Topics;
use crate::cluster::Distance;
use crate::consumers::{Act, Backend, Launch};
use crate::driver::shutdown::Shutdown;
use crate::driver::subject::Subject;
use crate::driver::times::Times;
use crate::driver::watch::Watchers;
use crate::driver::world::World;
use crate::observe::Watch;
use crate::plan::{Plan, planned};
use crate::record::Scroll;
use crate::spec::{Deed, Role};
use crate::timeline::{Clock, SECOND_NS};
use cluster::FakeCluster;
use consumers::FakeConsumers;

const DEEDS: [&str; 20] = [
    "add: { instances: 2 }",
    "add: { boot: 50s }",
    "remove: {}",
    "stop: {}",
    "kill: {}",
    "kill: { instance: 1 }",
    "pause: { instance: all, for: 50s }",
    "pause: { instance: 1, for: 20s }",
    "pause: { for: 10s }",
    "restart: { instance: all }",
    "restart: { boot: 50s }",
    "scale: { instances: 6 }",
    "scale: { instances: 3, boot: 50s }",
    "upgrade: { instance_type: t3.medium, how: beside, overlap: 1ms }",
    "topic: { partitions: 4 }",
    "config: { topic: { max.message.bytes: 500000 } }",
    "config: { topic: { retention.ms: 1000, max.message.bytes: 400000 } }",
    "partition: { from: consumers, to: brokers, for: 50s }",
    "partition: { from: consumers, instance: random, to: brokers, for: 10s }",
    "network: { consumers: { rtt: 5ms } }",
];

/// What goes on in a trial.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The next event comes.
    Event,
    /// Those that were asked to leave have left.
    Left,
    /// It is time for whatever is to go on.
    GoOn,
    /// All machines have booted.
    Booted,
    /// The driver looks around.
    Look,
}

fn experiment(deeds: &[&str]) -> String {
    let events: String =
        deeds.iter().fold(String::new(), |all, deed| all + "  - { at: 15s, " + deed + " }\n");
    format!(
        "question: q\ncluster: {{ kafka: {{}} }}\ntopic: {{ partitions: 2, config: {{ retention.ms: 600000 }} }}\nworkload: {{ rate: 1/s }}\n\
         consumers: {{ group: g, instances: 4, instance_type: t3.micro }}\nemulation: {{ enforce: work, vcpu: 1% }}\nevents:\n{events}"
    )
}

impl Stage<'_> {
    fn step(&mut self, step: Step, consumers: &FakeConsumers) {
        match step {
            Step::Event => {
                if let Some(next) = self.injector.waiting.front() {
                    self.raw.injected[*next].planned = 0;
                }
            }
            Step::Left => consumers.leave(),
            Step::GoOn => {
                let under_way = self.injector.under_way.iter_mut();
                under_way.filter_map(|one| one.resume_at.as_mut()).for_each(|at| *at = 0);
            }
            Step::Booted => {
                let booting = self.injector.under_way.iter_mut().flat_map(|one| &mut one.booting);
                booting.for_each(|one| one.due = 0);
            }
            Step::Look => {}
        }
        let now = self.clock.now();
        for group in &mut self.groups {
            group.hear(now, Duration::ZERO, &mut Vec::new()).unwrap();
        }
        self.inject();
    }
}

fn subject(plan: &Plan) -> Subject<'_> {
    Subject {
        treatment: &plan.treatments[0],
        name: "t".to_owned(),
        topics: Topics::one("t", 2),
        grown: Topics::one("t", 4),
        number: 1,
        seed: 1,
        tells_busy: true,
        in_time: None,
        keep: false,
    }
}

/// Plays a trial of these events, which is interrupted or comes to its end by itself, and tears it down.
fn play(
    (world, cluster): (&World, &FakeCluster),
    (deeds, steps, is_interrupted): (&[&str], &[Step], bool),
) -> Result<(), TestCaseError> {
    let plan = planned(&experiment(deeds));
    let subject = subject(&plan);
    world.put_away(&subject);
    let before = (world.distance.stands(Role::Consumers), cluster.settings());
    let (shutdown, mut consumers) = (Shutdown::default(), FakeConsumers::default());
    for _ in 0..4 {
        consumers.launch(&Launch::default()).unwrap();
    }
    let mut stage = Stage::new(world, &subject, &shutdown);
    stage.groups[0].run_by(consumers.clone());
    stage.plan_events(world.clock.now());
    for step in steps {
        stage.step(*step, &consumers);
    }
    if is_interrupted {
        shutdown.ask(2);
    }
    stage.tear_down(&mut |_| ());
    let told = consumers.told();
    prop_assert_eq!(told.stood.as_deref(), Some(&[][..]), "they stand still, and cannot finish");
    prop_assert!(told.late.is_empty(), "started when all had been asked to end: {:?}", told.late);
    let after = (world.distance.stands(Role::Consumers), cluster.settings());
    prop_assert_eq!(after, before);
    prop_assert!(stage.injector.under_way.is_empty());
    prop_assert_eq!(&stage.raw.failure, &None);
    for one in stage.raw.injected.iter().filter(|one| one.asked.is_some() && one.trouble.is_none()) {
        let is_to_end = matches!(
            one.drawn.event.deed,
            Deed::Pause(..) | Deed::Partition { .. } | Deed::Network(_) | Deed::Config(_)
        );
        prop_assert!(one.undone.is_some() || !is_to_end, "{:?}", one);
    }
    Ok(())
}

#[test]
fn whatever_is_done_and_whenever_a_trial_ends_all_is_brought_back() {
    let clock = Clock::anchor();
    let cluster = FakeCluster::start(&[("retention.ms", "600000")]);
    let distance = Distance::open(&[Role::Consumers], 1, clock, || ()).unwrap();
    let world = World::on(cluster.servers(), clock, distance);
    let steps = select(vec![Step::Event, Step::Event, Step::Left, Step::GoOn, Step::Booted, Step::Look]);
    let cases = (subsequence(DEEDS.to_vec(), 1..=8).prop_shuffle(), vec(steps, 1..20), any::<bool>());
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) };
    let played = TestRunner::new(config).run(&cases, |(deeds, steps, is_interrupted)| {
        play((&world, &cluster), (&deeds, &steps, is_interrupted))
    });
    if let Err(found) = played {
        panic!("{found}");
    }
}

#[test]
fn an_instance_that_takes_anothers_place_is_watched_like_those_before_it() {
    let clock = Clock::anchor();
    let cluster = FakeCluster::start(&[("retention.ms", "600000")]);
    let distance = Distance::open(&[Role::Consumers], 1, clock, || ()).unwrap();
    let world = World::on(cluster.servers(), clock, distance);
    let plan = planned(&experiment(&DEEDS[..1]));
    let (subject, shutdown, mut consumers) = (subject(&plan), Shutdown::default(), FakeConsumers::default());
    for _ in 0..2 {
        consumers.launch(&Launch::default()).unwrap();
    }
    let mut stage = Stage::new(&world, &subject, &shutdown);
    stage.groups[0].run_by(consumers.clone());
    // Nothing is read in this test: time 0 is far away.
    let (zero, end) = (clock.now() + 3_600 * SECOND_NS, clock.now() + 3_700 * SECOND_NS);
    let times = Times { zero, window: (zero, end), drained: end, watched: end };
    let (folder, mut watch) = (tempfile::tempdir().unwrap(), Watch::default());
    watch.consumers = vec![consumers.watched()];
    let scroll = Scroll::create(folder.path()).unwrap();
    stage.watchers = Some(Watchers::start(clock, &times, watch, scroll));
    stage.raw.times = Some(times);
    let watched = |stage: &Stage<'_>| stage.watchers.as_ref().unwrap().watched(0);
    stage.hear(Duration::ZERO).unwrap();
    assert_eq!(watched(&stage).len(), 2);
    assert!(consumers.act(1, Act::Kill));
    consumers.replace(1).unwrap();
    stage.hear(Duration::ZERO).unwrap();
    assert_eq!((watched(&stage), watched(&stage).len()), (consumers.processes(), 3));
    stage.watchers.take().unwrap().finish().unwrap();
}
