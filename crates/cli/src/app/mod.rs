//! A whole server in this process: composed from a configuration, running until it is shut down. What `serve` runs, and
//! what tests start with a clock and chance of their own.

mod config;
mod running;

mod bootstrap;
mod clicks;
mod data_folder;
mod disk;
mod listeners;
mod master_key;
mod metrics;
mod readiness;
mod storage;

pub use bootstrap::FirstKey;
pub use config::{AppConfig, Workers};
pub use data_folder::DataFolder;
pub use running::RunningApp;

pub(crate) use bootstrap::{First, bootstrap};
pub(crate) use data_folder::write_secret;
pub(crate) use disk::Disk;
pub(crate) use storage::Storage;
