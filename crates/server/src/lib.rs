//! The HTTP face: axum routes, extractors and problem documents.
//!
//! It knows neither SQL nor the engine: everything is asked of the store port, and told in the words of `domain`.

// What the composition root gives and gets.
mod app;
mod health;
mod parts;
mod router;
mod serve;

// One folder a resource, one file a call.
mod api;

// Short links as visitors meet them.
mod qr_design;
mod redirect;

// From a request to a typed call.
mod auth;
mod client_address;
mod context;
mod extract;
mod fields;

// From an outcome to an answer.
mod etag;
mod metrics;
mod middleware;
mod passwords;
mod problem;
mod reply;
mod secrets;

// What people and tools read.
pub mod openapi;
mod pages;

pub use app::Api;
pub use parts::{
    AppParts, Capabilities, Readiness, ReadinessCheck, ReadinessReport, ReadinessState, RetentionDays,
    ServerLimits, StorageGate,
};
pub use serve::serve;
