//! What a visit tells of its sender: agent, bot reason, place, language, visitor.

mod agent;
mod agents;
mod bots;
mod classifier;
mod error;
mod language;
mod places;
mod salt;

pub use classifier::{Classifier, ClassifierSettings};
pub use error::ClassifierError;
