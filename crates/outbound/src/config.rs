//! What one installation decides about its way out. Every bound has a default here.

use std::collections::BTreeMap;
use std::sync::Arc;

use hopline_domain::address::AddressPolicy;
use rustls::pki_types::CertificateDer;

use crate::egress::{EgressName, Proxy};
use crate::{names::NameResolver, static_name::StaticName};

/// Everything `Outbound` is told at start.
#[derive(Debug)]
pub struct OutboundConfig {
    pub policy: AddressPolicy,
    /// Names that are not looked up; their addresses are judged as any other.
    pub static_names: Vec<StaticName>,
    /// Roots trusted besides Mozilla's, for receivers with a private authority.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Proxies that requests may ask for by name.
    pub egresses: BTreeMap<EgressName, Proxy>,
    pub pool: PoolLimits,
    /// Applies to links, never to webhooks; `None` asks every host as fast as the callers do.
    pub politeness: Option<PolitenessLimits>,
    /// Response heads beyond this end the exchange.
    pub header_bytes_max: usize,
    /// Where names are looked up; `None` is the system's DNS configuration.
    pub names: Option<Arc<dyn NameResolver>>,
}

impl Default for OutboundConfig {
    fn default() -> Self {
        Self {
            policy: AddressPolicy::default(),
            static_names: Vec::new(),
            extra_roots: Vec::new(),
            egresses: BTreeMap::new(),
            pool: PoolLimits::default(),
            politeness: None,
            header_bytes_max: 64 * 1024,
            names: None,
        }
    }
}

/// How many connections wait for their next use, and how long.
#[derive(Clone, Copy, Debug)]
pub struct PoolLimits {
    pub idle_per_origin_max: usize,
    pub idle_total_max: usize,
    pub idle_ms: u64,
}

impl Default for PoolLimits {
    /// Idle connections live less than the 5 s after which common servers close them, so that few reuses race a close.
    fn default() -> Self {
        Self { idle_per_origin_max: 64, idle_total_max: 256, idle_ms: 4_000 }
    }
}

/// What one host is asked to bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolitenessLimits {
    /// Exchanges with one host at a time.
    pub per_host_max: usize,
    /// Least time between the starts of two exchanges with one host.
    pub interval_ms: u64,
    /// The longest that a host is left alone which answers 429 or 503 with `Retry-After`; 0 takes no notice.
    pub pause_ms_max: u64,
    /// Quiet hosts remembered before the list is pruned.
    pub hosts_max: usize,
}

impl Default for PolitenessLimits {
    fn default() -> Self {
        Self { per_host_max: 10, interval_ms: 0, pause_ms_max: 10_000, hosts_max: 4_096 }
    }
}
