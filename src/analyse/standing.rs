//! Where a treatment stands among configurations that are compared by cost: whether it holds what must hold, and if it is not compared, why.

use super::cost::Basis;
use super::summary::Load;
use super::trial::TrialFindings;
use super::verdict::Verdict;

/// Where a treatment stands. The first that applies, from the last to the first: what a treatment cannot do goes before what is not known of it, and that
/// before what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It kept up, holds every SLO, and can go on: it is ranked.
    Held,
    /// The same, as long as its credits last: it is ranked among such.
    OnCredits,
    /// It worked off a backlog: what it would do in the long run was not seen.
    Draining,
    /// It did not keep up, though no SLO broke.
    Overload,
    /// It kept up and holds, and has no cost, for want of a price.
    Unpriced,
    /// Nothing was processed that money could be divided by.
    NothingCounts,
    /// An SLO is undecided.
    Undecided,
    /// Whether its backlog grew is not known.
    Unknown,
    /// Some trials kept up and some did not.
    Mixed,
    /// It broke an SLO.
    Broken,
    /// It has no instance type.
    NotEmulated,
    /// It has no valid trial.
    NoTrial,
}

impl Standing {
    /// All of them, best first.
    pub const ALL: [Standing; 12] = [
        Standing::Held,
        Standing::OnCredits,
        Standing::Draining,
        Standing::Overload,
        Standing::Unpriced,
        Standing::NothingCounts,
        Standing::Undecided,
        Standing::Unknown,
        Standing::Mixed,
        Standing::Broken,
        Standing::NotEmulated,
        Standing::NoTrial,
    ];

    /// Whether it has a cost, or might have one.
    pub const fn may_cost(self) -> bool {
        !matches!(self, Standing::NotEmulated | Standing::NoTrial)
    }

    /// A word for programs, and for a column.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Held => "held",
            Standing::OnCredits => "on credits",
            Standing::Draining => "draining",
            Standing::Overload => "overload",
            Standing::Unpriced => "unpriced",
            Standing::NothingCounts => "nothing processed",
            Standing::Undecided => "undecided",
            Standing::Unknown => "unknown",
            Standing::Mixed => "mixed",
            Standing::Broken => "broken",
            Standing::NotEmulated => "no instance type",
            Standing::NoTrial => "no valid trial",
        }
    }

    /// Of a treatment with these valid trials.
    pub fn of(valid: &[&TrialFindings], load: Load, verdicts: &[Verdict], basis: Option<Basis>) -> Self {
        let counts = |trial: &&TrialFindings| {
            let window = trial.judged.window.as_ref();
            window.and_then(|window| window.processed).is_some_and(|processed| processed > 0)
        };
        if valid.is_empty() {
            return Standing::NoTrial;
        }
        if valid.iter().any(|trial| trial.record.emulated.is_empty()) {
            return Standing::NotEmulated;
        }
        if verdicts.contains(&Verdict::Broken) {
            return Standing::Broken;
        }
        match (load, basis) {
            (Load::Mixed, _) => Standing::Mixed,
            (Load::Unknown, _) => Standing::Unknown,
            _ if verdicts.contains(&Verdict::Undecided) => Standing::Undecided,
            (Load::Overload, _) => Standing::Overload,
            (_, None) if !valid.iter().all(counts) => Standing::NothingCounts,
            (_, None) => Standing::Unpriced,
            (Load::Draining, _) => Standing::Draining,
            (Load::Steady, Some(basis)) if basis.is_on_credits() => Standing::OnCredits,
            (Load::Steady, Some(_)) => Standing::Held,
        }
    }

    /// Whether a treatment that costs so much in this way is ranked by it: of the steady ones those alone that hold; of the others all, since none of them
    /// holds anything that is worth its name.
    pub fn is_ranked(self, basis: Basis) -> bool {
        match basis {
            Basis::Offered => self == Standing::Held,
            Basis::OfferedOnCredits => self == Standing::OnCredits,
            Basis::Overload | Basis::OverloadOnCredits => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::{Basis, Findings, judge};
    use crate::record::Manifest;
    use crate::record::testing::{Synthetic, emulated, manifest, prices, slo};
    use crate::units::CreditMode;

    fn trial(manifest: &Manifest, of: &Synthetic, name: &str) -> TrialFindings {
        let mut record = of.record();
        record.emulated = vec![emulated(name, CreditMode::Unlimited, 0.2, 1)];
        let judged = judge(&record, &of.rows(), &of.latencies());
        TrialFindings::of(manifest, record, judged)
    }

    #[test]
    fn what_is_not_ranked_is_told_apart_by_why() {
        let names = ["held", "broken", "undecided", "unpriced", "mixed", "draining", "overload", "none"];
        let mut manifest = manifest(&names);
        manifest.prices = prices();
        manifest.prices.instances.remove("t3.large");
        manifest.slos = vec![slo("p50(end_to_end) < 5ms")];
        let of = |treatment: &str| Synthetic { treatment: treatment.to_owned(), ..Synthetic::default() };
        let slow = |treatment: &str| Synthetic { latency_ns: 6_000_000, ..of(treatment) };
        let trials = vec![
            trial(&manifest, &of("held"), "t3.micro"),
            trial(&manifest, &slow("broken"), "t3.micro"),
            trial(&manifest, &of("undecided"), "t3.micro"),
            trial(&manifest, &slow("undecided"), "t3.micro"),
            trial(&manifest, &of("unpriced"), "t3.large"),
            trial(&manifest, &of("mixed"), "t3.micro"),
            trial(&manifest, &Synthetic { processed: 100, ..of("mixed") }, "t3.micro"),
            trial(&manifest, &Synthetic { backlog: 9_000, processed: 300, ..of("draining") }, "t3.micro"),
            trial(&manifest, &Synthetic { processed: 200, ..of("overload") }, "t3.micro"),
        ];
        let stand = |manifest: &Manifest| {
            let findings = Findings::of(manifest, trials.clone());
            let all: Vec<&str> = findings.treatments.iter().map(|one| one.standing.name()).collect();
            let ranked = findings.rankings.iter().find(|(ranking, _)| ranking.basis == Basis::Offered);
            let ranked: Vec<String> = ranked.map_or_else(Vec::new, |(ranking, _)| {
                ranking.order.iter().map(|one| one.slug.clone()).collect()
            });
            (all.join(", "), ranked)
        };
        let (all, ranked) = stand(&manifest);
        assert_eq!(all, "held, broken, undecided, unpriced, mixed, draining, overload, no valid trial",);
        assert_eq!(ranked, ["held"], "one that drains is no steady one");
    }
}
