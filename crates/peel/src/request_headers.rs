//! What a hop's request says about the caller: browser-like headers from the profile, cookies, referer.

use hopline_domain::profile::Profile;
use http::{HeaderMap, HeaderName, HeaderValue, header};

const ACCEPT: HeaderValue = HeaderValue::from_static(
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
);

/// The headers every hop of a chain carries. What can't be a header is left out: profiles are judged at accept.
pub(crate) fn profile_headers(profile: &Profile) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::UPGRADE_INSECURE_REQUESTS, HeaderValue::from_static("1"));
    insert_text(&mut headers, header::USER_AGENT, profile.user_agent());
    headers.insert(header::ACCEPT, ACCEPT);
    insert_text(&mut headers, header::ACCEPT_LANGUAGE, profile.accept_language());
    for (name, value) in &profile.headers {
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            insert_text(&mut headers, name, value);
        }
    }
    headers
}

/// The headers of one hop: the chain's, and what only this request carries.
pub(crate) fn hop_headers(base: &HeaderMap, referer: Option<&str>, cookies: &[u8]) -> HeaderMap {
    let mut headers = base.clone();
    if let Some(referer) = referer {
        insert_text(&mut headers, header::REFERER, referer);
    }
    if !cookies.is_empty()
        && let Ok(value) = HeaderValue::from_bytes(cookies)
    {
        headers.insert(header::COOKIE, value);
    }
    headers
}

fn insert_text(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let headers = hop_headers(&profile_headers(&profile), Some("http://r.test/"), b"a=\xff");
        assert_eq!(headers[header::USER_AGENT], "mine/1");
        assert_eq!(headers[header::ACCEPT], "*/*");
        assert_eq!(headers[header::REFERER], "http://r.test/");
        assert_eq!(headers[header::COOKIE].as_bytes(), b"a=\xff");
        assert_eq!(headers.len(), 6);
    }
}
