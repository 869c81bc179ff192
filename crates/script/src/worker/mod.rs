//! The process a page runs in: confines itself, says that it is ready, runs the one page it is sent, reports, ends.
//!
//! It has the engine's line on standard input and output and nothing else. A panic ends it.

mod line;
mod process;

pub use process::worker_main;
