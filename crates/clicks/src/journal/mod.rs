//! The click journal: append-only segments of CRC-framed records.

mod bench;
mod codec;
mod error;
mod frame;
mod log;
mod meters;
mod reader;
mod segment;
mod settings;
mod syncer;
#[cfg(test)]
mod tests;

pub use error::JournalError;
pub use log::{Journal, Recovered};
pub use settings::{JournalSettings, OnFailure};
