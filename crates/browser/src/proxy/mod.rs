//! The way out of one link: a SOCKS5 proxy on loopback that hands every connection to `outbound` to be judged (I04).
//!
//! SOCKS5 and not an HTTP proxy, because then the browser reads plain-http answers exactly as they were sent: through an
//! HTTP proxy it takes a `407` for the proxy's own and shows a page of the proxy's for a dial that failed. Bytes are passed
//! on untouched. Any local user can reach the port while the link is open; what it can do there is what the link may:
//! reach judged addresses. It listens on a fresh port per link, for as long as the link lasts.

mod ledger;
mod link_proxy;
mod pump;
mod socks5;

pub(crate) use ledger::{Dialled, Ledger};
pub(crate) use link_proxy::{LinkProxy, Way};
