//! The load's own threads.

use super::super::{Load, Priority};
use super::Section;

/// How they are run.
pub(super) fn threads(section: Section<'_>) -> Load {
    let priority = match section.read::<String>("priority").as_deref() {
        Some("realtime") => Priority::Realtime,
        _ => Priority::Normal,
    };
    let cores = section.get("cores").map(|list| {
        let mut cores: Vec<u32> =
            list.items().iter().filter_map(|item| item.text().and_then(|text| text.parse().ok())).collect();
        cores.sort_unstable();
        cores
    });
    Load { priority, cores }
}
