//! One link opened in a browser: what is asked, and what came of it.

use hopline_domain::{chain::Hop, outcome::Reason, profile::Profile};

/// A link to open.
#[derive(Clone, Debug)]
pub struct Visit {
    pub url: String,
    pub profile: Profile,
    /// Take a picture of the last page.
    pub screenshot: bool,
    /// All of it: waiting for a tab (half of it at most), starting the browser, a second attempt and the picture.
    pub total_ms: u64,
    pub hops_max: usize,
    pub hosts_max: usize,
    /// A refresh or timer that waits longer is recorded, not followed.
    pub delay_s_max: u64,
}

/// What the browser showed.
#[derive(Clone, Debug)]
pub struct VisitReport {
    /// Every request of the main frame that got an answer or failed, in order; kinds by the browser's own reasons.
    /// `provider` and `rule` are left to the caller.
    pub hops: Vec<Hop>,
    pub end: VisitEnd,
    /// The last address with a scheme of another program (`mailto:`, `intent:`, `market:`) the link asked to open. With
    /// `Failure(UnsupportedScheme)` a redirect led there; with a page, the page asked for it and stayed.
    pub external_url: Option<String>,
    /// PNG.
    pub screenshot: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisitEnd {
    /// The document that stayed. `html` is its source as received (or as far as it was kept), for recognising what it is.
    Page {
        url: String,
        title: Option<String>,
        framed_url: Option<String>,
        html: String,
    },
    Download {
        url: String,
    },
    Failure(Reason),
}
