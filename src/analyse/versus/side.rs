//! What is set against what: a whole run, or those treatments of it that have the levels that are named.

use crate::analyse::{Findings, TreatmentFindings};
use crate::record::Run;

/// What parts the levels in a treatment's name.
const BETWEEN: char = ',';

/// Treatments of a run.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// Its records.
    pub run: &'a Run,
    /// What they say.
    pub findings: &'a Findings,
    /// The levels that a treatment must have, as its name has them (`partitions=4`); none where all of them are meant.
    levels: Vec<String>,
}

/// Two treatments that are compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub(super) base: &'a TreatmentFindings,
    pub(super) other: &'a TreatmentFindings,
}

impl<'a> Side<'a> {
    /// All treatments of a run that have these levels: `partitions=4,instances=2`, of which any may be left out; empty for all of them.
    pub fn of(run: &'a Run, findings: &'a Findings, levels: &str) -> Self {
        let levels = levels.split(BETWEEN).filter(|level| !level.is_empty()).map(str::to_owned);
        Side { run, findings, levels: levels.collect() }
    }

    /// The treatments that are meant.
    pub fn treatments(&self) -> impl Iterator<Item = &'a TreatmentFindings> + Clone + '_ {
        let has = |one: &&TreatmentFindings| {
            self.levels.iter().all(|level| one.slug.split(BETWEEN).any(|own| own == level))
        };
        self.findings.all().filter(has)
    }

    /// A treatment by what is not named of it, which it has in common with its twin on the other side; empty where all of it is named.
    pub fn shared(&self, one: &TreatmentFindings) -> String {
        self.rest(one).join(&BETWEEN.to_string())
    }

    /// The same, level by level.
    fn rest<'b>(&self, one: &'b TreatmentFindings) -> Vec<&'b str> {
        one.slug.split(BETWEEN).filter(|own| self.levels.iter().all(|level| level != own)).collect()
    }

    /// The treatments of both that are set against each other: one against one as they are, else those that are alike in all that is not named. And the
    /// names of those that have no twin, here and there.
    pub(super) fn pairs(&self, other: &Side<'a>) -> (Vec<Pair<'a>>, Vec<&'a str>, Vec<&'a str>) {
        let (here, there): (Vec<_>, Vec<_>) = (self.treatments().collect(), other.treatments().collect());
        if let ([base], [twin], false) =
            (here.as_slice(), there.as_slice(), self.levels.is_empty() && other.levels.is_empty())
        {
            return (vec![Pair { base, other: twin }], Vec::new(), Vec::new());
        }
        let twin = |of: &Side<'a>, among: &[&'a TreatmentFindings], rest: &[&str]| {
            among.iter().copied().find(|one| of.rest(one) == rest)
        };
        let both =
            |base: &&'a TreatmentFindings| Some(Pair { base, other: twin(other, &there, &self.rest(base))? });
        let lone = |of: &Side<'a>,
                    own: &[&'a TreatmentFindings],
                    from: &Side<'a>,
                    among: &[&'a TreatmentFindings]| {
            let lone = own.iter().filter(|one| twin(from, among, &of.rest(one)).is_none());
            lone.map(|one| one.slug.as_str()).collect::<Vec<_>>()
        };
        let lone = (lone(self, &here, other, &there), lone(other, &there, self, &here));
        (here.iter().filter_map(both).collect(), lone.0, lone.1)
    }

    /// Whether both are of one run, whose blocks they share.
    pub(super) fn is_of_one_run(&self, other: &Side<'_>) -> bool {
        self.run.path == other.run.path
    }

    /// Whether both are the same treatments of one run, or of a copy of it.
    pub fn is_the_same_as(&self, other: &Side<'a>) -> bool {
        let of = |side: &Side<'a>| {
            let manifest = &side.run.manifest;
            (manifest.started.clone(), manifest.seed, manifest.anchor_unix_ns, manifest.host.name.clone())
        };
        let slugs = |side: &Side<'a>| side.treatments().map(|one| one.slug.as_str()).collect::<Vec<_>>();
        of(self) == of(other) && slugs(self) == slugs(other)
    }
}
