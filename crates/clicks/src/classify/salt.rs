//! The salt of visitor hashes: one for each UTC day, kept in a file so that a restart keeps the day's visitors, then destroyed.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use hopline_domain::{entropy::Entropy, time::Timestamp};
use zeroize::{Zeroize as _, Zeroizing};

use super::ClassifierError;

const FILE: &str = "visitor-salt";
const SALT_BYTES: usize = 32;
/// Day and salt.
const FILE_BYTES: usize = 8 + SALT_BYTES;

#[derive(Debug)]
struct Daily {
    day: i64,
    salt: Zeroizing<[u8; SALT_BYTES]>,
}

#[derive(Debug)]
pub(super) struct Salt {
    path: PathBuf,
    daily: Mutex<Daily>,
}

impl Salt {
    pub(super) fn open(
        folder: &Path,
        entropy: &dyn Entropy,
        now: Timestamp,
    ) -> Result<Self, ClassifierError> {
        let path = folder.join(FILE);
        let refuse = |error: std::io::Error| ClassifierError::salt(&path, &error);
        let today = now.utc_day();
        let kept = match fs::read(&path) {
            Ok(bytes) => read(&Zeroizing::new(bytes)).filter(|kept| kept.day == today),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(refuse(error)),
        };
        let daily = if let Some(kept) = kept {
            kept
        } else {
            let fresh = fresh(today, entropy);
            write(&path, &fresh).map_err(refuse)?;
            fresh
        };
        Ok(Self { path, daily: Mutex::new(daily) })
    }

    /// Works with the salt of `now`'s day. A clock that goes back keeps the later day's.
    pub(super) fn with<T>(
        &self,
        entropy: &dyn Entropy,
        now: Timestamp,
        work: impl FnOnce(&[u8; SALT_BYTES]) -> T,
    ) -> T {
        let mut daily = self.daily.lock().unwrap_or_else(PoisonError::into_inner);
        if daily.day < now.utc_day() {
            *daily = fresh(now.utc_day(), entropy);
            // Not written, it is only forgotten with the next restart.
            if let Err(error) = write(&self.path, &daily) {
                tracing::warn!(%error, "the day's salt of visitor hashes could not be kept");
            }
        }
        work(&daily.salt)
    }
}

fn fresh(day: i64, entropy: &dyn Entropy) -> Daily {
    let mut salt = Zeroizing::new([0; SALT_BYTES]);
    entropy.fill(salt.as_mut());
    Daily { day, salt }
}

fn read(bytes: &[u8]) -> Option<Daily> {
    let bytes: &[u8; FILE_BYTES] = bytes.try_into().ok()?;
    let (day, salt) = bytes.split_first_chunk::<8>()?;
    Some(Daily { day: i64::from_le_bytes(*day), salt: Zeroizing::new(salt.try_into().ok()?) })
}

/// Written over the old one in its place, so that no copy of yesterday's is left on the disk by us.
fn write(path: &Path, daily: &Daily) -> std::io::Result<()> {
    let mut bytes = [0; FILE_BYTES];
    bytes[..8].copy_from_slice(&daily.day.to_le_bytes());
    bytes[8..].copy_from_slice(daily.salt.as_ref());
    let mut options = OpenOptions::new();
    let opened = options.write(true).create(true).truncate(false).mode(0o600).open(path);
    let written = opened.and_then(|mut file| {
        file.write_all(&bytes)?;
        file.set_len(u64::try_from(FILE_BYTES).unwrap_or(0))?;
        file.sync_data()
    });
    bytes.zeroize();
    written
}

#[cfg(test)]
mod tests {
    use hopline_domain::{entropy::OsEntropy, time::DAY_MS};

    use super::*;

    fn salt_of(salt: &Salt, now: Timestamp) -> [u8; SALT_BYTES] {
        salt.with(&OsEntropy, now, |salt| *salt)
    }

    #[test]
    fn a_day_has_one_salt_and_the_next_destroys_it() {
        let folder = tempfile::tempdir().unwrap();
        let (today, tomorrow) = (Timestamp(DAY_MS * 20_000 + 5), Timestamp(DAY_MS * 20_001));
        let open = |now| Salt::open(folder.path(), &OsEntropy, now).unwrap();
        let salt = open(today);
        let first = salt_of(&salt, today);
        assert_eq!(salt_of(&open(today), today), first, "a restart keeps the day's salt");
        let second = salt_of(&salt, tomorrow);
        assert_ne!(second, first);
        assert_eq!(salt_of(&salt, today), second, "a clock that goes back changes nothing");
        let kept = fs::read(folder.path().join(FILE)).unwrap();
        assert!(kept.ends_with(&second) && kept.len() == FILE_BYTES);
        assert_eq!(salt_of(&open(tomorrow), tomorrow), second);
    }

    #[test]
    fn a_damaged_file_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), b"?").unwrap();
        let now = Timestamp(DAY_MS);
        let salt = salt_of(&Salt::open(folder.path(), &OsEntropy, now).unwrap(), now);
        assert!(fs::read(folder.path().join(FILE)).unwrap().ends_with(&salt));
    }
}
