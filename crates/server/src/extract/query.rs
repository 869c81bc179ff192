//! Query parameters, as strict as bodies: unknown, repeated and malformed ones are faults.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use hopline_domain::{
    limits::{LIST_LIMIT_DEFAULT, LIST_LIMIT_MAX},
    store::{Cursor, Page},
};
use http::request::Parts;
use url::form_urlencoded;

use crate::{app::AppState, fields::Faults, problem::Problem};

/// A query that is read by hand.
pub(crate) trait FromQuery: Sized + Send {
    /// Reads every parameter, noting all faults; absent and refused ones take their defaults.
    fn read(query: &mut QueryReader) -> Self;
}

/// The query of a request as `T`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListQuery<T>(pub(crate) T);

impl<T: FromQuery> FromRequestParts<AppState> for ListQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let mut reader = QueryReader::of(parts.uri.query().unwrap_or_default());
        let value = T::read(&mut reader);
        reader.finish().map(|()| Self(value))
    }
}

/// The parameters that are still unread.
#[derive(Debug)]
pub(crate) struct QueryReader {
    parameters: Vec<(String, String)>,
    faults: Faults,
}

impl QueryReader {
    fn of(query: &str) -> Self {
        Self {
            parameters: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            faults: Faults::default(),
        }
    }

    /// One parameter; `expected` says what to give instead of what can't be read.
    pub(crate) fn parameter<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let (mine, others) =
            std::mem::take(&mut self.parameters).into_iter().partition(|(given, _)| given == name);
        self.parameters = others;
        let mine: Vec<(String, String)> = mine;
        let pointer = format!("?{name}");
        match mine.as_slice() {
            [] => None,
            [(_, value)] => parse(value).or_else(|| {
                self.faults.push(&pointer, "malformed", expected);
                None
            }),
            _ => {
                self.faults.push(&pointer, "repeated", "give this parameter once");
                None
            }
        }
    }

    /// A parameter that parses by itself.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        self.parameter(name, expected, |text| text.parse().ok())
    }

    fn finish(mut self) -> Result<(), Problem> {
        for (name, _) in std::mem::take(&mut self.parameters) {
            self.faults.push(&format!("?{name}"), "unknown", "there is no such parameter here");
        }
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::of_faults(self.faults.into_vec())) }
    }
}

/// `?limit=` and `?cursor=` of every list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageQuery(pub(crate) Page);

impl FromQuery for PageQuery {
    fn read(query: &mut QueryReader) -> Self {
        let in_bounds = |text: &str| text.parse().ok().filter(|limit| (1..=LIST_LIMIT_MAX).contains(limit));
        let limit = query.parameter("limit", "give a whole number from 1 to 100", in_bounds);
        let cursor = query.parameter("cursor", "give `next_cursor` of the page before", Cursor::parse);
        Self(Page { limit: limit.unwrap_or(LIST_LIMIT_DEFAULT), cursor })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<Page, usize> {
        let mut reader = QueryReader::of(query);
        let PageQuery(page) = PageQuery::read(&mut reader);
        let unread = reader.parameters.len();
        if reader.faults.is_empty() && unread == 0 {
            Ok(page)
        } else {
            Err(reader.faults.into_vec().len() + unread)
        }
    }

    #[test]
    fn pages_are_strict() {
        assert_eq!(page(""), Ok(Page { limit: 50, cursor: None }));
        assert_eq!(page("cursor=c5&limit=100"), Ok(Page { limit: 100, cursor: Cursor::parse("c5") }));
        assert_eq!(page("limit=0&cursor=zzz&x=1"), Err(3));
        assert_eq!(page("limit=1&limit=2"), Err(1));
        assert_eq!(page("limit=101"), Err(1));
    }
}
