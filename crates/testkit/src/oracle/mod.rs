//! The recorded corpora: responses whose fate in a real Chromium is on record, and the judge of other answers to them.
//!
//! `data/oracle-cases.json` came with the project; `data/oracle-more.json` is written by `oracle/record.mjs`.

mod case;
mod corpus;
mod disagreements;
mod judge;
mod recording;

pub use case::{Case, Group};
pub use corpus::{Corpus, RECORDED_PORT};
pub use disagreements::{BY_CONTRACT, Disagreement, WITH_BROWSER, WITHOUT_BROWSER, reason_for};
pub use judge::{Answer, Fault, FaultKind};
pub use recording::{Ending, ExpectedHop};
