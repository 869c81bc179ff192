//! What a hop's request says about the caller: browser-like headers from the profile, cookies, referer.

use hopline_domain::profile::Profile;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::next_hop::NextHop;

const ACCEPT: HeaderValue = HeaderValue::from_static(
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
);

/// The headers every hop of a chain carries. What can't be a header is left out: profiles are judged at accept.
pub(crate) fn profile_headers(profile: &Profile) -> HeaderMap {
    let mut headers = visitor_headers(profile);
    for (name, value) in &profile.headers {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            insert_text(&mut headers, name, value);
        }
    }
    headers
}

/// What any request of this visitor carries. The caller's extra headers are for the chain's own pages alone: what a page
/// loads for itself may lie with anybody.
pub(crate) fn visitor_headers(profile: &Profile) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::UPGRADE_INSECURE_REQUESTS, HeaderValue::from_static("1"));
    insert_text(&mut headers, header::USER_AGENT, profile.user_agent());
    headers.insert(header::ACCEPT, ACCEPT);
    insert_text(&mut headers, header::ACCEPT_LANGUAGE, profile.accept_language());
    headers
}

/// The headers of one hop: the chain's, and what only this request carries.
pub(crate) fn hop_headers(
    base: &HeaderMap,
    hop: &NextHop,
    referer: Option<&str>,
    cookies: &[u8],
) -> HeaderMap {
    let mut headers = base.clone();
    if let Some(referer) = referer {
        insert_text(&mut headers, header::REFERER, referer);
    }
    if let Some(submission) = &hop.submission {
        insert_text(&mut headers, header::ORIGIN, &submission.origin_header(&hop.url));
        submission.content_type.iter().for_each(|text| insert_text(&mut headers, header::CONTENT_TYPE, text));
    }
    insert_cookies(&mut headers, cookies);
    headers
}

/// Adds what the jar gives; nothing when that is nothing.
pub(crate) fn insert_cookies(headers: &mut HeaderMap, cookies: &[u8]) {
    if !cookies.is_empty()
        && let Ok(value) = HeaderValue::from_bytes(cookies)
    {
        headers.insert(header::COOKIE, value);
    }
}

pub(crate) fn insert_text(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use hopline_domain::chain::HopKind;
    use url::Url;

    use super::*;
    use crate::next_hop::Submission;

    fn hop() -> NextHop {
        NextHop::get(Url::parse("http://b.test/").unwrap(), HopKind::Start)
    }

    #[test]
    fn only_a_submission_has_an_origin_and_a_type() {
        let page = Url::parse("http://a.test/x").unwrap();
        let submission = Submission::new(b"k=v".to_vec(), Some("text/plain".to_owned()), &page);
        let post = NextHop { submission: Some(submission), ..hop() };
        let headers = hop_headers(&HeaderMap::new(), &post, None, b"");
        assert_eq!(
            (&headers[header::ORIGIN], &headers[header::CONTENT_TYPE]),
            (&HeaderValue::from_static("http://a.test"), &HeaderValue::from_static("text/plain"))
        );
        assert!(hop_headers(&HeaderMap::new(), &hop(), None, b"").is_empty());
    }

    #[test]
    fn the_profile_decides_and_the_product_is_named() {
        let headers = profile_headers(&Profile::default());
        assert!(headers[header::USER_AGENT].to_str().unwrap().contains("Hopline/"));
        assert_eq!(headers[header::UPGRADE_INSECURE_REQUESTS], "1");
        let profile = Profile {
            user_agent: Some("mine/1".to_owned()),
            headers: [("Accept".to_owned(), "*/*".to_owned()), ("bad name".to_owned(), "x".to_owned())]
                .into(),
            ..Profile::default()
        };
        let headers = hop_headers(&profile_headers(&profile), &hop(), Some("http://r.test/"), b"a=\xff");
        assert_eq!(headers[header::USER_AGENT], "mine/1");
        assert_eq!(headers[header::ACCEPT], "*/*");
        assert_eq!(headers[header::REFERER], "http://r.test/");
        assert_eq!(headers[header::COOKIE].as_bytes(), b"a=\xff");
        assert_eq!(headers.len(), 6);
    }
}
