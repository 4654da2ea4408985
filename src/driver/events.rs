//! What happened in a trial, as its record tells it: in the order of time, rebalances and errors of consumers included.

use std::collections::BTreeMap;
use std::iter::Peekable;

use super::journal::Happened;
use super::raw::Raw;
use crate::record::Event;

type Source<'a> = Box<dyn Iterator<Item = Result<Happened, String>> + 'a>;

/// All of it, each as it is read; or why something cannot be read. Where there was no time 0, `now` (Unix ns) stands for it; `redact` takes secrets out of
/// texts.
pub fn events<'a>(
    raw: &'a Raw,
    now: u64,
    redact: &'a dyn Fn(&str) -> String,
) -> Result<impl Iterator<Item = Result<Event, String>> + 'a, String> {
    let mut own: Vec<&Happened> = raw.events.iter().collect();
    own.sort_by_key(|(at, ..)| *at);
    let several = raw.groups.len() > 1;
    let mut sources: Vec<Source<'a>> = vec![Box::new(own.into_iter().cloned().map(Ok))];
    for group in &raw.groups {
        sources.push(Box::new(group.journal.happened(several.then_some(&group.name))?));
    }
    sources.push(Box::new(transactions(raw).into_iter().map(Ok)));
    let zero = raw.times.map_or(now, |times| times.zero);
    Ok(merged(sources).map(move |happened| {
        let (at, kind, text) = happened?;
        let t_s = (at as i64 - zero as i64) as f64 / 1e9;
        Ok(Event { t_s, kind, text: redact(&text), details: BTreeMap::new() })
    }))
}

/// Several that are in the order of time, as one; of equals those of the earlier source first, and what cannot be read at once.
fn merged(sources: Vec<Source<'_>>) -> impl Iterator<Item = Result<Happened, String>> {
    let mut sources: Vec<Peekable<Source<'_>>> = sources.into_iter().map(Iterator::peekable).collect();
    std::iter::from_fn(move || {
        let at = |next: &Result<Happened, String>| next.as_ref().map_or(0, |(at, ..)| *at);
        let heads = sources.iter_mut().enumerate();
        let (_, first) = heads.filter_map(|(number, one)| Some((at(one.peek()?), number))).min()?;
        sources[first].next()
    })
}

/// How many transactions there were; none where there were none.
fn transactions(raw: &Raw) -> Option<Happened> {
    let (times, loaded) = (raw.times?, raw.loaded.as_ref()?);
    let transactions = loaded.counts.transactions.iter().flatten();
    let (committed, aborted) =
        transactions.map(|one| one.counts()).reduce(|sum, one| (sum.0 + one.0, sum.1 + one.1))?;
    Some((times.watched, "transactions".to_owned(), format!("{committed} were committed, {aborted} aborted")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_are_told_as_one_in_the_order_of_time() {
        let source = |name: &'static str, ats: &[u64]| -> Source<'static> {
            let ats = ats.to_vec();
            Box::new(ats.into_iter().map(move |at| Ok((at, name.to_owned(), String::new()))))
        };
        let unreadable: Source<'static> = Box::new(std::iter::once(Err("cut".to_owned())));
        let all =
            merged(vec![source("a", &[1, 5, 5]), unreadable, source("b", &[2, 5, 9]), source("c", &[])]);
        let told: Vec<String> =
            all.map(|one| one.map_or_else(|why| why, |(at, kind, _)| format!("{kind}{at}"))).collect();
        assert_eq!(told, ["cut", "a1", "b2", "a5", "a5", "b5", "b9"]);
    }
}
