//! Answers of short links as HTTP: redirects with their headers, and what is said where there is none.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use hopline_domain::short_link::{CachePolicy, RedirectStatus, ShortDomain};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::pages::{self, Notice};

const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");
/// The destination learns which site its visitor comes from, and no more.
const REFERRER_POLICY: HeaderValue = HeaderValue::from_static("strict-origin-when-cross-origin");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// Everything may be looked at: preview bots obey this file too. Crawlers are not counted as people.
const ROBOTS: &str = "User-agent: *\nDisallow: /v1/\n";
const A_DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400");

/// A redirect of a link.
pub(super) fn redirect(status: RedirectStatus, location: &str, cache: CachePolicy) -> Response {
    let status = StatusCode::from_u16(status.code()).unwrap_or(StatusCode::FOUND);
    let cache = match cache {
        CachePolicy::NoStore => NO_STORE,
        policy @ CachePolicy::MaxAge { .. } => HeaderValue::try_from(policy.header()).unwrap_or(NO_STORE),
    };
    to(status, location, cache)
}

/// A redirect that depends on the moment: fallbacks, roots.
pub(super) fn detour(location: &str) -> Response {
    to(StatusCode::FOUND, location, NO_STORE)
}

fn to(status: StatusCode, location: &str, cache: HeaderValue) -> Response {
    // Destinations are serialised URLs, so that this fits a header; what does not leads nowhere.
    let Ok(location) = HeaderValue::try_from(location) else { return pages::notice(Notice::NotFound) };
    let headers = HeaderMap::from_iter([
        (header::LOCATION, location),
        (header::CACHE_CONTROL, cache),
        (header::REFERRER_POLICY, REFERRER_POLICY),
        (header::CONTENT_LENGTH, HeaderValue::from_static("0")),
    ]);
    (status, headers, Body::empty()).into_response()
}

/// Nothing here, or nothing that may be seen yet.
pub(super) fn not_found(domain: &ShortDomain) -> Response {
    domain.not_found_url.as_deref().map_or_else(|| pages::notice(Notice::NotFound), detour)
}

/// Something was here.
pub(super) fn gone(fallback_url: Option<&str>) -> Response {
    fallback_url.map_or_else(|| pages::notice(Notice::Gone), detour)
}

pub(super) fn robots() -> Response {
    let headers = [(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, A_DAY)];
    (headers, ROBOTS).into_response()
}

/// There is none; saying so in a way that browsers remember spares both sides.
pub(super) fn favicon() -> Response {
    (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, A_DAY)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_say_how_long_they_hold() {
        for (policy, said) in [
            (CachePolicy::NoStore, "private, no-store"),
            (CachePolicy::MaxAge { seconds: 60 }, "private, max-age=60"),
        ] {
            let response = redirect(RedirectStatus::PermanentRedirect, "https://a.example/", policy);
            assert_eq!(response.status(), 308);
            assert_eq!(response.headers()["cache-control"], said);
            assert_eq!(response.headers()["referrer-policy"], "strict-origin-when-cross-origin");
        }
    }

    #[test]
    fn a_destination_that_fits_no_header_leads_nowhere() {
        assert_eq!(detour("https://a.example/\r\nSet-Cookie: a=b").status(), 404);
    }
}
