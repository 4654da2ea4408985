//! What must not be written down: `${ENV}` references are kept as written until a client is made, and what holds a secret is `***` in every record.

mod redaction;

use std::env;
use std::ops::Range;

use super::Properties;

pub use redaction::Redaction;

/// What stands for a secret.
pub const MASK: &str = "***";

/// What a property that holds a secret has in its name.
const SECRET: [&str; 8] =
    ["password", "passphrase", "passwd", "secret", "token", "jaas", "credential", "oauthbearer.config"];
/// A user's name and password, as Java's clients of a schema registry take them.
const USER_INFO: &str = "user.info";
/// The ends of the others' names, of variables with `_` in the place of a dot.
const SECRET_ENDS: [&str; 6] = ["key.pem", "keystore.key", "private.key", "api.key", "apikey", USER_INFO];
/// What ends so tells where or how, and no secret, whatever else is in the name.
const PLAIN_ENDS: [&str; 8] = [".url", ".location", ".file", ".type", ".ms", ".class", ".method", ".enable"];

/// Whether a property of that name, or one at the end of that path, holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_plain = PLAIN_ENDS.iter().any(|end| name.ends_with(end));
    let dotted = name.replace(['_', '-'], ".");
    let is_key = SECRET_ENDS.iter().any(|end| dotted.ends_with(end));
    !is_plain && (is_key || SECRET.iter().any(|part| name.contains(part)))
}

/// The value of a property as it may be written down.
pub fn masked(name: &str, value: &str) -> String {
    if is_secret(name) && !is_reference(value) { MASK.to_owned() } else { without_login(value) }
}

/// A text without the passwords of addresses in it, `http://kim:***@host/`, unless they are references; any other as it is.
pub fn without_login(text: &str) -> String {
    let (mut all, mut done) = (String::with_capacity(text.len()), 0);
    for at in passwords(text) {
        if !is_reference(text.get(at.clone()).unwrap_or_default()) {
            all.push_str(text.get(done..at.start).unwrap_or_default());
            all.push_str(MASK);
            done = at.end;
        }
    }
    all.push_str(text.get(done..).unwrap_or_default());
    all
}

/// Where passwords stand in the addresses of a text, in bytes: the `hunter2` of `http://kim:hunter2@host/`.
fn passwords(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let of_address = move |(at, mark): (usize, &str)| {
        let start = at + mark.len();
        let authority = text.get(start..)?.split(['/', '?', '#']).next()?;
        let (user, password) = authority.rsplit_once('@')?.0.split_once(':')?;
        let start = start + user.len() + 1;
        (!password.is_empty()).then(|| start..start + password.len())
    };
    text.match_indices("://").filter_map(of_address)
}

/// Properties as they may be written down.
pub fn masked_all(properties: &Properties) -> Properties {
    properties.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect()
}

/// Whether a text is references and nothing beside them.
fn is_reference(text: &str) -> bool {
    pieces(text).iter().all(|piece| match piece {
        Piece::Plain(plain) => plain.is_empty(),
        Piece::Reference(_) => true,
        Piece::Broken => false,
    })
}

/// The first variable that a text refers to and the environment has not.
pub fn unset(text: &str) -> Option<String> {
    pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Reference(name) if env::var(name).is_err() => Some(name.to_owned()),
        _ => None,
    })
}

/// A variable that is referred to and not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment has no `{name}`")]
pub struct Missing {
    /// Its name.
    pub name: String,
}

/// The text with every `${NAME}` replaced by the environment's value.
pub fn resolve(text: &str) -> Result<String, Missing> {
    resolve_with(text, |name| env::var(name).ok())
}

/// The text without the secrets of these properties.
pub fn redact(text: &str, properties: &Properties) -> String {
    Redaction::of(properties).text(text)
}

/// What is wrong with the references in a text, if anything: the rest of a sentence that begins with the text.
pub(super) fn wrong_reference(text: &str) -> Option<&'static str> {
    pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Broken => Some("has a `${` that is not closed"),
        Piece::Reference("") => Some("has a `${}` without a name"),
        _ => None,
    })
}

enum Piece<'a> {
    Plain(&'a str),
    Reference(&'a str),
    Broken,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else {
            pieces.push(Piece::Plain(before));
            pieces.push(Piece::Broken);
            return pieces;
        };
        if name.contains(':') {
            // Kafka's own, for one of its providers: `${file:/secrets:password}`.
            let whole = before.len() + "${".len() + name.len() + "}".len();
            pieces.push(Piece::Plain(rest.get(..whole).unwrap_or(rest)));
        } else {
            pieces.push(Piece::Plain(before));
            pieces.push(Piece::Reference(name));
        }
        rest = tail;
    }
    pieces.push(Piece::Plain(rest));
    pieces
}

/// The same, with values from elsewhere than the environment.
pub fn resolve_with(text: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<String, Missing> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(plain) => Ok(plain.to_owned()),
            Piece::Reference(name) => lookup(name).ok_or_else(|| Missing { name: name.to_owned() }),
            Piece::Broken => Err(Missing { name: "${".to_owned() }),
        })
        .collect()
}

#[cfg(test)]
mod tests;
