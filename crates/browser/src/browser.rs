//! The pool's face: a link in, a report out. It starts the browser when the first link comes and replaces it when it must.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hopline_outbound::Outbound;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::TaskTracker;

use crate::config::BrowserConfig;
use crate::error::BrowserError;
use crate::process::{self, Link, Process};
use crate::proxy::Way;
use crate::tab::{self, Surroundings, TabFault};
use crate::visit::{Visit, VisitReport};

/// A crash may be the browser's fault; a second one is the page's.
const ATTEMPTS_MAX: u32 = 2;
/// Of a visit's time, at most one part in so many goes into waiting for a tab: what is left must be enough for the link.
const PLACE_SHARE: u64 = 2;

/// A browser for any number of links. Cheap to clone; all clones share its process and its bounds.
#[derive(Clone, Debug)]
pub struct Browser {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    config: BrowserConfig,
    outbound: Outbound,
    places: Semaphore,
    process: Mutex<Option<Process>>,
    tasks: TaskTracker,
}

impl Browser {
    /// Finds the program; starts nothing yet. All its bytes will go through `outbound`.
    pub fn new(config: BrowserConfig, outbound: Outbound) -> Result<Self, BrowserError> {
        let path = process::find(config.path.as_deref(), config.search_path.as_deref())?;
        let places = Semaphore::new(config.bounds.tabs_max);
        let (process, tasks) = (Mutex::new(None), TaskTracker::new());
        Ok(Self { inner: Arc::new(Inner { path, config, outbound, places, process, tasks }) })
    }

    /// Opens a link, within `total_ms` in all. Dropping the future closes the tab.
    pub async fn visit(&self, visit: &Visit) -> Result<VisitReport, BrowserError> {
        let until = Instant::now() + Duration::from_millis(visit.total_ms);
        let wait = Duration::from_millis(visit.total_ms / PLACE_SHARE);
        let place = timeout(wait, self.inner.places.acquire()).await;
        let Ok(Ok(_place)) = place else { return Err(BrowserError::Busy) };
        self.inner.visit(visit, until).await
    }

    /// Ends the browser and waits until its processes are gone; the caller sets the deadline.
    pub async fn close(&self) {
        self.inner.places.close();
        drop(self.inner.process.lock().await.take());
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}

/// Whose process a link is opened in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Company {
    /// The process that serves everybody.
    Any,
    /// One of its own: the link, or one of its neighbours, has ended the process it was in.
    None,
}

impl Inner {
    async fn visit(&self, visit: &Visit, until: Instant) -> Result<VisitReport, BrowserError> {
        let mut company = Company::Any;
        for _ in 0..ATTEMPTS_MAX {
            let link = timeout_at(until, self.link(company)).await.map_err(|_| BrowserError::NotReady)??;
            let way = Way {
                outbound: self.outbound.clone(),
                egress: visit.profile.egress.clone(),
                bytes_max: self.config.bounds.link_bytes_max,
            };
            match tab::open(visit, until, Surroundings { link: &link, way, tasks: &self.tasks }).await {
                Ok(report) => return Ok(report),
                Err(TabFault::Broken(error)) => return Err(error),
                Err(TabFault::PageCrashed) => tracing::warn!("a page crashed"),
                Err(TabFault::BrowserGone) => {
                    tracing::warn!("the browser crashed or hangs");
                    link.process.retire();
                    company = Company::None;
                }
            }
        }
        Err(BrowserError::Crashed)
    }

    async fn link(&self, company: Company) -> Result<Link, BrowserError> {
        if company == Company::None {
            let started = process::launch(&self.path, &self.config, &self.tasks).await?;
            return started.link().ok_or(BrowserError::Crashed);
        }
        self.shared_link().await
    }

    /// A place in the running process, or in a new one.
    async fn shared_link(&self) -> Result<Link, BrowserError> {
        let mut process = self.process.lock().await;
        if let Some(link) = process.as_ref().and_then(Process::link) {
            return Ok(link);
        }
        // The old one ends with its last link.
        drop(process.take());
        let started = process::launch(&self.path, &self.config, &self.tasks).await?;
        let link = started.link().ok_or(BrowserError::Crashed)?;
        *process = Some(started);
        Ok(link)
    }
}
