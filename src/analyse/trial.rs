//! What one saved trial says, all of it: the record, whether it is to be believed, what it cost, and when its credits ran out.

use super::aftermath::{Aftermath, Seen, aftermaths};
use super::cost::Cost;
use super::credits;
use super::evidence::{Drain, Settled, few_seconds};
use super::few_samples;
use super::judge::{Judged, judge_groups};
use super::knee::{Knee, knee};
use super::outcome::Outcome;
use super::priced::Priced;
use super::pricing::crossing;
use super::reading::Reading;
use super::scraped::scraped;
use crate::books::InstanceSecond;
use crate::record::series::Rows;
use crate::record::{GroupTrace, Manifest, SavedTrial, StoreError, TrialRecord};
use crate::units::{Latency, Prices};

/// MSER-5 takes 40 readings, of which there are four a second.
const SHORTEST_S: f64 = 10.0;

/// What one saved trial says.
#[derive(Clone, Debug)]
pub struct TrialFindings {
    /// What it left behind.
    pub record: TrialRecord,
    /// Whether it is to be believed, and every metric.
    pub judged: Judged,
    /// What it cost; none where that cannot be said.
    pub cost: Option<Cost>,
    /// When credits ran out in it; none where they lasted.
    pub knee: Option<Knee>,
    /// What its emulated instances did, second by second: kept of the one trial of a treatment that a figure shows, empty in all others.
    pub seconds: Vec<InstanceSecond>,
    /// First completions in each second since time 0, none where nothing was read, of the same one trial.
    pub processed: Vec<Option<u64>>,
    /// Whether it had settled; none where its window does not tell.
    pub settled: Option<Settled>,
    /// What each of its events did, in the order in which they came.
    pub aftermaths: Vec<Aftermath>,
    /// How long its backlog was forecast to last, and did; none where there was little.
    pub drain: Option<Drain>,
}

impl TrialFindings {
    /// Judges a trial from its folder.
    pub fn read(manifest: &Manifest, saved: &SavedTrial) -> Result<Self, StoreError> {
        let further = saved.further_groups()?;
        let rows = saved.rows()?;
        let mut judged = judge_groups(&saved.record, &rows, &saved.latencies_of_window()?, &further);
        if judged.window.is_some() {
            let (asked, read) = (&saved.record.asked, saved.scraped()?);
            let window = (asked.warm_up_s, asked.warm_up_s + asked.measure_s);
            let (values, doubts) = scraped(manifest, &read, window);
            // Pages are of no group: what they say is of the trial, for each of its groups too.
            for (_, group) in &mut judged.groups {
                group.scraped.clone_from(&values);
            }
            judged.scraped = values;
            judged.doubts.extend(doubts);
        }
        let seconds = saved.instances()?;
        let knee = saved.record.emulated.iter().find_map(|group| knee(group, &seconds));
        let processed = if seconds.is_empty() { Vec::new() } else { processed_by_second(&rows) };
        let mut whole = TrialFindings::with_knee(manifest, saved.record.clone(), judged, knee);
        if whole.judged.window.is_some() {
            let consumed = whole.record.asked.instances.is_some();
            let latency = if consumed { Latency::EndToEnd } else { Latency::Ack };
            whole.add_aftermaths((saved, &manifest.prices), &rows, &further)?;
            let saturated = whole.judged.saturated != Some(false);
            whole.drain = Drain::of(&whole.record, &rows);
            // What was done to it on purpose is no fault of the trial, and nothing that it has to settle of.
            if whole.record.injected.is_empty() {
                let by_second = saved.seconds_of_window(latency)?;
                whole.settled = Settled::of(&whole.record, &rows, &by_second, saturated);
                whole.judged.doubts.extend(few_seconds(latency, &by_second).filter(|_| !saturated));
            }
        }
        Ok(TrialFindings { seconds, processed, ..whole })
    }

    /// Prices one that is judged already.
    pub fn of(manifest: &Manifest, record: TrialRecord, judged: Judged) -> Self {
        TrialFindings::with_knee(manifest, record, judged, None)
    }

    fn with_knee(manifest: &Manifest, record: TrialRecord, mut judged: Judged, knee: Option<Knee>) -> Self {
        let cost = Cost::of(&record, &judged, manifest, &manifest.prices);
        let crossing = crossing(&record, &judged, &manifest.prices);
        judged.price(Priced { cost: cost.as_ref(), knee: knee.as_ref(), crossing });
        credits::doubt(&record, &mut judged, knee.as_ref());
        few_samples::doubt(manifest, &mut judged);
        TrialFindings {
            record,
            judged,
            cost,
            knee,
            seconds: Vec::new(),
            processed: Vec::new(),
            settled: None,
            aftermaths: Vec::new(),
            drain: None,
        }
    }

    /// What its events did: in each group those that were done to it, in the trial the worst of all.
    fn add_aftermaths(
        &mut self,
        (saved, prices): (&SavedTrial, &Prices),
        rows: impl Rows,
        further: &[GroupTrace],
    ) -> Result<(), StoreError> {
        if self.record.injected.is_empty() {
            return Ok(());
        }
        let (gaps, in_time) = (saved.gaps()?, saved.in_time()?);
        let several = !self.record.groups.is_empty();
        for number in 0..self.record.groups.len().max(1) {
            let record = match self.record.groups.get(number) {
                Some(group) => self.record.of_group(group),
                None => self.record.clone(),
            };
            let latency = match record.followed {
                _ if record.asked.instances.is_none() => Latency::Ack,
                None => Latency::EndToEnd,
                Some(_) => Latency::Committed,
            };
            let seconds = saved.seconds_of_group(number, latency)?;
            let (record, seconds, gaps, in_time) = (&record, &*seconds, &*gaps, &*in_time);
            let own = match number.checked_sub(1) {
                None => aftermaths(Seen { record, rows, seconds, gaps, in_time, prices }),
                Some(at) => {
                    aftermaths(Seen { record, rows: &further[at].rows, seconds, gaps, in_time, prices })
                }
            };
            if several {
                self.judged.groups[number].1.put_aftermaths(&own);
            }
            self.aftermaths.extend(own);
        }
        self.aftermaths.sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
        self.judged.put_aftermaths(&self.aftermaths);
        Ok(())
    }

    /// Whether it counts.
    pub fn is_valid(&self) -> bool {
        self.judged.outcome == Outcome::Valid
    }

    /// Whether its window is whole, and yet has too few readings to say how it goes.
    pub fn is_too_short_to_class(&self) -> bool {
        self.settled.is_none()
            && self.record.injected.is_empty()
            && self.record.backlog.is_none()
            && self.judged.window.is_some()
            && self.record.asked.measure_s < SHORTEST_S
    }

    /// Why nothing is said of how its window goes, in a word; empty where it is not whole, or where it is said.
    pub fn why_unsettled(&self) -> &'static str {
        match self.settled {
            None if !self.aftermaths.is_empty() => "event",
            None if self.record.backlog.is_some() => "backlog",
            None if self.is_too_short_to_class() => "too_short",
            _ => "",
        }
    }

    /// A metric's value by its name.
    pub fn metric(&self, name: &str) -> Reading {
        self.judged.metric(name)
    }
}

/// First completions in each second since time 0; none where no row tells.
fn processed_by_second(rows: impl Rows) -> Vec<Option<u64>> {
    let mut processed: Vec<Option<u64>> = Vec::new();
    for (t_s, count) in rows.each(|row| (row.t_s, row.processed)).filter(|(t_s, _)| *t_s >= 0.0) {
        let second = t_s.floor() as usize;
        processed.resize(processed.len().max(second + 1), None);
        processed[second] = Some(processed[second].unwrap_or_default() + count);
    }
    processed
}
