//! What searches for the volume that breaks an SLO came to.

use super::super::named::named;
use crate::analyse::Grown;
use crate::record::Manifest;

/// A sentence a search.
pub(super) fn searched(manifest: &Manifest, grown: &[Grown]) -> Vec<String> {
    grown.iter().map(|search| one(manifest, search)).collect()
}

/// What one search for the volume that breaks an SLO came to.
fn one(manifest: &Manifest, search: &Grown) -> String {
    let at = named(manifest, &search.levels);
    let at = if at.is_empty() { at } else { format!("At {at}: ") };
    let held = match search.held {
        Some(held) => format!("{held} was the greatest volume at which all held"),
        None => "at no volume that was tried did all hold".to_owned(),
    };
    let slos = |texts: &[String]| texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ");
    let above = match (&search.broken, search.undecided) {
        (Some((broken, texts)), None) => format!("{broken} the least that broke {}", slos(texts)),
        (Some((broken, texts)), Some(undecided)) => {
            format!("at {undecided} it cannot be said, {broken} broke {}", slos(texts))
        }
        (None, Some(undecided)) => format!("at {undecided} it cannot be said, and more was not tried"),
        (None, None) => "none that broke was reached".to_owned(),
    };
    let tried = if search.tried == 1 { "1 volume".to_owned() } else { format!("{} volumes", search.tried) };
    format!("{at}{held}, {above} ({tried} tried).")
}
