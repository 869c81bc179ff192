//! A short link as it is kept.

use crate::{
    id::{DomainId, KeyId, LinkId, WorkspaceId},
    short_link::{DomainHost, LinkContent, LinkHealth, LinkStatus, Slug, Tag},
    time::Timestamp,
};

/// A link; its clicks are counted elsewhere (`ClickStore`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShortLink {
    pub id: LinkId,
    pub workspace_id: WorkspaceId,
    pub domain_id: DomainId,
    /// `None` = the default domain, whose host is the public URL's.
    pub host: Option<DomainHost>,
    pub slug: Slug,
    pub content: LinkContent,
    /// By name.
    pub tags: Vec<Tag>,
    /// Why the server's operator blocked it; `None` = it is not blocked.
    pub blocked_reason: Option<String>,
    pub health: LinkHealth,
    /// Goes up with every change of the link, not with its health or clicks.
    pub revision: u32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub created_by: Option<KeyId>,
}

impl ShortLink {
    pub fn status(&self) -> LinkStatus {
        if self.blocked_reason.is_some() { LinkStatus::Blocked } else { self.content.state.into() }
    }
}
