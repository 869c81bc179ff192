//! The data folder: made for its owner only, and held by one process at a time.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process,
};

use anyhow::{Context as _, Result, bail};

const LOCK_FILE: &str = "lock";
const FOLDER_MODE: u32 = 0o700;
pub(super) const SECRET_FILE_MODE: u32 = 0o600;
/// A process id and its line break.
const PID_BYTES_MAX: u64 = 32;

/// A data folder that no other process can open while this lives.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if it is not there and takes its lock; names the process that has it otherwise.
    pub fn open(path: &Path) -> Result<Self> {
        let opening = || format!("open the data folder {}", path.display());
        make(path).with_context(opening)?;
        let lock = take_lock(&path.join(LOCK_FILE)).with_context(opening)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

fn take_lock(path: &Path) -> Result<File> {
    // Its bytes are replaced below: a link would have those of another file replaced.
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        bail!("{} is no plain file; remove it or choose another --data", path.display());
    }
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(SECRET_FILE_MODE)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            bail!(
                "another hopline (pid {}) holds it; stop that one or choose another --data",
                holder(&mut file)
            )
        }
        Err(TryLockError::Error(error)) => return Err(error).context("lock it; use a local disk"),
    }
    if !holds_pid(&mut file)? {
        bail!("{} is not Hopline's; remove it or choose another --data", path.display());
    }
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", process::id())?;
    Ok(file)
}

/// Whether it is what a process before left, or new.
fn holds_pid(file: &mut File) -> io::Result<bool> {
    let mut bytes = Vec::new();
    file.take(PID_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    let is_pid = bytes.trim_ascii().iter().all(u8::is_ascii_digit);
    Ok(is_pid && bytes.len() as u64 <= PID_BYTES_MAX)
}

fn holder(file: &mut File) -> String {
    let mut pid = String::new();
    let read = file.rewind().and_then(|()| file.take(PID_BYTES_MAX).read_to_string(&mut pid));
    if read.is_ok() && !pid.trim().is_empty() { pid.trim().to_owned() } else { "unknown".to_owned() }
}

/// Writes a secret to a new file only its owner can read, through to the disk.
pub(crate) fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(SECRET_FILE_MODE).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // The name must last as well as the bytes.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_second_opening_names_the_holder() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let folder = DataFolder::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, FOLDER_MODE);
        let error = format!("{:#}", DataFolder::open(&path).unwrap_err());
        assert!(error.contains(&format!("another hopline (pid {}) holds it", process::id())), "{error}");
        drop(folder);
        assert!(DataFolder::open(&path).is_ok());
    }

    #[test]
    fn files_of_others_are_left_alone() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (lock, other) = (folder.path().join(LOCK_FILE), elsewhere.path().join("other"));
        fs::write(&other, "12\n").unwrap();
        symlink(&other, &lock).unwrap();
        assert!(DataFolder::open(folder.path()).is_err());
        assert_eq!(fs::read_to_string(&other).unwrap(), "12\n");
        fs::remove_file(&lock).unwrap();
        for (text, is_ours) in [("a lock of another program", false), ("", true), ("4711\n", true)] {
            fs::write(&lock, text).unwrap();
            assert_eq!(DataFolder::open(folder.path()).is_ok(), is_ours, "{text:?}");
            let expected = if is_ours { format!("{}\n", process::id()) } else { text.to_owned() };
            assert_eq!(fs::read_to_string(&lock).unwrap(), expected);
        }
    }

    #[test]
    fn secrets_are_their_owners_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/secret");
        write_secret(&path, "one\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, SECRET_FILE_MODE);
        assert!(write_secret(&path, "two\n").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n");
    }
}
