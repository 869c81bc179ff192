//! The frame of every page: head, colours, a line of navigation.

use bytes::Bytes;

use super::html::escape;

/// Where the pages are served.
#[derive(Debug)]
pub(super) struct Site {
    /// The public URL without a trailing slash.
    pub(super) server: String,
    /// Its path without a trailing slash: what links begin with.
    pub(super) base: String,
}

const STYLE: &str = include_str!("style.css");

impl Site {
    pub(super) fn of(server: &str) -> Self {
        let path = url::Url::parse(server).map(|url| url.path().trim_end_matches('/').to_owned());
        Self { server: server.to_owned(), base: path.unwrap_or_default() }
    }

    /// A whole page. `main` is HTML.
    pub(super) fn page(&self, title: &str, main: &str) -> Bytes {
        let (title, base) = (escape(title), escape(&self.base));
        Bytes::from(format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <header><a class=\"brand\" href=\"{base}/\">Hopline</a> <a href=\"{base}/docs\">API reference</a> \
             <a href=\"{base}/docs/problems\">Problems</a> <a href=\"{base}/openapi.json\">OpenAPI</a></header>\n{main}\n</body>\n</html>\n"
        ))
    }
}
