//! The resolver: follows one link hop by hop as a browser would and keeps the evidence.
//!
//! `peeler` is the face, `follow` the walk over `trail`; each mechanism that can move a navigation has a file of its own
//! and only reads what it is given. Sockets are `outbound`'s.

// The face and the walk.
mod budgets;
mod follow;
mod peeler;
mod trail;

// What an answer means.
mod answer;
mod csp;
mod html;
mod location;
mod refresh;
mod schedule;
mod url_text;

// What a request carries.
mod cookies;
mod referer;
mod request_headers;

// What is kept.
mod evidence;
mod fit;

pub use budgets::Budgets;
pub use peeler::{PeelRequest, Peeler};
