//! Short links: their slugs, what they say of themselves, and what a visit to one is answered.
//!
//! Pure. Reading a link, counting a click and writing the answer are other rooms' work.

mod check;
mod content;
mod decide;
mod destination;
mod document;
mod domain;
mod forward;
mod health;
mod link;
mod lookup;
mod rule;
mod slug;
mod status;
mod tag;

pub use check::check;
pub use content::{CachePolicy, LinkContent, LinkSecret, OpenGraph, QrDesign, RedirectStatus, Watch};
pub use decide::{Allowance, Decision, Gone, Unlocked, Visit, decide};
pub use destination::{DestinationPolicy, DestinationRefusal};
pub use document::{LinkDocument, ShortUrls};
pub use domain::{CaseRule, DomainHost, DomainHostError, ShortDomain};
pub use health::{HealthStatus, LinkHealth};
pub use link::ShortLink;
pub use lookup::{LookupKey, lookup_keys};
pub use rule::{Conditions, Rule, TimeWindow, parse_rules};
pub use slug::{Slug, SlugError, SlugKey, is_reserved_segment, random_slug};
pub use status::{LinkState, LinkStatus};
pub use tag::{Tag, TagName, TagNameError};
