//! The API as one object: shared state, the two routers, and the small task that keeps it tidy.

use std::{fmt, sync::Arc};

use axum::Router;
use hopline_domain::{
    limits::{EVENT_STREAMS_MAX, HELD_WAITS_MAX},
    plan::Plan,
    short_link::{DestinationPolicy, ShortUrls},
    time::Timestamp,
};
use tokio::sync::{Mutex, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auth::{KeyCache, KeyUses, RateLimits},
    extract::BulkPlaces,
    middleware::RequestIds,
    pages::Pages,
    parts::AppParts,
    passwords::Passwords,
    redirect::Redirects,
    router,
};

/// What every handler can reach.
pub(crate) struct App {
    pub(crate) parts: AppParts,
    no_plan: Plan,
    pub(crate) keys: KeyCache,
    pub(crate) uses: KeyUses,
    pub(crate) rates: RateLimits,
    pub(crate) request_ids: RequestIds,
    /// Places for answers that are held until a job ends.
    pub(crate) held_waits: Semaphore,
    /// Places for event streams, which stay open.
    pub(crate) stream_places: Arc<Semaphore>,
    /// What fills those streams.
    pub(crate) streams: TaskTracker,
    /// One probe of the store at a time, whoever asks.
    pub(crate) probe: Mutex<()>,
    pub(crate) pages: Pages,
    /// How short URLs are written.
    pub(crate) urls: Arc<ShortUrls>,
    /// Where links may not lead.
    pub(crate) destinations: DestinationPolicy,
    pub(crate) passwords: Passwords,
    pub(crate) redirects: Redirects,
    /// Codes are drawn a few at a time.
    pub(crate) drawing: Semaphore,
    pub(crate) bulk_places: BulkPlaces,
    /// Cancelled when the server stops: held answers are given at once.
    pub(crate) closing: CancellationToken,
}

/// Shared by all handlers.
pub(crate) type AppState = Arc<App>;

impl App {
    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The plan of that name; one that is gone from the configuration has no features and no limits.
    pub(crate) fn plan(&self, name: &str) -> &Plan {
        let mut plans = self.parts.plans.iter();
        plans.find(|(known, _)| *known == name).map_or(&self.no_plan, |(_, plan)| plan)
    }

    /// The absolute address of a path of this server.
    pub(crate) fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.parts.public_url.as_str().trim_end_matches('/'))
    }
}

/// The HTTP API over its parts.
#[derive(Clone)]
pub struct Api {
    app: AppState,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("parts", &self.app.parts).finish_non_exhaustive()
    }
}

impl Api {
    pub fn new(parts: AppParts) -> Self {
        let request_ids = RequestIds::new(parts.entropy.as_ref());
        let urls = Arc::new(ShortUrls::new(&parts.public_url));
        let app = App {
            pages: Pages::render(&crate::openapi::served_by(&parts)),
            destinations: DestinationPolicy {
                own_hosts: vec![urls.default_host().to_owned()],
                blocked_hosts: parts.blocked_hosts.clone(),
            },
            urls,
            passwords: Passwords::default(),
            redirects: Redirects::new(parts.click_feed.end()),
            drawing: Semaphore::new(crate::api::links::QR_DRAWINGS_MAX),
            bulk_places: BulkPlaces::default(),
            parts,
            no_plan: Plan::default(),
            keys: KeyCache::default(),
            uses: KeyUses::default(),
            rates: RateLimits::default(),
            request_ids,
            held_waits: Semaphore::new(HELD_WAITS_MAX),
            stream_places: Arc::new(Semaphore::new(EVENT_STREAMS_MAX)),
            streams: TaskTracker::new(),
            probe: Mutex::new(()),
            closing: CancellationToken::new(),
        };
        Self { app: Arc::new(app) }
    }

    /// Everything callers see.
    pub fn public_router(&self) -> Router {
        router::public(Arc::clone(&self.app))
    }

    /// Metrics and readiness with details; for the admin listener only.
    pub fn admin_router(&self) -> Router {
        router::admin(Arc::clone(&self.app))
    }

    /// Spawns what runs beside requests: writes when keys were used, and lets held answers go when `stop` is cancelled.
    pub fn start(&self, tracker: &TaskTracker, stop: CancellationToken) {
        let app = Arc::clone(&self.app);
        tracker.spawn(async move { app.flush_until(stop).await });
    }
}

impl App {
    async fn flush_until(&self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(crate::auth::KEY_USES_FLUSH)).await.is_some() {
            self.uses.flush(self.parts.store.as_ref()).await;
        }
        self.closing.cancel();
        self.streams.close();
        self.streams.wait().await;
        self.uses.flush(self.parts.store.as_ref()).await;
    }
}
