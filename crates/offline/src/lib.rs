//! Decodes links that carry their destination in themselves: mail wrappers, search results, affiliate deep links,
//! AMP caches, app links. Rules are data (`rules.toml`) in a small language (`docs/offline-rules.md`); nothing is asked
//! of the network, and what is not certain is not decoded.

mod decode;
mod destination;
mod error;
mod file;
mod hosts;
mod html;
mod names;
mod path;
mod percent;
mod proofpoint;
mod query;
mod rule;
mod rules;
mod step;
mod strict;
mod value;

pub use error::RulesError;
pub use rules::{LAYERS_MAX, LINK_BYTES_MAX, Rules};
pub use step::{Step, StepKind};
