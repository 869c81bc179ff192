//! All pages of one installation, rendered when it starts.

use std::collections::HashMap;

use bytes::Bytes;
use hopline_domain::problem::ProblemCode;
use strum::IntoEnumIterator;
use utoipa::openapi::OpenApi;

use super::{landing, layout::Site, problems, reference};

#[derive(Debug)]
pub(crate) struct Pages {
    pub(super) landing: Bytes,
    pub(super) reference: Bytes,
    pub(super) problems: Bytes,
    pub(super) problem: HashMap<ProblemCode, Bytes>,
    pub(super) openapi: Bytes,
}

impl Pages {
    pub(crate) fn render(document: &OpenApi) -> Self {
        let value = serde_json::to_value(document).unwrap_or_default();
        let server = value["servers"][0]["url"].as_str().unwrap_or_default();
        let site = Site::of(server);
        Self {
            landing: landing::page(&site),
            reference: reference::page(&site, &value),
            problems: problems::index(&site),
            problem: ProblemCode::iter().map(|code| (code, problems::page(&site, code))).collect(),
            openapi: Bytes::from(serde_json::to_vec(document).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_load_nothing_and_balance_their_tags() {
        let mut document = crate::openapi::document();
        document.servers = Some(vec![utoipa::openapi::Server::new("https://hop.example/base")]);
        let pages = Pages::render(&document);
        for page in
            [&pages.landing, &pages.reference, &pages.problems, &pages.problem[&ProblemCode::InvalidKey]]
        {
            let html = std::str::from_utf8(page).unwrap();
            for tag in [
                "p", "table", "section", "article", "ul", "li", "nav", "main", "details", "code", "pre",
                "td", "tr",
            ] {
                let opened =
                    html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
                assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "<{tag}>");
            }
            for loaded in ["<script", " src=", "<link rel=\"stylesheet\"", "url("] {
                assert!(!html.contains(loaded), "{loaded}");
            }
        }
        let reference = std::str::from_utf8(&pages.reference).unwrap();
        assert!(
            reference.contains("/v1/resolve") && reference.contains("/base/docs/problems/out_of_credits")
        );
    }
}
