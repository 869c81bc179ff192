//! The one layer around every route.

mod envelope;
mod request_id;

pub(crate) use envelope::envelope;
pub(crate) use request_id::{RequestIds, X_REQUEST_ID};
