//! `/v1/jobs`: what became of a link.

pub(crate) mod evidence;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod screenshot;
pub(crate) mod view;
