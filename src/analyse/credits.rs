//! A burst is no capacity: what an instance in standard mode does above its baseline lasts as long as its credits do, and no longer.

use super::doubt::{Doubt, limits};
use super::judge::Judged;
use super::knee::Knee;
use crate::catalogue::{RAMP, Rules};
use crate::record::{EmulatedGroup, EmulatedInstance, TrialRecord};
use crate::units::{CreditMode, Span};

/// Of the baseline, in percent: by less than this use is not above it, and a balance does not fall. What an exhausted instance saved while it waited for
/// the load is spent in the window, and is no burst.
const ABOVE_PERCENT: f64 = 2.0;

/// What an instance did that it cannot go on with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Burst {
    /// Which instance of its group.
    pub instance: u32,
    /// vCPUs that it used on average over the window.
    pub used_vcpus: f64,
    /// vCPUs that it earns.
    pub baseline_vcpus: f64,
    /// Credits at the window's start.
    pub start_credits: f64,
    /// Credits at its end.
    pub end_credits: f64,
}

impl Burst {
    /// Of the instances of a group the one that is furthest above its baseline; none where none is.
    pub fn of_group(group: &EmulatedGroup) -> Option<Self> {
        if group.credit_mode != Some(CreditMode::Standard) {
            return None;
        }
        let rules = Rules::of(&group.instance_type)?;
        let bursts = group.instances.iter().filter_map(|one| Burst::of(&rules, group.time_scale, one));
        bursts.max_by(|a, b| a.used_vcpus.total_cmp(&b.used_vcpus))
    }

    fn of(rules: &Rules, time_scale: u32, one: &EmulatedInstance) -> Option<Self> {
        let baseline_vcpus = rules.baseline() as f64 / 1e6;
        let used_vcpus = use_of(one)?.min(f64::from(rules.vcpus));
        let (start_credits, end_credits) = (one.balance_start_credits?, one.balance_end_credits?);
        // A credit is one vCPU for a minute; its account ran so many times faster.
        let spent_vcpus =
            (start_credits - end_credits) * 60.0 / (one.window_ran_s() * f64::from(time_scale.max(1)));
        let least = baseline_vcpus * ABOVE_PERCENT / 100.0;
        let above = one.window_ran_s() > 0.0 && used_vcpus - baseline_vcpus > least && spent_vcpus > least;
        above.then_some(Burst {
            instance: one.instance,
            used_vcpus,
            baseline_vcpus,
            start_credits,
            end_credits,
        })
    }

    /// Whether the credits ran out within the window: they began to slow the instance down.
    pub fn is_spent(&self) -> bool {
        self.end_credits < RAMP.as_f64()
    }

    /// How long the balance of the window's start lasts at this use, in seconds of the full-size instance, however fast its account ran here.
    pub fn lasts_s(&self) -> f64 {
        self.start_credits * 60.0 / (self.used_vcpus - self.baseline_vcpus)
    }

    /// The same for people.
    pub fn lasts(&self) -> String {
        time(self.lasts_s())
    }

    /// The part of it that goes on when the credits are spent.
    pub fn sustained(&self) -> f64 {
        self.baseline_vcpus / self.used_vcpus
    }
}

/// vCPUs that the full-size instance would have used on average over the window; what it used here where that is not known apart.
pub fn use_of(one: &EmulatedInstance) -> Option<f64> {
    one.full_size_vcpus.or(one.used_vcpus)
}

/// Whether instances of a trial did more than they can go on with.
pub fn on_credits(record: &TrialRecord) -> bool {
    record.emulated.iter().any(|group| Burst::of_group(group).is_some())
}

/// Tells the trial, and the groups that it speaks of, that what they did lasts only as long as credits do.
pub fn doubt(record: &TrialRecord, judged: &mut Judged, knee: Option<&Knee>) {
    if judged.window.is_none() {
        return;
    }
    let mut worst: Option<(Burst, Doubt)> = None;
    for group in &record.emulated {
        let Some(burst) = Burst::of_group(group) else { continue };
        let of_all = processed(judged);
        let mut own = judged.groups.iter_mut().find(|(name, _)| *name == group.group).map(|(_, own)| own);
        let rate = own.as_ref().map_or(of_all, |own| processed(own));
        let doubt = limits("on_credits", what(group, &burst, rate, knee), HINT).of(
            burst.used_vcpus,
            burst.baseline_vcpus,
            "vCPU",
        );
        if let Some(own) = &mut own {
            own.doubts.push(doubt.clone());
        }
        if worst.as_ref().is_none_or(|(known, _)| burst.sustained() < known.sustained()) {
            worst = Some((burst, doubt));
        }
    }
    judged.doubts.extend(worst.map(|(_, doubt)| doubt));
}

const HINT: &str = "what is done while credits last is no capacity: begin with `credits: { start: exhausted }` to see what the baseline sustains, or pay for more with `mode: unlimited`";

fn processed(judged: &Judged) -> Option<f64> {
    let window = judged.window.as_ref()?;
    Some(window.processed? as f64 / window.seconds)
}

fn what(group: &EmulatedGroup, burst: &Burst, rate: Option<f64>, knee: Option<&Knee>) -> String {
    let Burst { instance, used_vcpus, baseline_vcpus, start_credits, end_credits } = burst;
    let lasts = match knee.filter(|knee| knee.instance == *instance) {
        // Of the use before, which the knee knows; a mean over the window holds the baseline in part.
        _ if !burst.is_spent() => {
            format!("at this use they last {} from the window's start on", burst.lasts())
        }
        Some(knee) => {
            let real = knee.predicted_s * f64::from(group.time_scale);
            format!("they were spent within it: at the greater use until then, {} after time 0", time(real))
        }
        None => "they were spent within it".to_owned(),
    };
    let sustains = rate.map_or_else(String::new, |rate| {
        format!(" of {rate:.1} messages per second its baseline sustains {:.1}", rate * burst.sustained())
    });
    format!(
        "instance {instance} used {used_vcpus:.2} vCPU on the average of the window and earns {baseline_vcpus:.2}: its credits fell from {start_credits:.1} to {end_credits:.1} in the \
         window, and {lasts} (of the full-size instance);{sustains}"
    )
}

/// In seconds, from ten minutes on in minutes, from a day on in hours: more digits would say more than is known.
fn time(seconds: f64) -> String {
    let step = match seconds {
        seconds if seconds < 600.0 => 1.0,
        seconds if seconds < 86_400.0 => 60.0,
        _ => 3_600.0,
    };
    Span::from_secs(((seconds / step).round() * step) as u64).to_string()
}

#[cfg(test)]
mod tests;
