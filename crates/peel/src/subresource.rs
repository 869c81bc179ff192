//! One subresource that a page's scripts ask for: what may be asked at all, and what a redirect makes of it
//! (Fetch "HTTP-redirect fetch"). What comes from the script engine is not trusted: a page may have taken it over.

use bytes::Bytes;
use hopline_script::{FetchFailure, FetchRequest};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use url::Url;

use crate::{location::is_web, referer::ReferrerPolicy, request_headers::insert_text};

/// A request of a page, judged.
#[derive(Debug, Clone)]
pub(crate) struct Subresource {
    pub(crate) url: Url,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) with_credentials: bool,
    origin: Option<HeaderValue>,
}

/// Headers that are the browser's own (Fetch "forbidden request-header"), besides the prefixes below.
const FORBIDDEN_HEADERS: [&str; 22] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
];
const FORBIDDEN_PREFIXES: [&str; 2] = ["proxy-", "sec-"];

impl Subresource {
    /// Judges what the document at `page` asks for.
    pub(crate) fn of(request: FetchRequest, page: &Url) -> Result<Self, FetchFailure> {
        let url = Url::parse(&request.url).map_err(|_| FetchFailure::Network)?;
        let method = request.method.parse::<Method>().map_err(|_| FetchFailure::Network)?;
        let is_forbidden = matches!(method.as_str(), "CONNECT" | "TRACE" | "TRACK");
        if is_forbidden || !may_be_asked(page, &url) {
            return Err(FetchFailure::Network);
        }
        let is_own_origin = |text: &String| *text == page.origin().ascii_serialization();
        let origin = request.origin.map(|text| if is_own_origin(&text) { text } else { "null".to_owned() });
        Ok(Self {
            url,
            method,
            headers: allowed_headers(&request.headers),
            body: request.body.into(),
            with_credentials: request.with_credentials,
            origin: origin.and_then(|text| HeaderValue::from_str(&text).ok()),
        })
    }

    /// The request after a redirect of `status` to `url`.
    pub(crate) fn redirected(mut self, status: u16, url: Url, page: &Url) -> Result<Self, FetchFailure> {
        if !may_be_asked(page, &url) {
            return Err(FetchFailure::Network);
        }
        let is_post = self.method == Method::POST;
        let is_fetched = matches!(self.method, Method::GET | Method::HEAD);
        if (matches!(status, 301 | 302) && is_post) || (status == 303 && !is_fetched) {
            self.method = Method::GET;
            self.body = Bytes::new();
            for name in [
                header::CONTENT_TYPE,
                header::CONTENT_ENCODING,
                header::CONTENT_LANGUAGE,
                header::CONTENT_LOCATION,
            ] {
                self.headers.remove(name);
            }
        }
        if url.origin() != self.url.origin() {
            self.headers.remove(header::AUTHORIZATION);
            if self.url.origin() != page.origin() && self.origin.is_some() {
                self.origin = Some(HeaderValue::from_static("null"));
            }
        }
        self.url = url;
        Ok(self)
    }

    /// What is sent: the script's headers over those of the `profile`, and what is the browser's to say.
    pub(crate) fn headers(&self, profile: &HeaderMap, page: &Url, policy: ReferrerPolicy) -> HeaderMap {
        let mut headers = profile.clone();
        headers.remove(header::UPGRADE_INSECURE_REQUESTS);
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        headers.extend(self.headers.clone());
        if let Some(referer) = policy.referer(page, &self.url) {
            insert_text(&mut headers, header::REFERER, &referer);
        }
        if let Some(origin) = &self.origin {
            headers.insert(header::ORIGIN, origin.clone());
        }
        headers
    }
}

/// Only the web is asked, and a secure page asks nothing in the clear (Mixed Content "should fetching be blocked").
fn may_be_asked(page: &Url, url: &Url) -> bool {
    is_web(url) && (page.scheme() != "https" || url.scheme() == "https")
}

fn allowed_headers(headers: &[(String, String)]) -> HeaderMap {
    let pairs = headers.iter().filter_map(|(name, value)| {
        let name = name.parse::<HeaderName>().ok()?;
        let is_forbidden = FORBIDDEN_HEADERS.binary_search(&name.as_str()).is_ok()
            || FORBIDDEN_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix));
        (!is_forbidden).then_some(())?;
        Some((name, HeaderValue::from_str(value).ok()?))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use hopline_script::FetchKind;

    use super::*;

    fn page() -> Url {
        Url::parse("https://a.test/x?q").unwrap()
    }

    fn request(method: &str, url: &str) -> FetchRequest {
        FetchRequest {
            kind: FetchKind::Data,
            url: url.to_owned(),
            method: method.to_owned(),
            headers: Vec::new(),
            body: b"body".to_vec(),
            with_credentials: true,
            origin: Some("https://a.test".to_owned()),
        }
    }

    #[test]
    fn only_the_web_is_asked_and_never_in_the_clear_from_a_secure_page() {
        for (method, url, expected) in [
            ("GET", "https://b.test/", true),
            ("PUT", "https://b.test/", true),
            ("GET", "http://b.test/", false),
            ("GET", "file:///etc/passwd", false),
            ("GET", "data:text/plain,x", false),
            ("GET", "nonsense", false),
            ("CONNECT", "https://b.test/", false),
            ("TRACE", "https://b.test/", false),
            ("bad method", "https://b.test/", false),
        ] {
            assert_eq!(Subresource::of(request(method, url), &page()).is_ok(), expected, "{method} {url}");
        }
        let plain = Url::parse("http://a.test/").unwrap();
        assert!(Subresource::of(request("GET", "http://b.test/"), &plain).is_ok());
    }

    #[test]
    fn what_is_the_browsers_is_not_the_scripts() {
        let headers = [
            "Cookie",
            "Host",
            "Origin",
            "Referer",
            "Sec-Fetch-Mode",
            "Proxy-X",
            "User-Agent",
            "X-Mine",
            "Content-Type",
        ];
        let headers = headers.iter().map(|name| ((*name).to_owned(), "forged".to_owned())).collect();
        let asked = FetchRequest { headers, ..request("POST", "https://b.test/") };
        let headers = Subresource::of(asked, &page()).unwrap().headers(
            &HeaderMap::new(),
            &page(),
            ReferrerPolicy::default(),
        );
        let forged: Vec<_> =
            headers.iter().filter(|(_, value)| *value == "forged").map(|(name, _)| name.as_str()).collect();
        assert_eq!(forged, ["x-mine", "content-type"]);
        assert_eq!(
            (&headers[header::ORIGIN], &headers[header::REFERER]),
            (&HeaderValue::from_static("https://a.test"), &HeaderValue::from_static("https://a.test/"))
        );
        assert!(FORBIDDEN_HEADERS.is_sorted());
        let lying = FetchRequest {
            origin: Some("https://bank.test".to_owned()),
            ..request("GET", "https://b.test/")
        };
        let lying = Subresource::of(lying, &page()).unwrap();
        assert_eq!(lying.origin.unwrap(), "null");
    }

    #[test]
    fn redirects_change_method_and_origin_as_fetch_says() {
        let post = || Subresource::of(request("POST", "https://b.test/"), &page()).unwrap();
        let to = |url: &str| Url::parse(url).unwrap();
        assert_eq!(post().redirected(302, to("https://b.test/2"), &page()).unwrap().method, Method::GET);
        assert_eq!(post().redirected(303, to("https://b.test/2"), &page()).unwrap().body, "");
        let kept = post().redirected(307, to("https://b.test/2"), &page()).unwrap();
        assert_eq!(
            (&kept.method, &kept.body[..], kept.origin.as_ref().unwrap().to_str().unwrap()),
            (&Method::POST, &b"body"[..], "https://a.test")
        );
        let tainted = kept.redirected(307, to("https://c.test/"), &page()).unwrap();
        assert_eq!(tainted.origin.unwrap(), "null");
        assert!(post().redirected(307, to("http://b.test/"), &page()).is_err());
    }
}
