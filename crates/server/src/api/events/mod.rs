//! `/v1/events`: the event log, as a list and as a stream.

mod view;

pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod stream;
