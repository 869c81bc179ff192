//! `/v1/providers`: the links this server knows by name.

pub(crate) mod list;
