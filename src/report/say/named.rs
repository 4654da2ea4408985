//! A treatment by its levels.

use crate::record::Manifest;
use crate::spec::short_names;

/// `partitions=1, instances=2`.
pub fn named(manifest: &Manifest, levels: &[String]) -> String {
    let names = short_names(&manifest.factors).into_iter().zip(levels);
    names.map(|(factor, level)| format!("{factor}={level}")).collect::<Vec<_>>().join(", ")
}
