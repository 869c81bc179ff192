//! Running one visible statement and reading its columns in order.

use std::str::FromStr;

use hopline_domain::{
    store::{Cursor, Page, Paged},
    time::Timestamp,
};
use rusqlite::{Connection, Params, Row, types::FromSql};
use serde::de::DeserializeOwned;

use super::fault::{Fault, SqlResult};

/// The columns of one row, taken from the left.
pub(super) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    fn of(row: &'r Row<'s>) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn take<T: FromSql>(&mut self) -> SqlResult<T> {
        let value = self.row.get(self.next)?;
        self.next += 1;
        Ok(value)
    }

    pub(super) fn time(&mut self) -> SqlResult<Timestamp> {
        self.take().map(Timestamp)
    }

    pub(super) fn time_or_none(&mut self) -> SqlResult<Option<Timestamp>> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp))
    }

    /// A word of a closed set.
    pub(super) fn word<T: FromStr>(&mut self, what: &'static str) -> SqlResult<T> {
        let text: String = self.take()?;
        text.parse().map_err(|_| Fault::decode(what, &format!("unknown word {text:?}")))
    }

    pub(super) fn word_or_none<T: FromStr>(&mut self, what: &'static str) -> SqlResult<Option<T>> {
        let text: Option<String> = self.take()?;
        text.map(|text| text.parse().map_err(|_| Fault::decode(what, &format!("unknown word {text:?}"))))
            .transpose()
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self, what: &'static str) -> SqlResult<T> {
        let text: String = self.take()?;
        serde_json::from_str(&text).map_err(|error| Fault::decode(what, &error))
    }

    pub(super) fn json_or_none<T: DeserializeOwned>(&mut self, what: &'static str) -> SqlResult<Option<T>> {
        let text: Option<String> = self.take()?;
        text.map(|text| serde_json::from_str(&text).map_err(|error| Fault::decode(what, &error))).transpose()
    }
}

/// The only column of a row.
pub(super) fn value<T: FromSql>(columns: &mut Columns<'_, '_>) -> SqlResult<T> {
    columns.take()
}

/// The only column of a row, a time.
pub(super) fn time_or_none(columns: &mut Columns<'_, '_>) -> SqlResult<Option<Timestamp>> {
    columns.time_or_none()
}

/// The first row, if there is one.
pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&mut Columns<'_, '_>) -> SqlResult<T>,
) -> SqlResult<Option<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(|row| read(&mut Columns::of(row))).transpose()
}

/// Every row, in order.
pub(super) fn many<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    mut read: impl FnMut(&mut Columns<'_, '_>) -> SqlResult<T>,
) -> SqlResult<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        items.push(read(&mut Columns::of(row))?);
    }
    Ok(items)
}

/// Runs a statement that answers no rows; how many rows it changed.
pub(super) fn write(connection: &Connection, sql: &str, params: impl Params) -> SqlResult<usize> {
    Ok(connection.prepare_cached(sql)?.execute(params)?)
}

/// A value as the compact JSON it is kept as.
pub(super) fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> SqlResult<String> {
    serde_json::to_string(value).map_err(|error| Fault::decode("a value to store", &error))
}

/// The port's page of `items` that were read with one more than `limit`, each with its row number.
pub(super) fn page_of<T>(mut items: Vec<(i64, T)>, limit: u32) -> Paged<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|(seq, _)| Cursor(*seq));
    Paged { items: items.into_iter().map(|(_, item)| item).collect(), next }
}

/// The rows below which a page begins, and how many to read to know whether there are more.
pub(super) fn page_bounds(page: Page) -> (i64, i64) {
    (page.cursor.map_or(i64::MAX, |cursor| cursor.0), i64::from(page.limit) + 1)
}
