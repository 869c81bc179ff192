//! A batch under way: so many links at once, results in the order of the input, nothing kept of what is printed.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use futures_util::{StreamExt as _, future::join_all, stream};
use hopline_domain::{
    job::{BrowserUse, RUNNER_SERVER},
    verdict::{self, Expectations},
};
use hopline_peel::{PeelRequest, Peeled, Peeler, Standing};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::{
    baseline::Baseline,
    input::{Input, Row},
    progress::{Counts, Progress},
    screenshots::Screenshots,
    sink::Sink,
    viewpoint::{Ended, View, Viewpoint},
};

/// Links begun or waiting to be printed, as a multiple of those being resolved: a slow link does not hold up the others.
const WINDOW_FACTOR: usize = 8;

/// How often a link asks for a tab that the other links of the batch have taken.
const CROWDED_TRIES_MAX: usize = 20;

/// How links are looked at.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) viewpoints: Vec<Viewpoint>,
    pub(super) browser: BrowserUse,
    pub(super) means: Means,
    pub(super) expected_domain: Option<String>,
    pub(super) baseline: Baseline,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Means {
    /// Nothing but the link's own text.
    Text,
    Network,
    /// The network, and a picture of the last page.
    Picture,
}

/// Where the results go.
pub(super) struct Outlet {
    pub(super) sink: Sink,
    pub(super) screenshots: Option<Screenshots>,
    pub(super) progress: Progress,
    /// Links that an earlier run has done.
    pub(super) done_before: usize,
}

/// Follows the links of `input`, `concurrency` at a time.
pub(super) async fn follow(
    input: Input,
    peeler: Peeler,
    look: Arc<Look>,
    concurrency: usize,
    outlet: Outlet,
) -> Result<Counts> {
    let Outlet { mut sink, screenshots, mut progress, done_before } = outlet;
    let slots = Arc::new(Semaphore::new(concurrency));
    let tasks = TaskTracker::new();
    let begun = input.map(|row| {
        let (peeler, look, slots) = (peeler.clone(), Arc::clone(&look), Arc::clone(&slots));
        let row = row.context("read the next link");
        tasks.spawn(async move {
            let _slot = slots.acquire().await;
            Ok::<_, anyhow::Error>(look.at(row?, &peeler).await)
        })
    });
    let mut ended = stream::iter(begun).buffered(concurrency.saturating_mul(WINDOW_FACTOR)).enumerate();
    while let Some((index, link)) = ended.next().await {
        let link = link.context("follow a link: its task broke")??;
        if let Some(screenshots) = &screenshots {
            screenshots.take(done_before + index + 1, &link)?;
        }
        let statuses: Vec<_> = link.views.iter().map(|view| view.chain.status).collect();
        progress.advance(&statuses, || sink.take(link))?;
    }
    sink.close()?;
    Ok(progress.finish())
}

impl Look {
    /// Looks at one link from every point of view at once.
    async fn at(&self, row: Row, peeler: &Peeler) -> Ended {
        let views = self.viewpoints.iter().map(|viewpoint| self.view(&row, viewpoint, peeler));
        let views = join_all(views).await;
        Ended { row, views }
    }

    async fn view(&self, row: &Row, viewpoint: &Viewpoint, peeler: &Peeler) -> View {
        let request = PeelRequest {
            url: row.url.clone(),
            profile: viewpoint.profile.clone(),
            runner: RUNNER_SERVER.to_owned(),
            browser: self.browser,
            screenshot: self.means == Means::Picture,
        };
        let (mut chain, screenshot) = match self.means {
            Means::Text => (peeler.decode(&request), None),
            Means::Network | Means::Picture => {
                let Peeled { chain, screenshot, .. } = peel(peeler, &request).await;
                (chain, screenshot)
            }
        };
        let expected_domain = row.expected_domain.as_deref().or(self.expected_domain.as_deref());
        let previous = self.baseline.previous(&chain);
        chain.verdicts = verdict::of(&chain, &Expectations { expected_domain, previous });
        View { name: viewpoint.name.clone(), chain, screenshot }
    }
}

/// Nobody else's links make a link fail. One that was also followed without a browser keeps what it has: sites are not asked
/// again for want of a tab.
async fn peel(peeler: &Peeler, request: &PeelRequest) -> Peeled {
    let mut peeled = peeler.peel(request).await;
    for _ in 1..CROWDED_TRIES_MAX {
        if request.browser != BrowserUse::Always || peeled.standing == Standing::Final {
            break;
        }
        peeled = peeler.peel(request).await;
    }
    peeled
}
