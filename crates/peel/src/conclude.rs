//! How an ending reads in the chain document: the table of contracts §1.

use hopline_domain::{
    chain::{Chain, ChainStatus, Engine, Hop},
    outcome::Reason,
    provider::Catalogue,
};
use url::Url;

use crate::follow::{Certainty, Ending};

/// A link followed by one engine.
#[derive(Debug)]
pub(crate) struct Walked {
    pub(crate) hops: Vec<Hop>,
    pub(crate) ending: Ending,
    pub(crate) engine: Engine,
}

impl Ending {
    /// Whether the chain ended at a page whose scripts wanted more than the script engine has.
    pub(crate) fn browser_may_know(&self) -> bool {
        matches!(self, Self::Page(stay) if stay.certainty == Certainty::BrowserMayKnow)
    }
}

/// Writes what was found into `chain`. An error page counts as a destination only after at least one hop.
pub(crate) fn conclude(chain: &mut Chain, walked: Walked, catalogue: &Catalogue) {
    chain.hops = walked.hops;
    chain.engine = Some(walked.engine);
    let status = chain.last_status().unwrap_or_default();
    match walked.ending {
        Ending::Page(_) if status >= 400 && chain.hops.len() == 1 => {
            chain.reason = Some(status_reason(&chain.url, status, catalogue));
        }
        Ending::Page(stay) => {
            chain.final_url = Some(stay.url.into());
            chain.title = stay.title;
            chain.framed_url = stay.framed_url.map(String::from);
        }
        Ending::Download { url } => {
            chain.final_url = Some(url.into());
            chain.download = true;
        }
        Ending::Verification(vendor) => {
            chain.reason = Some(Reason::HumanVerification);
            chain.vendor = Some(vendor.to_owned());
        }
        Ending::Failure(reason) => chain.reason = Some(reason),
    }
    chain.status = chain.reason.map_or(ChainStatus::Done, Reason::status);
}

fn status_reason(url: &str, status: u16, catalogue: &Catalogue) -> Reason {
    let is_listed = || Url::parse(url).is_ok_and(|url| catalogue.lookup(&url).is_some());
    if matches!(status, 404 | 410) && is_listed() { Reason::LinkRemoved } else { Reason::HttpStatus }
}
