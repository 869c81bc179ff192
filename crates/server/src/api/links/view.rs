//! A link as its workspace sees it, with the numbers of its clicks.

use hopline_domain::{
    short_link::{LinkDocument, ShortLink},
    store::LinkCount,
    time::Timestamp,
};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::schema::KeptLink;
use crate::{app::App, etag::ETag, problem::Problem, reply::Reply};

/// One short link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Link)]
pub(crate) struct LinkBody {
    #[serde(flatten)]
    #[schema(value_type = KeptLink)]
    link: Value,
    /// Clicks of people.
    clicks: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_clicked_at: Option<Timestamp>,
}

impl App {
    /// Links as they are shown, in their order.
    pub(super) async fn link_bodies(&self, links: &[ShortLink]) -> Result<Vec<LinkBody>, Problem> {
        let counts = self.link_counts(links).await?;
        let shown = |(link, count): (&ShortLink, LinkCount)| LinkBody {
            link: serde_json::to_value(LinkDocument::of(link, &self.urls)).unwrap_or_default(),
            clicks: count.humans,
            last_clicked_at: count.last_clicked_at,
        };
        Ok(links.iter().zip(counts).map(shown).collect())
    }

    /// One link with its tag.
    pub(super) async fn link_reply(&self, status: StatusCode, link: ShortLink) -> Result<Reply, Problem> {
        let tag = etag(&link);
        let bodies = self.link_bodies(&[link]).await?;
        Ok(Reply::json(status, &bodies.first()).header(header::ETAG, tag))
    }

    /// A link that was just made: with its address.
    pub(super) async fn made_link(&self, link: ShortLink) -> Result<Reply, Problem> {
        self.redirects.link_changed(&link);
        let address = self.address_of(&format!("/v1/links/{}", link.id));
        Ok(self.link_reply(StatusCode::CREATED, link).await?.header(header::LOCATION, address))
    }
}

/// The tag of a link changes with what its owner can change, not with its clicks or its health.
pub(super) fn etag(link: &ShortLink) -> ETag {
    ETag::of(&(link.id, link.revision))
}
