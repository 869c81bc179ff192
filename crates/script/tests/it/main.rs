//! The engine with real worker processes: hostile pages, hostile workers, and what the confinement forbids.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails at once")]

mod confinement;
mod hostile_pages;
mod hostile_workers;
mod lifecycle;
mod neighbours;
