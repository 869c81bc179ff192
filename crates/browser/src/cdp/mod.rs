//! The Chrome `DevTools` Protocol over a pair of pipes: messages are JSON, each ended by a NUL byte.
//!
//! It carries messages and knows no page: what a command means is its caller's business.

mod client;
mod events;
mod frames;
mod message;

pub(crate) use client::{Cdp, CdpError};
pub(crate) use events::Events;
#[cfg(fuzzing)]
pub(crate) use frames::next as next_message;
pub(crate) use message::Event;
