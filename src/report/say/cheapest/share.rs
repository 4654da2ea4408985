//! How often another draw of the same blocks gives the same cheapest.

use super::Say;
use crate::analyse::{Chosen, Ranking};
use crate::report::number::plain;
use crate::report::say::claim::{Claim, Evidence};
use crate::stats::RESAMPLES;

/// Of the first of a ranking; none where it is the only one, or of fewer than six blocks.
pub(super) fn claim(say: &Say<'_>, ranking: &Ranking) -> Option<Claim> {
    let first = ranking.order.first().filter(|_| ranking.order.len() > 1)?;
    let at = say.findings.treatments.iter().position(|one| one.slug == first.slug)?;
    let chosen = Chosen::of(say.manifest, say.findings)?;
    let share = (*chosen.cheapest.get(at)?)?;
    let text = format!(
        "Drawn again from its {} blocks, {} is the cheapest that {} in {} % of {RESAMPLES} resamples.",
        chosen.blocks,
        say.name(&first.slug),
        say.asked(),
        plain(share * 100.0)
    );
    Some(Claim::new(text, [Evidence::Ranking { basis: ranking.basis }]))
}
