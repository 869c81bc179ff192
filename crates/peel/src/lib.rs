//! The resolver: follows one link hop by hop as a browser would and keeps the evidence.
//!
//! `peeler` is the face, `follow` the walk over `trail`, `settle` what becomes of a page; each mechanism that can move a
//! navigation has a file of its own and only reads what it is given. Sockets are `outbound`'s.

// The face and the walk.
mod browse;
mod budgets;
mod conclude;
mod deadline;
mod follow;
mod offline;
mod peeler;
mod polite;
mod settle;
mod trail;

// What an answer means.
mod answer;
mod app_link;
mod csp;
mod departure;
mod framed;
mod host_pattern;
mod html;
mod interstitial;
mod location;
mod refresh;
mod schedule;
mod url_text;
mod verification;

// What a request carries.
mod cookies;
mod next_hop;
mod referer;
mod request_headers;

// What a page's scripts may do.
mod cors;
mod page_answer;
mod page_host;
mod scripted;
mod storage;
mod subresource;

// What is kept.
mod evidence;
mod fit;

#[cfg(fuzzing)]
pub mod fuzzing;

pub use browse::LinkBrowser;
pub use budgets::{Budgets, ScriptBudgets};
pub use peeler::{PeelRequest, Peeled, Peeler, PeelerParts, Standing};
pub use scripted::PageRunner;
