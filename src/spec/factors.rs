//! What is varied: factors by dotted path, or by name with labelled levels that set several paths.

use super::columns::is_column;
use super::path::{NoPath, did_you_mean, steps};
use super::read::tree::{Entry, Node, Origin, Value};
use super::{recorded, secrets};
use crate::fault::Fault;

/// A label stands in tables and names folders; that of a mapping ends here.
const LONGEST_LABEL: usize = 60;

/// What is varied.
#[derive(Clone, Debug)]
pub struct Factor {
    /// As written: a dotted path or a name of its own.
    pub name: String,
    /// Its values, in the order written.
    pub levels: Vec<Level>,
}

/// One value of a factor.
#[derive(Clone, Debug)]
pub struct Level {
    /// As shown: the value as written, or the level's name.
    pub label: String,
    puts: Vec<Put>,
}

#[derive(Clone, Debug)]
struct Put {
    path: String,
    steps: Vec<String>,
    value: Node,
    origin: Origin,
}

impl Level {
    /// Puts the level's values into a treatment's tree.
    pub(super) fn put_into(&self, root: &mut Node) {
        for put in &self.puts {
            root.set(&put.steps, &put.value, &put.origin);
        }
    }

    /// Its path that would go over a value that was set at `steps`, or over a part of it.
    pub(super) fn goes_over(&self, steps: &[String], value: &Node) -> Option<&str> {
        let over = |put: &&Put| {
            let below = put.steps.strip_prefix(steps);
            steps.starts_with(&put.steps) || below.is_some_and(|below| value.at(below).is_some())
        };
        self.puts.iter().find(over).map(|put| put.path.as_str())
    }

    /// With that value too, which goes over what it sets already.
    pub(super) fn setting(&mut self, path: &str, steps: Vec<String>, text: &str, origin: &Origin) {
        let value = Value::Scalar { text: text.to_owned(), quoted: false };
        let value = Node { value, origin: origin.clone() };
        self.puts.push(Put { path: path.to_owned(), steps, value, origin: origin.clone() });
    }

    /// The paths that it sets.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.puts.iter().map(|put| put.path.as_str())
    }
}

impl Factor {
    /// Whether it says who reads, and nothing else: a baseline stands in its place.
    pub fn is_of_consumers(&self) -> bool {
        self.paths().all(is_of_consumers)
    }

    /// Whether it says who reads and something else with it.
    pub(super) fn is_of_consumers_and_more(&self) -> bool {
        !self.is_of_consumers() && self.paths().any(is_of_consumers)
    }

    fn paths(&self) -> impl Iterator<Item = &str> {
        self.levels.iter().flat_map(Level::paths)
    }
}

/// Whether a path is of who reads.
pub(super) fn is_of_consumers(path: &str) -> bool {
    path == "consumers" || path.starts_with("consumers.")
}

/// All factors of a file that can be used; what cannot is told.
pub(super) fn read(root: &Node, faults: &mut Vec<Fault>) -> Vec<Factor> {
    let Some(section) = root.get("factors") else {
        return Vec::new();
    };
    if !matches!(section.node.value, Value::Map(_)) {
        if !matches!(section.node.value, Value::Null) {
            let what = format!("`factors` should be a mapping, found {}", section.node.kind());
            let hint = Some("write `factors: { topic.partitions: [1, 2, 4] }`".to_owned());
            faults.push(section.node.origin.fault(what, hint));
        }
        return Vec::new();
    }
    let mut factors: Vec<Factor> = Vec::new();
    for entry in section.node.entries() {
        if factors.iter().any(|earlier| earlier.name == entry.key) {
            faults.push(entry.origin.fault(format!("a second factor `{}`", entry.key), None));
            continue;
        }
        let Some(factor) = factor(root, entry, faults) else {
            continue;
        };
        if let Some((mine, other)) = factors.iter().find_map(|earlier| overlap(&factor, earlier)) {
            let what = format!("`{}` sets `{mine}`, which another factor sets as `{other}`", entry.key);
            faults.push(entry.origin.fault(what, Some("let one factor alone set it".to_owned())));
            continue;
        }
        factors.push(factor);
    }
    factors
}

fn overlap(one: &Factor, other: &Factor) -> Option<(String, String)> {
    for mine in one.levels.iter().flat_map(Level::paths) {
        for theirs in other.levels.iter().flat_map(Level::paths) {
            if one_in_the_other(mine, theirs) {
                return Some((mine.to_owned(), theirs.to_owned()));
            }
        }
    }
    None
}

fn one_in_the_other(one: &str, other: &str) -> bool {
    let within = |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('.'));
    within(one, other) || within(other, one)
}

fn factor(root: &Node, entry: &Entry, faults: &mut Vec<Fault>) -> Option<Factor> {
    let before = faults.len();
    name(entry, faults);
    let levels: Vec<(Level, &Origin)> = match &entry.node.value {
        Value::List(values) => {
            let steps = path(root, &entry.key, &entry.origin, faults)?;
            let level = |index: usize, value: &Node| {
                // A label stands in every table.
                let label = match value.text() {
                    Some(text) if secrets::masked(&entry.key, text) == text => text.to_owned(),
                    Some(_) => format!("level {}", index + 1),
                    None => cut(&recorded::flow(&entry.key, value).replace(char::is_control, " ")),
                };
                let (path, steps) = (entry.key.clone(), steps.clone());
                let put = Put { path, steps, value: value.clone(), origin: value.origin.clone() };
                Level { label, puts: vec![put] }
            };
            values.iter().enumerate().map(|(index, value)| (level(index, value), &value.origin)).collect()
        }
        Value::Map(levels) => {
            levels.iter().map(|level| (named_level(root, level, faults), &level.origin)).collect()
        }
        _ => {
            let what = format!(
                "the levels of `{}` should be a list or a mapping, found {}",
                entry.key,
                entry.node.kind()
            );
            let hint = Some(format!("write `{}: [1, 2, 4]`", entry.key));
            faults.push(entry.node.origin.fault(what, hint));
            return None;
        }
    };
    if levels.is_empty() {
        faults.push(entry.origin.fault(format!("`{}` has no levels", entry.key), None));
    }
    for (index, (level, origin)) in levels.iter().enumerate() {
        label(&entry.key, (&level.label, origin), &levels[..index], faults);
    }
    let levels = levels.into_iter().map(|(level, _)| level).collect();
    (faults.len() == before).then(|| Factor { name: entry.key.clone(), levels })
}

/// Tells what cannot be a factor's name: it is a column of the results.
fn name(factor: &Entry, faults: &mut Vec<Fault>) {
    if factor.key.trim().is_empty() || factor.key.contains(char::is_control) {
        let hint = Some("write a word or two, or the path that is varied".to_owned());
        faults.push(factor.origin.fault("a factor needs a name of one line", hint));
    } else if is_column(&factor.key) {
        let what = format!("`{}` is a column of the results already, and cannot name a factor", factor.key);
        faults.push(factor.origin.fault(what, Some("give it a name of its own: `my crowd`".to_owned())));
    }
}

/// Tells what cannot be a level's label, or is that of an earlier one.
fn label(
    factor: &str,
    (label, origin): (&str, &Origin),
    earlier: &[(Level, &Origin)],
    faults: &mut Vec<Fault>,
) {
    let what = if label.trim().is_empty() {
        format!("a level of `{factor}` is empty")
    } else if label.contains(char::is_control) {
        format!("a level of `{factor}` has several lines")
    } else if earlier.iter().any(|(earlier, _)| earlier.label == label) {
        format!("a second level `{label}` of `{factor}`")
    } else {
        return;
    };
    let named = "name them: `crowd: { few: { … }, many: { … } }`";
    faults.push(origin.fault(what, Some(format!("levels are told apart by what is written; {named}"))));
}

/// The beginning of a long label.
fn cut(label: &str) -> String {
    match label.char_indices().nth(LONGEST_LABEL) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label.to_owned(),
    }
}

fn named_level(root: &Node, level: &Entry, faults: &mut Vec<Fault>) -> Level {
    // An empty mapping is written on purpose: all is as the file says it elsewhere.
    if level.node.entries().is_empty() && !matches!(level.node.value, Value::Map(_)) {
        let what = format!("level `{}` sets nothing", level.key);
        let hint =
            Some("write `{ topic.partitions: 4 }`, or `{}` for what the file says elsewhere".to_owned());
        faults.push(level.origin.fault(what, hint));
    }
    labelled(root, (level, &format!("level `{}`", level.key)), faults)
}

/// What stands below a label, as a level, with what it is called in faults.
pub(super) fn labelled(root: &Node, (level, named): (&Entry, &str), faults: &mut Vec<Fault>) -> Level {
    let mut puts: Vec<Put> = Vec::new();
    for Entry { key, origin, node } in level.node.entries() {
        if let Some(earlier) = puts.iter().find(|earlier| one_in_the_other(key, &earlier.path)) {
            let what = format!("{named} sets `{key}`, and `{}` already", earlier.path);
            faults.push(origin.fault(what, Some("set it once".to_owned())));
        } else if let Some(steps) = path(root, key, origin, faults) {
            puts.push(Put { path: key.clone(), steps, value: node.clone(), origin: origin.clone() });
        }
    }
    Level { label: level.key.clone(), puts }
}

/// These belong to the run; treatments that differ in them could not be compared.
const SAME_FOR_ALL: &[&str] = &[
    "question",
    "cluster",
    "factors",
    "baseline",
    "phases.prepare",
    "repetitions",
    "topic.prefix",
    "seed",
    "slos",
    "responses",
    "workload.until",
    "search",
    "emulation",
    "observe",
    "prices",
    "instance_types",
];

fn path(root: &Node, path: &str, origin: &Origin, faults: &mut Vec<Fault>) -> Option<Vec<String>> {
    let steps = match steps(path) {
        Ok(steps) => steps,
        Err(no_path) => {
            faults.push(origin.fault(format!("factor path `{path}` {}", no_path.what), no_path.hint));
            return None;
        }
    };
    let fixed = |fixed: &&&str| {
        path == **fixed || path.strip_prefix(**fixed).is_some_and(|rest| rest.starts_with('.'))
    };
    if let Some(fixed) = SAME_FOR_ALL.iter().find(fixed) {
        faults.push(origin.fault(format!("`{fixed}` must be the same for all trials of a run"), None));
        return None;
    }
    if path == "phases" {
        let hint = Some("vary `phases.warm_up`, `phases.measure` or `phases.drain`".to_owned());
        faults.push(origin.fault("`phases.prepare` must be the same for all trials of a run", hint));
        return None;
    }
    match unknown_item(root, &steps) {
        Ok(()) => Some(steps),
        Err(no_path) => {
            faults.push(origin.fault(format!("factor path `{path}` {}", no_path.what), no_path.hint));
            None
        }
    }
}

/// A fleet, a group, an event or an instance type that is named in a path must be there, and no other list can lie on the way.
pub(super) fn unknown_item(root: &Node, steps: &[String]) -> Result<(), NoPath> {
    unknown_fleet(root, steps).map_err(|hint| NoPath { what: "names no fleet", hint })?;
    unknown_group(root, steps).map_err(|hint| NoPath { what: "names no group", hint: Some(hint) })?;
    unknown_event(root, steps).map_err(|hint| NoPath { what: "names no event", hint: Some(hint) })?;
    unknown_type(root, steps).map_err(|hint| NoPath { what: "names no instance type", hint })?;
    // A list of plain values is one value, in whose place another may go.
    let has_parts = |list: &Node| list.items().iter().any(|item| matches!(item.value, Value::Map(_)));
    let is_list = |on_the_way: &&[String]| {
        root.at(on_the_way).is_some_and(|node| node.is_nameless_list() && has_parts(node))
    };
    match (1..steps.len()).map(|length| &steps[..length]).find(is_list) {
        Some(list) => {
            let hint = Some(format!("`{}` is a list; set all of it", list.join(".")));
            Err(NoPath { what: "goes below a list whose items have no names", hint })
        }
        None => Ok(()),
    }
}

/// Of the file's own types. The error is the hint.
fn unknown_type(root: &Node, steps: &[String]) -> Result<(), Option<String>> {
    let [section, name, _, ..] = steps else {
        return Ok(());
    };
    let Some(types) = root.get("instance_types").filter(|_| section == "instance_types") else {
        return Ok(());
    };
    let named = types.node.items().iter().filter_map(|item| item.get("name")?.node.text());
    let known: Vec<&str> = named.collect();
    if known.is_empty() || known.contains(&name.as_str()) { Ok(()) } else { Err(did_you_mean(name, known)) }
}

/// Groups in a list are named in a path, a group alone is not. The error is the hint.
fn unknown_group(root: &Node, steps: &[String]) -> Result<(), String> {
    let [consumers, head, rest @ ..] = steps else {
        return Ok(());
    };
    if consumers != "consumers" {
        return Ok(());
    }
    let names_a_key = super::path::steps(&format!("consumers.{head}")).is_ok();
    let section = root.get("consumers").map(|entry| &entry.node);
    match section.map(|node| (&node.value, node.items())) {
        Some((Value::List(_), items)) => {
            let known: Vec<&str> = items.iter().filter_map(|item| item.get("group")?.node.text()).collect();
            match known.first() {
                _ if known.contains(&head.as_str()) => Ok(()),
                Some(first) if names_a_key => {
                    Err(format!("`consumers` is a list: write `consumers.{first}.{}`", steps[1..].join(".")))
                }
                _ => Err(did_you_mean(head, known).unwrap_or_else(|| "the list has no groups".to_owned())),
            }
        }
        _ if names_a_key => Ok(()),
        _ => Err(format!("`consumers` is no list: write `consumers.{}`", rest.join("."))),
    }
}

/// An event has a path where it has a `name`. The error is the hint.
fn unknown_event(root: &Node, steps: &[String]) -> Result<(), String> {
    let [section, name, _, ..] = steps else { return Ok(()) };
    if section != "events" {
        return Ok(());
    }
    let items = root.get("events").map(|entry| entry.node.items()).unwrap_or_default();
    let named = items.iter().filter_map(|item| item.get("name")?.node.text());
    let known: Vec<&str> = named.collect();
    if known.contains(&name.as_str()) {
        return Ok(());
    }
    Err(did_you_mean(name, known)
        .unwrap_or_else(|| format!("write `name: {name}` of the event that is meant")))
}

/// The hint says which there are. The error is that hint.
fn unknown_fleet(root: &Node, steps: &[String]) -> Result<(), Option<String>> {
    let [workload, fleets, name, _, ..] = steps else {
        return Ok(());
    };
    if workload != "workload" || fleets != "fleets" {
        return Ok(());
    }
    let fleets = root.get("workload").and_then(|workload| workload.node.get("fleets"));
    let known: Vec<&str> = match fleets {
        None => vec!["all"],
        Some(fleets) => fleets.node.items().iter().filter_map(|item| item.get("name")?.node.text()).collect(),
    };
    if known.contains(&name.as_str()) { Ok(()) } else { Err(did_you_mean(name, known)) }
}
