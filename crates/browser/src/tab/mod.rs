//! One link in one tab: a profile of its own, what is told to the browser, when to wait and when to look.

mod clock;
mod commands;
mod look;
mod open;
mod pace;
mod room;
mod watch;

pub(crate) use open::{Surroundings, TabFault, open};
