//! `hopline links export`: every link, archived ones too, one a line.

use anyhow::Result;
use clap::Args;
use csv::WriterBuilder;
use hopline_client::{Client, Link, LinkFilter, ListQuery};
use serde_json::{Map, Value};

use crate::output;

/// The most a page may have.
const PAGE_LINKS: u32 = 100;
/// Columns that `links import` reads back, and those it passes over.
const COLUMNS: [&str; 31] = [
    "id",
    "domain",
    "slug",
    "short_url",
    "url",
    "title",
    "tags",
    "status",
    "starts_at",
    "expires_at",
    "expired_url",
    "max_clicks",
    "limit_url",
    "redirect_status",
    "cache_max_age_s",
    "forward_query",
    "forward_path",
    "rules",
    "utm",
    "external_id",
    "note",
    "og",
    "qr",
    "watch",
    "health",
    "has_password",
    "clicks",
    "last_clicked_at",
    "created_at",
    "updated_at",
    "created_by",
];

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// As CSV instead of NDJSON
    #[arg(long)]
    csv: bool,
}

pub(super) async fn run(args: &ExportArgs, client: &Client) -> Result<()> {
    if args.csv {
        output::bytes(&record(COLUMNS.map(str::to_owned).to_vec())?)?;
    }
    // The default list leaves archived links out.
    for status in [None, Some("archived".to_owned())] {
        let filter = LinkFilter { status, ..LinkFilter::default() };
        let mut query = ListQuery { limit: Some(PAGE_LINKS), cursor: None };
        loop {
            let page = client.links(&filter, &query).await?;
            for link in page.data {
                output::bytes(&if args.csv { row(&link)? } else { line(&link)? })?;
            }
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
    }
    Ok(())
}

fn line(link: &Link) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(link)?;
    line.push(b'\n');
    Ok(line)
}

fn row(link: &Link) -> Result<Vec<u8>> {
    let value = serde_json::to_value(link)?;
    let empty = Map::new();
    let members = value.as_object().unwrap_or(&empty);
    record(COLUMNS.map(|column| cell(column, members.get(column))).to_vec())
}

/// As the columns of a bulk call are read: lists joined by commas, objects and rules as JSON.
fn cell(column: &str, value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if column == "tags" => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
        }
        Some(Value::Array(items)) if items.is_empty() => String::new(),
        Some(Value::Object(members)) if members.values().all(Value::is_null) => String::new(),
        Some(value) => value.to_string(),
    }
}

fn record(cells: Vec<String>) -> Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(cells)?;
    Ok(writer.into_inner().map_err(csv::IntoInnerError::into_error)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_written_as_they_are_read() {
        let link: Link = serde_json::from_value(json!({
            "id": "lnk_1", "domain": "sho.rt", "slug": "a", "short_url": "https://sho.rt/a", "url": "https://x.example/,",
            "title": null, "tags": ["x", "y z"], "status": "active", "clicks": 3, "rules": [],
            "utm": {"source": null}, "og": {"title": "T"},
        }))
        .unwrap();
        let text = String::from_utf8(row(&link).unwrap()).unwrap();
        assert!(
            text.starts_with("lnk_1,sho.rt,a,https://sho.rt/a,\"https://x.example/,\",,\"x,y z\",active,"),
            "{text}"
        );
        assert!(text.contains(",\"{\"\"title\"\":\"\"T\"\"}\","), "{text}");
        assert!(!text.contains("source") && !text.contains("[]"), "{text}");
    }
}
