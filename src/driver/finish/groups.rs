//! What each group left.

use super::backlog::gone;
use super::injected::{excused, moves};
use super::load::LoadPart;
use crate::books::{Kinds, OffsetSet};
use crate::consumers::MemberSpent;
use crate::driver::compose::{books, is_blind, window_use};
use crate::driver::group::results::results;
use crate::driver::group::{Outside, RawGroup};
use crate::driver::raw::Raw;
use crate::driver::times::Times;
use crate::load::Loaded;
use crate::record::{Fetched, Followed, GroupRecord, MemberTime, Partitions, Silence};
use crate::timeline::{QUARTER_NS, quarter_of};

/// One for each group, in the order of the file, or why something cannot be read; errors of its consumers under load are counted.
pub fn records(raw: &Raw, load: &LoadPart, errors: &mut Kinds) -> Result<Vec<GroupRecord>, String> {
    let record = |(number, group): (usize, &RawGroup)| {
        let (under_load, caused) = (raw.under_load(), moves(raw, number)?);
        let told = group.journal.count(&under_load, (&caused, &excused(raw, number)), errors)?;
        let moved = group.outside.iter().flat_map(|outside| &outside.moved);
        let unplanned = |at: &u64| under_load.contains(at) && caused.iter().all(|span| !span.contains(at));
        let seen = moved.filter(|moved| unplanned(&moved.at)).count() as u32;
        Ok(record(raw, load, group, number, told + seen))
    };
    raw.groups.iter().enumerate().map(record).collect()
}

fn record(raw: &Raw, load: &LoadPart, group: &RawGroup, number: usize, rebalances: u32) -> GroupRecord {
    let under_load = raw.under_load();
    let loaded = raw.loaded.as_ref().filter(|_| raw.times.is_some());
    let used = raw.times.and_then(|times| window_use(times.window, &raw.readings, number).consumers);
    let blind = raw.loaded.as_ref().is_some_and(is_blind);
    let told = group.results.as_ref();
    let last = group.lags.last.as_ref().filter(|_| !blind);
    let ends = (!raw.starts.is_empty()).then_some(&*raw.ends);
    GroupRecord {
        group: group.name.clone(),
        full_name: group.full_name.clone(),
        instances: group.instances,
        threads: group.threads,
        books: loaded.map(|loaded| books(loaded, Some(group), (&raw.canaries, ends))),
        out_of_range: load.out_of_range
            + group.gathered.out_of_range()
            + group.outside.as_ref().map_or(0, |outside| outside.passed.out_of_range)
            + told.map_or(0, |(_, matched)| matched.out_of_range),
        negative: group.gathered.negative() + told.map_or(0, |(_, matched)| matched.negative),
        unattributed_redeliveries: group.gathered.unattributed_redeliveries(),
        consumers: used,
        rebalances,
        deaths: group.deaths.iter().filter(|(at, _)| under_load.contains(at)).count() as u32,
        silences: silences(group, raw.times.as_ref()),
        members: members(group, raw.times.as_ref()),
        followed: group.outside.as_ref().zip(raw.times.as_ref()).map(|(outside, _)| Followed {
            results: told.zip(loaded).map(|((asked, matched), loaded)| results(asked, matched, loaded)),
            ..followed(group, outside, loaded)
        }),
        processed_before: before(raw, group),
        gone: gone(raw, group, load.rate_msgs_per_s.unwrap_or_default()),
        lag_end: last.map(|(_, by_partition)| by_partition.clone()),
        lag_unknown: last
            .zip(raw.loaded.as_ref())
            .map_or(0, |((at, _), loaded)| loaded.counts.unknown.until(*at)),
        lag_max: group.lags.greatest.filter(|_| !blind),
    }
}

/// What of a backlog it had done when the load began; none where there was no backlog, or the load never began.
fn before(raw: &Raw, group: &RawGroup) -> Option<u64> {
    let (_, times) = (raw.written.as_ref()?, raw.times?);
    Some(group.processed().before(quarter_of(times.zero)))
}

/// How a group was followed that tells nothing itself.
fn followed(group: &RawGroup, outside: &Outside, loaded: Option<&Loaded>) -> Followed {
    let Outside { passed, members, .. } = outside;
    let before = |loaded: &Loaded| {
        let acked: u64 = loaded.ledger.acked().iter().map(OffsetSet::len).sum();
        acked.saturating_sub(loaded.ledger.lag(&passed.offsets).messages)
    };
    // Of what no record told a reading did.
    let (by, unknown_for) = match passed.told {
        _ if group.shares => (Followed::SHARE_GROUP, QUARTER_NS),
        0 if passed.messages == 0 && passed.listened => ("offsets_topic", passed.longest_way),
        0 => ("polled", QUARTER_NS),
        told if told < passed.messages => ("offsets_topic, polled", QUARTER_NS.max(passed.longest_way)),
        _ => ("offsets_topic", passed.longest_way),
    };
    Followed {
        by: by.to_owned(),
        lag_by: group.shares.then(|| if passed.lags_told > 0 { "broker" } else { "start_offset" }.to_owned()),
        every_ms: unknown_for.div_ceil(1_000_000).max(1),
        told: passed.told,
        readings: passed.readings,
        moves: passed.moves,
        rewinds: passed.rewinds,
        commit_interval_s: passed.interval_s(),
        committed: passed.messages,
        late: loaded.map_or(0, before).saturating_sub(passed.messages + passed.ahead),
        ahead: passed.ahead,
        members: *members,
        results: None,
    }
}

/// Of each instance the longest one that lies in the window, be it in part.
fn silences(group: &RawGroup, times: Option<&Times>) -> Vec<Silence> {
    let Some(times) = times else { return Vec::new() };
    let since_zero = |at: u64| times.since_zero(at);
    let of = |(instance, from, to)| Silence { instance, from_s: since_zero(from), to_s: since_zero(to) };
    group.gathered.silences(times.window).into_iter().map(of).collect()
}

/// What their time went to in the window.
fn members(group: &RawGroup, times: Option<&Times>) -> Vec<MemberTime> {
    let Some(times) = times else { return Vec::new() };
    let seconds = |ns: u64| ns as f64 / 1e9;
    let of = |member: MemberSpent| MemberTime {
        instance: member.instance,
        thread: member.thread,
        partitions: member.partitions,
        over_s: seconds(member.over_ns),
        idle_s: seconds(member.spent.idle_ns),
        starved_s: seconds(member.spent.idle_quarters * QUARTER_NS),
        wait_s: seconds(member.spent.wait_ns),
        disk_s: seconds(member.spent.disk_ns),
    };
    group.gathered.members(times.window).into_iter().map(of).collect()
}

/// What the consumers of all groups got from brokers in the window; none where a group does not tell.
pub fn fetched(groups: &[RawGroup], times: Option<&Times>) -> Option<Fetched> {
    let (start, end) = times?.window;
    groups.first()?;
    let bytes = groups.iter().map(|group| group.gathered.fetched((start, end))).sum::<Option<f64>>()?;
    Some(Fetched { seconds: (end - start) as f64 / 1e9, bytes })
}

/// Whom a trial's own record speaks of: the first group, or nobody, where producers are alone.
pub fn lead(groups: &[GroupRecord], load: &LoadPart) -> GroupRecord {
    groups.first().cloned().unwrap_or_else(|| GroupRecord {
        group: String::new(),
        full_name: String::new(),
        instances: 0,
        threads: 0,
        books: load.books,
        out_of_range: load.out_of_range,
        negative: 0,
        unattributed_redeliveries: 0,
        consumers: None,
        rebalances: 0,
        deaths: 0,
        silences: Vec::new(),
        members: Vec::new(),
        followed: None,
        processed_before: None,
        gone: None,
        lag_end: None,
        lag_unknown: 0,
        lag_max: None,
    })
}

/// Acked messages by partition, and how the group that is spoken of lagged behind them.
pub fn with_lags(partitions: Partitions, lead: &GroupRecord) -> Partitions {
    Partitions {
        lag_end: lead.lag_end.clone(),
        lag_unknown: lead.lag_unknown,
        lag_max: lead.lag_max,
        ..partitions
    }
}
