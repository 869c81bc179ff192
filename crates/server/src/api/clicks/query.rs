//! Which clicks an export shows, and as what.

use hopline_domain::{
    click::analytics::Span,
    id::LinkId,
    time::{DAY_MS, Timestamp},
};
use strum::EnumString;

use crate::extract::{FromQuery, QueryReader};

/// Far enough that no click lies behind it.
const FOREVER_MS: i64 = 400 * 366 * DAY_MS;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Format {
    #[default]
    Ndjson,
    Csv,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ExportQuery {
    pub(super) link_id: Option<LinkId>,
    pub(super) span: Span,
    pub(super) format: Format,
}

impl FromQuery for ExportQuery {
    fn read(query: &mut QueryReader) -> Self {
        let expected = "give a time with its offset, as 2026-06-05T12:00:00Z";
        let from = query.parameter("from", expected, Timestamp::parse);
        let until = query.parameter("until", expected, Timestamp::parse);
        Self {
            link_id: query.parsed("link", "give the id of a link, `lnk_…`"),
            span: Span { from: from.unwrap_or(Timestamp(0)), until: until.unwrap_or(Timestamp(FOREVER_MS)) },
            format: query.parsed("format", "give ndjson or csv").unwrap_or_default(),
        }
    }
}

/// Whose clicks to delete.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeleteQuery(pub(super) Option<LinkId>);

impl FromQuery for DeleteQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self(query.parsed("link", "give the id of a link, `lnk_…`"))
    }
}
