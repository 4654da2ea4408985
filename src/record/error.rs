//! What can go wrong with a results folder.

use std::path::{Path, PathBuf};

/// A results folder could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system said no.
    #[error("cannot {what} `{path}`: {source}")]
    Io {
        /// `write`, `read`, `create` or `move`.
        what: &'static str,
        /// Of which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is there and is not what it should be.
    #[error("`{path}` cannot be understood: {why}")]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// A record of a later format than this bench knows.
    #[error(
        "`{path}` has format {found}, and this bench reads records up to format {known}: read them with {by}"
    )]
    TooNew {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// Ours.
        known: u32,
        /// Which bench to use.
        by: String,
    },
}

/// Why a file cannot be understood, as its reader says.
pub(super) struct Why(String);

impl From<String> for Why {
    fn from(why: String) -> Self {
        Why(why)
    }
}

impl From<serde_json::Error> for Why {
    fn from(why: serde_json::Error) -> Self {
        Why(why.to_string())
    }
}

impl From<csv::Error> for Why {
    fn from(why: csv::Error) -> Self {
        Why(why.to_string())
    }
}

impl StoreError {
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
        let path = path.to_owned();
        move |source| StoreError::Io { what, path, source }
    }

    pub(super) fn malformed(path: &Path, why: impl Into<Why>) -> StoreError {
        StoreError::Malformed { path: path.to_owned(), why: why.into().0 }
    }
}
