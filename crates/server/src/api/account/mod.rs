//! `/v1/account`: the caller's workspace.

pub(crate) mod get;
