//! Where the data is.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use serde::Deserialize;

use super::Environment;

/// What one source says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FolderSection {
    /// Data folder; made if it is not there [default: hopline-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Database; without it SQLite files in the data folder
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Master key, when it is to live outside the data folder [default: DIR/master.key]
    #[arg(long, value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
}

/// What holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderSettings {
    pub data: PathBuf,
    /// Seals webhook secrets; keep a copy apart from copies of the database.
    pub master_key_file: PathBuf,
}

impl FolderSection {
    pub(super) fn from_environment(environment: &Environment) -> Result<Self> {
        Ok(Self {
            data: environment.value("DATA")?,
            database: environment.value("DATABASE")?,
            master_key_file: environment.value("MASTER_KEY_FILE")?,
        })
    }

    pub(super) fn over(self, lower: Self) -> Self {
        Self {
            data: self.data.or(lower.data),
            database: self.database.or(lower.database),
            master_key_file: self.master_key_file.or(lower.master_key_file),
        }
    }

    pub(super) fn settle(self) -> Result<FolderSettings> {
        if let Some(database) = self.database {
            refuse_foreign_database(&database)?;
        }
        let data = self.data.unwrap_or_else(|| PathBuf::from("hopline-data"));
        let master_key_file = self.master_key_file.unwrap_or_else(|| data.join("master.key"));
        Ok(FolderSettings { data, master_key_file })
    }
}

/// `sqlite:` names what is the default anyway; the URL itself may hold a password and is not repeated.
fn refuse_foreign_database(database: &str) -> Result<()> {
    match database.split_once(':').map(|(scheme, _)| scheme) {
        Some("sqlite") => Ok(()),
        Some("postgres" | "postgresql") => {
            bail!(
                "use the database: this Hopline stores in SQLite only, PostgreSQL is not supported yet; leave --database out"
            )
        }
        _ => {
            bail!("use the database: --database takes an URL, and only `sqlite:` is supported; leave it out")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settle(database: &str) -> Result<FolderSettings> {
        FolderSection { database: Some(database.to_owned()), ..FolderSection::default() }.settle()
    }

    #[test]
    fn only_sqlite_is_taken_and_passwords_are_not_repeated() {
        assert!(settle("sqlite:").is_ok());
        let error = settle("postgres://hopline:hunter2@db/hopline").unwrap_err().to_string();
        assert!(error.contains("PostgreSQL is not supported yet") && !error.contains("hunter2"), "{error}");
        assert!(settle("mysql://db").is_err());
    }
}
