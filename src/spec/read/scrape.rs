//! `observe.scrape`: pages of numbers that others give of themselves.

use super::super::columns::is_column;
use super::super::scrape::{Kind, Scraped, Selector, Target};
use super::super::secrets;
use super::Section;
use super::tree::Node;
use crate::fault::Fault;
use crate::units::{NotAQuantity, Span};

/// How often a page is read unless the file says otherwise.
const USUAL: Span = Span::from_secs(1);
const LEAST: Span = Span::from_millis(250);
const MOST: Span = Span::from_secs(60);
const LONGEST_NAME: usize = 60;

/// The pages; all that is wrong with them is told. `factors` are the names of the columns that the factors have.
pub(super) fn targets(file: Section<'_>, factors: &[&str], faults: &mut Vec<Fault>) -> Vec<Target> {
    let mut names: Vec<(String, Kind)> = Vec::new();
    let items = file.under("observe").get("scrape").map(Node::items).unwrap_or_default();
    items.iter().filter_map(|item| target(item, factors, &mut names, faults)).collect()
}

fn target(
    item: &Node,
    factors: &[&str],
    names: &mut Vec<(String, Kind)>,
    faults: &mut Vec<Fault>,
) -> Option<Target> {
    let section = Section { node: Some(item), origin: &item.origin };
    let url = url(section, faults);
    let every = section.read::<Span>("every").unwrap_or(USUAL);
    if let Some(node) = section.get("every").filter(|_| !(LEAST..=MOST).contains(&every)) {
        let hint = Some(format!("read it every {LEAST} to {MOST}"));
        faults.push(node.origin.fault(format!("a page cannot be read every {every}"), hint));
    }
    if section.get("metrics").is_none() {
        let hint = "write `metrics: [ { name: heap_bytes, select: jvm_memory_used_bytes, as: gauge } ]`";
        faults.push(item.origin.fault("a page has no `metrics`", Some(hint.to_owned())));
    }
    let metrics = section.get("metrics").map(Node::items).unwrap_or_default();
    let metrics = metrics.iter().filter_map(|item| scraped(item, factors, names, faults)).collect();
    Some(Target { url: url?, every, metrics })
}

fn url(section: Section<'_>, faults: &mut Vec<Fault>) -> Option<String> {
    let hint = || Some("write `url: \"http://localhost:9404/metrics\"`".to_owned());
    let Some(node) = section.get("url") else {
        faults.push(section.origin.fault("a page has no `url`", hint()));
        return None;
    };
    let url = node.text()?.trim().to_owned();
    if let Some(what) = secrets::wrong_reference(&url) {
        faults.push(node.origin.fault(format!("`url` {what}"), Some("write `${NAME}`".to_owned())));
    } else if url.starts_with("https://") {
        let hint = Some("put a proxy before it that speaks plain HTTP, on this host".to_owned());
        faults.push(node.origin.fault("pages over TLS are not built yet", hint));
    } else if !url.starts_with("http://") && !url.starts_with("${") {
        faults.push(node.origin.fault(format!("`{url}` is no address of a page"), hint()));
    }
    Some(url)
}

fn scraped(
    item: &Node,
    factors: &[&str],
    names: &mut Vec<(String, Kind)>,
    faults: &mut Vec<Fault>,
) -> Option<Scraped> {
    let text = |key: &str| item.get(key).map(|entry| &entry.node).and_then(|node| Some((node, node.text()?)));
    let (node, name) = text("name")?;
    let kind = text("as").and_then(|(_, word)| Kind::named(word))?;
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !plain || !begins || name.len() > LONGEST_NAME {
        let hint = format!("use letters, digits and `_`, a letter first, at most {LONGEST_NAME}");
        faults.push(node.origin.fault(format!("no column can be called `{name}`"), Some(hint)));
    } else if is_column(name) || factors.contains(&name) {
        let hint = Some("call it otherwise: it is a column of its own".to_owned());
        faults.push(node.origin.fault(format!("`{name}` is the name of another column"), hint));
    } else if let Some(other) = names.iter().map(|(other, _)| other).find(|other| clash(other, name)) {
        let what = format!("`{name}` and `{other}` would have a column of the same name in `treatments.csv`");
        faults.push(node.origin.fault(what, Some("call one of them otherwise".to_owned())));
    }
    // The same name on several pages is one number of all of them.
    match names.iter().find(|(known, _)| known == name) {
        Some((_, other)) if *other != kind => {
            let what = format!("`{name}` is a {} on another page, and a {} here", other.name(), kind.name());
            faults.push(node.origin.fault(what, Some("say the same `as` for both".to_owned())));
        }
        Some(_) => {}
        None => names.push((name.to_owned(), kind)),
    }
    let (node, written) = text("select")?;
    match written.parse::<Selector>() {
        Ok(select) => Some(Scraped { name: name.to_owned(), select, kind }),
        Err(NotAQuantity { what, hint }) => {
            faults.push(node.origin.fault(what, Some(hint)));
            None
        }
    }
}

/// `served` has the columns `served_median`, `served_min`, … in `treatments.csv`.
fn clash(a: &str, b: &str) -> bool {
    let is_part = |long: &str, short: &str| {
        let rest = long.strip_prefix(short).and_then(|rest| rest.strip_prefix('_'));
        rest.is_some_and(|rest| ["median", "min", "max"].contains(&rest))
    };
    is_part(a, b) || is_part(b, a)
}
