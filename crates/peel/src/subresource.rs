//! One subresource that a page's scripts ask for: what may be asked at all, what goes along, and what a redirect makes of it
//! (Fetch "main fetch", "HTTP-redirect fetch"). What comes from the script engine is not trusted: a page may have taken it
//! over.

use bytes::Bytes;
use hopline_script::{
    FetchClient, FetchCredentials, FetchFailure, FetchKind, FetchMode, FetchRequest, ResponseTainting,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use url::Url;

use crate::{
    cors::{CrossRequest, is_safe_header, is_safe_method, unsafe_names},
    location::is_web,
    referer::ReferrerPolicy,
    request_headers::insert_text,
};

/// The document that asks.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(crate) url: Url,
    pub(crate) policy: ReferrerPolicy,
    /// Of the page's origin, or of none.
    pub(crate) client: FetchClient,
}

/// A request of a page, judged.
#[derive(Debug, Clone)]
pub(crate) struct Subresource {
    pub(crate) url: Url,
    pub(crate) method: Method,
    pub(crate) body: Bytes,
    pub(crate) kind: FetchKind,
    pub(crate) tainting: ResponseTainting,
    /// The script's own.
    headers: HeaderMap,
    mode: FetchMode,
    credentials: FetchCredentials,
    asker: Asker,
    /// Another origin has led it to a third: whose it was is not told any more (Fetch "redirect-taint").
    is_led_astray: bool,
}

const NO_ORIGIN: HeaderValue = HeaderValue::from_static("null");

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
    /// Judges what the document of `asker` asks for.
    pub(crate) fn of(request: FetchRequest, asker: Asker) -> Result<Self, FetchFailure> {
        let url = Url::parse(&request.url).map_err(|_| FetchFailure::Network)?;
        let method = request.method.parse::<Method>().map_err(|_| FetchFailure::Network)?;
        let is_data = request.kind == FetchKind::Data;
        let is_forbidden = match (is_data, request.mode) {
            (false, _) => method != Method::GET,
            (true, FetchMode::NoCors) => !is_safe_method(&method),
            (true, _) => matches!(method.as_str(), "CONNECT" | "TRACE" | "TRACK"),
        };
        if is_forbidden || !may_be_asked(&asker.url, &url) {
            return Err(FetchFailure::Network);
        }
        let mut headers = if is_data { allowed_headers(&request.headers) } else { HeaderMap::new() };
        if request.mode == FetchMode::NoCors {
            headers = headers.into_iter().filter_map(without_leave).collect();
        }
        let part = Self {
            url,
            method,
            body: if is_data { request.body.into() } else { Bytes::new() },
            kind: request.kind,
            tainting: ResponseTainting::Basic,
            headers,
            mode: request.mode,
            credentials: request.credentials,
            asker,
            is_led_astray: false,
        };
        part.tainted()
    }

    /// The request after a redirect of `status` to `url`, answered with `answer`.
    pub(crate) fn redirected(
        mut self,
        status: u16,
        url: Url,
        answer: &HeaderMap,
    ) -> Result<Self, FetchFailure> {
        let names_user = !url.username().is_empty() || url.password().is_some();
        let is_cors = self.mode == FetchMode::Cors || self.tainting == ResponseTainting::Cors;
        let hides_user = names_user && is_cors && !self.is_own(&url);
        if hides_user || !may_be_asked(&self.asker.url, &url) {
            return Err(FetchFailure::Network);
        }
        let is_post = self.method == Method::POST;
        let is_fetched = matches!(self.method, Method::GET | Method::HEAD);
        if (matches!(status, 301 | 302) && is_post) || (status == 303 && !is_fetched) {
            self.drop_body();
        }
        if url.origin() != self.url.origin() {
            self.headers.remove(header::AUTHORIZATION);
            self.is_led_astray |= !self.is_own(&self.url);
        }
        if let Some(policy) = ReferrerPolicy::of_headers(answer) {
            self.asker.policy = policy;
        }
        self.url = url;
        self.tainted()
    }

    fn drop_body(&mut self) {
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

    /// How far the answer will be the page's own. What has left its origin never is again.
    fn tainted(mut self) -> Result<Self, FetchFailure> {
        if self.tainting == ResponseTainting::Basic && self.is_own(&self.url) {
            return Ok(self);
        }
        self.tainting = match self.mode {
            FetchMode::SameOrigin => return Err(FetchFailure::Network),
            FetchMode::Cors => ResponseTainting::Cors,
            FetchMode::NoCors => ResponseTainting::Opaque,
        };
        Ok(self)
    }

    /// Whether a document of the page's origin asks.
    pub(crate) fn is_of_page(&self) -> bool {
        self.asker.client == FetchClient::Page
    }

    fn is_own(&self, url: &Url) -> bool {
        self.is_of_page() && url.origin() == self.asker.url.origin()
    }

    /// Whether cookies go along and are kept (Fetch "HTTP-network-or-cache fetch").
    pub(crate) fn has_credentials(&self) -> bool {
        match self.credentials {
            FetchCredentials::Omit => false,
            FetchCredentials::SameOrigin => self.tainting == ResponseTainting::Basic,
            FetchCredentials::Include => true,
        }
    }

    /// Whether another origin has to let the request be made first.
    pub(crate) fn needs_leave(&self) -> bool {
        let is_plain = is_safe_method(&self.method) && unsafe_names(&self.headers).is_empty();
        self.tainting == ResponseTainting::Cors && !is_plain
    }

    /// Whether the answer to the preflight lets the request be made.
    pub(crate) fn is_let(&self, status: u16, answer: &HeaderMap) -> bool {
        let origin = self.origin();
        self.as_crossing(&origin).is_let(status, answer, &self.method, &self.headers)
    }

    /// Whether the page may have an answer with these headers.
    pub(crate) fn is_shared(&self, answer: &HeaderMap) -> bool {
        let origin = self.origin();
        self.tainting != ResponseTainting::Cors || self.as_crossing(&origin).is_shared(answer)
    }

    const fn as_crossing<'a>(&self, origin: &'a HeaderValue) -> CrossRequest<'a> {
        CrossRequest { origin, credentials: self.credentials }
    }

    /// Who asks, as far as it is told (Fetch "serializing a request origin").
    fn origin(&self) -> HeaderValue {
        if self.is_led_astray || !self.is_of_page() {
            return NO_ORIGIN;
        }
        HeaderValue::from_str(&self.asker.url.origin().ascii_serialization()).unwrap_or(NO_ORIGIN)
    }

    /// Fetch "append a request `Origin` header".
    fn origin_header(&self) -> Option<HeaderValue> {
        if self.tainting == ResponseTainting::Cors {
            return Some(self.origin());
        }
        if matches!(self.method, Method::GET | Method::HEAD) {
            return None;
        }
        let is_hidden =
            self.mode != FetchMode::Cors && self.asker.policy.hides_origin(&self.asker.url, &self.url);
        Some(if is_hidden { NO_ORIGIN } else { self.origin() })
    }

    /// What is sent: the script's headers over those of the `profile`, and what is the browser's to say.
    pub(crate) fn headers(&self, profile: &HeaderMap) -> HeaderMap {
        let mut headers = self.bare_headers(profile);
        headers.extend(self.headers.clone());
        if let Some(origin) = self.origin_header() {
            headers.insert(header::ORIGIN, origin);
        }
        headers
    }

    /// What its preflight sends.
    pub(crate) fn preflight_headers(&self, profile: &HeaderMap) -> HeaderMap {
        let mut headers = self.bare_headers(profile);
        headers.insert(header::ORIGIN, self.origin());
        insert_text(&mut headers, header::ACCESS_CONTROL_REQUEST_METHOD, self.method.as_str());
        let names: Vec<_> = unsafe_names(&self.headers).into_iter().map(HeaderName::as_str).collect();
        if !names.is_empty() {
            insert_text(&mut headers, header::ACCESS_CONTROL_REQUEST_HEADERS, &names.join(","));
        }
        headers
    }

    fn bare_headers(&self, profile: &HeaderMap) -> HeaderMap {
        let mut headers = profile.clone();
        headers.remove(header::UPGRADE_INSECURE_REQUESTS);
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        let referer = self.asker.policy.referer(&self.asker.url, &self.url);
        if let Some(referer) = referer.filter(|_| self.is_of_page()) {
            insert_text(&mut headers, header::REFERER, &referer);
        }
        headers
    }
}

/// A header that no other origin has to allow.
fn without_leave((name, value): (Option<HeaderName>, HeaderValue)) -> Option<(HeaderName, HeaderValue)> {
    let name = name?;
    is_safe_header(&name, &value).then_some((name, value))
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
mod tests;
