//! The browser as a process of the system: finding it, starting it unprivileged, watching what it costs, ending it.

mod find;
mod flags;
mod folder;
mod launch;
mod memory;
mod running;

pub(crate) use find::find;
pub(crate) use flags::NOWHERE;
pub(crate) use launch::launch;
pub(crate) use running::{Link, Process};
