//! Clicks on their way in: what a visit tells of its sender, and the journal its click is written to before the answer.
//!
//! Knows no database and no HTTP; opens no socket. The folded clicks are the store's.

mod classify;
mod journal;

pub use classify::{Classifier, ClassifierError, ClassifierSettings};
pub use journal::{Journal, JournalError, JournalSettings, OnFailure, Recovered};
