//! The pool's face: a link in, a report out. It starts the browser when the first link comes and replaces it when it must.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hopline_outbound::Outbound;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::task::TaskTracker;

use crate::config::BrowserConfig;
use crate::error::BrowserError;
use crate::process::{self, Link, Process};
use crate::proxy::Way;
use crate::tab::{self, Surroundings, TabFault};
use crate::visit::{Visit, VisitReport};

/// A crash may be the browser's fault; a second one is the page's.
const ATTEMPTS_MAX: u32 = 2;

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

    /// Opens a link. Waits for a place for `total_ms` at most, then takes `total_ms` at most, twice that when the browser
    /// crashes on the way. Dropping the future closes the tab.
    pub async fn visit(&self, visit: &Visit) -> Result<VisitReport, BrowserError> {
        let inner = &self.inner;
        let wait = Duration::from_millis(visit.total_ms);
        let place = tokio::time::timeout(wait, inner.places.acquire()).await;
        let Ok(Ok(_place)) = place else { return Err(BrowserError::Busy) };
        for _ in 0..ATTEMPTS_MAX {
            let link = inner.link().await?;
            let way = Way {
                outbound: inner.outbound.clone(),
                egress: visit.profile.egress.clone(),
                bytes_max: inner.config.bounds.link_bytes_max,
            };
            match tab::open(visit, Surroundings { link: &link, way, tasks: &inner.tasks }).await {
                Ok(report) => return Ok(report),
                Err(TabFault::Broken(error)) => return Err(error),
                Err(TabFault::PageCrashed) => tracing::warn!("a page crashed"),
                Err(TabFault::BrowserGone) => {
                    tracing::warn!("the browser crashed or hangs");
                    link.process.retire();
                }
            }
        }
        Err(BrowserError::Crashed)
    }

    /// Ends the browser and waits until its processes are gone; the caller sets the deadline.
    pub async fn close(&self) {
        self.inner.places.close();
        drop(self.inner.process.lock().await.take());
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}

impl Inner {
    /// A place in the running process, or in a new one.
    async fn link(&self) -> Result<Link, BrowserError> {
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
