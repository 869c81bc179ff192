//! The fork before all routes: what belongs to the API and its pages goes on, the rest is a short link's.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use hopline_domain::short_link::ShortDomain;
use http::{HeaderValue, Method, header};

use super::{
    answer,
    pages::{self, Notice},
    recent::Outage,
    seen::Seen,
    sites::{self, Site},
    visit,
    wanted::Wanted,
};
use crate::{
    app::{App, AppState},
    metrics,
    middleware::X_REQUEST_ID,
};

/// The one route template of all short links.
const ROUTE: &str = "/{slug}";

/// Sends a request to the API or answers it here, by its host and path.
pub(crate) async fn by_host(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let wanted = Wanted::of(request.uri().path());
    let host = sites::registrable(&app, &request);
    let site = app.redirects.sites.of(&app, host).await;
    let domain = match (site, wanted) {
        // Whose host this is can't be told when the store is down; health and the API answer all the same.
        (Site::Default | Site::Unknown, Wanted::Reserved) => return next.run(request).await,
        (Site::Default, Wanted::Robots) => return answer::robots(),
        (Site::Default, Wanted::Favicon) => return answer::favicon(),
        (Site::Default, Wanted::Root) => return default_root(&app, request, next).await,
        (Site::Default, _) => app.redirects.sites.default_domain(&app).await,
        (Site::Own(domain), _) => Ok(domain),
        (Site::Closed, _) => return pages::notice(Notice::NotFound),
        (Site::Unknown, _) => Err(Outage),
    };
    let id = app.request_ids.given(request.headers());
    let (method, started_at) = (request.method().clone(), app.now());
    let mut response = match domain {
        Ok(domain) => answer(&app, &domain, wanted, request).await,
        Err(Outage) => pages::notice(Notice::Unavailable),
    };
    if let Some(id) = id {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    metrics::answered(&method, ROUTE, response.status(), app.now().since_ms(started_at));
    response
}

/// Where the default domain's root leads, or the page of this server.
async fn default_root(app: &App, request: Request, next: Next) -> Response {
    match app.redirects.sites.default_domain(app).await.ok().and_then(|domain| domain.root_url.clone()) {
        Some(url) if is_read(request.method()) => answer::detour(&url),
        _ => next.run(request).await,
    }
}

async fn answer(app: &App, domain: &Arc<ShortDomain>, wanted: Wanted, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(seen) = Seen::of(app, &parts) else { return method_not_allowed("GET, HEAD") };
    match wanted {
        Wanted::Slug => visit::answer(app, domain, seen, body).await,
        _ if !is_read(&parts.method) => method_not_allowed("GET, HEAD"),
        Wanted::Preview => {
            let path = seen.path.strip_suffix('+').unwrap_or(seen.path);
            visit::preview(app, domain, seen.at(path)).await
        }
        Wanted::Root => match domain.root_url.as_deref() {
            Some(url) => answer::detour(url),
            None => pages::notice(Notice::NotFound),
        },
        Wanted::Robots => answer::robots(),
        Wanted::Favicon => answer::favicon(),
        Wanted::Reserved => pages::notice(Notice::NotFound),
    }
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

pub(super) fn method_not_allowed(allowed: &'static str) -> Response {
    let mut response = pages::notice(Notice::MethodNotAllowed);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    response
}
