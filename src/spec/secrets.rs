//! What must not be written down: `${ENV}` references are kept as written until a client is made, and what holds a secret is `***` in every record.

use std::env;

use super::Properties;

/// What stands for a secret.
pub const MASK: &str = "***";

/// A shorter secret is part of ordinary words: taken out of all of them it would make a broker's sentence unreadable, and the gaps would tell what it is.
const LONG_ENOUGH: usize = 4;
/// A shorter line of a secret of several lines may be any text's.
const LONG_LINE: usize = 8;
/// What stands before a value, and after it, where a text quotes or assigns one.
const AROUND: [(&str, &str); 4] = [("`", "`"), ("\"", "\""), ("'", "'"), ("=", "")];

/// What a property that holds a secret has in its name.
const SECRET: [&str; 8] =
    ["password", "passphrase", "passwd", "secret", "token", "jaas", "credential", "oauthbearer.config"];
/// The ends of the others' names.
const SECRET_ENDS: [&str; 4] = ["key.pem", "private.key", "api.key", "apikey"];
/// What ends so tells where or how, and no secret, whatever else is in the name.
const PLAIN_ENDS: [&str; 8] = [".url", ".location", ".file", ".type", ".ms", ".class", ".method", ".enable"];

/// Whether a property of that name, or one at the end of that path, holds a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_plain = PLAIN_ENDS.iter().any(|end| name.ends_with(end));
    let is_key = SECRET_ENDS.iter().any(|end| name.ends_with(end));
    !is_plain && (is_key || SECRET.iter().any(|part| name.contains(part)))
}

/// The value of a property as it may be written down.
pub fn masked(name: &str, value: &str) -> String {
    if is_secret(name) && !is_reference(value) { MASK.to_owned() } else { without_login(value) }
}

/// An address without the password that stands in it, `http://kim:***@host/`, unless that is a reference; any other text as it is.
pub fn without_login(text: &str) -> String {
    let hidden = || {
        let (scheme, rest) = text.split_once("://")?;
        let host = rest.split(['/', '?', '#']).next()?;
        let (user, password) = host.rsplit_once('@')?.0.split_once(':')?;
        let after = rest.get(user.len() + 1 + password.len()..)?;
        (!password.is_empty() && !is_reference(password)).then(|| format!("{scheme}://{user}:{MASK}{after}"))
    };
    hidden().unwrap_or_else(|| text.to_owned())
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

/// The text without the secrets of these properties: what comes from the environment is turned back into its `${NAME}`, what does not is `***`. A user's
/// name is no secret, but may be a key: it is turned back where it is a word. A secret of less than `LONG_ENOUGH` characters is hidden where it stands as a
/// value only.
pub fn redact(text: &str, properties: &Properties) -> String {
    redact_with(text, properties, is_secret, |name| env::var(name).ok())
}

/// The same of variables of a program's environment: whatever their names are, what they take from bench's own may be a secret.
pub fn redact_variables(text: &str, variables: &Properties) -> String {
    redact_with(text, variables, |_| true, |name| env::var(name).ok())
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

/// `hides` tells whether what a property of that name takes from elsewhere is a secret.
fn redact_with(
    text: &str,
    properties: &Properties,
    hides: impl Fn(&str) -> bool,
    lookup: impl Fn(&str) -> Option<String>,
) -> String {
    let mut secrets: Vec<(String, String)> = Vec::new();
    let mut names: Vec<(String, String)> = Vec::new();
    for (property, value) in properties {
        let into = match property.as_str() {
            "sasl.username" => &mut names,
            _ if hides(property) => &mut secrets,
            _ => continue,
        };
        for piece in pieces(value) {
            if let Piece::Reference(name) = piece {
                into.extend(lookup(name).map(|value| (value, format!("${{{name}}}"))));
            }
        }
        if is_secret(property) && !is_reference(value) {
            into.extend(resolve_with(value, &lookup).ok().map(|value| (value, MASK.to_owned())));
        }
    }
    // Texts are looked at line by line: of a key of several lines each is one.
    let of_lines = |(value, instead): &(String, String)| {
        let lines =
            value.lines().map(str::trim).filter(|line| value.contains('\n') && line.len() >= LONG_LINE);
        lines.map(|line| (line.to_owned(), instead.clone())).collect::<Vec<_>>()
    };
    let lines: Vec<(String, String)> = secrets.iter().flat_map(of_lines).collect();
    secrets.extend(lines);
    // The longest first: one secret may be part of another.
    secrets.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    let hidden = secrets.iter().filter(|(value, _)| !value.is_empty());
    let hidden = hidden.fold(text.to_owned(), |text, (value, instead)| {
        if value.chars().count() < LONG_ENOUGH {
            replace_value(&text, value, instead)
        } else {
            text.replace(value.as_str(), instead)
        }
    });
    names.iter().fold(hidden, |text, (value, instead)| replace_word(&text, value, instead))
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

    fn told(text: &str, properties: &Properties, lookup: impl Fn(&str) -> Option<String>) -> String {
        redact_with(text, properties, is_secret, lookup)
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
            told("login of kim with kim-hunter2 failed", &properties, lookup),
            "login of ${USER} with ${PASSWORD} failed"
        );
    }

    fn properties(all: &[(&str, &str)]) -> Properties {
        all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn secrets_are_known_by_their_properties_names() {
        for name in [
            "sasl.password",
            "ssl.key.password",
            "ssl.keystore.password",
            "ssl.key.pem",
            "sasl.jaas.config",
            "listener.name.a.plain.sasl.jaas.config",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.config",
            "sasl.oauthbearer.assertion.private.key.pem",
            "consumers.properties.sasl.password",
            "My.API.Token",
        ] {
            assert!(is_secret(name), "{name}");
            assert_eq!(
                (masked(name, "x").as_str(), masked(name, "${X}").as_str()),
                ("***", "${X}"),
                "{name}"
            );
            assert_eq!(masked(name, "x${X}"), "***");
        }
        for name in [
            "linger.ms",
            "sasl.username",
            "ssl.key.location",
            "sasl.oauthbearer.token.endpoint.url",
            "workload.message.keys",
            "sasl.mechanism",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_hidden_whatever_the_name() {
        for (text, kept) in [
            ("http://kim:hunter2@h:9404/metrics?a=b", "http://kim:***@h:9404/metrics?a=b"),
            ("pg://kim:a:b@c@h", "pg://kim:***@h"),
            ("pg://kim:x${P}@h/d", "pg://kim:***@h/d"),
            ("pg://kim:${P}@h/d", "pg://kim:${P}@h/d"),
            ("http://h:9404/a@b:c", "http://h:9404/a@b:c"),
            ("http://kim@h", "http://kim@h"),
            ("a:b@c", "a:b@c"),
        ] {
            assert_eq!((masked("DATABASE", text).as_str(), without_login(text).as_str()), (kept, kept));
        }
    }

    #[test]
    fn nothing_but_secrets_is_taken_out_of_a_text() {
        let lookup = |name: &str| Some(if name == "LINGER" { "5" } else { "hunter2" }.to_owned());
        let of = properties(&[
            ("linger.ms", "${LINGER}"),
            ("sasl.password", "${P}"),
            ("sasl.username", "${LINGER}"),
        ]);
        assert_eq!(
            told("5 of 55 in 0.5 s: hunter2 is wrong", &of, lookup),
            "${LINGER} of 55 in 0.${LINGER} s: ${P} is wrong"
        );
        let plain = properties(&[("sasl.password", "hunter2"), ("linger.ms", "5")]);
        assert_eq!(told("55 hunter2s", &plain, lookup), "55 ***s");
        let both = properties(&[("ssl.key.password", "ab${P}")]);
        assert_eq!(told("abhunter2 hunter2", &both, lookup), "*** ${P}");
    }

    #[test]
    fn what_a_variable_takes_from_the_environment_is_hidden_whatever_its_name_is() {
        let of = properties(&[("DATABASE", "pg://${USER}:${PASSWORD}@h"), ("LEVEL", "debug")]);
        let hidden = redact_with("debug: pg://kim:kim-hunter2@h", &of, |_| true, lookup);
        assert_eq!(hidden, "debug: pg://kim:${PASSWORD}@h", "three letters are part of any word");
        assert_eq!(told("kim-hunter2", &of, lookup), "kim-hunter2", "a property is known by its name");
    }

    #[test]
    fn of_a_secret_of_several_lines_each_is_hidden_by_itself() {
        let key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkq==\n-----END KEY-----\n";
        let of = properties(&[("ssl.key.pem", "${KEY}")]);
        let lookup = |_: &str| Some(key.to_owned());
        assert_eq!(told("read MIIEvQIBADANBg as a key", &of, lookup), "read ${KEY} as a key");
        assert_eq!(told(key.trim(), &of, lookup), "${KEY}\n${KEY}\nkq==\n${KEY}");
    }

    #[test]
    fn a_secret_of_few_letters_garbles_no_sentence_and_is_hidden_where_it_is_a_value() {
        let said = "a broker says: Invalid username or password; `a` is no key, password=a, \"a\"";
        let lookup = |_: &str| Some("a".to_owned());
        for (written, instead) in [("a", "***"), ("${P}", "${P}")] {
            let of = properties(&[("sasl.password", written)]);
            let told = told(said, &of, lookup);
            assert_eq!(
                told,
                format!(
                    "a broker says: Invalid username or password; `{instead}` is no key, password={instead}, \"{instead}\""
                )
            );
        }
        // From four letters on, wherever it stands.
        assert_eq!(told("abcde", &properties(&[("sasl.password", "abcd")]), lookup), "***e");
    }

    #[test]
    fn what_kafka_resolves_itself_is_left_to_it() {
        let text = "${file:/run/s.properties:key} ${USER}";
        assert_eq!(resolve_with(text, lookup).unwrap(), "${file:/run/s.properties:key} kim");
    }

    #[test]
    fn a_broken_reference_is_wrong() {
        assert!(wrong_reference("${PASSWORD").is_some() && wrong_reference("${}").is_some());
        assert!(wrong_reference("${PASSWORD} $5").is_none());
    }
}
