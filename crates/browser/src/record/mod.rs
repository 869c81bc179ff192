//! From what the browser tells to hops and an end: a state machine over events, with no pipe and no clock.

mod cookies;
mod entry;
mod headers;
mod kind;
mod moves;
mod net_error;
mod recorder;
mod seen;

pub(crate) use moves::{End, Held, HeldOf, Move, Reply};
pub(crate) use net_error::reason_of;
pub(crate) use recorder::{Limits, Recorder};
pub(crate) use seen::Seen;
