//! Clicks: what is known of a visit to a short link, where its record lies, and how clicks are counted.
//!
//! Pure: reading agents, looking addresses up and keeping the journal is the clicks room's work.

mod agent;
pub mod analytics;
mod bot;
mod country;
mod journal;
pub(crate) mod log;
mod record;
mod sketch;
mod source;
mod text;
mod told;
mod utm;
mod visit;
mod visitor;

pub use agent::{Agent, Device};
pub use bot::BotReason;
pub use country::{Country, Place};
pub use journal::{JournalBatch, JournalClick, JournalOffset};
pub use record::{Click, Clicked};
pub use sketch::Sketch;
pub use source::ClickSource;
pub use text::cut;
pub use told::{clicked_event, hidden_seq};
pub use utm::Utm;
pub use visit::{ClassifyVisit, VisitMethod, VisitRequest, Visitor};
pub use visitor::VisitorHash;
