//! The two sockets: the API's, and the admin's, which may be missing.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;

use crate::config::{ADMIN_LISTEN_DEFAULT, AdminListen, ListenSettings};

/// Both listeners, bound and not yet served.
#[derive(Debug)]
pub(super) struct Listeners {
    pub(super) public: TcpListener,
    pub(super) public_addr: SocketAddr,
    pub(super) admin: Option<(TcpListener, SocketAddr)>,
}

impl Listeners {
    pub(super) async fn bind(settings: &ListenSettings) -> Result<Self> {
        let (public, public_addr) = bind(settings.listen, "--listen").await?;
        let admin = match settings.admin_listen {
            AdminListen::Off => None,
            AdminListen::At(address) => Some(bind(address, "--admin-listen").await?),
            AdminListen::Default => default_admin().await,
        };
        Ok(Self { public, public_addr, admin })
    }
}

async fn bind(address: SocketAddr, flag: &str) -> Result<(TcpListener, SocketAddr)> {
    let listening = || format!("listen on {address}; choose another address with {flag}");
    let listener = TcpListener::bind(address).await.with_context(listening)?;
    let bound = listener.local_addr().with_context(listening)?;
    Ok((listener, bound))
}

/// Nobody asked for it by name, so a taken port is no reason not to serve.
async fn default_admin() -> Option<(TcpListener, SocketAddr)> {
    match bind(ADMIN_LISTEN_DEFAULT, "--admin-listen").await {
        Ok(bound) => Some(bound),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "going on without metrics and readiness details");
            None
        }
    }
}
