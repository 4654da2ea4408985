use super::*;
use crate::analyse::{By, TreatmentLimit};
use crate::record::testing::{manifest, slo};
use crate::search::{Came, Ladder, Next, Purpose, Replayed, Rules, Said, Told, Tried};

use Said::{Broken, Held, Undecided};

/// So many trials of a rung, all of which say the same of `p99(ack) < 5ms`, and hold `lost <= 0`.
type Rung = (i64, usize, Said);

/// A search that asked for so many confirmations and came to this, all its trials confirming.
fn searched((kind, ladder): (Aim, Ladder), confirm: u32, rungs: &[Rung], stop: Option<Stop>) -> Searched {
    let rules = Rules::asked(ladder, confirm, 60);
    let of = |(rung, trials, said): &Rung| {
        let told = Told { said: Some(vec![*said, Held]), overload: None };
        vec![Tried { rung: *rung, purpose: Purpose::Confirm, told }; *trials]
    };
    let tried = rungs.iter().flat_map(of).collect();
    let next = stop.map_or(Next::Round(Vec::new()), Next::Done);
    let came = Came::of(&rules, &Replayed { tried, next, within: 0 });
    let edges = vec![None; came.each.len()];
    Searched { levels: Vec::new(), kind, rules, came, again: None, purposes: Vec::new(), edges }
}

fn said(one: &Searched) -> String {
    let mut manifest = manifest(&[]);
    manifest.slos = vec![slo("p99(ack) < 5ms"), slo("lost <= 0")];
    let more = own(&manifest, one).unwrap_or_default();
    format!("{} {more}", sentence(&manifest, one, "")).trim_end().to_owned()
}

fn capacity(rungs: &[Rung], stop: Option<Stop>) -> String {
    said(&searched((Aim::Capacity, Ladder::loads(100.0, 1.0)), 6, rungs, stop))
}

/// Of 1, 2, 4 or 8 instances: rung 0 is 8.
fn demand(rungs: &[Rung], stop: Option<Stop>) -> String {
    said(&searched((Aim::Demand, Ladder::levels(vec![1, 2, 4, 8], 1000.0)), 6, rungs, stop))
}

#[test]
fn what_is_below_one_that_broke_and_cannot_be_said_is_not_passed_over() {
    let of = capacity(&[(-1, 1, Undecided), (0, 1, Broken)], Some(Stop::NothingSaid));
    let told = "Capacity is below 100/s; whether 50/s, the least that was tried, holds cannot be said; `p99(ack) < 5ms` binds (what was tried last cannot be judged).";
    assert!(of.starts_with(told), "{of}");
    let of = capacity(&[(-1, 1, Broken), (0, 1, Broken)], Some(Stop::NothingHolds));
    assert!(
        of.starts_with("Capacity is below 50/s, the least that was tried; `p99(ack) < 5ms` binds."),
        "{of}"
    );
    let of = demand(&[(0, 1, Undecided), (1, 1, Broken)], Some(Stop::MostTrials));
    let told = "Demand is more than 4 instances (all held in 0 of 1 trial); whether 8, the most that may be tried, are enough cannot be said";
    assert!(of.starts_with(told), "{of}");
}

#[test]
fn from_where_on_money_holds_is_told_with_what_all_others_hold() {
    let mut manifest = manifest(&[]);
    manifest.slos = vec![slo("p99(ack) < 5ms"), slo("cost <= $0.20")];
    let of = |(kind, ladder): (Aim, Ladder), rungs: &[(i64, [Said; 2])]| {
        let rules = Rules { eases: vec![1], ..Rules::asked(ladder, 0, 60) };
        let of = |(rung, said): &(i64, [Said; 2])| Tried {
            rung: *rung,
            purpose: Purpose::Probe,
            told: Told { said: Some(said.to_vec()), overload: None },
        };
        let tried = rungs.iter().map(of).collect();
        let came = Came::of(&rules, &Replayed { tried, next: Next::Done(Stop::Found), within: 0 });
        let edges = vec![None; came.each.len()];
        let one =
            Searched { levels: Vec::new(), kind, rules, came, again: None, purposes: Vec::new(), edges };
        (sentence(&manifest, &one, ""), own(&manifest, &one))
    };
    let loads = || (Aim::Capacity, Ladder::loads(100.0, 1.0));
    let rungs = [(0, [Held, Broken]), (1, [Held, Held]), (2, [Held, Held]), (3, [Broken, Held])];
    let (told, by_itself) = of(loads(), &rungs);
    let known = "Capacity lies between 400/s (all held in 1 of 1 trial) and 800/s (all held in 0 of 1 trial); `p99(ack) < 5ms` binds; `cost <= $0.20` holds from 200/s on (not confirmed: that was not asked for).";
    assert_eq!((told.as_str(), by_itself), (known, None));
    let (told, _) = of(loads(), &[(0, [Held, Broken]), (1, [Broken, Broken])]);
    assert!(told.contains("; `cost <= $0.20` holds with none of these"), "{told}");
    let (told, _) = of(loads(), &[(0, [Held, Held]), (1, [Broken, Held])]);
    assert!(!told.contains("cost"), "{told}");
    let levels = (Aim::Demand, Ladder::levels(vec![1, 2, 4, 8], 1000.0));
    let (told, _) = of(levels, &[(0, [Held, Broken]), (1, [Held, Held]), (2, [Broken, Held])]);
    assert!(told.contains("; `cost <= $0.20` holds with 4 or fewer"), "{told}");
}

#[test]
fn what_may_not_be_tried_is_told_from_what_was_not_tried_yet() {
    assert!(
        demand(&[(1, 1, Broken)], None)
            .contains("more than 4 instances (all held in 0 of 1 trial), the most that were tried")
    );
    let none = demand(&[(0, 6, Broken)], Some(Stop::Found));
    let told = "Demand is more than 8 instances (all held in 0 of 6 trials), the most that may be tried; `p99(ack) < 5ms` binds.";
    assert!(none.starts_with(told), "nothing came out either way: {none}");
    assert!(
        demand(&[(1, 1, Held)], None)
            .contains("is 4 instances or fewer (all held in 1 of 1 trial): fewer were not tried")
    );
    assert!(
        demand(&[(3, 6, Held)], Some(Stop::Found))
            .contains("is 1 instance or fewer (all held in 6 of 6 trials): fewer may not be tried")
    );
    let one = demand(&[(2, 6, Held), (3, 6, Undecided)], Some(Stop::Found));
    assert!(one.contains("whether 1 is enough cannot be said; it hangs on `p99(ack) < 5ms` (not confirmed: 1 was tried again, and cannot be judged)."), "{one}");
    assert!(capacity(&[(0, 1, Held)], None).contains("Capacity is 100/s or more: more was not tried"));
}

#[test]
fn why_a_bound_is_not_confirmed_is_what_its_trials_say() {
    let of = capacity(&[(0, 3, Held), (0, 3, Undecided), (0, 1, Held), (1, 6, Broken)], Some(Stop::Found));
    assert!(!of.contains("not confirmed"), "four of seven held: {of}");
    // Half held, and none of the others broke: a probe had held too.
    let mut one = searched(
        (Aim::Capacity, Ladder::loads(100.0, 1.0)),
        6,
        &[(0, 7, Held), (1, 6, Broken)],
        Some(Stop::Found),
    );
    one.came.at_good = Passed { held: 3, of: 6 };
    let of = said(&one);
    assert!(of.contains("(not confirmed: tried again, 100/s held in no more than half)."), "{of}");
    let of = capacity(&[(0, 6, Held), (1, 6, Undecided), (2, 1, Broken)], Some(Stop::Found));
    let told = "Capacity lies between 100/s (all held in 6 of 6 trials) and 400/s (all held in 0 of 1 trial); whether 200/s holds cannot be said; `p99(ack) < 5ms` binds (not confirmed: 200/s was tried again, and cannot be judged). \
                By itself, `lost <= 0` holds with 400/s and was not broken.";
    assert_eq!(of, told);
    let of = capacity(&[(0, 6, Held), (1, 6, Undecided)], Some(Stop::Found));
    assert!(of.contains("it hangs on `p99(ack) < 5ms`") && !of.contains("binds"), "{of}");
    // Both are confirmed; what another SLO's own boundary is was still open.
    let of = capacity(&[(0, 6, Held), (1, 6, Broken)], Some(Stop::MostTrials));
    assert!(
        of.contains("(an SLO's own boundary was still looked for: no more trials were allowed)."),
        "{of}"
    );
    let of = capacity(&[(0, 6, Held), (1, 5, Broken)], Some(Stop::MostTrials));
    assert!(of.contains("(not confirmed: no more trials were allowed)."), "{of}");
}

#[test]
fn an_slo_of_which_nothing_harder_can_be_said_is_not_said_to_be_unbroken() {
    let mut one = searched(
        (Aim::Capacity, Ladder::loads(100.0, 1.0)),
        6,
        &[(0, 6, Held), (1, 6, Broken)],
        Some(Stop::Found),
    );
    one.came.each[1].bad = Some(2);
    assert!(
        said(&one)
            .ends_with("By itself, `lost <= 0` holds with 200/s, and whether with 400/s cannot be said."),
        "{}",
        said(&one)
    );
    one.came.each[1].broke = Some(3);
    assert!(
        said(&one).ends_with(
            "`lost <= 0` holds with 200/s and not with 800/s (whether with 400/s cannot be said)."
        ),
        "{}",
        said(&one)
    );
}

#[test]
fn where_an_slo_broke_before_anything_held_the_trials_back_the_next_load_tells_what_limits() {
    let (manifest, mut findings) = crate::analyse::half_held_run();
    let mut limited = |at: &str, kind: Kind| {
        let one = findings.treatments.iter_mut().find(|one| one.slug == at).unwrap();
        one.limit = Some(TreatmentLimit { by: By::Known(kind), evidence: String::new(), trials: 1, of: 1 });
    };
    limited("130/s", Kind::Load);
    limited("141/s", Kind::DownstreamWait);
    let told = |findings: &Findings| {
        let [claim] = &super::searched(&manifest, findings, findings.searched.as_ref().unwrap())[..1] else {
            panic!("one search")
        };
        claim.text.clone()
    };
    let text = told(&findings);
    assert!(
        text.ends_with("; limited with 141/s by the wait that the file sets for each message."),
        "{text}"
    );
    let mut known = findings.clone();
    let broke = known.treatments.iter_mut().find(|one| one.slug == "130/s").unwrap();
    broke.limit.as_mut().unwrap().by = By::Known(Kind::DownstreamWait);
    let text = told(&known);
    assert!(text.ends_with("; limited there by the wait that the file sets for each message."), "{text}");
}
