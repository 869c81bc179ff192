//! Why a journal can't be opened.

use std::{io, path::Path};

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("open the click journal: {path} is no segment of it; move it out of that folder")]
    Foreign { path: String },
    #[error(
        "open the click journal: the head of {path} is damaged; move the file out of that folder, its clicks can't be read"
    )]
    Damaged { path: String },
    #[error("open the click journal: {path}: {source}")]
    Io { path: String, source: io::Error },
    #[error("start the click journal's thread: {source}")]
    Thread { source: io::Error },
}

impl JournalError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }
}
