//! What a browser would be to the scripts of one page: parses the document, runs its code in document order, then load
//! handlers, then timers on a clock of its own, and tells where the page would go.
//!
//! It runs inside the worker process and reaches the world only through `PageCalls`.

mod calls;
mod dom;
mod engine;
mod host;
mod limits;
mod modules;
mod parser;
mod policy;
mod prelude;
mod realm;
mod run;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use calls::PageCalls;
pub(crate) use engine::Prepared;
pub(crate) use run::run;
