//! Lists that name metrics: what must hold, and what an experiment is about.

use super::super::scrape::{self, Target};
use super::super::slo;
use super::tree::{Entry, Value};
use crate::fault::Fault;
use crate::units::NotAQuantity;

/// Each of `slos:`, which may name a number of these pages.
pub fn slos(path: &str, entry: &Entry, scrape: &[Target], faults: &mut Vec<Fault>) {
    let Value::List(items) = &entry.node.value else {
        let hint = "write `slos: [ \"p99(end_to_end) < 250ms\" ]`".to_owned();
        faults.push(
            entry
                .node
                .origin
                .fault(format!("`{path}` should be a list, found {}", entry.node.kind()), Some(hint)),
        );
        return;
    };
    for item in items {
        match item.text() {
            None => faults.push(
                item.origin
                    .fault(format!("an SLO should be a text, found {}", item.kind()), Some(slo::grammar())),
            ),
            Some(text) => {
                if let Err(NotAQuantity { what, hint }) = slo::Slo::read(text, scrape) {
                    faults.push(item.origin.fault(what, Some(hint)));
                }
            }
        }
    }
}

/// Each of `responses:`, once.
pub fn responses(path: &str, entry: &Entry, scrape: &[Target], faults: &mut Vec<Fault>) {
    let items = entry.node.items();
    if items.is_empty() {
        let what = match entry.node.value {
            Value::List(_) => format!("`{path}` is empty"),
            _ => format!("`{path}` should be a list of metrics, found {}", entry.node.kind()),
        };
        let hint = "write `responses: [p99(end_to_end), load_cpu_cores]`, or leave it out".to_owned();
        return faults.push(entry.node.origin.fault(what, Some(hint)));
    }
    let mut known: Vec<(String, &str)> = Vec::new();
    for item in items {
        let text = item.text().unwrap_or_default();
        let metric = scrape::metric(text, scrape);
        let earlier = metric.as_ref().and_then(|metric| known.iter().find(|(name, _)| *name == metric.name));
        match (metric, earlier) {
            (None, _) => {
                let found = if text.is_empty() { item.kind().to_owned() } else { format!("`{text}`") };
                faults
                    .push(item.origin.fault(format!("{found} is no metric"), Some(slo::names().to_owned())));
            }
            (Some(_), Some((_, earlier))) => {
                faults.push(item.origin.fault(format!("`{text}` is there already, as `{earlier}`"), None));
            }
            (Some(metric), None) => known.push((metric.name, text)),
        }
    }
}
