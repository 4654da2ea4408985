//! Takes secrets out of texts that others wrote.

use std::cmp::Reverse;
use std::{env, fmt};

use super::{MASK, Piece, USER_INFO, is_reference, is_secret, passwords, pieces, resolve_with};
use crate::spec::Properties;

/// A shorter secret is part of ordinary words: taken out of all of them it would make a broker's sentence unreadable, and the gaps would tell what it is.
const LONG_ENOUGH: usize = 4;
/// A shorter line of a secret of several lines may be any text's.
const LONG_LINE: usize = 8;
/// What stands before a value, and after it, where a text quotes or assigns one, or it is the password of an address.
const AROUND: [(&str, &str); 5] = [("`", "`"), ("\"", "\""), ("'", "'"), ("=", ""), (":", "@")];

/// What no text may hold: what comes from the environment is turned back into its `${NAME}`, what does not is `***`. A user's name is no secret, but may be
/// a key: it is turned back where it is a word. A secret of less than `LONG_ENOUGH` characters is hidden where it stands as a value only.
#[derive(Clone, Default)]
pub struct Redaction {
    /// Secrets, and what stands for each. The longest first: one may be part of another.
    secrets: Vec<(String, String)>,
    /// Users' names, and what stands for each.
    names: Vec<(String, String)>,
}

/// Whoever prints it prints no secret.
impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction").finish_non_exhaustive()
    }
}

impl Redaction {
    /// Of properties whose secrets are known by their names, or are passwords of addresses.
    pub fn of(properties: &Properties) -> Self {
        Redaction::with(properties, is_secret, |name| env::var(name).ok())
    }

    /// Of variables and properties that a program is given which is not ours: whatever their names are, what they take from bench's own may be a secret.
    pub fn of_all(properties: &Properties) -> Self {
        Redaction::with(properties, |_| true, |name| env::var(name).ok())
    }

    /// `hides` tells whether what a property of that name takes from elsewhere, by `lookup`, is a secret.
    pub(super) fn with(
        properties: &Properties,
        hides: impl Fn(&str) -> bool,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let mut all = Redaction::default();
        for (property, value) in properties {
            all.add((property.as_str(), value.as_str()), hides(property), &lookup);
        }
        all.in_order()
    }

    fn add(&mut self, (property, value): (&str, &str), hides: bool, lookup: impl Fn(&str) -> Option<String>) {
        let whole = resolve_with(value, &lookup).ok();
        let parts = parts(property, whole.as_deref().unwrap_or(value));
        for piece in pieces(value) {
            let Piece::Reference(name) = piece else { continue };
            let Some(found) = lookup(name) else { continue };
            let instead = format!("${{{name}}}");
            if property == "sasl.username" {
                self.names.push((found, instead));
            } else if hides || parts.iter().any(|part| found.contains(part) || part.contains(&found)) {
                self.secrets.push((found, instead));
            }
        }
        if is_secret(property) && !is_reference(value) {
            self.secrets.extend(whole.map(|whole| (whole, MASK.to_owned())));
        }
        // After what they were taken from, which says more.
        self.secrets.extend(parts.into_iter().map(|part| (part, MASK.to_owned())));
    }

    /// Of these and others together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.secrets.extend(other.secrets);
        self.names.extend(other.names);
        self.in_order()
    }

    fn in_order(mut self) -> Self {
        // Texts are looked at line by line: of a key of several lines each is one.
        let of_lines = |(value, instead): &(String, String)| {
            let lines =
                value.lines().map(str::trim).filter(|line| value.contains('\n') && line.len() >= LONG_LINE);
            lines.map(|line| (line.to_owned(), instead.clone())).collect::<Vec<_>>()
        };
        let lines: Vec<(String, String)> = self.secrets.iter().flat_map(of_lines).collect();
        self.secrets.extend(lines);
        self.secrets.retain(|(value, _)| !value.is_empty());
        self.secrets.sort_by_key(|(value, _)| Reverse(value.len()));
        self.secrets.dedup();
        self
    }

    /// The text without them.
    pub fn text(&self, text: &str) -> String {
        let hidden = self.secrets.iter().fold(text.to_owned(), |text, (value, instead)| {
            if value.chars().count() < LONG_ENOUGH {
                replace_value(&text, value, instead)
            } else {
                text.replace(value.as_str(), instead)
            }
        });
        self.names.iter().fold(hidden, |text, (value, instead)| replace_word(&text, value, instead))
    }
}

/// What of a value is a secret by itself, too: the passwords of addresses, that behind a user's name, and those among a login module's options.
fn parts(property: &str, value: &str) -> Vec<String> {
    let name = property.to_ascii_lowercase().replace('_', ".");
    let of_addresses = passwords(value).filter_map(|at| value.get(at));
    let of_login = value.split_once(':').filter(|_| name.ends_with(USER_INFO)).map(|(_, password)| password);
    let options = value.split_whitespace().filter(|_| name.contains("jaas"));
    let of_options = options.filter_map(|option| {
        let (name, value) = option.split_once('=')?;
        is_secret(name).then(|| value.trim_matches([';', '"', '\'']))
    });
    of_addresses.chain(of_login).chain(of_options).map(str::to_owned).collect()
}

/// The text with another in the place of this, where it is no part of a longer word.
fn replace_word(text: &str, word: &str, instead: &str) -> String {
    replace_where(text, word, instead, is_alone)
}

/// The same, where it is quoted or assigned.
fn replace_value(text: &str, value: &str, instead: &str) -> String {
    let is_value = |before: &str, after: &str| {
        let stands = |(open, close): &(&str, &str)| before.ends_with(open) && after.starts_with(close);
        is_alone(before, after) && AROUND.iter().any(stands)
    };
    replace_where(text, value, instead, is_value)
}

fn is_alone(before: &str, after: &str) -> bool {
    !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
}

/// The same, where what stands before it and after it says so.
fn replace_where(text: &str, what: &str, instead: &str, holds: impl Fn(&str, &str) -> bool) -> String {
    let mut all = String::with_capacity(text.len());
    let mut done = 0;
    for (at, found) in text.match_indices(what).filter(|(_, found)| !found.is_empty()) {
        let (before, after) =
            (text.get(..at).unwrap_or_default(), text.get(at + found.len()..).unwrap_or_default());
        if at >= done && holds(before, after) {
            all.push_str(text.get(done..at).unwrap_or_default());
            all.push_str(instead);
            done = at + found.len();
        }
    }
    all.push_str(text.get(done..).unwrap_or_default());
    all
}
