//! Verdicts: statements computed from a chain alone, one file each, with its definition in the file's head.
//!
//! A verdict that nothing can be said about has no value. A fault that was seen is said of an unfinished chain too; that
//! there is none is said only of a chain that reached its end. `docs/verdicts.md` says the same for users.

// What they are made of, and all of them at once.
mod verdicts;

// One verdict each.
mod click_ids;
mod drift;
mod expected_domain;
mod hop_count;
mod https_all_hops;
mod https_downgrade;
mod networks;
mod parallel_tracking_safe;
mod params_lost;
mod slow_hops;

// What several of them ask.
mod registrable_domain;
mod seen;

pub use click_ids::{CLICK_IDS, ClickId};
pub(crate) use click_ids::{carried_by, without_click_ids};
pub use drift::{Change, Previous};
pub use networks::{NetworkMet, Networks};
pub(crate) use registrable_domain::site_of;
pub use slow_hops::{SLOW_HOP_MS, SlowHop};
pub use verdicts::{Expectations, Verdict, Verdicts, of};
