//! A comparison for programs.

use serde_json::{Value, json};

use super::Compared;
use crate::analyse::versus::{Comparison, Difference, Lost, Outcome, Unjudged};
use crate::report::document::Document;
use crate::report::render::sections;

/// Of this document; what is added leaves it as it is.
const FORMAT: u32 = 1;

/// All of it.
pub fn json(compared: &Compared<'_>, document: &Document) -> String {
    let census = &compared.census;
    let side = |(at, (side, name)): (usize, (&crate::analyse::versus::Side<'_>, &String))| {
        json!({
            "letter": Compared::letter(at), "named": name, "experiment": side.run.manifest.experiment,
            "started": side.run.manifest.started,
            "treatments": side.treatments().map(|one| &one.slug).collect::<Vec<_>>(),
        })
    };
    let differences = compared.differences.iter().enumerate().map(|(at, own)| {
        json!({ "against": Compared::letter(at + 1), "differences": own.iter().map(difference).collect::<Vec<_>>() })
    });
    let word = |word: &str| census.told(word).count();
    let whole = json!({
        "compare_format": FORMAT,
        "margin": census.margin,
        "look": census.look, "risk": census.risk,
        "sides": compared.sides.iter().zip(&compared.named).enumerate().map(side).collect::<Vec<_>>(),
        "census": {
            "possible": census.possible(), "judged": census.judged.len(), "not_judged": census.unjudged.len(),
            "better": word("better"), "worse": word("worse"), "more": word("more"), "less": word("less"),
            "same": census.count(Outcome::Same), "undecided": census.count(Outcome::Undecided),
        },
        "unlike": compared.is_unlike(),
        "comparisons": census.judged.iter().map(comparison).collect::<Vec<_>>(),
        "no_longer": census.lost.iter().map(no_longer).collect::<Vec<_>>(),
        "not_judged": census.unjudged.iter().map(unjudged).collect::<Vec<_>>(),
        "set_up": differences.collect::<Vec<_>>(),
        "sections": sections(document),
    });
    format!("{whole:#}\n")
}

fn comparison(one: &Comparison) -> Value {
    let spread = one.spread.map(|of| json!({ "ratio": of.ratio, "p": of.p.0, "p_corrected": of.p.1 }));
    json!({
        "metric": one.metric.name, "unit": one.metric.unit.symbol(), "base": one.base, "other": one.other,
        "against": Compared::letter(one.against), "n_base": one.n.0, "n_other": one.n.1, "paired": one.paired,
        "base_mean": one.means.0, "other_mean": one.means.1,
        "ratio": one.ratio.0, "low": one.ratio.1, "high": one.ratio.2, "interval": "95 %, of this comparison alone",
        "p": one.p.0, "p_corrected": one.p.1, "p_same": one.p_same.0, "p_same_corrected": one.p_same.1,
        "smallest_seen": one.smallest, "trials_for_margin": one.needed, "spread": spread, "verdict": one.word(),
    })
}

fn unjudged(one: &Unjudged) -> Value {
    json!({ "metric": one.metric, "treatment": one.treatment, "against": Compared::letter(one.against), "why": one.why.told() })
}

fn no_longer(one: &Lost) -> Value {
    json!({ "what": one.what, "metric": one.metric, "treatment": one.treatment, "against": Compared::letter(one.against) })
}

fn difference(one: &Difference) -> Value {
    json!({ "what": one.what, "base": one.base, "other": one.other, "forbids": one.forbids })
}
