//! The functions the prelude stands on: plain values in, plain values out, nodes as numbers.

mod document;
mod forms;
mod frames;
mod network;
mod nodes;
mod policy;
mod provide;
mod text;
mod url;

pub(super) use provide::host_object;
