//! Where there is no redirect: what happened, in a sentence. Nothing is told of the link itself.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::layout::Page;

/// Seconds after which what is not to be had now may be.
const RETRY_AFTER_S: u32 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::redirect) enum Notice {
    NotFound,
    Gone,
    Blocked,
    MethodNotAllowed,
    Unavailable,
}

impl Notice {
    fn content(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "There is no such link",
                "The address may be misspelt: capital letters can make a difference.",
            ),
            Self::Gone => (StatusCode::GONE, "This link has ended", "It worked once, and does so no more."),
            Self::Blocked => (
                StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS,
                "This link is blocked",
                "The operator of this server has blocked it.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "Links are only followed",
                "This address takes no other kind of request.",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "This link can't be looked up now",
                "Try again in a few seconds.",
            ),
        }
    }
}

pub(in crate::redirect) fn notice(notice: Notice) -> Response {
    let (status, title, sentence) = notice.content();
    let main = format!("<h1>{title}</h1>\n<p>{sentence}</p>\n");
    let mut response = Page { status, title, head: "", main: &main }.respond();
    if notice == Notice::Unavailable {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redirect::pages::layout::told;

    #[tokio::test]
    async fn every_notice_says_what_happened() {
        for (kind, status, title) in [
            (Notice::NotFound, 404, "There is no such link"),
            (Notice::Gone, 410, "This link has ended"),
            (Notice::Blocked, 451, "This link is blocked"),
            (Notice::MethodNotAllowed, 405, "Links are only followed"),
            (Notice::Unavailable, 503, "This link can&#39;t be looked up now"),
        ] {
            let (told_status, html) = told(notice(kind)).await;
            assert_eq!(told_status, status);
            assert!(html.contains(&format!("<title>{title}</title>")), "{html}");
        }
        assert_eq!(notice(Notice::Unavailable).headers()["retry-after"], "5");
    }
}
