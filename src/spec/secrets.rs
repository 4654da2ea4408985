//! `${ENV}` references: kept as written until a client is made, and written back into whatever is said afterwards.

use std::env;

use super::Properties;

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

/// The text with every value that these properties take from the environment turned back into its `${NAME}`.
pub fn redact(text: &str, properties: &Properties) -> String {
    redact_with(text, properties, |name| env::var(name).ok())
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
        pieces.push(Piece::Plain(before));
        let Some((name, tail)) = after.split_once('}') else {
            pieces.push(Piece::Broken);
            return pieces;
        };
        pieces.push(Piece::Reference(name));
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

fn redact_with(text: &str, properties: &Properties, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut secrets: Vec<(String, &str)> = properties
        .values()
        .flat_map(|value| pieces(value))
        .filter_map(|piece| match piece {
            Piece::Reference(name) => {
                lookup(name).filter(|value| !value.is_empty()).map(|value| (value, name))
            }
            _ => None,
        })
        .collect();
    // The longest first: one secret may be part of another.
    secrets.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    secrets
        .iter()
        .fold(text.to_owned(), |text, (value, name)| text.replace(value.as_str(), &format!("${{{name}}}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "USER" => Some("kim".to_owned()),
            "PASSWORD" => Some("kim-hunter2".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn a_reference_is_resolved_and_a_missing_one_named() {
        assert_eq!(resolve_with("u=${USER};p=${PASSWORD}", lookup).unwrap(), "u=kim;p=kim-hunter2");
        assert_eq!(resolve_with("no reference", lookup).unwrap(), "no reference");
        assert_eq!(resolve_with("${NOBODY}", lookup).unwrap_err().name, "NOBODY");
    }

    #[test]
    fn a_secret_is_turned_back_into_its_name_wherever_it_shows_up() {
        let properties: Properties = [("sasl.password", "${PASSWORD}"), ("sasl.username", "${USER}")]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        assert_eq!(
            redact_with("login of kim with kim-hunter2 failed", &properties, lookup),
            "login of ${USER} with ${PASSWORD} failed"
        );
    }

    #[test]
    fn a_broken_reference_is_wrong() {
        assert!(wrong_reference("${PASSWORD").is_some() && wrong_reference("${}").is_some());
        assert!(wrong_reference("${PASSWORD} $5").is_none());
    }
}
