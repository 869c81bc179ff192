//! What every answer gets, whoever made it: request id, problem body, rate and cache headers, a deadline, a metric.
//!
//! A panic in a handler ends here as a problem; nothing here looks into requests or answers of success.

use std::{panic::AssertUnwindSafe, sync::Arc, sync::OnceLock, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use hopline_domain::{problem::ProblemCode, time::Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::request_id::X_REQUEST_ID;
use crate::{
    app::{App, AppState},
    client_address::client_address,
    context::{Peer, RequestContext},
    metrics,
    problem::{Audience, Frame, Problem},
};

/// Longer than any wait a caller may ask for; what takes longer is stuck.
const REQUEST_MAX: Duration = Duration::from_secs(60);
const NOSNIFF: (HeaderName, HeaderValue) =
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

/// What is kept of a request while its handler has it.
struct Seen {
    started_at: Timestamp,
    id: HeaderValue,
    method: Method,
    route: Option<MatchedPath>,
    may_be_stored: bool,
    audience: Audience,
    context: Arc<RequestContext>,
}

pub(crate) async fn envelope(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let seen = Seen::of(&app, &request);
    request.extensions_mut().insert(Arc::clone(&seen.context));
    let answered =
        tokio::time::timeout(REQUEST_MAX, AssertUnwindSafe(next.run(request)).catch_unwind()).await;
    let response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(request.id = ?seen.id, method = %seen.method, "a handler panicked");
            Problem::internal().into_response()
        }
        Err(_) => Problem::new(ProblemCode::Overloaded, "this took too long")
            .reason("timeout")
            .retry_after(1)
            .into_response(),
    };
    seen.finish(&app, response)
}

impl Seen {
    fn of(app: &App, request: &Request) -> Self {
        let (headers, path) = (request.headers(), request.uri().path());
        let peer = request.extensions().get::<Peer>();
        let address = peer.map(|peer| client_address(peer.0.ip(), headers, &app.parts.trusted_proxies));
        Self {
            started_at: app.now(),
            id: app.request_ids.of(headers),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            may_be_stored: !is_live(path),
            audience: Audience::of_path(path),
            context: Arc::new(RequestContext { address, rate: OnceLock::new() }),
        }
    }

    fn finish(self, app: &App, response: Response) -> Response {
        let mut response = self.with_problem(app, response);
        self.write_headers(response.headers_mut());
        let route = self.route.as_ref().map_or("none", MatchedPath::as_str);
        let duration_ms = app.now().since_ms(self.started_at);
        metrics::answered(&self.method, route, response.status(), duration_ms);
        tracing::debug!(
            request.id = ?self.id, http.method = %self.method, http.route = route,
            http.status = response.status().as_u16(), request.duration_ms = duration_ms, "answered"
        );
        response
    }

    /// Gives refusals their body; those that no handler of ours made too.
    fn with_problem(&self, app: &App, mut response: Response) -> Response {
        let problem = response.extensions_mut().remove::<Problem>();
        let status = response.status();
        let is_refusal = status.is_client_error() || status.is_server_error();
        match problem {
            Some(problem) => self.render(app, problem),
            None if is_refusal => self.render(app, Problem::of_status(status)),
            None => response,
        }
    }

    fn render(&self, app: &App, problem: Problem) -> Response {
        problem.render(&Frame {
            public_url: app.parts.public_url.as_str().trim_end_matches('/'),
            request_id: self.id.to_str().unwrap_or_default(),
            audience: self.audience,
        })
    }

    fn write_headers(&self, headers: &mut HeaderMap) {
        if let Some(rate) = self.context.rate.get() {
            rate.write(headers);
        }
        if !self.may_be_stored {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        let (name, value) = NOSNIFF;
        headers.insert(name, value);
        headers.insert(X_REQUEST_ID, self.id.clone());
    }
}

/// Whether answers of a path change from one moment to the next.
fn is_live(path: &str) -> bool {
    path.starts_with("/v1/") || matches!(path, "/v1" | "/healthz" | "/readyz" | "/metrics")
}
