//! The caller's side: starts workers, answers their questions through the [`PageHost`], ends those that misbehave.
//!
//! A process runs one page and ends: a page that takes over its worker finds no other page, of this chain or another, in it.
//! To start one, make its window ready and confine it takes about 5 ms of one core, more than ten times what most pages take:
//! the next two are started while pages run, and a page that comes later waits for none of it.

mod conversation;
mod error;
mod host;
mod pipe;
mod process;
mod script_engine;
mod settings;
mod spares;

pub use error::{ScriptError, WorkerEnd};
pub use host::PageHost;
pub use script_engine::ScriptEngine;
pub use settings::{ScriptCommand, ScriptLimits};
