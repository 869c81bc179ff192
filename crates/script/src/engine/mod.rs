//! The caller's side: starts workers, answers their questions through the [`PageHost`], ends those that misbehave.
//!
//! A process runs one page and ends: a page that takes over its worker finds no other page, of this chain or another, in it.
//! To start one, make its script engine ready and confine it takes about 5 ms of one core, so the next is started while a page
//! runs, and its page waits for none of it.

mod conversation;
mod error;
mod host;
mod pipe;
mod process;
mod script_engine;
mod settings;

pub use error::{ScriptError, WorkerEnd};
pub use host::PageHost;
pub use script_engine::ScriptEngine;
pub use settings::{ScriptCommand, ScriptLimits};
