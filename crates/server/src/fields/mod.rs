//! Reading JSON bodies member by member, so that every fault is found at once and has its place.

mod faults;
mod object;
mod readers;

pub(crate) use faults::{Faults, Place};
pub(crate) use object::{Change, Fields, FromFields};
pub(crate) use readers::{boolean, integer, list, object, parsed, text, text_map, timestamp, word};
