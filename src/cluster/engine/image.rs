//! What containers are made of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Engine, EngineError, said};

/// How long an image may take to be pulled or built.
const WITHIN: Duration = Duration::from_mins(15);
/// The label of images that bench has had built, by which they can be taken away.
const BUILT_LABEL: &str = "kafka-bench.built=true";
/// What an engine says where it is the way to a registry that fails, and not what was asked for.
const ON_THE_WAY: [&str; 9] = [
    "connection refused",
    "no such host",
    "timeout",
    "timed out",
    "temporary failure",
    "network is unreachable",
    "no space left",
    "stopped",
    "toomanyrequests",
];

/// An image that the engine has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// As the file names it, or the folder that it was built from.
    pub name: String,
    /// Whether it was built for this run.
    #[serde(default)]
    pub built: bool,
    /// Its id: the digest of its configuration.
    pub id: String,
    /// Its digest in a registry; null of one that was in none.
    #[serde(default)]
    pub digest: Option<String>,
    /// The engine that ran it, with its version.
    #[serde(default)]
    pub engine: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectedImage {
    id: String,
    repo_digests: Option<Vec<String>>,
}

impl Engine {
    /// An image by its name, pulled where it is not there.
    pub fn image(&self, name: &str, stop: &dyn Fn() -> bool) -> Result<Image, EngineError> {
        if self.long(&["image", "inspect", name], stop).is_err() {
            self.long(&["pull", "--quiet", name], stop).map_err(|reason| {
                self.refused(&format!("has no image `{name}`, and cannot pull it"), reason)
            })?;
        }
        self.known(name, name, false)
    }

    /// The image that a folder with that Dockerfile comes to.
    pub fn build(
        &self,
        folder: &str,
        dockerfile: &str,
        stop: &dyn Fn() -> bool,
    ) -> Result<Image, EngineError> {
        let dockerfile = format!("{folder}/{dockerfile}");
        let said = self
            .long(&["build", "--quiet", "--label", BUILT_LABEL, "--file", &dockerfile, folder], stop)
            .map_err(|reason| self.refused(&format!("cannot build `{dockerfile}`"), reason))?;
        self.known(&dockerfile, said.lines().last().unwrap_or_default().trim(), true)
    }

    /// A call that may take long, and ends where nobody wants its end any more.
    fn long(&self, arguments: &[&str], stop: &dyn Fn() -> bool) -> Result<String, String> {
        said(self.command(arguments.iter().copied()), WITHIN, stop)
    }

    fn known(&self, name: &str, by: &str, built: bool) -> Result<Image, EngineError> {
        let what = format!("cannot look at the image `{name}`");
        let text = self.ask(&what, &["image", "inspect", by])?;
        let all: Vec<InspectedImage> =
            serde_json::from_str(&text).map_err(|error| self.refused(&what, error.to_string()))?;
        let Some(image) = all.into_iter().next() else {
            return Err(self.refused(&what, "it is told of none".to_owned()));
        };
        let digest = image.repo_digests.unwrap_or_default().into_iter().next();
        let digest = digest.and_then(|text| Some(text.split_once('@')?.1.to_owned())).filter(|_| !built);
        let id = if image.id.contains(':') { image.id } else { format!("sha256:{}", image.id) };
        Ok(Image { name: name.to_owned(), built, id, digest, engine: self.to_string() })
    }

    fn refused(&self, what: &str, reason: String) -> EngineError {
        let words = reason.to_ascii_lowercase();
        let of_the_file = !ON_THE_WAY.iter().any(|way| words.contains(way));
        EngineError::Refused { what: format!("{} {what}", self.program), reason, of_the_file }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// An engine that builds an image, and keeps what it was asked.
    const FAKE: &str = r#"#!/bin/sh
echo "$@" >> "$(dirname "$0")/asked"
case "$1" in
build) echo abcd ;;
image) echo '[{"Id": "abcd", "RepoDigests": null}]' ;;
esac
"#;

    #[test]
    fn an_image_that_is_built_can_be_told_from_those_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("fake");
        fs::write(&program, FAKE).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let engine = Engine { program: program.display().to_string(), ..Engine::default() };
        let image = engine.build("orders", "Dockerfile", &|| false).unwrap();
        assert_eq!((image.id.as_str(), image.built), ("sha256:abcd", true));
        let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
        assert!(asked.starts_with("build ") && asked.contains("--label kafka-bench.built=true "), "{asked}");
    }
}
