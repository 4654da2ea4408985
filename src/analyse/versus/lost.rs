//! What a treatment held and its twin does not: no ratio tells it, and it is worse all the same.

use super::sample::is_nothing;
use super::side::{Pair, Side};
use crate::analyse::gaps::Read;
use crate::analyse::{TreatmentFindings, Verdict};
use crate::record::SloLine;
use crate::spec::{Better, Metric};
use crate::stats::deals;

/// Messages that were lost.
const MESSAGES: &str = "lost";

/// Something that was so, and is no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// What, as a sentence goes on: `broke `lost <= 0`, which held in A`.
    pub what: String,
    /// By which metric: what is told by it once is not told again in other words.
    pub metric: String,
    /// The treatment.
    pub treatment: String,
    /// Which run the other is of, from 1.
    pub against: usize,
}

/// SLOs of both that held in the one and are broken in the other; messages lost where none were.
pub(super) fn lost((base, other): (&Side<'_>, &Side<'_>), pair: Pair<'_>, against: usize) -> Vec<Lost> {
    let of = |what: String, metric: &str| Lost {
        what,
        metric: metric.to_owned(),
        treatment: pair.other.slug.clone(),
        against,
    };
    let verdict = |side: &Side<'_>, one: &TreatmentFindings, text: &str| {
        let at = side.run.manifest.slos.iter().position(|slo| slo.text == text)?;
        one.verdicts.get(at).copied()
    };
    let turned = |slo: &&SloLine| {
        (verdict(base, pair.base, &slo.text), verdict(other, pair.other, &slo.text))
            == (Some(Verdict::Held), Some(Verdict::Broken))
    };
    let slos = base.run.manifest.slos.iter().filter(turned);
    let mut all: Vec<Lost> =
        slos.map(|slo| of(format!("broke `{}`, which held in A", slo.text), &slo.metric)).collect();
    if let (Some(0.0), Some(after)) = (messages(pair.base), messages(pair.other).filter(|after| *after > 0.0))
    {
        let told = format!("lost {after} messages, where A lost none");
        match all.iter_mut().find(|one| one.metric == MESSAGES) {
            Some(broke) => broke.what = format!("{told}, and so {}", broke.what),
            None => all.push(of(told, MESSAGES)),
        }
    }
    all
}

/// Of a metric that is nothing in all trials of the one and something in all of the other, which chance alone would do no more often than `risk`: what became of
/// it, where that is worse. A ratio does not tell it.
pub(super) fn vanished(metric: &Metric, pair: Pair<'_>, against: usize, risk: f64) -> Option<Lost> {
    let (nothing, something, words) = match metric.better {
        Better::Lower => (pair.base, pair.other, "where A had none in any trial"),
        Better::Higher => (pair.other, pair.base, "where A had some"),
        Better::Neither => return None,
    };
    if !is_nothing(metric, nothing) {
        return None;
    }
    // All of the one lie above all of the other: of all ways to deal them, one does.
    let reads: Vec<Read> = something.valid().filter_map(|trial| Read::of(metric, trial)).collect();
    let (n, m) = (nothing.valid().count(), reads.len());
    let all_above = m == something.valid().count() && reads.iter().all(|read| read.value > read.width);
    if !all_above || 2.0 / deals(n, m) > risk {
        return None;
    }
    let median = something.metric(&metric.name)?.median.value()?;
    let what = match metric.better {
        Better::Lower => format!("has {} {median} (median), {words}", metric.label),
        _ => format!("has no {} in any trial, {words}", metric.label),
    };
    Some(Lost { what, metric: metric.name.clone(), treatment: pair.other.slug.clone(), against })
}

/// Messages that its valid trials lost, all together; none where a trial does not tell, or there is none.
fn messages(of: &TreatmentFindings) -> Option<f64> {
    let all: Option<Vec<f64>> = of.valid().map(|trial| trial.metric(MESSAGES).value()).collect();
    all.filter(|all| !all.is_empty()).map(|all| all.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::super::{Census, Why, census};
    use super::*;
    use crate::analyse::{Findings, Reading, TrialFindings, judge};
    use crate::record::Run;
    use crate::record::testing::{Synthetic, manifest, slo};
    use crate::spec::place;

    /// Of two treatments of one run, by a metric of which their trials read this.
    fn compared(name: &str, a: [f64; 5], b: [f64; 5]) -> Census {
        with_slos(name, &[], a, b)
    }

    fn with_slos(name: &str, slos: &[&str], a: [f64; 5], b: [f64; 5]) -> Census {
        let mut manifest = manifest(&["a", "b"]);
        manifest.slos = slos.iter().map(|text| slo(text)).collect();
        let metric = Metric::written(name).unwrap();
        let at = place(&metric.name).unwrap();
        let trial = |slug: &str, (block, value): (u32, f64)| {
            let trial = Synthetic { repetition: block, treatment: slug.to_owned(), ..Synthetic::default() };
            let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
            judged.metrics[at] = Reading::Value(value);
            TrialFindings::of(&manifest, trial.record(), judged)
        };
        let of = |slug: &str, all: [f64; 5]| (1..).zip(all).map(|one| trial(slug, one)).collect::<Vec<_>>();
        let findings = Findings::of(&manifest, [of("a", a), of("b", b)].concat());
        let run = Run { path: "r".into(), manifest, plan: Vec::new(), trials: Vec::new() };
        let side = |slug: &'static str| Side::of(&run, &findings, slug);
        let mut census = census(&side("a"), &[side("b")], std::slice::from_ref(&metric), 0.05);
        census.asked = vec![metric.label];
        census
    }

    #[test]
    fn what_was_lost_is_told_once_in_whatever_words_it_was_asked_for() {
        let some = [3.0, 2.0, 4.0, 1.0, 2.0];
        let whats = |slos: &[&str]| {
            let census = with_slos("lost", slos, [0.0; 5], some);
            census.lost.into_iter().map(|one| one.what).collect::<Vec<_>>()
        };
        assert_eq!(whats(&[]), ["lost 12 messages, where A lost none"]);
        let broke = "lost 12 messages, where A lost none, and so broke `lost <= 0`, which held in A";
        assert_eq!(whats(&["lost <= 0"]), [broke]);
        let twice = with_slos("duplicates", &["duplicates <= 0"], [0.0; 5], some);
        let told: Vec<&str> = twice.lost.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(told, ["broke `duplicates <= 0`, which held in A"]);
    }

    #[test]
    fn nothing_on_both_sides_is_the_same_and_something_where_there_was_nothing_is_worse() {
        let both = compared("duplicates", [0.0; 5], [0.0; 5]);
        assert_eq!((both.unjudged[0].why, both.leaves_open()), (Why::BothNothing, false));
        assert!(both.lost.is_empty());
        let worse = compared("duplicates", [0.0; 5], [500.0, 510.0, 490.0, 505.0, 495.0]);
        assert!(worse.lost[0].what.contains("500"), "{:?}", worse.lost);
        assert!(worse.leaves_open(), "what was asked for could not be judged");
        let once = compared("duplicates", [0.0; 5], [0.0, 1.0, 361.0, 0.0, 2.0]);
        assert!(once.lost.is_empty() && once.leaves_open(), "not in every trial: {:?}", once.lost);
        assert!(compared("duplicates", [500.0, 510.0, 490.0, 505.0, 495.0], [0.0; 5]).lost.is_empty());
    }
}
