//! The one binary and composition root: settings, lifecycle, one file per subcommand.
//!
//! The only room that reads the environment. [`app`] is also how tests start a whole server in their own process.

// What a person or an init system starts.
mod commands;
mod exit;
mod output;
mod runtime;
mod view;

// A server in this process.
pub mod app;
pub mod config;
mod lifecycle;
mod resolver;
mod telemetry;

pub use commands::run;
pub use lifecycle::Drained;
