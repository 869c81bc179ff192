//! `/v1/meta`: what the server says of itself.

pub(crate) mod get;
