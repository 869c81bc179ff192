//! A headless Chromium behind a guarded proxy: what a link does when a real browser opens it.
//!
//! Every byte of the browser goes through `proxy`, and so through `outbound`'s address policy (I04). Each link gets a
//! profile and a proxy of its own; both are gone when it ends. Nothing here clicks or solves anything.

// What a caller says and gets.
mod config;
mod error;
mod visit;

// One pool of tabs in one process at a time.
mod browser;
mod process;

// Speaking to it, and its way out.
mod cdp;
mod proxy;

// One link in one tab, and what is kept of it.
mod record;
mod tab;

#[cfg(fuzzing)]
pub mod fuzzing;

pub use browser::Browser;
pub use config::{BrowserBounds, BrowserConfig, RunAs, Sandbox};
pub use error::BrowserError;
pub use visit::{Visit, VisitEnd, VisitReport};
