//! Containers in whose place others come.

use super::*;

/// One that is started again whenever it ends.
fn restarting(obedient: &Obedient) -> Containers {
    let container = spec::Container { restart: true, ..container() };
    let kind = ContainerKind::Images { container, image: Image::default() };
    let mut all = containers(obedient.folder.path(), kind);
    all.apply(&config(&Topics::one("t", 0))).unwrap();
    all.scale(1, &[]).unwrap();
    all
}

#[test]
fn nobody_waits_for_the_engine_while_it_starts_another_in_the_place_of_one_that_ended() {
    let obedient = Obedient::new();
    let mut all = restarting(&obedient);
    obedient.hold("run");
    assert!(all.act(0, Act::Kill));
    await_end(&mut all, 0);
    hear_until(&mut all, |_, _| obedient.times("run") == 2);
    assert_eq!(all.instances().len(), 1, "the engine has not answered yet");
    obedient.let_on("run");
    hear_until(&mut all, |all, _| all.instances().len() == 2);
    assert_eq!(obedient.asked().matches("BENCH_INSTANCE=0 ").count(), 2, "it has the number of the other");
    // One more is on its way when all are to end.
    obedient.hold("run");
    assert!(all.act(1, Act::Kill));
    hear_until(&mut all, |_, _| obedient.times("run") == 3);
    obedient.let_on("run");
    all.restore(Duration::from_secs(1));
    let asked = obedient.asked();
    assert!(asked.contains("rm --force --volumes c1 c2 c3\n"), "the third is watched by nobody: {asked}");
}

#[test]
fn one_in_whose_place_none_can_be_started_is_told_each_time_and_no_oftener_than_once_a_second() {
    let obedient = Obedient::new();
    let mut all = restarting(&obedient);
    fs::write(obedient.folder.path().join("full"), "").unwrap();
    assert!(all.act(0, Act::Kill));
    await_end(&mut all, 0);
    let mut told = Vec::new();
    hear_until(&mut all, |_, said| {
        let said = said.map(|said| (said.instance, said.at_ns, said.event));
        told.extend(said);
        told.len() == 2
    });
    let words = |event: &Event| matches!(event, Event::NotReplaced(why) if why.contains("no room"));
    assert!(told.iter().all(|(instance, _, event)| *instance == 0 && words(event)), "{told:?}");
    assert!(told[1].1 - told[0].1 >= 1_000_000_000, "{told:?}");
    assert_eq!(obedient.times("run"), 3);
    fs::remove_file(obedient.folder.path().join("full")).unwrap();
    hear_until(&mut all, |all, _| all.instances().len() == 2);
}

#[test]
fn nobody_waits_for_the_engine_until_it_tells_how_one_ended() {
    let obedient = Obedient::new();
    let mut all = restarting(&obedient);
    obedient.hold("wait");
    assert!(all.act(0, Act::Kill));
    hear_until(&mut all, |_, said| {
        assert!(said.is_none(), "its end is told with how it came: {said:?}");
        obedient.times("wait") == 1
    });
    assert!(all.instances()[0].stopped_ns.is_some());
    obedient.let_on("wait");
    await_end(&mut all, 0);
}
