//! Limits of what is known of consumers that tell nothing themselves and are followed by what their group commits.

use crate::analyse::doubt::{Doubt, limits};
use crate::analyse::facts::Facts;
use crate::record::{Followed, Results};

/// Of the window: commits that come as rarely put as much of what is processed into the wrong side of its edges as its rates may be off.
const RARE: f64 = 0.1;

/// All of them.
pub(super) fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    let Some(followed) = &facts.record.followed else { return Vec::new() };
    let mut all = Vec::new();
    if followed.is_share_group() {
        all.push(share_group(followed));
    } else {
        all.push(from_outside(followed));
        all.extend(rare_commits(facts, followed));
        all.extend(late_acks(followed));
        all.extend(ahead(followed));
        all.extend(went_back(followed));
    }
    all.extend(held(facts));
    all.extend(untold_results(followed));
    all
}

/// A program that is not ours does not spread its work over the time that a full-size instance would take: the kernel's quota alone holds it.
fn held(facts: &Facts<'_>) -> Option<Doubt> {
    let group = facts.record.emulated.first()?;
    let percent = (group.vcpu_percent * 100.0).round() / 100.0;
    Some(
        limits(
            "scaled_down",
            format!(
                "each vCPU of the emulated {} was {percent} % of a core, by the kernel's quota alone",
                group.instance_type.name
            ),
            "rates are those of a machine so much smaller, and money is scaled by it; latencies are left empty",
        )
        .of(percent, 100.0, "% of a core"),
    )
}

fn from_outside(followed: &Followed) -> Doubt {
    let commits = match followed.commit_interval_s {
        Some(seconds) => format!("commits moved every {seconds:.2} s (median)"),
        None => "no commit was seen to move twice".to_owned(),
    };
    limits(
        "followed_from_outside",
        format!("the consumers were followed by what they commit, {}; {commits}", read(followed)),
        "`processed` counts commits, and each committed latency holds the wait until the next one; what was received, twice, out of order or lost nobody tells",
    )
}

fn share_group(followed: &Followed) -> Doubt {
    let lag = match followed.lag_by.as_deref() {
        Some("broker") => "the lag is the broker's own",
        _ => "the lag is all that lies beyond the first message that is not done, though some of that may be",
    };
    limits(
        "share_group",
        format!(
            "the consumers are a share group, followed by what its coordinator tells every {} ms; {lag}",
            followed.every_ms
        ),
        "its members share partitions, so that partitions do not bound it; `processed` counts as many messages as lag no more, and since nothing is committed, when each was done is not known",
    )
}

/// How their commits were read.
fn read(followed: &Followed) -> String {
    match followed.by.as_str() {
        "offsets_topic" if followed.committed == 0 => {
            "listened for on the offsets topic, which told none".to_owned()
        }
        "polled" | "" => format!("read every {} ms", followed.every_ms),
        "offsets_topic" => format!("told by the offsets topic, each within {} ms", followed.every_ms),
        _ => {
            let polled = followed.committed.saturating_sub(followed.told);
            format!(
                "told by the offsets topic, and of {polled} of {} messages, which it did not tell, read every {} ms",
                followed.committed, followed.every_ms
            )
        }
    }
}

fn rare_commits(facts: &Facts<'_>, followed: &Followed) -> Option<Doubt> {
    let (seconds, window) = (followed.commit_interval_s?, facts.window.as_ref()?.seconds);
    let share = seconds / window;
    (share >= RARE).then(|| {
        limits(
            "rare_commits",
            format!(
                "commits moved every {seconds:.2} s, which is {:.0} % of the window (limit {:.0} %)",
                share * 100.0,
                RARE * 100.0
            ),
            "rates are off by as much as one interval's messages at each edge: measure for longer, or let the consumers commit more often",
        )
        .of(share * 100.0, RARE * 100.0, "% of the window")
    })
}

/// Results that could not be told apart, or messages that nobody knows: then nothing is said of any.
fn untold_results(followed: &Followed) -> Option<Doubt> {
    let results = followed.results.as_ref().filter(|results| results.missing.is_none())?;
    let (what, count) = match results {
        Results { repeated: 1.., .. } => ("messages had the id of another one", results.repeated),
        Results { without_id: 1.., .. } => ("messages had no id", results.without_id),
        Results { not_read: 1.., .. } => ("messages were not read back in time", results.not_read),
        Results { not_ended: 1.., .. } => ("topics could not be read to their ends", results.not_ended),
        Results { unknown: 1.., .. } => {
            ("results were of none of the messages that were still known", results.unknown)
        }
        _ => ("messages were forgotten, and some that were written were never acked", results.forgotten),
    };
    Some(
        limits(
            "results_untold",
            format!("{count} {what}, by {}, so that of no result on `{}` it is said whose it is", results.by, results.topic),
            "match by something that each message has of its own, such as a `uuid`; of many messages without a result the oldest are forgotten",
        )
        .of(count as f64, 0.0, "messages"),
    )
}

fn late_acks(followed: &Followed) -> Option<Doubt> {
    (followed.late > 0).then(|| {
        limits(
            "late_acks",
            format!("{} messages were committed whose acks came too late for a latency", followed.late),
            "they count as longer than was watched",
        )
        .of(followed.late as f64, 0.0, "messages")
    })
}

/// Whoever reads on from such a commit never sees what comes before it.
fn ahead(followed: &Followed) -> Option<Doubt> {
    (followed.ahead > 0).then(|| {
        limits(
            "committed_ahead",
            format!(
                "{} messages were committed before they were due: the consumers commit beyond the end of a partition",
                followed.ahead
            ),
            "they count as longer than was watched, and `unread` and lag as what is committed says: look at what the consumers commit",
        )
        .of(followed.ahead as f64, 0.0, "messages")
    })
}

/// As a group does that lost its place, or whose offsets somebody put back.
fn went_back(followed: &Followed) -> Option<Doubt> {
    (followed.rewinds > 0).then(|| {
        let times = if followed.rewinds == 1 { "once".to_owned() } else { format!("{} times", followed.rewinds) };
        limits(
            "went_back",
            format!("the commits of a partition went back {times}"),
            "what lies between comes again: `processed` counts it once, and until the group is past it its time lag is told within two ends alone",
        )
        .of(followed.rewinds as f64, 0.0, "times")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::testing::Synthetic;

    #[test]
    fn a_program_on_an_emulated_instance_is_held_to_a_part_of_it_which_is_said() {
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.followed = Some(Followed { every_ms: 250, ..Followed::default() });
        record.emulated =
            vec![crate::record::testing::emulated("t3.micro", crate::units::CreditMode::Standard, 0.2, 1)];
        let doubts = doubts(&Facts::new(&record, &trial.rows(), &trial.latencies()));
        let held = doubts.iter().find(|doubt| doubt.id == "scaled_down").unwrap();
        assert!(held.what.contains("t3.micro was 10 % of a core") && !held.spoils, "{}", held.what);
    }

    fn told(followed: Option<Followed>) -> Vec<Doubt> {
        let trial = Synthetic::default();
        let mut record = trial.record();
        record.followed = followed;
        doubts(&Facts::new(&record, &trial.rows(), &trial.latencies()))
    }

    #[test]
    fn what_is_followed_from_outside_says_so_and_how_often_it_commits() {
        assert!(told(None).is_empty());
        let of = |commit_interval_s, late| {
            told(Some(Followed { every_ms: 250, commit_interval_s, late, ..Followed::default() }))
        };
        let ids = |doubts: &[Doubt]| doubts.iter().map(|doubt| doubt.id).collect::<Vec<_>>();
        let often = of(Some(0.75), 0);
        assert_eq!(ids(&often), ["followed_from_outside"]);
        assert!(often[0].what.contains("every 250 ms; commits moved every 0.75 s"), "{}", often[0].what);
        let rare = of(Some(5.0), 3);
        assert_eq!(ids(&rare), ["followed_from_outside", "rare_commits", "late_acks"]);
        assert!(rare[1].what.contains("50 % of the window") && rare.iter().all(|doubt| !doubt.spoils));
        assert!(of(None, 0)[0].what.contains("no commit was seen to move twice"));
        let beyond = told(Some(Followed { every_ms: 250, ahead: 7, ..Followed::default() }));
        assert_eq!(ids(&beyond), ["followed_from_outside", "committed_ahead"]);
        assert!(beyond[1].what.starts_with("7 messages were committed before they were due"));
        for (rewinds, times) in [(1, "went back once"), (3, "went back 3 times")] {
            let back = told(Some(Followed { every_ms: 250, rewinds, ..Followed::default() }));
            assert_eq!(ids(&back), ["followed_from_outside", "went_back"]);
            assert!(back[1].what.ends_with(times) && !back[1].spoils, "{}", back[1].what);
        }
    }

    #[test]
    fn commits_that_are_as_rare_as_rates_may_be_off_are_rare() {
        let window = Synthetic::default().record().asked.measure_s;
        let ids = |commit_interval_s| {
            let followed = Followed { every_ms: 250, commit_interval_s, ..Followed::default() };
            told(Some(followed)).iter().map(|doubt| doubt.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(Some(window * 0.099)), ["followed_from_outside"]);
        assert_eq!(ids(Some(window * 0.1)), ["followed_from_outside", "rare_commits"]);
    }

    #[test]
    fn of_a_group_that_was_listened_to_and_committed_nothing_nobody_says_that_it_was_asked() {
        let by = |by: &str| {
            let followed = Followed { by: by.to_owned(), every_ms: 250, ..Followed::default() };
            told(Some(followed)).remove(0).what
        };
        assert!(by("offsets_topic").contains("listened for on the offsets topic, which told none"));
        assert!(by("polled").contains("read every 250 ms"));
    }

    #[test]
    fn partitions_do_not_bound_a_share_group_and_when_its_messages_were_done_is_not_known() {
        let of = |lag_by: &str| {
            let by = Followed::SHARE_GROUP.to_owned();
            let lag_by = Some(lag_by.to_owned());
            told(Some(Followed { by, lag_by, every_ms: 250, late: 3, ..Followed::default() }))
        };
        let [doubt] = &of("broker")[..] else { panic!("of commits nothing is said, for there are none") };
        assert_eq!(doubt.id, "share_group");
        assert!(doubt.hint.contains("partitions do not bound it"), "{}", doubt.hint);
        assert!(doubt.what.contains("the lag is the broker's own"), "{}", doubt.what);
        assert!(of("start_offset")[0].what.contains("some of that may be"));
    }
}
