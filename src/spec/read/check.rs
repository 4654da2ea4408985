//! Whether each key may stand where it stands, and whether each value is of its kind, by itself.

use std::str::FromStr;

use super::super::form::{AMOUNT, EXPERIMENT};
use super::super::key::{Form, Key};
use super::super::path::did_you_mean;
use super::properties::{self, twice};
use super::tree::{Entry, Node, Origin, Value};
use crate::fault::Fault;
use crate::units::{Bandwidth, Bytes, CreditStart, NotAQuantity, Per, Rate, Share, Span, milli};

/// What stands for the cluster's default where there may be one.
pub(super) const DEFAULT: &str = "-1";
/// No broker holds more; a topic that cannot be made should be told before anything is started.
pub(super) const MOST_PARTITIONS: u64 = 100_000;
/// All of them are on one host.
const MOST_BROKERS: u64 = 9;
/// More processes, or threads in one, are a slip.
const MOST_CONSUMERS: u64 = 10_000;

/// Collects all that is wrong with keys and single values.
pub fn check(root: &Node, faults: &mut Vec<Fault>) {
    if matches!(root.value, Value::Null) {
        return; // an empty file; what it lacks is told where it is read
    }
    keys("", root, EXPERIMENT, faults);
}

fn keys(path: &str, node: &Node, known: &[Key], faults: &mut Vec<Fault>) {
    let Value::Map(entries) = &node.value else {
        let what = match path {
            "" => format!("an experiment is a mapping, found {}", node.kind()),
            _ => format!("`{path}` should be a mapping, found {}", node.kind()),
        };
        let names: Vec<String> = known.iter().map(|key| format!("`{}`", key.name)).collect();
        faults.push(node.origin.fault(what, Some(format!("its keys are {}", names.join(", ")))));
        return;
    };
    twice(entries, faults);
    for entry in entries {
        let path = if path.is_empty() { entry.key.clone() } else { format!("{path}.{}", entry.key) };
        match known.iter().find(|key| key.name == entry.key) {
            None => {
                let names = known.iter().filter(|key| !matches!(key.form, Form::Later)).map(|key| key.name);
                let hint = did_you_mean(&entry.key, names);
                faults.push(entry.origin.fault(format!("unknown key `{path}`"), hint));
            }
            Some(Key { form: Form::Later, .. }) => {
                faults.push(entry.origin.fault(format!("`{path}` is not built yet"), None));
            }
            Some(key) => value(&path, entry, key.form, faults),
        }
    }
}

fn value(path: &str, entry: &Entry, form: Form, faults: &mut Vec<Fault>) {
    let node = &entry.node;
    if matches!(node.value, Value::Null) {
        let hint = match form {
            Form::Keys(_) | Form::OneOf(_) | Form::OneOrList(..) | Form::Groups(_) | Form::Paths => {
                "leave the key out, or write `{}` for all defaults"
            }
            _ => "leave the key out for its default",
        };
        faults.push(entry.origin.fault(format!("`{path}` has no value"), Some(hint.to_owned())));
        return;
    }
    let list = matches!(node.value, Value::List(_));
    match (form, node.text()) {
        (Form::Any(forms), _) => any(path, entry, forms, faults),
        (Form::Groups(known), _) if list => named(path, entry, (known, "group"), faults),
        (Form::OneOrList(_, known), _) if list => items(path, entry, Form::Keys(known), faults),
        (Form::Keys(known) | Form::Groups(known) | Form::OneOrList(known, _), _) => {
            keys(path, node, known, faults);
        }
        (Form::All(known), _) => all(path, entry, known, faults),
        (Form::Items(_), _) if list && node.items().is_empty() => {}
        (Form::List(of) | Form::Items(of), _) => items(path, entry, *of, faults),
        (Form::OneOf(known), _) => one_of(path, entry, known, faults),
        (Form::Named(known), _) => named(path, entry, (known, "name"), faults),
        (Form::Properties, _) => properties::check(path, node, faults),
        (Form::Prices(per), _) => prices(path, node, per, faults),
        (Form::Cores, _) => cores(path, entry, faults),
        (Form::Amount, None) => amount(path, node, faults),
        // Metrics are judged with the pages that they may be of.
        (Form::Factors | Form::Paths | Form::Later | Form::Slos | Form::Responses, _) => {}
        (_, None) => {
            let what = format!("`{path}` should be {}, found {}", expected(form), node.kind());
            faults.push(node.origin.fault(what, None));
        }
        (form, Some(text)) => scalar(path, node, text, form, faults),
    }
}

fn expected(form: Form) -> &'static str {
    match form {
        Form::Count(_) | Form::CountOrDefault(_) => "a whole number",
        Form::Number(..) | Form::Milli => "a number",
        Form::Words(_) => "a word",
        Form::Keys(_) | Form::All(_) | Form::OneOf(_) | Form::OneOrList(..) | Form::Groups(_) => "a mapping",
        Form::List(_) | Form::Items(_) => "a list",
        Form::Bytes => "a number of bytes",
        Form::Span | Form::Amount => "a time",
        Form::Rate | Form::RateOrZero | Form::Volume => "a rate",
        Form::Share => "a share",
        Form::Bandwidth => "a bandwidth",
        Form::Switch => "`true` or `false`",
        Form::Price(_) => "a price",
        _ => "a text",
    }
}

fn scalar(path: &str, node: &Node, text: &str, form: Form, faults: &mut Vec<Fault>) {
    match form {
        Form::CountOrDefault(_) if text == DEFAULT => {}
        Form::Count(least) | Form::CountOrDefault(least) => count(path, node, text, least, faults),
        Form::Bytes => quantity::<Bytes>(&node.origin, text, faults),
        Form::Span | Form::Amount => quantity::<Span>(&node.origin, text, faults),
        // Zero is no rate elsewhere; here it is a pause.
        Form::RateOrZero | Form::Volume if is_zero(text) => {}
        Form::Volume if text == "max" => {}
        Form::Rate | Form::RateOrZero | Form::Volume => quantity::<Rate>(&node.origin, text, faults),
        Form::Number(least, most) if !text.parse().is_ok_and(|number| (least..=most).contains(&number)) => {
            faults.push(node.origin.fault(format!("`{text}` is not a number from {least} to {most}"), None));
        }
        Form::Bandwidth => quantity::<Bandwidth>(&node.origin, text, faults),
        Form::Share => quantity::<Share>(&node.origin, text, faults),
        Form::Credits => quantity::<CreditStart>(&node.origin, text, faults),
        Form::Price(per) => faults.extend(not_a(&node.origin, per.read(text))),
        Form::Milli if milli(text).is_none() => {
            let hint = Some("write digits with at most three decimals: `12`, `81.6`".to_owned());
            faults.push(node.origin.fault(format!("`{text}` is not a number"), hint));
        }
        Form::Switch if !["true", "false"].contains(&text) => {
            faults.push(node.origin.fault(format!("`{text}` is neither `true` nor `false`"), None));
        }
        Form::Words(words) if !words.contains(&text) => {
            let what = format!("`{text}` is nothing that `{path}` can be");
            faults.push(node.origin.fault(what, did_you_mean(text, words.iter().copied())));
        }
        Form::Text if text.trim().is_empty() => {
            faults.push(node.origin.fault(format!("`{path}` is empty"), None));
        }
        _ => {}
    }
}

/// Whether a text is the rate at which nothing is sent.
pub(super) fn is_zero(text: &str) -> bool {
    text.trim().strip_suffix("/s").is_some_and(|number| number.trim().parse() == Ok(0.0))
}

fn quantity<T: FromStr<Err = NotAQuantity>>(origin: &Origin, text: &str, faults: &mut Vec<Fault>) {
    faults.extend(not_a(origin, text.parse::<T>()));
}

fn not_a<T>(origin: &Origin, read: Result<T, NotAQuantity>) -> Option<Fault> {
    read.err().map(|NotAQuantity { what, hint }| origin.fault(what, Some(hint)))
}

fn prices(path: &str, node: &Node, per: Per, faults: &mut Vec<Fault>) {
    let Value::Map(entries) = &node.value else {
        faults.push(node.origin.fault(format!("`{path}` should be a mapping, found {}", node.kind()), None));
        return;
    };
    twice(entries, faults);
    for Entry { key, node, .. } in entries {
        match node.text() {
            None => faults.push(
                node.origin.fault(format!("`{path}.{key}` should be a price, found {}", node.kind()), None),
            ),
            Some(text) => faults.extend(not_a(&node.origin, per.read(text))),
        }
    }
}

fn count(path: &str, node: &Node, text: &str, least: u64, faults: &mut Vec<Fault>) {
    let quoted = matches!(node.value, Value::Scalar { quoted: true, .. });
    let most = match path {
        "topic.replication" => u64::from(u16::MAX >> 1),
        "topic.partitions" | "topic.count" => MOST_PARTITIONS,
        "cluster.kafka.brokers" => MOST_BROKERS,
        "consumers.instances" | "consumers.threads" => MOST_CONSUMERS,
        "seed" => u64::MAX,
        _ => i32::MAX as u64,
    };
    let (what, hint) = match text.parse::<u64>() {
        Ok(_) if quoted => {
            (format!("`\"{text}\"` is a text, not a number"), Some("leave the quotes away".to_owned()))
        }
        Ok(number) if number < least => (format!("`{path}` is {number}, and must be at least {least}"), None),
        Ok(number) if number > most => (format!("`{path}` is {number}, and must be at most {most}"), None),
        Ok(_) => return,
        Err(_) => {
            (format!("`{text}` is not a whole number"), Some(format!("`{path}` counts from {least} up")))
        }
    };
    faults.push(node.origin.fault(what, hint));
}

fn one_of(path: &str, entry: &Entry, known: &[Key], faults: &mut Vec<Fault>) {
    keys(path, &entry.node, known, faults);
    let found: Vec<&Entry> =
        entry.node.entries().iter().filter(|found| known.iter().any(|key| key.name == found.key)).collect();
    let names: Vec<String> = known.iter().map(|key| format!("`{}`", key.name)).collect();
    if let [first, second, ..] = found[..] {
        let what = format!("`{path}` has both `{}` and `{}`", first.key, second.key);
        faults.push(second.origin.fault(what, Some("keep exactly one".to_owned())));
    } else if found.is_empty() && entry.node.entries().is_empty() && matches!(entry.node.value, Value::Map(_))
    {
        let what = format!("`{path}` has none of {}", names.join(", "));
        faults.push(entry.origin.fault(what, Some("write exactly one".to_owned())));
    }
}

/// Of several forms the one that is written like this.
fn any(path: &str, entry: &Entry, forms: &[Form], faults: &mut Vec<Fault>) {
    let node = &entry.node;
    let is_like = |form: &&Form| match node.value {
        Value::Map(_) => matches!(form, Form::Keys(_) | Form::All(_) | Form::OneOf(_)),
        Value::List(_) => matches!(form, Form::List(_) | Form::Named(_)),
        _ => !matches!(form, Form::Keys(_) | Form::All(_) | Form::OneOf(_) | Form::List(_) | Form::Named(_)),
    };
    let mappings = forms.iter().filter_map(|form| match form {
        Form::OneOf(known) => Some(*known),
        _ => None,
    });
    // A kind that takes a mapping, written as a word.
    let kind = node.text().and_then(|text| mappings.flatten().find(|key| key.name == text));
    if let Some(Key { name, form: Form::All(inside), .. }) = kind {
        let inside: Vec<String> = inside.iter().map(|key| format!("{}: …", key.name)).collect();
        let hint = format!("write `{{{name}: {{{}}}}}`", inside.join(", "));
        faults.push(node.origin.fault(format!("`{name}` under `{path}` needs more"), Some(hint)));
    } else if let Some(form) = forms.iter().find(is_like) {
        value(path, entry, *form, faults);
    } else {
        let expected: Vec<&str> = forms.iter().map(|form| expected(*form)).collect();
        let what = format!("`{path}` should be {}, found {}", expected.join(" or "), node.kind());
        faults.push(node.origin.fault(what, None));
    }
}

fn all(path: &str, entry: &Entry, known: &[Key], faults: &mut Vec<Fault>) {
    keys(path, &entry.node, known, faults);
    if !matches!(entry.node.value, Value::Map(_)) {
        return;
    }
    for key in known.iter().filter(|key| entry.node.get(key.name).is_none()) {
        let hint = Some(format!("{}: {}", key.name, key.says));
        faults.push(entry.origin.fault(format!("`{path}` has no `{}`", key.name), hint));
    }
}

fn items(path: &str, entry: &Entry, of: Form, faults: &mut Vec<Fault>) {
    let Value::List(items) = &entry.node.value else {
        let what = format!("`{path}` should be a list, found {}", entry.node.kind());
        return faults.push(entry.node.origin.fault(what, None));
    };
    if items.is_empty() {
        faults.push(entry.node.origin.fault(format!("`{path}` is empty"), None));
    }
    for item in items {
        let (origin, node) = (item.origin.clone(), item.clone());
        value(path, &Entry { key: entry.key.clone(), origin, node }, of, faults);
    }
}

/// A list of mappings, each told from the others by what stands under `label`.
fn named(path: &str, entry: &Entry, (known, label): (&[Key], &str), faults: &mut Vec<Fault>) {
    let Value::List(items) = &entry.node.value else {
        let hint = format!("write `{}: [ {{ {label}: all }} ]`", entry.key);
        faults.push(
            entry
                .node
                .origin
                .fault(format!("`{path}` should be a list, found {}", entry.node.kind()), Some(hint)),
        );
        return;
    };
    if items.is_empty() {
        faults.push(
            entry
                .node
                .origin
                .fault(format!("`{path}` is empty"), Some("leave the key out for its default".to_owned())),
        );
    }
    for (index, item) in items.iter().enumerate() {
        keys(path, item, known, faults);
        let name = |item: &Node| item.get(label).and_then(|name| name.node.text().map(str::to_owned));
        let Some(entry) = item.get(label) else {
            if matches!(item.value, Value::Map(_)) {
                faults.push(item.origin.fault(format!("an item of `{path}` has no `{label}`"), None));
            }
            continue;
        };
        let Some(written) = name(item) else { continue };
        if items[..index].iter().any(|earlier| name(earlier).as_ref() == Some(&written)) {
            let what = format!("a second `{written}` in `{path}`");
            faults.push(entry.node.origin.fault(what, Some(format!("each `{label}` must differ"))));
        }
        if label == "group" && known.iter().any(|key| key.name == written) {
            // `consumers.instances` must be of one meaning.
            let what = format!("`{written}` is a key of `{path}` and cannot name a group");
            faults.push(entry.node.origin.fault(what, None));
        }
    }
}

fn cores(path: &str, entry: &Entry, faults: &mut Vec<Fault>) {
    let hint = || Some("cores are counted from 0: write `cores: [0, 1]`".to_owned());
    let Value::List(items) = &entry.node.value else {
        let what = format!("`{path}` should be a list, found {}", entry.node.kind());
        faults.push(entry.node.origin.fault(what, hint()));
        return;
    };
    if items.is_empty() {
        faults.push(entry.node.origin.fault(format!("`{path}` is empty"), hint()));
    }
    for (index, item) in items.iter().enumerate() {
        match item.text() {
            Some(text) if text.parse::<u16>().is_err() => {
                faults.push(item.origin.fault(format!("`{text}` is no core"), hint()));
            }
            Some(text) if items[..index].iter().any(|earlier| earlier.text() == Some(text)) => {
                faults.push(item.origin.fault(format!("core {text} is written twice"), None));
            }
            Some(_) => {}
            None => {
                faults.push(item.origin.fault(format!("a core is a number, found {}", item.kind()), hint()));
            }
        }
    }
}

fn amount(path: &str, node: &Node, faults: &mut Vec<Fault>) {
    if !matches!(node.value, Value::Map(_)) {
        let hint = "write `5ms`, `{exponential: {mean: 5ms}}` or `{log_normal: {median: 5ms, sigma: 0.5}}`"
            .to_owned();
        faults
            .push(node.origin.fault(format!("`{path}` should be a time, found {}", node.kind()), Some(hint)));
        return;
    }
    let entry = Entry { key: path.to_owned(), origin: node.origin.clone(), node: node.clone() };
    one_of(path, &entry, AMOUNT, faults);
    for (kind, part) in [("exponential", "mean"), ("log_normal", "median"), ("log_normal", "sigma")] {
        let Some(inside) = node.get(kind) else { continue };
        if inside.node.get(part).is_none() && matches!(inside.node.value, Value::Map(_)) {
            faults.push(inside.origin.fault(format!("`{path}.{kind}` has no `{part}`"), None));
        }
    }
    let sigma = node.get("log_normal").and_then(|inside| inside.node.get("sigma"));
    if let Some((sigma, text)) = sigma.and_then(|sigma| Some((sigma, sigma.node.text()?))) {
        // e^(σ²/2) is how far the mean lies above the median; beyond 5 no trial would ever see the mean.
        if !text.parse::<f64>().is_ok_and(|sigma| (0.0..=5.0).contains(&sigma)) {
            faults.push(sigma.node.origin.fault(format!("`{text}` is not a number from 0 to 5"), None));
        }
    }
}
