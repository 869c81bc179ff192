//! What the fuzz targets of `fuzz/` may reach of this room: the readers of what a proxy sends. Built by cargo-fuzz alone.

use std::net::{Ipv4Addr, SocketAddr};

use crate::egress::socks5_connect;

/// Has a SOCKS5 proxy that answers with `replies` connect somewhere; whether it said yes.
pub async fn socks5_connects(replies: &[u8]) -> bool {
    let mut stream = tokio::io::join(replies, tokio::io::sink());
    let target = SocketAddr::from((Ipv4Addr::LOCALHOST, 80));
    socks5_connect(&mut stream, None, target).await.is_ok()
}
