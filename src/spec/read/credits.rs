//! Whether credits that were asked for are of any instance: a factor of instance types may hold some that have none.

use super::Section;
use super::tree::{Node, Origin};
use crate::fault::Fault;
use crate::units::InstanceType;

/// Each `credits` of a file, over all treatments.
#[derive(Debug, Default)]
pub struct Credits {
    asked: Vec<Asked>,
}

#[derive(Debug)]
struct Asked {
    origin: Origin,
    /// A type of fixed performance beside it.
    fixed: Option<String>,
    is_used: bool,
}

impl Credits {
    /// Looks at the tree of a treatment. `types` are the instance types that it may name.
    pub fn look(&mut self, root: &Node, types: &[InstanceType]) {
        let file = Section { node: Some(root), origin: &root.origin };
        for group in file.get("consumers").map(Node::each).unwrap_or_default() {
            let name = group.get("instance_type").and_then(|entry| entry.node.text());
            let of = types.iter().find(|known| Some(known.name.as_str()) == name);
            let (Some(entry), Some(of)) = (group.get("credits"), of) else { continue };
            let at = self.asked.iter().position(|asked| asked.origin == entry.origin).unwrap_or_else(|| {
                self.asked.push(Asked { origin: entry.origin.clone(), fixed: None, is_used: false });
                self.asked.len() - 1
            });
            let asked = &mut self.asked[at];
            asked.is_used |= of.credits.is_some();
            if of.credits.is_none() {
                asked.fixed.get_or_insert_with(|| of.name.clone());
            }
        }
    }

    /// Those that no instance of any treatment has a use for.
    pub fn idle(self) -> Vec<Fault> {
        let idle = self.asked.into_iter().filter(|asked| !asked.is_used);
        idle.filter_map(|asked| {
            let hint = "leave `credits` out; t2, t3, t3a and t4g have them".to_owned();
            let what = format!("`{}` has fixed performance and no credits", asked.fixed?);
            Some(asked.origin.fault(what, Some(hint)))
        })
        .collect()
    }
}
