//! A tag as its workspace sees it.

use hopline_domain::{short_link::TagName, store::TagView, time::Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::etag::ETag;

/// One tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
pub(crate) struct TagBody {
    #[schema(example = "tag_019e97803c0070008000000000000001")]
    id: String,
    #[schema(value_type = String, example = "Campaign")]
    name: TagName,
    /// How many links carry it.
    links: u64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl TagBody {
    pub(super) fn of(view: TagView) -> Self {
        let TagView { tag, links, created_at, updated_at } = view;
        Self { id: tag.id.to_string(), name: tag.name, links, created_at, updated_at }
    }
}

pub(super) fn etag(view: &TagView) -> ETag {
    ETag::of(&view.tag)
}
