//! The master key: seals webhook secrets, lives in a file of its own, outside the database (I10).
//!
//! A copy of the database without it opens no secret; so the two are to be copied to different places.

use std::{fs, io, path::Path};

use anyhow::{Context as _, Result, bail};
use hopline_domain::entropy::Entropy;
use hopline_signing::MasterKey;

use super::data_folder::write_secret;

/// Whether the folder has a database already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Absent,
    /// Its secrets are sealed: a new key would open none of them.
    Present,
}

/// Reads the key, or makes one for a folder that has no database yet.
pub(crate) fn load(path: &Path, database: Database, entropy: &dyn Entropy) -> Result<MasterKey> {
    match fs::read_to_string(path) {
        Ok(text) => MasterKey::parse(&text).with_context(|| format!("use the master key {}", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound && database == Database::Absent => {
            make(path, entropy)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => bail!(
            "find the master key {}: there is a database, and its webhook secrets open with that key only; \
             put the file back, or name its place with --master-key-file",
            path.display()
        ),
        Err(error) => Err(error).with_context(|| format!("read the master key {}", path.display())),
    }
}

fn make(path: &Path, entropy: &dyn Entropy) -> Result<MasterKey> {
    let key = MasterKey::generate(&mut |bytes| entropy.fill(bytes));
    write_secret(path, &key.file_text())
        .with_context(|| format!("write the master key {}", path.display()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use hopline_domain::entropy::OsEntropy;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_never_beside_a_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let error = load(&path, Database::Present, &OsEntropy).unwrap_err().to_string();
        assert!(error.starts_with("find the master key") && !path.exists(), "{error}");
        let made = load(&path, Database::Absent, &OsEntropy).unwrap();
        assert_eq!(load(&path, Database::Present, &OsEntropy).unwrap().id(), made.id());
        fs::write(&path, "hopline-master-key-v1:c2hvcnQ=\n").unwrap();
        assert!(load(&path, Database::Present, &OsEntropy).is_err());
    }
}
