//! What one exchange showed: the evidence of a hop or of a delivery attempt.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use hopline_domain::chain::{Timings, Tls};
use http::{HeaderMap, StatusCode, Version};

use crate::error::ExchangeError;

/// An answer whose head arrived.
#[derive(Debug)]
pub struct Exchange {
    pub status: StatusCode,
    pub version: Version,
    /// Raw value bytes; names in order of first appearance, the values of one name in the order received.
    pub headers: HeaderMap,
    /// Decoded, as far as it was read.
    pub body: Bytes,
    pub body_end: BodyEnd,
    /// The address that was judged and connected to; through an egress, the one its proxy was told to connect to.
    pub remote_addr: SocketAddr,
    pub tls: Option<Arc<Tls>>,
    /// A reused connection has zeros for `dns`, `connect` and `tls`.
    pub timings: Timings,
}

/// Where reading the body ended.
#[derive(Debug)]
pub enum BodyEnd {
    /// At its own end.
    Complete,
    /// At the limit or at the plan's prefix; there is more.
    Limit,
    /// The plan asked for none.
    Discarded,
    /// Cut short: the head is evidence, `body` is what came before.
    Failed(ExchangeError),
}
