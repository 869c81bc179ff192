//! Why visits can't be classified as the settings ask.

use std::path::Path;

#[derive(Debug, thiserror::Error)]
pub enum ClassifierError {
    #[error(
        "open the address database {path}: {detail}; give a readable MaxMind DB file in `clicks.mmdb`, or none"
    )]
    Places { path: String, detail: String },
    #[error("keep the salt of visitor hashes in {path}: {detail}")]
    Salt { path: String, detail: String },
}

impl ClassifierError {
    pub(super) fn places(path: &Path, detail: &dyn std::fmt::Display) -> Self {
        Self::Places { path: path.display().to_string(), detail: detail.to_string() }
    }

    pub(super) fn salt(path: &Path, detail: &dyn std::fmt::Display) -> Self {
        Self::Salt { path: path.display().to_string(), detail: detail.to_string() }
    }
}
