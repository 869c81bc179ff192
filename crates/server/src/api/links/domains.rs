//! Which domain a link's host names.

use hopline_domain::{
    id::WorkspaceId,
    short_link::{DomainHost, ShortDomain},
};

use crate::{app::App, problem::Problem};

impl App {
    /// The domain of the workspace with that host, or the default one; `None` when the workspace has none such.
    pub(super) async fn link_domain(
        &self,
        workspace_id: WorkspaceId,
        host: Option<&str>,
    ) -> Result<Option<ShortDomain>, Problem> {
        let store = &self.parts.store;
        let Some(host) = host.filter(|host| !self.is_default_host(host)) else {
            return Ok(store.domain_get(workspace_id, ShortDomain::DEFAULT_ID).await?);
        };
        let Ok(host) = DomainHost::parse(host) else { return Ok(None) };
        let found = store.domain_by_host(host).await?;
        Ok(found.filter(|domain| domain.workspace_id == Some(workspace_id)))
    }

    /// With or without its port.
    pub(crate) fn is_default_host(&self, host: &str) -> bool {
        let default = self.urls.default_host();
        let bare = default.rsplit_once(':').map_or(default, |(bare, _)| bare);
        host.eq_ignore_ascii_case(default) || host.eq_ignore_ascii_case(bare)
    }
}

/// What is said of a domain the workspace does not have.
pub(super) const DOMAIN_UNKNOWN: (&str, &str) =
    ("domain_unknown", "the workspace has no such domain; add it first");
