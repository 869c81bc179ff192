//! Content Security Policy (Level 3): which scripts may run and where a page may connect, submit and be based.

mod list;
mod sandbox;
mod source;

pub(super) use list::{Inline, Policies, PolicyOrigin, ScriptUrl};
pub(super) use sandbox::{Sandbox, TopNavigation};
