//! `POST /{slug}`: somebody says a link's password.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use hopline_domain::{limits::LINK_PASSWORD_BYTES_MAX, short_link::LinkSecret};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use url::form_urlencoded;

use super::{
    pages::{self, Asked, Notice},
    seen::Seen,
    unlock,
    visit::LinkVisit,
};

/// A form with the longest password, every byte escaped.
const FORM_BYTES_MAX: usize = 4 * LINK_PASSWORD_BYTES_MAX;

/// Lets the visitor in, or asks again.
pub(super) async fn attempt(visit: &LinkVisit<'_>, secret: &LinkSecret, body: Body) -> Response {
    let (app, link_id) = (visit.app, visit.link.id);
    if let Err(too_many) = app.redirects.tries.take(link_id, visit.seen.address, visit.now) {
        return wait(too_many.retry_after_s);
    }
    let Some(password) = read(body).await else { return pages::ask_password(Asked::Missing) };
    match app.passwords.verify(password, secret.clone()).await {
        Ok(true) => let_in(visit, secret),
        Ok(false) => pages::ask_password(Asked::Wrong),
        Err(_) => pages::notice(Notice::Unavailable),
    }
}

fn wait(retry_after_s: u32) -> Response {
    let mut response = pages::ask_password(Asked::TooOften { retry_after_s });
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
    response
}

/// To the same address again, now with the cookie.
fn let_in(visit: &LinkVisit<'_>, secret: &LinkSecret) -> Response {
    let cookie = unlock::set_cookie(visit.app, visit.link.id, secret, visit.now);
    let headers = [
        (header::LOCATION, HeaderValue::try_from(itself(&visit.seen))),
        (header::SET_COOKIE, HeaderValue::try_from(cookie)),
        (header::CACHE_CONTROL, Ok(HeaderValue::from_static("private, no-store"))),
        (header::CONTENT_LENGTH, Ok(HeaderValue::from_static("0"))),
    ];
    let headers: HeaderMap =
        headers.into_iter().filter_map(|(name, value)| Some((name, value.ok()?))).collect();
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// The address of the request as a relative one: right behind a proxy that cuts a prefix off, too.
fn itself(seen: &Seen<'_>) -> String {
    let last = seen.path.rsplit('/').next().unwrap_or_default();
    match seen.query {
        Some(query) => format!("./{last}?{query}"),
        None => format!("./{last}"),
    }
}

/// The password of a form; `None` when there is none, or it can't be one.
async fn read(body: Body) -> Option<String> {
    let form = Limited::new(body, FORM_BYTES_MAX).collect().await.ok()?.to_bytes();
    let mut pairs = form_urlencoded::parse(&form);
    let password = pairs.find(|(name, _)| name == "password").map(|(_, value)| value.into_owned())?;
    (1..=LINK_PASSWORD_BYTES_MAX).contains(&password.len()).then_some(password)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use hopline_domain::click::VisitMethod;

    use super::*;

    #[tokio::test]
    async fn forms_are_read_within_bounds() {
        assert_eq!(read(Body::from("a=b&password=c%C3%A4+d")).await.as_deref(), Some("cä d"));
        for bad in ["", "password=", "pass=word"] {
            assert_eq!(read(Body::from(bad)).await, None, "{bad}");
        }
        let long = |count: usize| Body::from(format!("password={}", "x".repeat(count)));
        assert!(read(long(LINK_PASSWORD_BYTES_MAX)).await.is_some());
        assert_eq!(read(long(LINK_PASSWORD_BYTES_MAX + 1)).await, None);
        assert_eq!(read(long(FORM_BYTES_MAX)).await, None);
    }

    #[test]
    fn a_link_leads_to_itself() {
        let headers = HeaderMap::new();
        let seen = |path, query| Seen {
            headers: &headers,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            method: VisitMethod::Post,
            path,
            query,
        };
        assert_eq!(itself(&seen("a/b", Some("x=1"))), "./b?x=1");
        assert_eq!(itself(&seen("a", None)), "./a");
        assert_eq!(itself(&seen("a/", None)), "./");
    }
}
