//! The frame of every page, and the headers that keep it harmless.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::pages::escape;

const STYLE: &str = include_str!("style.css");

/// Pages run nothing and load nothing. A form's answer may lead anywhere: browsers hold `form-action` against the redirects that
/// follow it, and a link that was unlocked leads to its destination.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' https: http:; base-uri 'none'; frame-ancestors 'none'",
);

/// What differs between pages. `title` is text, the rest is HTML.
pub(super) struct Page<'p> {
    pub(super) status: StatusCode,
    pub(super) title: &'p str,
    pub(super) head: &'p str,
    pub(super) main: &'p str,
}

impl Page<'_> {
    pub(super) fn respond(&self) -> Response {
        let Self { head, main, .. } = self;
        let title = escape(self.title);
        let html = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n{head}\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{main}</main>\n</body>\n</html>\n"
        );
        (self.status, headers(), html).into_response()
    }
}

fn headers() -> HeaderMap {
    let texts: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    let texts = texts.into_iter().map(|(name, text)| (name, HeaderValue::from_static(text)));
    texts.chain([(header::CONTENT_SECURITY_POLICY, POLICY)]).collect()
}

/// The text of a page and its status, for the tests of each.
#[cfg(test)]
pub(super) async fn told(response: Response) -> (u16, String) {
    use http_body_util::BodyExt;
    let (parts, body) = response.into_parts();
    assert_eq!(parts.headers["content-type"], "text/html; charset=utf-8");
    assert!(parts.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let bytes = body.collect().await.unwrap().to_bytes();
    let html = String::from_utf8(bytes.to_vec()).unwrap();
    for tag in ["main", "p", "h1", "form", "label", "button", "title", "a"] {
        let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "<{tag}> in {html}");
    }
    (parts.status.as_u16(), html)
}
