//! Which configuration is the cheapest, as far as it can be told, and why others are not compared with it.

mod share;

use super::claim::{Claim, Evidence, texts};
use super::named::named;
use crate::analyse::{
    Basis, Burst, Cost, Findings, Lead, Outcome, Ranked, Ranking, SENSITIVITY_PERCENT, Standing, Tipping,
    TreatmentFindings, Why, median_of_money,
};
use crate::record::Manifest;
use crate::report::number::{money, plain};
use crate::units::Money;

/// Of more treatments in one place the answer tells how many they are.
const NAMED: usize = 3;

/// The sentences in one paragraph; none where there are none.
pub fn answer(manifest: &Manifest, findings: &Findings) -> Option<String> {
    Some(texts(claims(manifest, findings)).join(" ")).filter(|said| !said.is_empty())
}

/// Which configuration is the cheapest that holds the SLOs, by how much, and what would change that; what matters most first. None where no instance type
/// has a cost, or might have.
pub fn claims(manifest: &Manifest, findings: &Findings) -> Vec<Claim> {
    if !findings.treatments.iter().any(|one| one.standing.may_cost()) {
        return Vec::new();
    }
    let say = Say { manifest, findings };
    let mut said = Vec::new();
    let offered = say.ranking(Basis::Offered);
    match offered {
        Some((ranking, _)) => said.extend(say.steady(ranking)),
        None => said.push(Claim::new(say.none(), say.standings())),
    }
    // What speaks against the conclusion goes before what would change it: the answer may be cut.
    said.extend(say.perhaps());
    said.extend(offered.and_then(|(ranking, _)| share::claim(&say, ranking)));
    if let Some((ranking, _)) = say.ranking(Basis::OfferedOnCredits) {
        said.extend(say.on_credits(ranking));
    }
    if let Some((ranking, tippings)) = offered {
        said.extend(say.by_sticker(ranking));
        said.extend(say.sensitivity(ranking, tippings));
    }
    for basis in [Basis::Overload, Basis::OverloadOnCredits] {
        if let Some((ranking, _)) = say.ranking(basis) {
            said.extend(say.overload(ranking));
        }
    }
    said
}

/// The treatment that the first ranking puts first: the cheapest of those that hold, else of those that do as long as credits last, else under overload.
pub fn cheapest(findings: &Findings) -> Option<&TreatmentFindings> {
    let first = Basis::ALL.into_iter().find_map(|basis| ranking(findings, basis)?.0.order.first())?;
    findings.treatment(&first.slug)
}

/// Treatments that are in no ranking, each with why.
pub fn not_compared(manifest: &Manifest, findings: &Findings) -> Option<String> {
    let say = Say { manifest, findings };
    let ranked = |one: &&TreatmentFindings| {
        let rankings = findings.rankings.iter();
        rankings.flat_map(|(ranking, _)| &ranking.order).any(|ranked| ranked.slug == one.slug)
    };
    let of = |standing: Standing| {
        let own = findings.treatments.iter().filter(|one| one.standing == standing && !ranked(one));
        let own: Vec<String> = own.map(|one| say.name(&one.slug)).collect();
        (!own.is_empty()).then(|| format!("{} ({})", own.join("; "), why(standing)))
    };
    let all: Vec<String> = Standing::ALL.into_iter().filter_map(of).collect();
    (!all.is_empty()).then(|| format!("Compared with nothing: {}.", all.join("; ")))
}

const fn why(standing: Standing) -> &'static str {
    match standing {
        Standing::Held => "held",
        Standing::OnCredits => "only while credits last",
        Standing::Draining => "a backlog was worked off in the window",
        Standing::Overload => "it did not keep up",
        Standing::Unpriced => "no price of it is known",
        Standing::NothingCounts => "nothing was processed",
        Standing::Undecided => "an SLO is undecided",
        Standing::Unknown => "whether it kept up is not known",
        Standing::Mixed => "it kept up in some trials and not in others",
        Standing::Broken => "it broke an SLO",
        Standing::NotEmulated => "it has no instance type",
        Standing::NoTrial => "no valid trial",
    }
}

fn ranking(findings: &Findings, basis: Basis) -> Option<&(Ranking, Vec<Tipping>)> {
    findings.rankings.iter().find(|(ranking, _)| ranking.basis == basis)
}

struct Say<'a> {
    manifest: &'a Manifest,
    findings: &'a Findings,
}

impl Say<'_> {
    fn ranking(&self, basis: Basis) -> Option<&(Ranking, Vec<Tipping>)> {
        ranking(self.findings, basis)
    }

    /// `that holds the SLOs`, without its first word.
    fn asked(&self) -> &'static str {
        if self.manifest.slos.is_empty() { "kept up" } else { "holds the SLOs" }
    }

    /// Those that hold and can go on.
    fn steady(&self, ranking: &Ranking) -> Option<Claim> {
        Some(Claim::new(self.steady_text(ranking)?, led(ranking)))
    }

    fn steady_text(&self, ranking: &Ranking) -> Option<String> {
        let asked = self.asked();
        let (first, others) = ranking.order.split_first()?;
        let (name, cost) = (self.name(&first.slug), money(first.credit_aware));
        let Some(second) = others.first() else {
            let alone =
                self.findings.rankings.iter().map(|(ranking, _)| ranking.order.len()).sum::<usize>() == 1;
            return Some(if alone {
                format!(
                    "{name} {asked} at {cost} per million messages; there is nothing to compare its cost with."
                )
            } else {
                format!("Only {name} of those compared by cost {asked}: {cost} per million messages.")
            });
        };
        if let Some(level) = self.level(ranking) {
            return Some(format!("Cheapest that {asked}: {level}."));
        }
        Some(format!(
            "Cheapest that {asked}: {name} at {cost} per million messages, {} less than {} ({}).",
            percent_less(first.credit_aware, second.credit_aware),
            self.name(&second.slug),
            money(second.credit_aware)
        ))
    }

    /// Where medians at the prices on the label lie the other way round: no difference is told of them, since no trial was asked for one.
    fn by_sticker(&self, ranking: &Ranking) -> Option<Claim> {
        let first = ranking.order.first().filter(|_| ranking.is_clear())?;
        let other =
            ranking.order.iter().min_by_key(|one| one.sticker).filter(|one| one.sticker < first.sticker)?;
        let text = format!(
            "Of that, surplus credits are a part: at the prices on the label alone the median of {} is {}, that of {} {}.",
            self.name(&other.slug),
            money(other.sticker),
            self.name(&first.slug),
            money(first.sticker)
        );
        Some(Claim::new(text, ranking.order.iter().map(|one| cost(one, true))))
    }

    /// What is said when none is ranked: that none holds only where every one is known not to.
    fn none(&self) -> String {
        let asked = self.asked();
        let of = |standing: Standing| self.findings.treatments.iter().any(|one| one.standing == standing);
        let all = |standings: &[Standing]| {
            self.findings.treatments.iter().all(|one| standings.contains(&one.standing))
        };
        if all(&[Standing::Broken, Standing::Overload]) {
            return format!("No configuration {asked}.");
        }
        if of(Standing::OnCredits) {
            return format!("No configuration is known that {asked} for longer than its credits last.");
        }
        format!("No configuration that {asked} can be compared by cost.")
    }

    /// Where each treatment stands.
    fn standings(&self) -> impl Iterator<Item = Evidence> {
        self.findings.treatments.iter().map(|one| Evidence::Standing { of: one.slug.clone() })
    }

    /// Those that might be the cheapest, were more known of them: not those that would cost more than the one that is, nor those that failed.
    fn perhaps(&self) -> Option<Claim> {
        let cheapest = self.ranking(Basis::Offered).and_then(|(ranking, _)| ranking.order.first());
        let cheaper = |one: &TreatmentFindings| {
            let costs = one.costs.as_ref().map(|(_, costs)| costs.iter().map(Cost::credit_aware_per_million));
            match (costs.and_then(median_of_money), cheapest) {
                (Some(cost), Some(cheapest)) => cost < cheapest.credit_aware,
                _ => true,
            }
        };
        let might = |one: &TreatmentFindings| match one.standing {
            Standing::Unpriced | Standing::Mixed => true,
            Standing::Undecided | Standing::Unknown | Standing::Draining => cheaper(one),
            Standing::NoTrial => one.trials.iter().any(|trial| trial.judged.outcome == Outcome::Doubtful),
            _ => false,
        };
        let of = |standing: Standing| {
            let own = self.findings.treatments.iter().filter(|one| one.standing == standing && might(one));
            let own: Vec<String> = own.map(|one| self.name(&one.slug)).collect();
            (!own.is_empty()).then(|| format!("{} ({})", some(&own), why(standing)))
        };
        let all: Vec<String> = Standing::ALL.into_iter().filter_map(of).collect();
        let so = if cheapest.is_some() { ", and perhaps cheaper" } else { "" };
        let on = self.standings();
        (!all.is_empty()).then(|| Claim::new(format!("Not compared{so}: {}.", all.join("; ")), on))
    }

    /// What a burst costs, and how long it lasts.
    fn on_credits(&self, ranking: &Ranking) -> Option<Claim> {
        let first = ranking.order.first()?;
        let treatment = self.findings.treatment(&first.slug)?;
        let groups = treatment.valid().flat_map(|trial| &trial.record.emulated);
        let bursts = groups.filter_map(Burst::of_group);
        let shortest =
            bursts.filter(|burst| !burst.is_spent()).min_by(|a, b| a.lasts_s().total_cmp(&b.lasts_s()));
        let lasts = shortest.map(|burst| format!(", {} at this use", burst.lasts())).unwrap_or_default();
        let named = match self.level(ranking) {
            Some(level) => level,
            None => {
                format!("{} at {} per million messages", self.name(&first.slug), money(first.credit_aware))
            }
        };
        let burst = Evidence::Burst { of: first.slug.clone() };
        let text = format!("While credits last{lasts}, {named}: that is no capacity.");
        Some(Claim::new(text, [burst]).resting_on(led(ranking)))
    }

    /// Whether credits ran out within the window of any trial of these.
    fn is_spent(&self, ranking: &Ranking) -> bool {
        let own = |one: &&TreatmentFindings| ranking.order.iter().any(|ranked| ranked.slug == one.slug);
        let groups = self.findings.treatments.iter().filter(own).flat_map(TreatmentFindings::valid);
        groups
            .flat_map(|trial| &trial.record.emulated)
            .filter_map(Burst::of_group)
            .any(|burst| burst.is_spent())
    }

    /// What is processed for the least where nothing keeps up.
    fn overload(&self, ranking: &Ranking) -> Option<Claim> {
        if ranking.basis.is_on_credits() && self.is_spent(ranking) {
            let of = |one: &Ranked| Evidence::Knee { of: one.slug.clone(), when: false };
            let text = "Credits were spent within the window: what a million cost in it is a mixture of before and after, and is said of neither.";
            return Some(Claim::new(text, ranking.order.iter().map(of)));
        }
        Some(Claim::new(self.overload_text(ranking)?, led(ranking)))
    }

    fn overload_text(&self, ranking: &Ranking) -> Option<String> {
        let first = ranking.order.first()?;
        let when = if ranking.basis.is_on_credits() {
            "Under overload, while credits last,"
        } else {
            "Under overload"
        };
        if let Some(level) = self.level(ranking) {
            return Some(format!(
                "{when} the least for a million is that of {level}; what they sustain costs as much or more."
            ));
        }
        let against = ranking.order.get(1).map(|second| {
            let less = percent_less(first.credit_aware, second.credit_aware);
            format!(", {less} less than {}", self.name(&second.slug))
        });
        if ranking.order.len() == 1 {
            return Some(format!(
                "{when} a million costs {} with {}; what it sustains costs as much or more.",
                money(first.credit_aware),
                self.name(&first.slug)
            ));
        }
        Some(format!(
            "{when} {} processes a million for the least, {}{}; what it sustains costs as much or more.",
            self.name(&first.slug),
            money(first.credit_aware),
            against.unwrap_or_default()
        ))
    }

    /// The cheapest with all that are not told apart from it, and why; none where it is alone.
    fn level(&self, ranking: &Ranking) -> Option<String> {
        let first = ranking.order.first()?;
        let level: Vec<(&Ranked, Lead)> = ranking.leads().filter(|(_, lead)| !lead.is_clear()).collect();
        if level.is_empty() {
            return None;
        }
        let at = |one: &Ranked| format!("{} at {}", self.name(&one.slug), money(one.credit_aware));
        let all: Vec<&Ranked> = std::iter::once(first).chain(level.iter().map(|(one, _)| *one)).collect();
        let named: Vec<String> = all.iter().take(NAMED).map(|one| at(one)).collect();
        let most = all.iter().map(|one| one.credit_aware).max().unwrap_or(first.credit_aware);
        let named = match all.len().saturating_sub(NAMED) {
            0 => named.join(" and "),
            more => format!("{} and {more} more at up to {}", named.join(", "), money(most)),
        };
        let off = level.iter().filter_map(|(_, lead)| match lead {
            Lead::NotToldApart(Why::Calibration(off_percent)) => Some(*off_percent),
            _ => None,
        });
        let mut why = Vec::new();
        if let Some(off_percent) = off.reduce(f64::max) {
            why.push(format!("what emulated instances got is off by up to {} %", plain(off_percent)));
        }
        for (reason, words) in [
            (Why::Chance, "chance alone might make the difference"),
            (Why::FewTrials, "too few trials to know their spread"),
        ] {
            if level.iter().any(|(_, lead)| *lead == Lead::NotToldApart(reason)) {
                why.push(words.to_owned());
            }
        }
        let told =
            if why.is_empty() { "a tie".to_owned() } else { format!("not told apart: {}", why.join(", ")) };
        Some(format!("{named} per million messages ({told})"))
    }

    /// What would change the ranking; nothing of what is not told apart.
    fn sensitivity(&self, ranking: &Ranking, tippings: &[Tipping]) -> Vec<Claim> {
        let on = Evidence::Sensitivity { basis: ranking.basis };
        let texts = self.sensitivity_texts(ranking, tippings);
        texts.into_iter().map(|text| Claim::new(text, [on.clone()])).collect()
    }

    fn sensitivity_texts(&self, ranking: &Ranking, tippings: &[Tipping]) -> Vec<String> {
        let moved = |tipping: &&Tipping| {
            let way = if tipping.up { "up" } else { "down" };
            format!("{} {way} by {SENSITIVITY_PERCENT} %", tipping.price)
        };
        let (answers, behind): (Vec<_>, Vec<_>) = tippings.iter().partition(|tipping| tipping.answers);
        let mut said = Vec::new();
        if !answers.is_empty() {
            let named = |tipping: &&Tipping| match &tipping.level {
                Some(level) => format!("{} (not told apart from {})", moved(tipping), self.name(level)),
                None => format!("{} ({})", moved(tipping), self.name(&tipping.cheapest)),
            };
            said.push(format!(
                "Which is the cheapest changes with {}.",
                answers.iter().map(named).collect::<Vec<_>>().join("; ")
            ));
        } else if ranking.is_clear() {
            said.push(format!(
                "No single price changes which is the cheapest by going {SENSITIVITY_PERCENT} % up or down."
            ));
        }
        if !behind.is_empty() {
            let behind: Vec<String> = behind.iter().map(moved).collect();
            said.push(format!("The order behind the cheapest changes with {}.", behind.join("; ")));
        }
        said
    }

    fn name(&self, slug: &str) -> String {
        let treatment = self.findings.treatment(slug);
        let named = treatment.map(|treatment| named(self.manifest, &treatment.levels)).unwrap_or_default();
        if named.is_empty() { slug.to_owned() } else { named }
    }
}

/// What the first of a ranking rests on: the costs that a sentence tells, by how much it leads, and the order of all.
fn led(ranking: &Ranking) -> Vec<Evidence> {
    let mut on = Vec::new();
    if let Some((first, others)) = ranking.order.split_first() {
        on.push(cost(first, false));
        if let Some(second) = others.first().filter(|_| ranking.leads().all(|(_, lead)| lead.is_clear())) {
            let (of, than) = (first.slug.clone(), second.slug.clone());
            on.extend([cost(second, false), Evidence::Less { of, than }]);
        }
        let level = ranking.leads().filter(|(_, lead)| !lead.is_clear());
        on.extend(level.map(|(one, _)| cost(one, false)));
    }
    on.push(Evidence::Ranking { basis: ranking.basis });
    on
}

fn cost(of: &Ranked, sticker: bool) -> Evidence {
    Evidence::Cost { of: of.slug.clone(), sticker }
}

/// A few by name, of the others how many they are.
fn some(names: &[String]) -> String {
    let named = names[..names.len().min(NAMED)].join("; ");
    let more = names.len().saturating_sub(NAMED);
    if more > 0 { format!("{named} and {more} more") } else { named }
}

fn percent_less(of: Money, than: Money) -> String {
    let share = 100.0 * (1.0 - of.as_dollars() / than.as_dollars());
    format!("{} %", plain(share))
}

#[cfg(test)]
mod tests;
