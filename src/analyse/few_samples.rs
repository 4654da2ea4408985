//! Percentiles that were asked for and that too few messages say.

use super::doubt::limits;
use super::judge::Judged;
use super::reading::Reading;
use crate::record::Manifest;
use crate::spec::Metric;
use crate::units::{Latency, Quantile};

/// Percentiles that every report leads with, asked for or not.
const LEADING: [Quantile; 2] = [Quantile::At(0.5), Quantile::At(0.99)];

/// Adds the doubt to a trial and to each of its groups: of the percentiles that a report leads with, and of those that a response or an SLO names. Of one
/// that nobody asks for, a dash in a table says enough.
pub fn doubt(manifest: &Manifest, judged: &mut Judged) {
    let written = manifest.responses.iter().map(|response| &response.metric);
    let written = written.chain(manifest.slos.iter().map(|slo| &slo.metric));
    let asked: Vec<(Latency, Quantile)> =
        written.filter_map(|name| Metric::written(name)?.quantile()).collect();
    add(&asked, judged);
    for (_, group) in &mut judged.groups {
        add(&asked, group);
    }
}

fn add(asked: &[(Latency, Quantile)], judged: &mut Judged) {
    let leading = Latency::COLUMNS.into_iter().flat_map(|latency| LEADING.map(|part| (latency, part)));
    let all = leading.chain(asked.iter().copied());
    let is_short = |(latency, quantile): &(Latency, Quantile)| {
        judged.metric(&Metric::of_latency(*latency, *quantile).name) == Reading::TooFew
    };
    let mut short: Vec<Quantile> = all.filter(is_short).map(|(_, quantile)| quantile).collect();
    short.sort_by(|a, b| a.least_samples().total_cmp(&b.least_samples()));
    short.dedup();
    if !short.is_empty() {
        let names: Vec<String> = short.into_iter().map(|one| one.name().replace('_', ".")).collect();
        judged.doubts.push(limits(
            "few_samples",
            format!("too few messages for {}", names.join(", ")),
            "a percentile is said when ten messages lie beyond it: lengthen `phases.measure`",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::judge;
    use crate::record::ResponseLine;
    use crate::record::testing::{Synthetic, manifest, slo};

    fn told(due: u64, change: impl FnOnce(&mut Manifest)) -> Vec<String> {
        let mut manifest = manifest(&["t"]);
        change(&mut manifest);
        let trial = Synthetic { due, processed: due, ..Synthetic::default() };
        let mut judged = judge(&trial.record(), &trial.rows(), &trial.latencies());
        doubt(&manifest, &mut judged);
        let own = judged.doubts.into_iter().filter(|doubt| doubt.id == "few_samples");
        own.map(|doubt| doubt.what).collect()
    }

    #[test]
    fn a_percentile_that_nobody_asks_for_is_no_doubt() {
        // 4,000 messages in the window: enough for p99, too few for p99.9.
        assert_eq!(told(100, |_| {}), Vec::<String>::new());
        let asked = |manifest: &mut Manifest| {
            let metric = "ack_latency_p99_9_ms".to_owned();
            manifest.responses = vec![ResponseLine { text: "p99.9(ack)".to_owned(), metric }];
        };
        assert_eq!(told(100, asked), ["too few messages for p99.9"]);
        let bounded = |manifest: &mut Manifest| {
            manifest.slos = vec![slo("p99.95(end_to_end) < 1s")];
        };
        assert_eq!(told(100, bounded), ["too few messages for p99.95"]);
    }

    #[test]
    fn what_a_report_leads_with_is_told_when_too_few_say_it() {
        assert_eq!(told(10, |_| {}), ["too few messages for p99"]);
    }
}
