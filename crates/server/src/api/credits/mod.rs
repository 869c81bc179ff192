//! `/v1/credits`: the ledger.

pub(crate) mod grant;
pub(crate) mod list;

mod view;
