//! The guarded way out: the only room that opens sockets to the internet.
//!
//! One client for every hop of the resolver, for webhook delivery and below the browser. It follows no redirect and reads no
//! environment; every dial is judged by domain's address policy on the resolved addresses, through a proxy too (I04).

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
mod egress;
mod names;
mod pool;
mod stream;
mod tls;
mod tunnel;

mod politeness;
mod progress;
mod retry_after;
mod stopwatch;

#[cfg(test)]
mod receiver;

#[cfg(fuzzing)]
pub mod fuzzing;

pub use client::Outbound;
pub use config::{OutboundConfig, PolitenessLimits, PoolLimits};
pub use egress::{EgressName, EgressNameError, Proxy, ProxyError, ProxyTrust};
pub use error::{ExchangeError, ExchangeFailure, OutboundError, Phase};
pub use exchange::{BodyEnd, Exchange};
pub use names::{NameError, NameResolver};
pub use politeness::Turn;
pub use request::{BodyPlan, ExchangeLimits, ExchangeRequest, Purpose, ResponseHead};
pub use rustls::pki_types::CertificateDer;
pub use static_name::{StaticName, StaticNameError};
pub use tunnel::{Tunnel, TunnelRequest};
