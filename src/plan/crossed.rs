//! One combination of levels, before it is a treatment.

use crate::spec::Level;

/// One combination of levels.
#[derive(Clone, Debug, Default)]
pub struct Crossed<'a> {
    /// What stands in the column of each factor.
    pub labels: Vec<&'a str>,
    /// What is put into the file.
    pub puts: Vec<&'a Level>,
    /// Whether it is what the others have to beat.
    pub is_baseline: bool,
}

impl<'a> Crossed<'a> {
    /// With a level of a further factor.
    pub fn with(&self, level: &'a Level) -> Self {
        let mut one = self.clone();
        one.labels.push(&level.label);
        one.puts.push(level);
        one
    }
}
