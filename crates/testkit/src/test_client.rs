//! A plain HTTP client for tests: keeps connections alive, follows nothing, retries nothing, hides nothing.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use serde_json::Value;

/// A server that has not answered by then never will.
const ANSWER_DEADLINE: Duration = Duration::from_secs(60);
/// Longest answer read.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

#[derive(Clone)]
pub struct TestClient {
    base_url: String,
    headers: Vec<(String, String)>,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl TestClient {
    /// A client of the server at `base_url` (`http://host:port`), without credentials.
    pub fn new(base_url: impl Into<String>) -> Self {
        let client = Client::builder(TokioExecutor::new()).retry_canceled_requests(false).build_http();
        Self { base_url: base_url.into(), headers: Vec::new(), client }
    }

    /// The same client with this bearer key instead of any other.
    #[must_use]
    pub fn bearer(&self, key: &str) -> Self {
        let headers = vec![("authorization".to_owned(), format!("Bearer {key}"))];
        Self { headers, ..self.clone() }
    }

    pub fn get(&self, path: &str) -> TestRequest {
        self.request(Method::GET, path)
    }

    pub fn post_json(&self, path: &str, body: &impl Serialize) -> TestRequest {
        self.request(Method::POST, path).json(body)
    }

    pub fn post_raw(&self, path: &str, content_type: &str, body: impl Into<Bytes>) -> TestRequest {
        self.request(Method::POST, path).header("content-type", content_type).body(body)
    }

    pub fn patch(&self, path: &str, body: &impl Serialize) -> TestRequest {
        self.request(Method::PATCH, path).json(body)
    }

    pub fn delete(&self, path: &str) -> TestRequest {
        self.request(Method::DELETE, path)
    }

    pub fn request(&self, method: Method, path: &str) -> TestRequest {
        let target = format!("{}{path}", self.base_url);
        TestRequest {
            client: self.client.clone(),
            method,
            target,
            headers: self.headers.clone(),
            body: Bytes::new(),
        }
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClient").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// A request that is sent when awaited.
#[derive(Debug)]
#[must_use = "a request is sent when awaited"]
pub struct TestRequest {
    client: Client<HttpConnector, Full<Bytes>>,
    method: Method,
    target: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl TestRequest {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn json(self, body: &impl Serialize) -> Self {
        let bytes = serde_json::to_vec(body).expect("a test's body is JSON");
        self.header("content-type", "application/json").body(bytes)
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Sends it to a server that may go away meanwhile; `None` when it did.
    pub async fn send_to_mortal(self) -> Option<TestResponse> {
        self.exchange().await.ok()
    }

    async fn exchange(self) -> Result<TestResponse, Box<dyn std::error::Error + Send + Sync>> {
        let builder = Request::builder().method(self.method).uri(&self.target);
        let builder = self.headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value));
        let request = builder.body(Full::new(self.body)).expect("a test's request is valid");
        let (head, body) = self.client.request(request).await?.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await?;
        Ok(TestResponse { status: head.status.as_u16(), headers: head.headers, body: body.to_bytes() })
    }
}

impl IntoFuture for TestRequest {
    type Output = TestResponse;
    type IntoFuture = Pin<Box<dyn Future<Output = TestResponse> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            let target = self.target.clone();
            let answered = tokio::time::timeout(ANSWER_DEADLINE, self.exchange()).await;
            let answered =
                answered.unwrap_or_else(|_| panic!("{target} did not answer within {ANSWER_DEADLINE:?}"));
            answered.unwrap_or_else(|error| panic!("{target} did not answer: {error}"))
        })
    }
}

#[derive(Clone, Debug)]
pub struct TestResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl TestResponse {
    /// This answer, if it has the status; fails the test with the answer's text otherwise.
    #[expect(clippy::return_self_not_must_use, reason = "the status alone is often all a test asks for")]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "unexpected answer: {}", self.text());
        self
    }

    /// The body as JSON; fails the test when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in the answer {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first value of a header, as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
