//! The document tree: an arena of nodes addressed by small numbers, so that scripts can hold on to them.
//!
//! Knows HTML's parsing and serialising, not what scripts, frames or forms mean.

mod document;
mod name;
mod node;
mod selector;
mod selector_parse;
mod serialize;
mod sink;
mod tree;

pub(super) use document::{Document, TextSource};
pub(super) use node::{Element, NodeData, NodeId};
pub(super) use selector::Selector;
pub(super) use sink::DocumentSink;
pub(super) use tree::{Depth, TooManyNodes, Tree};
