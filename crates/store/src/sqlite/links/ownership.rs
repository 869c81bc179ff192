//! No link leads to a short domain of this server: visitors would be sent in circles.

use std::collections::BTreeSet;

use hopline_domain::{short_link::LinkContent, store::LinkRefused};
use rusqlite::{Connection, params};
use url::Url;

use crate::sqlite::{fault::SqlResult, rows};

/// One that nobody proved does not count: anyone could claim another's host.
const DOMAIN_IS_OURS: &str = "-- domain_is_ours
select 1 from domains where host = ?1 and verified_at is not null";

/// The first destination that lies on a verified domain.
pub(super) fn refuse(connection: &Connection, content: &LinkContent) -> SqlResult<Option<LinkRefused>> {
    let mut asked = BTreeSet::new();
    for (pointer, url) in content.destinations() {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let host = host.strip_suffix('.').unwrap_or(&host).to_owned();
        if !asked.insert(host.clone()) {
            continue;
        }
        if rows::one(connection, DOMAIN_IS_OURS, params![host], rows::value::<i64>)?.is_some() {
            return Ok(Some(LinkRefused::OwnDomain { pointer }));
        }
    }
    Ok(None)
}
