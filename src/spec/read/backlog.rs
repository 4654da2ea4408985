//! What lies there before the consumers are started.

use super::super::{Backlog, Consumers, Topic, Volume, Workload};
use super::Section;
use crate::fault::Fault;
use crate::units::Span;

/// From when the first message is due to when the last is, where no rate says it.
const AT_ONCE: Span = Span::from_secs(1);

pub(super) fn backlog(
    file: Section<'_>,
    (workload, consumers, topic): (&Workload, &[Consumers], &Topic),
    faults: &mut Vec<Fault>,
) -> Option<Backlog> {
    let section = file.under("backlog");
    let Some(node) = section.node else {
        sends_something(file, workload, faults);
        return None;
    };
    let rate = match &workload.volume {
        Volume::Rate(rate) => Some(rate.as_per_second()),
        Volume::Shape(_) | Volume::Max => None,
    };
    let mut refuse = |what: &str, hint: &str| {
        faults.push(node.origin.fault(what.to_owned(), Some(hint.to_owned())));
    };
    if consumers.is_empty() {
        refuse("a `backlog` is for consumers, and there are none", "write `consumers: {}`");
    } else if consumers.iter().any(Consumers::is_external) {
        refuse(
            "consumers that are deployed already read while a `backlog` is written",
            "let bench start them: `backend: { command: { run: \"…\" } }`",
        );
    } else if consumers.iter().any(|group| group.output.is_some()) {
        refuse(
            "results of a `backlog` are not followed: consumers write them before bench reads",
            "leave `output` or `backlog` out",
        );
    } else if !topic.is_own() {
        refuse("a `backlog` on a topic that is there already is not built yet", "leave `topic.existing` out");
    } else if workload.fleets.iter().any(|fleet| fleet.transactions.is_some()) {
        refuse("a `backlog` of transactions is not built yet", "leave `transactions` out");
    }
    if let Some(node) = section.get("messages") {
        let text = node.text()?;
        let Some(messages) = Backlog::count(text) else {
            let hint = Some("write a whole number up to 100M: `50000`, `100k`, `1M`".to_owned());
            faults.push(node.origin.fault(format!("`{text}` is no number of messages"), hint));
            return None;
        };
        let span = rate.map_or(AT_ONCE, |rate| {
            Span::from_nanos((messages as f64 / rate * 1e9).min(u64::MAX as f64) as u64)
        });
        return checked(section, Backlog { messages, span }, faults);
    }
    let (age, node) = (section.read::<Span>("age")?, section.get("age")?);
    let Some(rate) = rate else {
        let hint = Some("write `backlog: { messages: 100k }`, or a `rate`".to_owned());
        faults.push(node.origin.fault("only a `rate` says how many messages come in that time", hint));
        return None;
    };
    let messages = (age.as_secs_f64() * rate).round() as u64;
    if messages == 0 {
        faults.push(node.origin.fault(format!("in {age} not one message comes"), None));
    }
    checked(section, Backlog { messages, span: age }, faults)
}

/// Within what can be kept of due times, and of memory.
fn checked(section: Section<'_>, backlog: Backlog, faults: &mut Vec<Fault>) -> Option<Backlog> {
    let longest = Span::from_secs(48 * 3_600);
    if backlog.span > longest || backlog.messages > Backlog::MOST {
        let what =
            format!("a backlog of {} messages that come in {} is too much", backlog.messages, backlog.span);
        let hint = "at most 100M messages, of at most 48h, are written before a trial";
        faults.push(section.origin.fault(what, Some(hint.to_owned())));
        return None;
    }
    (backlog.messages > 0).then_some(backlog)
}

/// Nothing is a load only where there is something to read already.
fn sends_something(file: Section<'_>, workload: &Workload, faults: &mut Vec<Fault>) {
    let rate = file.under("workload").get("rate");
    if let Some(node) = rate.filter(|_| workload.is_silent()) {
        let hint = "write messages per second: `800/s`, `20k/s`, `1.5M/s`; or a `backlog` that is drained";
        let what = format!("`{}` is not a rate above zero", node.text().unwrap_or_default());
        faults.push(node.origin.fault(what, Some(hint.to_owned())));
    }
}
