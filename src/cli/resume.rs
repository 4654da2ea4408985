//! What a run was asked, as its manifest keeps it, with the secrets that it does not keep.

use std::path::Path;

use serde_json::Value;

use super::args::OverrideArgs;
use crate::fault::{Fault, Kind};
use crate::record::Manifest;
use crate::spec::recorded::{has_mask, path};

/// The overrides of a run that is gone on with. `given` are `--set`s of now: exactly those are taken whose secrets were not written down.
pub fn overrides(asked: &Value, given: &[String], dir: &Path) -> Result<OverrideArgs, Vec<Fault>> {
    let kept = asked["set"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let kept: Vec<&str> = kept.collect();
    let fault = |what: String, hint: String| Fault { place: None, what, hint: Some(hint), kind: Kind::Wrong };
    let mut faults = Vec::new();
    for text in
        given.iter().filter(|text| !kept.iter().any(|kept| has_mask(kept) && path(kept) == path(text)))
    {
        let what = format!("--set {}: a run goes on with what it began with", path(text));
        let hint = "with `--resume` only secrets are given again, which are not written down";
        faults.push(fault(what, hint.to_owned()));
    }
    let mut set = Vec::new();
    for kept in kept {
        match given.iter().rev().find(|text| path(text) == path(kept)) {
            Some(again) if has_mask(kept) => set.push(again.clone()),
            None if has_mask(kept) => {
                let what =
                    format!("--set {kept}: the run was given a secret here, which is not written down");
                let path = path(kept);
                let hint = format!("give it again: `bench run --resume {} --set '{path}=…'`", dir.display());
                faults.push(fault(what, hint));
            }
            _ => set.push(kept.to_owned()),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let repetitions = asked["repetitions"].as_u64().map(|n| n as u32);
    Ok(OverrideArgs { repetitions, seed: asked["seed"].as_u64(), set })
}

/// Trials of each treatment that a run is to come to; none where it is only to be gone on with.
pub fn more(asked: Option<u32>, manifest: &Manifest) -> Result<Option<u32>, Fault> {
    let Some(wanted) = asked else { return Ok(None) };
    let has = manifest.repetitions;
    let (what, hint) = if manifest.until_broken {
        (
            "the volumes of this run were searched for, and it has no blocks that could be added to",
            "run the experiment again".to_owned(),
        )
    } else if wanted <= has {
        ("the run has as many already", format!("it has {has} trials of each treatment: give more than that"))
    } else {
        return Ok(Some(wanted));
    };
    let what = format!("--repetitions {wanted}: {what}");
    Err(Fault { place: None, what, hint: Some(hint), kind: Kind::Wrong })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_added_to_a_run_and_never_taken_away() {
        let mut run = crate::record::testing::manifest(&["a"]);
        assert_eq!(more(None, &run), Ok(None));
        assert_eq!(more(Some(6), &run), Ok(Some(6)));
        let told = more(Some(3), &run).unwrap_err();
        assert_eq!(told.what, "--repetitions 3: the run has as many already");
        run.until_broken = true;
        assert!(more(Some(6), &run).unwrap_err().what.contains("were searched for"));
    }

    #[test]
    fn a_search_that_confirms_more_often_is_told_by_the_greater_number() {
        let mut run = crate::record::testing::manifest(&["a"]);
        run.search = Some(crate::record::testing::search());
        let mut now = run.clone();
        (now.repetitions, now.search.as_mut().unwrap().confirm) = (9, 9);
        now.search.as_mut().unwrap().alone_from = None;
        let search = run.resumed_by(now).search.unwrap();
        assert_eq!((search.confirm, search.alone_from), (9, Some(6)), "and is weighed as it was");
    }

    #[test]
    fn a_secret_that_was_set_must_be_given_again_and_nothing_else_may_be() {
        let asked = serde_json::json!({ "set": ["topic.partitions=4", "consumers.properties.sasl.password=***"], "seed": 3 });
        let with = |given: &[&str]| {
            let given: Vec<String> = given.iter().map(|&text| text.to_owned()).collect();
            overrides(&asked, &given, Path::new("results/x"))
        };
        let told = |faults: Vec<Fault>| {
            faults
                .iter()
                .map(|fault| format!("{} {:?}\n", fault.what, fault.hint))
                .collect::<Vec<_>>()
                .concat()
        };
        let missing = told(with(&[]).unwrap_err());
        assert!(
            missing.contains("bench run --resume results/x --set 'consumers.properties.sasl.password=…'"),
            "{missing}"
        );
        let again = with(&["consumers.properties.sasl.password=hunter2"]).unwrap();
        assert_eq!(again.set, ["topic.partitions=4", "consumers.properties.sasl.password=hunter2"]);
        assert_eq!((again.seed, again.repetitions), (Some(3), None));
        let other = told(with(&["consumers.properties.sasl.password=x", "topic.partitions=5"]).unwrap_err());
        assert!(
            other.contains("--set topic.partitions: a run goes on") && !other.contains("sasl"),
            "{other}"
        );
    }
}
