//! Named egresses: proxies of the operator's that a request may ask for by name, never by address.
//!
//! A proxy is told addresses that were judged here, never names (I04). Its own address is configuration, and the policy
//! for links does not judge it. What a proxy does with what it is told is beyond the guard: choosing it is trusting it.

mod credentials;
mod fault;
mod http_connect;
mod name;
mod proxy;
mod socks5;

use credentials::Credentials;
pub(crate) use fault::ProxyFault;
pub use name::{EgressName, EgressNameError};
pub(crate) use proxy::Egress;
pub use proxy::{Proxy, ProxyError, ProxyTrust};
#[cfg(fuzzing)]
pub(crate) use socks5::connect as socks5_connect;
