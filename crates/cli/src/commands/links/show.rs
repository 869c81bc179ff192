//! How links are shown: as tables, or as the server's JSON.

use anyhow::Result;
use hopline_client::{Link, Paged};
use serde_json::Value;

use crate::{commands::server::remark_next, output, view::table};

pub(super) fn show_page(links: Paged<Link>, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(&links)?);
    }
    let rows: Vec<[String; 5]> = links.data.into_iter().map(row).collect();
    output::line(&table::render(["ID", "SHORT URL", "STATUS", "CLICKS", "URL"], &rows))?;
    remark_next(links.next_cursor.as_deref());
    Ok(())
}

fn row(link: Link) -> [String; 5] {
    [link.id, link.short_url, link.status, link.clicks.to_string(), link.url]
}

pub(super) fn show(link: &Link, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(link)?);
    }
    let more = |name: &str| match link.more.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(value) => Some(value.to_string()),
    };
    let tags = (!link.tags.is_empty()).then(|| link.tags.join(", "));
    Ok(output::line(&table::fields(&[
        ("short url", Some(link.short_url.clone())),
        ("url", Some(link.url.clone())),
        ("id", Some(link.id.clone())),
        ("title", link.title.clone()),
        ("tags", tags),
        ("status", Some(link.status.clone())),
        ("blocked", more("blocked_reason")),
        ("starts", more("starts_at")),
        ("expires", more("expires_at")),
        ("max clicks", more("max_clicks")),
        ("clicks", Some(link.clicks.to_string())),
        ("last clicked", link.last_clicked_at.clone()),
        ("external id", more("external_id")),
        ("note", more("note")),
        ("created", more("created_at")),
    ]))?)
}
