//! Columns of links in CSV, and what they say in JSON.

use csv::ByteRecord;
use hopline_domain::problem::Fault;
use serde_json::{Map, Value};

/// How the text of a cell is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell {
    Text,
    Number,
    /// `true`, `false`, `1`, `0`.
    Flag,
    /// Parts joined by commas.
    List,
    Json,
}

/// Column, the member it fills, and inside which object.
type Column = (&'static str, Option<&'static str>, &'static str, Cell);

const COLUMNS: [Column; 33] = [
    ("url", None, "url", Cell::Text),
    ("domain", None, "domain", Cell::Text),
    ("slug", None, "slug", Cell::Text),
    ("title", None, "title", Cell::Text),
    ("tags", None, "tags", Cell::List),
    ("status", None, "status", Cell::Text),
    ("starts_at", None, "starts_at", Cell::Text),
    ("expires_at", None, "expires_at", Cell::Text),
    ("expired_url", None, "expired_url", Cell::Text),
    ("max_clicks", None, "max_clicks", Cell::Number),
    ("limit_url", None, "limit_url", Cell::Text),
    ("password", None, "password", Cell::Text),
    ("redirect_status", None, "redirect_status", Cell::Number),
    ("cache_max_age_s", None, "cache_max_age_s", Cell::Number),
    ("forward_query", None, "forward_query", Cell::Flag),
    ("forward_path", None, "forward_path", Cell::Flag),
    ("rules", None, "rules", Cell::Json),
    ("utm", None, "utm", Cell::Json),
    ("utm_source", Some("utm"), "source", Cell::Text),
    ("utm_medium", Some("utm"), "medium", Cell::Text),
    ("utm_campaign", Some("utm"), "campaign", Cell::Text),
    ("utm_term", Some("utm"), "term", Cell::Text),
    ("utm_content", Some("utm"), "content", Cell::Text),
    ("external_id", None, "external_id", Cell::Text),
    ("note", None, "note", Cell::Text),
    ("og", None, "og", Cell::Json),
    ("og_title", Some("og"), "title", Cell::Text),
    ("og_description", Some("og"), "description", Cell::Text),
    ("og_image", Some("og"), "image", Cell::Text),
    ("qr", None, "qr", Cell::Json),
    ("watch", None, "watch", Cell::Json),
    ("watch_interval_s", Some("watch"), "interval_s", Cell::Number),
    ("watch_expected_domain", Some("watch"), "expected_domain", Cell::Text),
];

/// Columns of an export that say nothing about a new link.
const PASSED_OVER: [&str; 10] = [
    "id",
    "short_url",
    "blocked_reason",
    "has_password",
    "health",
    "clicks",
    "last_clicked_at",
    "created_at",
    "updated_at",
    "created_by",
];

/// The header of a CSV body: what each of its columns means.
#[derive(Clone, Debug, Default)]
pub(super) struct Header(Vec<Option<Column>>);

impl Header {
    /// Every column that can't be one is a fault, at its name.
    pub(super) fn read(record: &ByteRecord) -> Result<Self, Vec<Fault>> {
        let (mut columns, mut faults, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        for name in record {
            let name =
                String::from_utf8_lossy(name).trim().trim_start_matches('\u{feff}').to_ascii_lowercase();
            let known = COLUMNS.iter().find(|(column, ..)| *column == name);
            if seen.contains(&name) {
                faults.push(Fault::new(format!("/{name}"), "repeated", "give this column once"));
            } else if known.is_none() && !PASSED_OVER.contains(&name.as_str()) {
                faults.push(Fault::new(format!("/{name}"), "unknown", "there is no such column"));
            }
            columns.push(known.copied());
            seen.push(name);
        }
        if !seen.iter().any(|name| name == "url") {
            faults.push(Fault::new(
                "/url",
                "required",
                "the first line names the columns; `url` is one of them",
            ));
        }
        if faults.is_empty() { Ok(Self(columns)) } else { Err(faults) }
    }

    /// A row as the object that would say the same. Empty cells say nothing.
    pub(super) fn object(&self, record: &ByteRecord) -> Result<Map<String, Value>, Fault> {
        if record.len() != self.0.len() {
            let detail = format!("the row has {} cells, the header {}", record.len(), self.0.len());
            return Err(Fault::new("", "columns", detail));
        }
        let mut object = Map::new();
        for (cell, column) in record.iter().zip(&self.0) {
            let Some((name, parent, member, kind)) = column.filter(|_| !cell.trim_ascii().is_empty()) else {
                continue;
            };
            let text = std::str::from_utf8(cell)
                .map_err(|_| Fault::new(format!("/{name}"), "encoding", "this is no UTF-8"))?;
            put(&mut object, parent, member, value(text, kind));
        }
        Ok(object)
    }
}

fn put(object: &mut Map<String, Value>, parent: Option<&str>, member: &str, value: Value) {
    let Some(parent) = parent else {
        object.insert(member.to_owned(), value);
        return;
    };
    let inner = object.entry(parent).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        inner.insert(member.to_owned(), value);
    }
}

/// What can't be read as its kind stays a text, which the reader of the member then refuses.
fn value(text: &str, kind: Cell) -> Value {
    let text_value = || Value::String(text.to_owned());
    let trimmed = text.trim();
    match kind {
        Cell::Text => Value::String(trimmed.to_owned()),
        Cell::Number => trimmed.parse::<u64>().map_or_else(|_| text_value(), Value::from),
        Cell::Flag => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "1" => Value::Bool(true),
            "false" | "0" => Value::Bool(false),
            _ => text_value(),
        },
        Cell::List => {
            let parts = trimmed.split(',').map(str::trim).filter(|part| !part.is_empty());
            parts.map(|part| Value::String(part.to_owned())).collect()
        }
        Cell::Json => serde_json::from_str(trimmed).unwrap_or_else(|_| text_value()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn header(names: &[&str]) -> Result<Header, Vec<String>> {
        let faults =
            |faults: Vec<Fault>| faults.into_iter().map(|f| format!("{} {}", f.pointer, f.code)).collect();
        Header::read(&ByteRecord::from(names.to_vec())).map_err(faults)
    }

    #[test]
    fn a_header_names_known_columns_once() {
        assert!(header(&["\u{feff}URL", " slug ", "clicks"]).is_ok());
        assert_eq!(header(&["slug"]).unwrap_err(), ["/url required"]);
        assert_eq!(header(&["url", "uri", "slug", "slug"]).unwrap_err(), ["/uri unknown", "/slug repeated"]);
    }

    #[test]
    fn a_row_says_what_its_object_would() {
        let names =
            ["url", "tags", "max_clicks", "forward_path", "rules", "utm_source", "utm_term", "id", "note"];
        let row = [" https://a.example ", "x, y ,", "5", "TRUE", "[]", "mail", "", "lnk_1", ""];
        let object = header(&names).unwrap().object(&ByteRecord::from(row.to_vec())).unwrap();
        let expected = json!({
            "url": "https://a.example", "tags": ["x", "y"], "max_clicks": 5, "forward_path": true, "rules": [],
            "utm": {"source": "mail"},
        });
        assert_eq!(Value::Object(object), expected);
    }

    #[test]
    fn broken_cells_are_left_to_the_reader_and_broken_rows_are_not() {
        let header = header(&["url", "max_clicks", "forward_query", "rules"]).unwrap();
        let object = header.object(&ByteRecord::from(vec!["u", "many", "maybe", "[{"])).unwrap();
        let texts = json!({"url": "u", "max_clicks": "many", "forward_query": "maybe", "rules": "[{"});
        assert_eq!(Value::Object(object), texts);
        assert_eq!(header.object(&ByteRecord::from(vec!["u", "1"])).unwrap_err().code, "columns");
        let bytes: Vec<&[u8]> = vec![b"\xff", b"", b"", b""];
        assert_eq!(header.object(&ByteRecord::from(bytes)).unwrap_err().pointer, "/url");
    }
}
