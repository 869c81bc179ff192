//! From what the browser tells to hops and an end: a state machine over events, with no pipe and no clock.

mod cookies;
mod entry;
mod headers;
mod kind;
mod net_error;
mod recorder;
mod seen;

pub(crate) use net_error::reason_of;
pub(crate) use recorder::{End, Held, HeldOf, Limits, Move, Recorder, Reply};
pub(crate) use seen::Seen;
