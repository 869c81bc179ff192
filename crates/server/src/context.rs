//! What is known of a request beside its content: its id, where it came from, and what its rate limits said.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
};

use http::request::Parts;

use crate::{auth::RateReport, problem::Problem};

/// The other end of the connection; set by the accept loop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Made by the envelope, read by extractors, filled by authentication.
#[derive(Debug)]
pub(crate) struct RequestContext {
    /// The client's address; `None` when the router is not served over a socket.
    pub(crate) address: Option<IpAddr>,
    pub(crate) rate: OnceLock<RateReport>,
}

impl RequestContext {
    /// The context of a request inside the envelope.
    pub(crate) fn of(parts: &Parts) -> Result<Arc<Self>, Problem> {
        parts.extensions.get::<Arc<Self>>().cloned().ok_or_else(Problem::internal)
    }
}
