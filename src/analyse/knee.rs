//! The moment at which an instance in standard mode has spent its credits: where it is seen, and where its recorded use says that it must be.

use crate::books::InstanceSecond;
use crate::catalogue::{RAMP, Rules};
use crate::record::EmulatedGroup;
use crate::units::CreditMode;

/// A drop that is not at least this much of what was used before is no knee.
const LEAST_DROP: f64 = 0.1;

/// When the credits of one instance ran out, in seconds since time 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Knee {
    /// The instance.
    pub instance: u32,
    /// The break in the CPU that it used: the one that parts its seconds into two levels with the least error.
    pub found_s: f64,
    /// When the balance that it began with is spent at the use that was recorded before the break: `balance / ((use − baseline) · scale)`.
    pub predicted_s: f64,
}

/// Of the first instance that has one; none in unlimited mode, or where credits lasted.
pub fn knee(group: &EmulatedGroup, seconds: &[InstanceSecond]) -> Option<Knee> {
    if group.credit_mode != Some(CreditMode::Standard) {
        return None;
    }
    let rules = Rules::of(&group.instance_type)?;
    group.instances.iter().find_map(|one| {
        let own: Vec<&InstanceSecond> = seconds
            .iter()
            .filter(|second| second.group == group.group && second.instance == one.instance)
            .collect();
        of_instance(&rules, group.time_scale, one.instance, &own)
    })
}

fn of_instance(rules: &Rules, time_scale: u32, instance: u32, own: &[&InstanceSecond]) -> Option<Knee> {
    let used: Vec<f64> = own.iter().map(|second| second.used_vcpus).collect();
    let at = break_at(&used)?;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (before, after) = (mean(&used[..at]), mean(&used[at..]));
    if before - after < LEAST_DROP * before {
        return None;
    }
    // A load that ends is no knee: there the credits are spent, down to those over which an instance is slowed.
    let edge = own[at];
    let least = RAMP.as_f64();
    if edge.balance_credits? > least {
        return None;
    }
    // The first second holds the break's level in part where it lies inside of it.
    let part = ((edge.used_vcpus - after) / (before - after)).clamp(0.0, 1.0);
    let first = own.first()?;
    let baseline = rules.baseline() as f64 / 1e6;
    // What the first second began with: its end, less what it earned, more what it spent.
    let scale = f64::from(time_scale);
    let began = first.balance_credits? + (first.used_vcpus - baseline) * scale / 60.0;
    if began <= least {
        return None; // it was slow from the first: it had none to spend
    }
    let lasts_s = began * 60.0 / ((before - baseline) * scale);
    (lasts_s.is_finite() && lasts_s > 0.0).then_some(Knee {
        instance,
        found_s: edge.t_s + part,
        predicted_s: first.t_s + lasts_s,
    })
}

/// The first second of the second level, such that two levels fit best by least squares; none of fewer than four seconds.
fn break_at(values: &[f64]) -> Option<usize> {
    let error = |part: &[f64]| {
        let mean = part.iter().sum::<f64>() / part.len() as f64;
        part.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
    };
    (2..values.len().checked_sub(1)?).min_by(|a, b| {
        let of = |at: usize| error(&values[..at]) + error(&values[at..]);
        of(*a).total_cmp(&of(*b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::find;
    use crate::record::EmulatedInstance;

    fn group(mode: CreditMode, time_scale: u32) -> EmulatedGroup {
        EmulatedGroup {
            group: "g".to_owned(),
            instance_type: find("t3.micro").unwrap().clone(),
            credit_mode: Some(mode),
            credit_start: Some("30 credits".to_owned()),
            time_scale,
            vcpu_percent: 10.0,
            enforced_by: "work".to_owned(),
            period_us: None,
            refused: 0,
            instances: vec![EmulatedInstance::default()],
        }
    }

    /// One vCPU of a t3.micro with 30 credits at sixtyfold speed: 37.5 s.
    fn seconds(length: u32) -> Vec<InstanceSecond> {
        let mut balance = 30.0;
        let second = |at: u32| {
            let full = (37.5 - f64::from(at)).clamp(0.0, 1.0);
            let used_vcpus = full + (1.0 - full) * 0.2;
            balance = (balance - (used_vcpus - 0.2)).max(0.0);
            InstanceSecond {
                t_s: f64::from(at),
                group: "g".to_owned(),
                used_vcpus,
                balance_credits: Some(balance),
                ..InstanceSecond::default()
            }
        };
        (0..length).map(second).collect()
    }

    #[test]
    fn the_break_is_where_the_credits_end() {
        let knee = knee(&group(CreditMode::Standard, 60), &seconds(60)).unwrap();
        assert!((knee.found_s - 37.5).abs() < 0.1 && (knee.predicted_s - 37.5).abs() < 0.6, "{knee:?}");
    }

    /// The load is over after so many seconds, and the instance stops.
    fn ending(mut all: Vec<InstanceSecond>, at: usize) -> Vec<InstanceSecond> {
        all[at..].iter_mut().for_each(|second| second.used_vcpus = 0.01);
        all
    }

    #[test]
    fn a_load_that_ends_is_no_knee() {
        assert_eq!(
            knee(&group(CreditMode::Standard, 60), &ending(seconds(30), 26)),
            None,
            "credits were left"
        );
        let exhausted = |at: u32| InstanceSecond {
            t_s: f64::from(at),
            group: "g".to_owned(),
            used_vcpus: 0.22,
            balance_credits: Some(0.0),
            ..InstanceSecond::default()
        };
        let all: Vec<InstanceSecond> = (0..20).map(exhausted).collect();
        assert_eq!(
            knee(&group(CreditMode::Standard, 60), &ending(all, 16)),
            None,
            "there were none to spend"
        );
    }

    #[test]
    fn credits_that_last_have_no_knee() {
        assert_eq!(knee(&group(CreditMode::Standard, 60), &seconds(30)), None);
        assert_eq!(knee(&group(CreditMode::Unlimited, 60), &seconds(60)), None);
        assert_eq!(knee(&group(CreditMode::Standard, 60), &seconds(2)), None);
    }
}
