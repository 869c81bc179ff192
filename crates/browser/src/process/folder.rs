//! The browser's home: a folder only it and we can enter, gone when it ends. Whoever owns one holds a lock on it, so that
//! what a killed program left behind is told from what another one uses.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tempfile::TempDir;

use crate::config::{BrowserConfig, RunAs};

const PREFIX: &str = "hopline-browser-";
/// Somebody who clears up can take a folder for left behind just before it is locked.
const TRIES_MAX: usize = 5;
/// Folders removed at one start; the next start goes on.
const LEFTOVERS_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Folder {
    folder: TempDir,
    _lock: File,
}

impl Folder {
    /// Removes what others left behind, and makes a new one.
    pub(super) fn make(config: &BrowserConfig) -> io::Result<Self> {
        let scratch = config.scratch.clone().unwrap_or_else(std::env::temp_dir);
        let owner = owner(config.run_as);
        remove_leftovers(&scratch, owner.uid);
        for _ in 0..TRIES_MAX {
            if let Some(made) = Self::try_make(&scratch, owner)? {
                return Ok(made);
            }
        }
        Err(io::Error::other("every new folder was taken for one left behind"))
    }

    fn try_make(scratch: &Path, owner: RunAs) -> io::Result<Option<Self>> {
        let folder = TempDir::with_prefix_in(PREFIX, scratch)?;
        let Some(lock) = lock(folder.path()) else { return Ok(None) };
        chown(folder.path(), Some(owner.uid), Some(owner.gid))?;
        Ok(Some(Self { folder, _lock: lock }))
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes also what could not be while the browser's processes were still writing.
    pub(super) fn remove(self) {
        let path = self.path().to_owned();
        if self.folder.close().is_err() {
            fs::remove_dir_all(path).ok();
        }
    }
}

/// Whom the folders belong to: root's browser is another's.
fn owner(run_as: RunAs) -> RunAs {
    if rustix::process::geteuid().is_root() {
        return run_as;
    }
    RunAs { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() }
}

/// The lock of a folder that is still there; `None` when another holds it.
fn lock(path: &Path) -> Option<File> {
    let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits();
    let file = OpenOptions::new().read(true).custom_flags(i32::try_from(flags).ok()?).open(path).ok()?;
    file.try_lock().ok()?;
    let inode = |metadata: &fs::Metadata| (metadata.dev(), metadata.ino());
    let is_there = inode(&fs::symlink_metadata(path).ok()?) == inode(&file.metadata().ok()?);
    is_there.then_some(file)
}

/// Only our own: others may name their folders as they like.
fn remove_leftovers(scratch: &Path, uid: u32) {
    let Ok(entries) = fs::read_dir(scratch) else { return };
    let named = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    let owned = named.filter(|entry| {
        entry.metadata().is_ok_and(|metadata| {
            let is_ours = metadata.uid() == uid || metadata.uid() == rustix::process::geteuid().as_raw();
            metadata.is_dir() && is_ours
        })
    });
    let mut removed = 0;
    for path in owned.map(|entry| entry.path()) {
        if removed < LEFTOVERS_MAX && remove_leftover(&path) {
            removed += 1;
        }
    }
    if removed > 0 {
        tracing::info!(folders = removed, "removed profiles that a browser left behind");
    }
}

fn remove_leftover(path: &PathBuf) -> bool {
    let Some(_lock) = lock(path) else { return false };
    fs::remove_dir_all(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(scratch: &Path) -> BrowserConfig {
        BrowserConfig { scratch: Some(scratch.to_owned()), ..BrowserConfig::default() }
    }

    #[test]
    fn what_was_left_behind_is_removed_and_what_is_used_is_not() {
        let scratch = tempfile::tempdir().unwrap();
        let at = |name: &str| scratch.path().join(name);
        fs::create_dir_all(at("hopline-browser-left/profile/Default")).unwrap();
        fs::create_dir(at("another")).unwrap();
        fs::write(at("hopline-browser-file"), "").unwrap();
        std::os::unix::fs::symlink(at("another"), at("hopline-browser-link")).unwrap();
        let used = Folder::make(&config(scratch.path())).unwrap();
        assert!(!at("hopline-browser-left").exists());
        let second = Folder::make(&config(scratch.path())).unwrap();
        assert!(used.path().exists() && second.path().exists());
        for kept in ["another", "hopline-browser-file", "hopline-browser-link"] {
            assert!(at(kept).exists(), "{kept}");
        }
        let path = used.path().to_owned();
        used.remove();
        assert!(!path.exists() && second.path().exists());
    }

    #[test]
    fn a_folder_that_was_removed_before_it_was_locked_is_not_locked() {
        let scratch = tempfile::tempdir().unwrap();
        assert!(lock(&scratch.path().join("gone")).is_none());
        let held = lock(scratch.path()).unwrap();
        assert!(lock(scratch.path()).is_none(), "one holder at a time");
        drop(held);
        assert!(lock(scratch.path()).is_some());
    }
}
