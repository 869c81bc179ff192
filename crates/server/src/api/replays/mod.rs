//! `/v1/replays`: how far replays are, and stopping them.

pub(crate) mod cancel;
pub(crate) mod get;
pub(crate) mod view;
