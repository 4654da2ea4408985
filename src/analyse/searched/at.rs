//! The treatments that a search came to.

use super::Searched;
use crate::analyse::findings::{Findings, TreatmentFindings};
use crate::analyse::limiting::Kind;
use crate::analyse::summary::Load;

impl Findings {
    /// Both bounds of a search, as far as it has them.
    pub fn bounds_of(&self, search: &Searched) -> impl Iterator<Item = &TreatmentFindings> {
        let all = search.came.all;
        [all.good, all.broke].into_iter().flatten().filter_map(move |rung| self.tried_at(search, rung))
    }

    /// The treatment that a search broke at: the bound beyond which nothing holds; none where nothing broke.
    pub fn broken_at(&self, search: &Searched) -> Option<&TreatmentFindings> {
        self.tried_at(search, search.came.all.broke?)
    }

    /// The easiest from that bound on at which something is known to have held the trials back: an SLO may break before that. None where nothing did.
    pub fn held_back_at(&self, search: &Searched) -> Option<&TreatmentFindings> {
        let (_, hardest) = search.rules.ladder.ends();
        let mut beyond = (search.came.all.broke?..=hardest).filter_map(|rung| self.tried_at(search, rung));
        beyond.find(|one| one.is_held_back())
    }

    fn tried_at(&self, search: &Searched, rung: i64) -> Option<&TreatmentFindings> {
        let label = search.label(rung);
        self.treatments.iter().find(|one| {
            one.levels.split_last().is_some_and(|(last, others)| *last == label && others == search.levels)
        })
    }
}

impl TreatmentFindings {
    /// Whether something is known to have held most of its trials back: what came through is what could.
    pub fn is_held_back(&self) -> bool {
        let kind = self.limit.as_ref().and_then(|limit| limit.by.kind());
        self.load == Load::Overload || kind.is_some_and(|kind| kind != Kind::Load)
    }
}
