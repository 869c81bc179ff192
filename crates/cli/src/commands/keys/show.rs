//! How keys are shown: as tables, or as the server's JSON.

use anyhow::Result;
use hopline_client::{CreatedKey, Key, Paged};

use crate::{commands::server::remark_next, output, view::table};

pub(super) fn show_page(keys: Paged<Key>, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(&keys)?);
    }
    let rows: Vec<[String; 6]> = keys.data.into_iter().map(row).collect();
    output::line(&table::render(["ID", "NAME", "STATUS", "SCOPES", "LAST USED", "EXPIRES"], &rows))?;
    remark_next(keys.next_cursor.as_deref());
    Ok(())
}

fn row(key: Key) -> [String; 6] {
    let or_never = |time: Option<String>| time.unwrap_or_else(|| "never".to_owned());
    [key.id, key.name, key.status, key.scopes.join(" "), or_never(key.last_used_at), or_never(key.expires_at)]
}

pub(super) fn show(key: &Key, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(key)?);
    }
    Ok(output::line(&table::fields(&fields(key)))?)
}

pub(super) fn show_created(created: &CreatedKey, json: bool) -> Result<()> {
    if json {
        return Ok(output::json(created)?);
    }
    let mut shown = fields(&created.key);
    shown.push(("api key", created.api_key.clone()));
    shown.push(("webhook secret", created.webhook_secret.clone()));
    output::line(&table::fields(&shown))?;
    let once = if created.api_key.is_some() {
        "the secrets are shown this once"
    } else {
        "made before: its secrets are not shown again"
    };
    output::remark(once);
    Ok(())
}

fn fields(key: &Key) -> Vec<(&'static str, Option<String>)> {
    vec![
        ("id", Some(key.id.clone())),
        ("name", Some(key.name.clone())),
        ("status", Some(key.status.clone())),
        ("scopes", Some(key.scopes.join(" "))),
        ("expires", key.expires_at.clone()),
        ("last used", key.last_used_at.clone()),
    ]
}
