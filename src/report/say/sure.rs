//! How sure the answer is: of how many trials it is, what stands around a median, and whether anything was emulated.

use crate::analyse::{Findings, How, Outcome};
use crate::report::document::from_to;

/// Below the answer; nothing where nothing was measured.
pub fn sentences(findings: &Findings) -> Vec<String> {
    let of = findings.trials().count();
    if of == 0 {
        return Vec::new();
    }
    let valid = findings.trials().filter(|trial| trial.judged.outcome == Outcome::Valid).count();
    let counts = || findings.treatments.iter().map(|one| one.valid().count());
    let (least, most) = (counts().min().unwrap_or_default(), counts().max().unwrap_or_default());
    let each = from_to(least, most);
    let mut said = vec![format!("{valid} of {of} trials count, {each} of each treatment.")];
    said.extend((most > 1).then(|| {
        format!(
            "Beside a median stands the {} of its trials; no interval is reckoned.",
            How::Spread.told().replace(" – ", " and the ")
        )
    }));
    if findings.trials().all(|trial| trial.record.emulated.is_empty()) {
        said.push("Nothing was emulated.".to_owned());
    }
    said
}
