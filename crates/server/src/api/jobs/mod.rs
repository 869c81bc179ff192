//! `/v1/jobs`: what became of a link.

pub(crate) mod evidence;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod screenshot;
mod verdicts;
pub(crate) mod view;
