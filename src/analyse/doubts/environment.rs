//! Doubts about what happened around the trial.

use crate::analyse::doubt::{Doubt, limits, spoils};
use crate::analyse::facts::Facts;
use crate::analyse::little::Little;
use crate::analyse::stall::{Stall, Whose};
use crate::analyse::trend::backlog_trend;
use crate::record::Injected;

/// All of them.
pub(super) fn doubts(facts: &Facts<'_>) -> Vec<Doubt> {
    let record = facts.record;
    let mut all = Vec::new();
    all.extend(stall(facts));
    all.extend(slump(facts));
    all.extend(little(facts));
    all.extend(missed(facts));
    if record.rebalances > 0 {
        all.push(
            spoils(
                "rebalance",
                format!("rebalances that nobody planned: {}", record.rebalances),
                "see `events.jsonl`; a longer `session.timeout.ms` or `max.poll.interval.ms` may be needed",
            )
            .of(f64::from(record.rebalances), 0.0, "rebalances"),
        );
    }
    if record.deaths > 0 {
        all.push(
            spoils(
                "instance_died",
                format!("instances that ended on their own: {}", record.deaths),
                "see `events.jsonl` for when, and the instance's last words",
            )
            .of(f64::from(record.deaths), 0.0, "instances"),
        );
    }
    if !record.broker_errors.is_empty() {
        let told: Vec<String> =
            record.broker_errors.iter().map(|(error, count)| format!("{error} ({count}×)")).collect();
        all.push(
            spoils(
                "broker_error",
                format!("brokers or clients gave errors: {}", told.join("; ")),
                "see `events.jsonl` and the broker's log",
            )
            .of(record.broker_errors.values().sum::<u64>() as f64, 0.0, "errors"),
        );
    }
    if record.out_of_range > 0 {
        all.push(
            spoils(
                "histogram_overflow",
                format!("{} latencies were longer than a histogram holds", record.out_of_range),
                "shorten the trial",
            )
            .of(record.out_of_range as f64, 0.0, "latencies"),
        );
    }
    all
}

/// What is counted at one end, at the other and between them does not agree. The law is one of what goes on as it is: where the backlog grew or fell, those
/// that were there before had other latencies than those that came.
fn little(facts: &Facts<'_>) -> Option<Doubt> {
    let goes_on = facts.record.own_events().next().is_none() && backlog_trend(facts) == Some(0);
    let little = facts.little.filter(|_| goes_on)?;
    let (found, limit) = (little.unexplained_percent(), little.limit_percent());
    let Little { level, expected, excused } = little;
    let what = format!(
        "Little's law does not hold: {level:.1} messages were in the pipeline on the average, and what came out of it, times how long it was in there, is \
         {expected:.1}; the window's edges and the resolution of the backlog account for {excused:.1} of that, and {found:.1} % are left (limit {limit} %)"
    );
    let hint = "a clock, a count or a latency is wrong, or what was measured was not the same all the time: see `series.csv`";
    (found > limit).then(|| limits("little", what, hint).of(found, limit, "%"))
}

/// What was to be done on purpose and was not, or not all of it: the trial is one of something else.
fn missed(facts: &Facts<'_>) -> Option<Doubt> {
    let told = |one: &Injected| match (&one.trouble, one.asked_s) {
        (Some(trouble), _) => Some(format!("`{}` at second {:.1}: {trouble}", one.event, one.planned_s)),
        (None, None) => Some(format!("`{}` at second {:.1} never came", one.event, one.planned_s)),
        _ => None,
    };
    let all: Vec<String> = facts.record.injected.iter().filter_map(told).collect();
    let hint = "it is a trial without what was to be done to it: see `events.jsonl`";
    let missed = all.len() as f64;
    (missed > 0.0).then(|| {
        spoils("event_missed", format!("events that were not done: {}", all.join("; ")), hint)
            .of(missed, 0.0, "events")
    })
}

/// What waits for a disk waits in the brokers' threads too; it is the cluster that is measured, and it was slow for a while: true of what was asked.
fn slump(facts: &Facts<'_>) -> Option<Doubt> {
    let slump = facts.slump?;
    let disk = slump.disk_percent.map_or_else(String::new, |(inside, outside)| {
        format!("; tasks of this host waited for a disk in {inside:.0} % of that time and in {outside:.0} % of the rest")
    });
    let (from_s, to_s, waiting, worth_s, limit_s) =
        (slump.from_s, slump.to_s, slump.waiting, slump.worth_s, slump.limit_s);
    let doubt = limits(
        "ack_slump",
        format!(
            "brokers fell behind and made up for it from second {from_s:.1} to {to_s:.1}: up to {waiting} messages waited for their acks, {worth_s:.1} s of \
             the load (limit {limit_s:.1} s){disk}"
        ),
        "the tail of the latencies is of these seconds, which count from time 0 as in `series.csv`: see there what CPU and disk did, and the broker's log; with \
         `--work` on a file system in memory the disk has no part in it",
    );
    Some(doubt.of(worth_s, limit_s, "s of the load"))
}

/// Nobody asked for it: what is measured is a standstill, and whose.
fn stall(facts: &Facts<'_>) -> Option<Doubt> {
    let longest = facts.stalls.iter().max_by(|a, b| a.seconds().total_cmp(&b.seconds()))?;
    let told = |stall: &Stall| {
        let what = match stall.whose {
            Whose::Brokers => "brokers acked nothing of what was due".to_owned(),
            Whose::Consumers => "the consumers processed nothing of what was there to be read".to_owned(),
            Whose::Instance(instance) => format!("instance {instance} told nothing of itself"),
        };
        let (from_s, to_s, seconds, limit_s) = (stall.from_s, stall.to_s, stall.seconds(), stall.limit_s);
        format!("{what} from second {from_s:.1} to {to_s:.1} ({seconds:.1} s, limit {limit_s:.1} s)")
    };
    let all: Vec<String> = facts.stalls.iter().map(told).collect();
    let doubt = spoils(
        "stall",
        all.join("; "),
        "something stood still that nobody had asked to: seconds count from time 0, as in `series.csv`; see the broker's log and what the host did then",
    );
    Some(doubt.of(longest.seconds(), longest.limit_s, "s"))
}
