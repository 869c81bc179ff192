//! A submitted link: what its text alone says, judged at accept.

use url::Url;

use crate::{
    address::{self, AddressPolicy},
    limits,
};

/// Why a link is refused before anything is asked of the network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// The request is wrong: `invalid_request`.
    #[error("{0}")]
    Malformed(&'static str),
    /// The link is one this server never resolves: `unsupported_link`.
    #[error("{detail}")]
    Unsupported {
        /// A stable word: `not_a_url`, `scheme`, or the word of the address policy's refusal.
        reason: &'static str,
        detail: String,
    },
}

/// Judges the text of a submitted link (contracts §1): length, URL syntax, scheme, userinfo, literal addresses, special names.
pub fn judge(text: &str, policy: &AddressPolicy) -> Result<Url, LinkRefusal> {
    if text.is_empty() {
        return Err(LinkRefusal::Malformed("give the link to resolve"));
    }
    if text.len() > limits::URL_BYTES_MAX {
        return Err(LinkRefusal::Malformed("the link is longer than 2048 bytes"));
    }
    let unsupported = |reason, detail: String| LinkRefusal::Unsupported { reason, detail };
    let url =
        Url::parse(text).map_err(|error| unsupported("not_a_url", format!("this is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(unsupported("scheme", "only http and https links can be resolved".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LinkRefusal::Malformed("the link carries a user name or password; leave it out"));
    }
    address::judge_link_text(&url, policy)
        .map_err(|refusal| unsupported(refusal.word(), refusal.to_string()))?;
    Ok(url)
}
