//! Values of the command line over the file: `--set path=value`.

use std::sync::Arc;

use super::path::steps;
use super::read::tree::{Node, Origin, parse};
use super::{Factor, factors, recorded, secrets};
use crate::fault::Fault;

/// A value that `--set` put into the tree.
#[derive(Clone, Debug)]
pub(super) struct Set {
    whole: Origin,
    steps: Vec<String>,
    value: Node,
}

impl Set {
    /// Puts the value of `path=value` into the tree; what cannot be put there is told, and what it takes away of those set before it.
    pub(super) fn put(root: &mut Node, text: &str, before: &[Self], faults: &mut Vec<Fault>) -> Option<Self> {
        let whole = Origin::Option(Arc::from(format!("--set {}", recorded::set(text))));
        let Some((path, value)) = text.split_once('=') else {
            let hint = Some("write `--set topic.partitions=4`".to_owned());
            faults.push(whole.fault("a path, `=` and a value were expected", hint));
            return None;
        };
        let path = path.trim();
        let origin = Origin::Option(Arc::from(format!("--set {path}")));
        let known = steps(path).and_then(|steps| factors::unknown_item(root, &steps).map(|()| steps));
        let steps = known
            .map_err(|no_path| {
                faults.push(whole.fault(format!("`{path}` {}", no_path.what), no_path.hint));
            })
            .ok()?;
        let value = parse(value, Some(&origin)).map_err(|fault| faults.push(fault)).ok()?;
        let is_below = |set: &&Self| set.steps.len() > steps.len() && set.steps.starts_with(&steps);
        if let Some(lost) = before.iter().find(is_below) {
            let what = format!("it goes over `{}`, which was set before it", lost.steps.join("."));
            faults.push(whole.fault(what, Some(format!("write `--set {path}=…` first"))));
        }
        root.set(&steps, &value, &origin);
        Some(Set { whole, steps, value })
    }

    /// That the levels of a factor go over it, in all treatments or in some: whoever set it would read numbers of another value.
    pub(super) fn in_vain(&self, factors: &[Factor]) -> Option<Fault> {
        let (factor, theirs) = factors.iter().find_map(|factor| {
            let theirs = factor.levels.iter().find_map(|level| level.goes_over(&self.steps, &self.value))?;
            Some((factor, theirs))
        })?;
        let (path, name) = (self.steps.join("."), &factor.name);
        let by_path = factor.levels.iter().all(|level| level.paths().eq([name.as_str()]));
        let (what, hint) = match self.value.text() {
            Some(value) if by_path && *name == path => (
                format!("`{path}` is a factor, whose levels would go over the value"),
                format!("write `--set 'factors.{path}=[{}]'`", secrets::masked(&path, value)),
            ),
            _ => (
                format!("the factor `{name}` sets `{theirs}`, and its levels would go over the value"),
                format!(
                    "leave it to the levels of `{name}`, or set them all: `--set 'factors.{name}={}'`",
                    if by_path { "[…]" } else { "{…}" }
                ),
            ),
        };
        Some(self.whole.fault(what, Some(hint)))
    }
}
