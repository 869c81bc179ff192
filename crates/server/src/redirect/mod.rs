//! Short links as visitors meet them: from a host and a path to a redirect, in memory wherever possible.
//!
//! The hot path: it writes nothing but clicks, and answers known links while the store is down (I09).

// Which link.
mod links;
mod recent;
mod sites;
mod wanted;

// Who visits, and whether there is room for one more click.
mod limits;
mod seen;
mod tries;
mod unlock;

// What is answered.
mod answer;
mod dispatch;
mod pages;
mod password;
mod state;
mod visit;

pub(crate) use dispatch::by_host;
pub(crate) use state::Redirects;
