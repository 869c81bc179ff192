//! The typed API client and webhook verifier: the Rust SDK, used by the command line.
//!
//! It dials one place only, the server its user named (`HOPLINE_URL` for the command line); it follows no redirect and knows
//! no proxy. Guarded dialling of foreign addresses is `outbound`'s, never done here (I04).

// How a call is made.
mod client;
mod connect;
mod error;
mod page;

// What can be called, one file per resource.
mod account;
mod deliveries;
mod jobs;
mod keys;
mod links;
mod meta;
mod resolve;

mod verifier;

pub use account::{Account, AccountProvider};
pub use client::{Client, ClientConfig};
pub use deliveries::{Attempt, Delivery, DeliveryFilter};
pub use error::{ClientError, Problem};
pub use jobs::Job;
pub use keys::{
    CreateKey, CreatedKey, Key, KeyLimits, LiveSecret, RotateWebhookSecret, RotatedWebhookSecret, UpdateKey,
    WebhookSecrets,
};
pub use links::{BulkError, BulkFormat, BulkLink, BulkResult, Link, LinkFilter, LinkWrite};
pub use meta::Meta;
pub use page::{ListQuery, Paged};
pub use resolve::{ResolveAnswer, ResolveRequest};
pub use verifier::{ReceivedWebhook, WebhookVerifier};
