//! The rows of a bulk body, cut apart but not read: each is read when its chunk is made.

use std::fmt;

use axum::body::Bytes;
use csv::{ByteRecord, ReaderBuilder};
use hopline_domain::{limits::BULK_ROWS_MAX, problem::Fault};
use serde::{
    Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::columns::Header;
use crate::{
    extract::{BulkFormat, StrictJson},
    problem::Problem,
};

/// One row as received.
#[derive(Clone, Debug)]
enum RawRow {
    Json(Bytes),
    Csv(ByteRecord),
    /// It can't even be told where its cells begin and end.
    Broken(String),
}

/// All rows of a body, at most [`BULK_ROWS_MAX`].
#[derive(Clone, Debug)]
pub(super) struct Rows {
    rows: Vec<RawRow>,
    header: Header,
}

impl Rows {
    /// Cuts a body apart, off the runtime: sixteen megabytes take a while.
    pub(super) async fn of(format: BulkFormat, bytes: Bytes) -> Result<Self, Problem> {
        let cut = tokio::task::spawn_blocking(move || match format {
            BulkFormat::Json => array(&bytes),
            BulkFormat::Ndjson => lines(&bytes),
            BulkFormat::Csv => table(&bytes),
        });
        let rows = cut.await.unwrap_or_else(|_| Err(Problem::internal()))?;
        if rows.rows.is_empty() {
            return Err(Problem::of_fault("", "required", "give at least one row"));
        }
        Ok(rows)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The object of one row, or what is wrong with it as a whole.
    pub(super) fn object(&self, place: usize) -> Result<Map<String, Value>, Fault> {
        match self.rows.get(place) {
            Some(RawRow::Json(text)) => object(text),
            Some(RawRow::Csv(record)) => self.header.object(record),
            Some(RawRow::Broken(detail)) => Err(Fault::new("", "csv", detail.clone())),
            None => Err(Fault::new("", "required", "there is no such row")),
        }
    }
}

fn too_many() -> Problem {
    Problem::of_fault("", "too_many", format!("give at most {BULK_ROWS_MAX} rows; split the body"))
}

fn object(text: &[u8]) -> Result<Map<String, Value>, Fault> {
    match serde_json::from_slice(text) {
        Ok(StrictJson(Value::Object(object))) => Ok(object),
        Ok(StrictJson(_)) => Err(Fault::new("", "type", "give an object")),
        Err(error) => Err(Fault::new("", "json", format!("that is no JSON: {error}"))),
    }
}

fn lines(bytes: &Bytes) -> Result<Rows, Problem> {
    let mut rows = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        if rows.len() == BULK_ROWS_MAX {
            return Err(too_many());
        }
        rows.push(RawRow::Json(bytes.slice_ref(line)));
    }
    Ok(Rows { rows, header: Header::default() })
}

fn table(bytes: &Bytes) -> Result<Rows, Problem> {
    let mut reader = ReaderBuilder::new().has_headers(true).flexible(true).from_reader(bytes.as_ref());
    let no_csv = |error: &csv::Error| Problem::of_fault("", "csv", format!("that is no CSV: {error}"));
    let header = reader.byte_headers().map_err(|error| no_csv(&error))?;
    let header = Header::read(header).map_err(Problem::of_faults)?;
    let mut rows = Vec::new();
    for record in reader.into_byte_records() {
        if rows.len() == BULK_ROWS_MAX {
            return Err(too_many());
        }
        rows.push(record.map_or_else(|error| RawRow::Broken(error.to_string()), RawRow::Csv));
    }
    Ok(Rows { rows, header })
}

fn array(bytes: &Bytes) -> Result<Rows, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = json.deserialize_seq(Items(bytes)).and_then(|read| json.end().map(|()| read));
    match read {
        Ok((rows, Left::Nothing)) => Ok(Rows { rows, header: Header::default() }),
        Ok((_, Left::More)) => Err(too_many()),
        Err(error) => Err(Problem::of_fault("", "json", format!("that is no JSON array: {error}"))),
    }
}

/// Whether an array has more items than a call may have.
enum Left {
    Nothing,
    More,
}

/// Reads the items of an array as text, as far as there may be any.
struct Items<'b>(&'b Bytes);

impl<'de> Visitor<'de> for Items<'_> {
    type Value = (Vec<RawRow>, Left);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while rows.len() < BULK_ROWS_MAX {
            match items.next_element::<&'de RawValue>()? {
                Some(item) => rows.push(RawRow::Json(self.0.slice_ref(item.get().as_bytes()))),
                None => return Ok((rows, Left::Nothing)),
            }
        }
        let mut left = Left::Nothing;
        while items.next_element::<IgnoredAny>()?.is_some() {
            left = Left::More;
        }
        Ok((rows, left))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Cut = fn(&Bytes) -> Result<Rows, Problem>;

    fn objects(cut: Cut, body: &str) -> Vec<Result<Value, String>> {
        let rows = cut(&Bytes::copy_from_slice(body.as_bytes())).unwrap();
        let read = |place| rows.object(place).map(Value::Object).map_err(|fault| fault.code);
        (0..rows.len()).map(read).collect()
    }

    fn refused(cut: Cut, body: &str) -> bool {
        cut(&Bytes::copy_from_slice(body.as_bytes())).is_err()
    }

    #[test]
    fn a_broken_row_spoils_no_other() {
        let good = || Ok(json!({"url": "a"}));
        let code = |code: &str| Err(code.to_owned());
        let in_array = r#" [{"url":"a"}, 7, {"url":"a","url":"b"}, {"url":"a"}] "#;
        assert_eq!(objects(array, in_array), [good(), code("type"), code("json"), good()]);
        let in_lines = "{\"url\":\"a\"}\r\n\n{\"url\":\n{\"url\":\"a\"}";
        assert_eq!(objects(lines, in_lines), [good(), code("json"), good()]);
        let in_table = "url,slug\na,\na\n\"a\",\"\"\n";
        assert_eq!(objects(table, in_table), [good(), code("columns"), good()]);
    }

    #[test]
    fn bodies_that_are_no_rows_are_refused() {
        for body in ["", "{}", "[{]", "[1", "[1] x"] {
            assert!(refused(array, body), "{body}");
        }
        assert!(refused(table, "slug\na\n"), "no column `url`");
    }

    #[test]
    fn rows_are_bounded() {
        let list = |count: usize| format!("[{}]", vec!["{}"; count].join(","));
        assert_eq!(objects(array, &list(BULK_ROWS_MAX)).len(), BULK_ROWS_MAX);
        assert!(refused(array, &list(BULK_ROWS_MAX + 1)));
        assert!(!refused(lines, &"{}\n".repeat(BULK_ROWS_MAX)));
        assert!(refused(lines, &"{}\n".repeat(BULK_ROWS_MAX + 1)));
        assert!(refused(table, &format!("url\n{}", "a\n".repeat(BULK_ROWS_MAX + 1))));
    }
}
