//! The guarded way out: the only room that opens sockets to the internet.
//!
//! One client for every hop of the resolver and for webhook delivery. It follows no redirect, knows no proxy and reads no
//! environment; every dial is judged by domain's address policy on the resolved addresses (I04).

// What a caller says and gets.
mod config;
mod error;
mod exchange;
mod request;
mod static_name;

// How one exchange runs.
mod client;
mod wire;

mod body;
mod coding;

// How a connection comes to be, and waits for its next use.
mod connection;
mod dial;
mod names;
mod pool;
mod stream;
mod tls;

mod politeness;
mod progress;
mod stopwatch;

#[cfg(test)]
mod receiver;

pub use client::Outbound;
pub use config::{OutboundConfig, PolitenessLimits, PoolLimits};
pub use error::{ExchangeError, ExchangeFailure, OutboundError, Phase};
pub use exchange::{BodyEnd, Exchange};
pub use names::{NameError, NameResolver};
pub use request::{BodyPlan, ExchangeLimits, ExchangeRequest, Purpose, ResponseHead};
pub use rustls::pki_types::CertificateDer;
pub use static_name::{StaticName, StaticNameError};
