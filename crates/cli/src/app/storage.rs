//! The data folder opened: its lock, its master key and its store, in the order in which each can still refuse.

use std::sync::Arc;

use anyhow::Result;
use hopline_domain::{entropy::Entropy, wake::WakeHub};
use hopline_signing::MasterKey;
use hopline_store::sqlite::{SqliteOptions, SqliteStore, schema_versions};

use super::{
    data_folder::DataFolder,
    master_key::{self, Database},
};
use crate::config::FolderSettings;

/// An opened data folder.
#[derive(Debug)]
pub(crate) struct Storage {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) master_key: Arc<MasterKey>,
    pub(crate) wake: Arc<WakeHub>,
    /// Last: its lock outlives the store.
    pub(crate) folder: DataFolder,
}

impl Storage {
    pub(crate) fn open(settings: &FolderSettings, entropy: &dyn Entropy) -> Result<Self> {
        let folder = DataFolder::open(&settings.data)?;
        let master_key = master_key::load(&settings.master_key_file, database(&folder)?, entropy)?;
        let wake = Arc::new(WakeHub::default());
        let store = SqliteStore::open(SqliteOptions::new(folder.path(), Arc::clone(&wake)))?;
        Ok(Self { store: Arc::new(store), master_key: Arc::new(master_key), wake, folder })
    }
}

fn database(folder: &DataFolder) -> Result<Database> {
    let has_schema = schema_versions(folder.path())?.iter().any(|version| version.found > 0);
    Ok(if has_schema { Database::Present } else { Database::Absent })
}
