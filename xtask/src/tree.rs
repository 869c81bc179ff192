//! The repository's text files as the rules see them: read once, named relative to the root.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::source::Source;

/// Folders that hold nothing we wrote, as the end of a path.
const SKIPPED_FOLDERS: [&str; 6] =
    ["target", "hopline-data", ".git", "node_modules", "__pycache__", "bench/work"];
/// Larger files are data; reading them would only slow the check.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// One text file.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
    /// Present for `.rs` files.
    pub(crate) source: Option<Source>,
}

impl File {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let is_rust = Path::new(&path).extension().is_some_and(|extension| extension == "rs");
        let source = is_rust.then(|| Source::parse(&text));
        Self { path, text, source }
    }

    /// Whether the whole file is compiled for tests only.
    pub(crate) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// The folder under `crates/`, or the first folder of the path.
    pub(crate) fn room(&self) -> &str {
        let mut parts = self.path.split('/');
        match parts.next() {
            Some("crates") => parts.next().unwrap_or_default(),
            Some(first) => first,
            None => "",
        }
    }

    /// Line ranges (from 1) inside the file that are compiled for tests only.
    pub(crate) fn test_lines(&self) -> Vec<Range<usize>> {
        self.source.as_ref().map(Source::test_modules).unwrap_or_default()
    }
}

/// Every text file of the repository, in path order.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut paths = Vec::new();
        collect(root, &mut paths)?;
        paths.sort();
        let files =
            paths.iter().filter_map(|path| read_text(root, path).transpose()).collect::<Result<_>>()?;
        Ok(Self { files })
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|&(path, text)| File::new(path, text)).collect() }
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files.iter().filter_map(|file| file.source.as_ref().map(|source| (file, source)))
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("failed to list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && !SKIPPED_FOLDERS.iter().any(|skipped| entry.path().ends_with(skipped)) {
            collect(&entry.path(), paths)?;
        } else if kind.is_file() && entry.metadata()?.len() <= FILE_BYTES_MAX {
            paths.push(entry.path());
        }
    }
    Ok(())
}

/// `None` for a file that is no UTF-8 text.
fn read_text(root: &Path, path: &Path) -> Result<Option<File>> {
    let bytes = fs::read(path).with_context(|| format!("failed to read {}", path.display()))?;
    let relative = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
    Ok(String::from_utf8(bytes).ok().map(|text| File::new(relative, text)))
}
