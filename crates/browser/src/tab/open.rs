//! From a link to its report: room, watch, look.

use std::time::Duration;

use hopline_domain::chain::Hop;
use hopline_domain::outcome::Reason;
use serde_json::json;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;
use url::Url;

use super::look;
use super::room::Room;
use super::watch::{Watch, Watched};
use crate::cdp::CdpError;
use crate::error::BrowserError;
use crate::process::Link;
use crate::proxy::{Dialled, Ledger, LinkProxy, Way};
use crate::record::{End, Recorder, reason_of};
use crate::visit::{Visit, VisitEnd, VisitReport};

/// Of a visit's time, what is kept for looking at the page.
const LOOK_SHARE_MS: u64 = 500;
/// And for taking its picture.
const PICTURE_SHARE_MS: u64 = 2_500;

/// What a tab needs besides the link.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) link: &'a Link,
    pub(crate) way: Way,
    pub(crate) tasks: &'a TaskTracker,
}

/// Why a tab has no report.
#[derive(Debug)]
pub(crate) enum TabFault {
    /// Worth another try.
    PageCrashed,
    /// Worth another try, with another process.
    BrowserGone,
    Broken(BrowserError),
}

impl From<CdpError> for TabFault {
    fn from(error: CdpError) -> Self {
        match error {
            CdpError::Gone | CdpError::NoAnswer { .. } => Self::BrowserGone,
            CdpError::Refused { method, detail } => Self::Broken(BrowserError::Refused { method, detail }),
        }
    }
}

/// Opens one link and reports where it led, `until` then.
pub(crate) async fn open(
    visit: &Visit,
    until: Instant,
    around: Surroundings<'_>,
) -> Result<VisitReport, TabFault> {
    let proxy = LinkProxy::start(around.way, around.tasks).await;
    let proxy = proxy.map_err(|error| TabFault::Broken(BrowserError::Proxy(error)))?;
    let room = Room::open(around.link.process.cdp(), proxy.address, &visit.profile);
    let room = timeout_at(until, room).await.map_err(|_| TabFault::Broken(BrowserError::NotReady))?;
    let mut room = room?;
    let mut watch = Watch::new(visit, &mut room);
    let watched = watch.run(last_moment(visit, until)).await;
    let recorder = watch.recorder;
    // What still happens on the page is no part of the report.
    room.events.close();
    let end = match end_of(watched, &recorder, &proxy.ledger) {
        Ending::Known(end) => end,
        Ending::Page { url, html } => {
            // It may be about to load itself again.
            room.post("Page.stopLoading", &json!({}));
            let seen = look::look(&room, until).await;
            VisitEnd::Page { url, title: seen.title, framed_url: seen.framed_url, html }
        }
        Ending::PageCrashed => return Err(TabFault::PageCrashed),
        Ending::BrowserGone => return Err(TabFault::BrowserGone),
    };
    let wants_picture = visit.screenshot && matches!(end, VisitEnd::Page { .. });
    let screenshot = if wants_picture { look::picture(&room, until).await } else { None };
    let (mut hops, external_url) = recorder.into_hops();
    for hop in &mut hops {
        add_address(hop, &proxy.ledger);
    }
    Ok(VisitReport { hops, end, external_url, screenshot })
}

/// When watching must end, for what comes after it to have its time.
fn last_moment(visit: &Visit, until: Instant) -> Instant {
    let share_ms = if visit.screenshot { LOOK_SHARE_MS + PICTURE_SHARE_MS } else { LOOK_SHARE_MS };
    until.checked_sub(Duration::from_millis(share_ms.min(visit.total_ms / 2))).unwrap_or(until)
}

enum Ending {
    Known(VisitEnd),
    /// Still to be looked at.
    Page {
        url: String,
        html: String,
    },
    PageCrashed,
    BrowserGone,
}

fn end_of(watched: Watched, recorder: &Recorder, ledger: &Ledger) -> Ending {
    let failure = |reason| Ending::Known(VisitEnd::Failure(reason));
    match watched {
        Watched::PageCrashed => Ending::PageCrashed,
        Watched::BrowserGone => Ending::BrowserGone,
        Watched::TimedOut => failure(Reason::Timeout),
        Watched::NoPage => failure(recorder.no_page()),
        Watched::End(End::Refused(reason)) => failure(reason),
        Watched::End(End::Failed { .. }) if ledger.is_spent() => failure(Reason::BodyTooLarge),
        Watched::End(End::Failed { url, error }) => failure(reason_of(&error, refusal(&url, ledger))),
        Watched::End(End::Download { url }) => Ending::Known(VisitEnd::Download { url }),
        Watched::End(End::Stay) | Watched::Page => recorder
            .page()
            .map_or_else(|| failure(Reason::Protocol), |(url, html)| Ending::Page { url, html }),
    }
}

fn refusal(url: &str, ledger: &Ledger) -> Option<Reason> {
    // The browser takes some names for hosts that the standard does not (`xn--`).
    let Ok(url) = Url::parse(url) else { return Some(Reason::BadLocation) };
    match ledger.find(&url)? {
        Dialled::Refused(reason) => Some(reason),
        Dialled::Connected(_) => None,
    }
}

/// The browser knows only its proxy's address; the proxy knows whom it connected to.
fn add_address(hop: &mut Hop, ledger: &Ledger) {
    let dialled = Url::parse(&hop.url).ok().and_then(|url| ledger.find(&url));
    if let Some(Dialled::Connected(address)) = dialled {
        hop.remote_addr = Some(address.to_string());
    }
}
