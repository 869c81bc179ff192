//! One call: request out, answer or problem back. Bounded in time and size; follows no redirect, retries nothing.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{client::legacy, rt::TokioExecutor};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use crate::{ClientError, Problem, connect::Connector};

/// Longest answer read: a page of a hundred jobs, a HAR, or the document of the API fit well.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longer than the server holds an answer for `Prefer: wait`.
const TIMEOUT_MS_DEFAULT: u64 = 60_000;
/// Every call under this client's version.
const USER_AGENT: &str = concat!("hopline-client/", env!("CARGO_PKG_VERSION"));

/// Where the server is, and who calls.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// As the server prints it; a path prefix is kept.
    pub base_url: String,
    /// `None` for the calls that need none.
    pub api_key: Option<String>,
    /// For one call from connecting to the last byte, in milliseconds.
    pub timeout_ms: u64,
}

impl ClientConfig {
    pub fn new(base_url: impl Into<String>, api_key: Option<String>) -> Self {
        Self { base_url: base_url.into(), api_key, timeout_ms: TIMEOUT_MS_DEFAULT }
    }
}

/// A client of one server. Cheap to clone; connections are kept alive and shared.
#[derive(Clone)]
pub struct Client {
    base: Url,
    headers: HeaderMap,
    timeout_ms: u64,
    http: legacy::Client<Connector, Full<Bytes>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

/// An answer below 400, undecoded.
pub(crate) struct Answer {
    url: String,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| ClientError::Decode { url: self.url.clone(), detail: error.to_string() })
    }

    pub(crate) fn bytes(self) -> Bytes {
        self.body
    }
}

/// One call before it is made.
#[derive(Debug)]
pub(crate) struct Call {
    method: Method,
    /// Path segments below the base; each is percent-encoded.
    segments: Vec<String>,
    query: Vec<(&'static str, String)>,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

impl Call {
    pub(crate) fn new(method: Method, segments: &[&str]) -> Self {
        let segments = segments.iter().map(|&segment| segment.to_owned()).collect();
        Self { method, segments, query: Vec::new(), headers: HeaderMap::new(), body: None }
    }

    pub(crate) fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: Option<&str>) -> Self {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            self.headers.insert(name, value);
        }
        self
    }

    /// A body that is no JSON document.
    pub(crate) fn body(mut self, media_type: &'static str, body: Vec<u8>) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = Some(body);
        self
    }

    /// Invariant: our request types serialise; they hold strings, numbers and lists only.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = Some(serde_json::to_vec(body).unwrap_or_default());
        self
    }
}

impl Client {
    pub fn new(config: ClientConfig) -> Result<Self, ClientError> {
        let base = parse_base(&config.base_url)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers
            .insert(header::ACCEPT, HeaderValue::from_static("application/json, application/problem+json"));
        if let Some(key) = config.api_key {
            let mut value =
                HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| ClientError::ApiKey)?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        let connector = Connector::new().map_err(ClientError::Tls)?;
        let http = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { base, headers, timeout_ms: config.timeout_ms, http })
    }

    pub(crate) async fn call(&self, call: Call) -> Result<Answer, ClientError> {
        let url = self.url_of(&call);
        let deadline = Duration::from_millis(self.timeout_ms);
        let answered = tokio::time::timeout(deadline, self.exchange(call, url.as_str())).await;
        answered.map_err(|_| ClientError::Timeout { url: url.to_string(), timeout_ms: self.timeout_ms })?
    }

    fn url_of(&self, call: &Call) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&call.segments);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        url
    }

    async fn exchange(&self, call: Call, url: &str) -> Result<Answer, ClientError> {
        let mut request = Request::new(Full::new(Bytes::from(call.body.unwrap_or_default())));
        *request.method_mut() = call.method;
        *request.uri_mut() = url
            .parse()
            .map_err(|_| ClientError::BaseUrl { url: url.to_owned(), fault: "it can't be requested" })?;
        request.headers_mut().extend(self.headers.clone());
        request.headers_mut().extend(call.headers);
        let connecting = |error| ClientError::Connect { url: self.base.to_string(), source: Box::new(error) };
        let (head, body) = self.http.request(request).await.map_err(connecting)?.into_parts();
        let reading = |source| ClientError::Body { url: url.to_owned(), source };
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(reading)?.to_bytes();
        if head.status.is_success() {
            return Ok(Answer { url: url.to_owned(), body });
        }
        Err(refusal(url, head.status, &head.headers, &body))
    }
}

fn refusal(url: &str, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> ClientError {
    let Ok(mut problem) = serde_json::from_slice::<Problem>(body) else {
        return ClientError::Unexpected { url: url.to_owned(), status: status.as_u16() };
    };
    let retry_after = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    problem.retry_after_s = retry_after.and_then(|value| value.parse().ok());
    ClientError::Problem(Box::new(problem))
}

fn parse_base(text: &str) -> Result<Url, ClientError> {
    let refused = |fault| ClientError::BaseUrl { url: text.to_owned(), fault };
    let url = Url::parse(text).map_err(|_| refused("it is no URL; write it like http://127.0.0.1:8080"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused("it must begin with http:// or https://"));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(refused("leave out user name, query and fragment"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base_url: &str) -> Result<Client, ClientError> {
        Client::new(ClientConfig::new(base_url, Some("sk_live_x".to_owned())))
    }

    #[test]
    fn urls_keep_the_prefix_and_escape_what_is_put_in() {
        let client = client("https://example.com/hop/").unwrap();
        let call = Call::new(Method::GET, &["v1", "jobs", "a/b c?d"]).query("limit", Some(5));
        assert_eq!(client.url_of(&call).as_str(), "https://example.com/hop/v1/jobs/a%2Fb%20c%3Fd?limit=5");
    }

    #[test]
    fn addresses_that_cannot_be_a_server_are_refused() {
        for text in ["127.0.0.1:8080", "ftp://example.com", "https://u@example.com", "https://example.com/?a"]
        {
            assert!(matches!(client(text), Err(ClientError::BaseUrl { .. })), "{text}");
        }
    }

    #[test]
    fn the_key_is_not_printed() {
        assert!(!format!("{:?}", client("http://localhost").unwrap()).contains("sk_live"));
    }
}
