//! Which domain a request is for, by its `Host`. A host that is no registered domain is served as the default domain.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::extract::Request;
use hopline_domain::{
    id::WorkspaceId,
    short_link::{DomainHost, ShortDomain},
};
use http::header;
use uuid::Uuid;

use super::recent::{Moment, Outage, Recent, Weighed};
use crate::app::App;

/// Memory for hosts, known and unknown.
const CACHE_BYTES_MAX: u64 = 8 * 1024 * 1024;
const DOMAIN_BYTES: u32 = 1_024;

/// What answers at a host.
#[derive(Clone, Debug)]
pub(super) enum Site {
    /// The public URL's host, or one nobody registered.
    Default,
    Own(Arc<ShortDomain>),
    /// Registered, but not verified yet: it serves nothing.
    Closed,
    /// Whether the host is registered can't be told now.
    Unknown,
}

/// Domains by host; the default one under the empty host.
#[derive(Debug)]
pub(super) struct Sites {
    recent: Recent<String, Option<Arc<ShortDomain>>>,
    generation: AtomicU64,
}

impl Default for Sites {
    fn default() -> Self {
        let entries = usize::try_from(CACHE_BYTES_MAX / u64::from(DOMAIN_BYTES)).unwrap_or_default();
        Self { recent: Recent::new(entries, CACHE_BYTES_MAX), generation: AtomicU64::new(0) }
    }
}

impl Sites {
    /// The site of a host that [`registrable`] told.
    pub(super) async fn of(&self, app: &App, host: Option<DomainHost>) -> Site {
        let Some(host) = host else { return Site::Default };
        match self.find(app, host).await {
            Ok(None) => Site::Default,
            Ok(Some(domain)) if domain.verified_at.is_some() => Site::Own(domain),
            Ok(Some(_)) => Site::Closed,
            Err(Outage) => Site::Unknown,
        }
    }

    /// The settings of the default domain.
    pub(super) async fn default_domain(&self, app: &App) -> Result<Arc<ShortDomain>, Outage> {
        let read = async {
            // It belongs to no workspace, and so to whichever asks.
            let nobody = WorkspaceId(Uuid::nil());
            let found = app.parts.store.domain_get(nobody, ShortDomain::DEFAULT_ID).await?;
            Ok(Weighed { value: found.map(Arc::new), bytes: DOMAIN_BYTES })
        };
        self.recent.find(&String::new(), self.moment(app), read).await?.ok_or(Outage)
    }

    /// Every domain is read anew.
    pub(super) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    async fn find(&self, app: &App, host: DomainHost) -> Result<Option<Arc<ShortDomain>>, Outage> {
        let key = host.as_str().to_owned();
        let read = async {
            let found = app.parts.store.domain_by_host(host).await?;
            Ok(Weighed { value: found.map(Arc::new), bytes: DOMAIN_BYTES })
        };
        self.recent.find(&key, self.moment(app), read).await
    }

    fn moment(&self, app: &App) -> Moment {
        Moment { now: app.now(), generation: self.generation.load(Ordering::Acquire) }
    }
}

/// The host of a request, if somebody may have registered it: not the public URL's, no address, no name without a dot.
pub(super) fn registrable(app: &App, request: &Request) -> Option<DomainHost> {
    let host = host_of(request);
    let is_public = app.parts.public_url.host_str().is_some_and(|own| own.eq_ignore_ascii_case(host));
    if is_public { None } else { DomainHost::parse(host).ok() }
}

/// The host a request names, without its port: HTTP/2 has it in the target, HTTP/1.1 in `Host`.
fn host_of(request: &Request) -> &str {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(http::uri::Authority::as_str).or(named).unwrap_or_default();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let host =
        authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(host, _)| host);
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn hosts_are_read_without_their_port() {
        let of = |uri: &str, host: Option<&str>| {
            let mut request = Request::builder().uri(uri);
            if let Some(host) = host {
                request = request.header("host", host);
            }
            host_of(&request.body(Body::empty()).unwrap()).to_owned()
        };
        assert_eq!(of("/a", Some("go.example:8080")), "go.example");
        assert_eq!(of("/a", Some("go.example.")), "go.example");
        assert_eq!(of("/a", Some("[::1]:80")), "[::1]");
        assert_eq!(of("/a", Some("[::1]")), "[::1]");
        assert_eq!(of("http://h2.example/a", Some("other.example")), "h2.example");
        assert_eq!(of("/a", None), "");
    }
}
