//! Short phrases about a chain: why it did not end well, how long it took, and the one line a batch shows.

use hopline_domain::{
    chain::{Chain, ChainStatus},
    outcome::Reason,
};

use super::style::{self, FAINT, paint};
use crate::output::harmless;

/// Milliseconds as people say them.
pub(crate) fn duration(milliseconds: u64) -> String {
    if milliseconds < 1_000 {
        return format!("{milliseconds} ms");
    }
    format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100)
}

pub(crate) fn hops(count: usize) -> String {
    if count == 1 { "1 hop".to_owned() } else { format!("{count} hops") }
}

/// Why a chain is not done, in a phrase.
pub(crate) fn why(chain: &Chain) -> String {
    let word: &'static str = chain.status.into();
    let reason = match chain.reason {
        Some(Reason::UnsupportedScheme) if chain.hops.is_empty() => {
            "this is no URL; write it like https://example.com"
        }
        reason => reason.map_or("unknown", phrase),
    };
    let status = chain.last_status().filter(|_| chain.reason == Some(Reason::HttpStatus));
    let status = status.map(|status| format!(" {status}")).unwrap_or_default();
    let vendor = chain.vendor.as_deref().map(|vendor| format!(" ({})", harmless(vendor))).unwrap_or_default();
    format!("{word}: {reason}{status}{vendor}")
}

const fn phrase(reason: Reason) -> &'static str {
    match reason {
        Reason::HttpStatus => "the first page answers",
        Reason::LinkRemoved => "the link was removed",
        Reason::NoDocument => "it ends without a page",
        Reason::Dns => "the name has no address",
        Reason::Connect => "no connection",
        Reason::Tls => "TLS failed",
        Reason::Timeout => "it took too long",
        Reason::Loop => "it runs in circles",
        Reason::TooManyHops => "too many hops",
        Reason::BadLocation => "a redirect leads to no URL",
        Reason::BodyTooLarge => "a page is too large",
        Reason::Protocol => "an answer breaks HTTP",
        Reason::Browser => "the browser can't be used, or broke",
        Reason::LeaseExhausted => "given up after lost leases",
        Reason::Expired => "its time was over",
        Reason::Cancelled => "cancelled",
        Reason::UnsupportedScheme => "it leads to something other than http or https",
        Reason::ForbiddenAddress => "it leads to an address that must not be reached (see --allow-net)",
        Reason::HumanVerification => "a page asks for a human",
    }
}

/// One line for one link of a batch; `profile` names the point of view where there are several.
pub(crate) fn line(chain: &Chain, profile: Option<&str>) -> String {
    let (mark, mark_style) = style::of_chain(chain.status);
    let mark = paint(mark_style.bold(), mark);
    let profile = profile.map(|name| format!("{}: ", harmless(name))).unwrap_or_default();
    let from = format!("{profile}{}", harmless(&chain.url));
    let cost = format!("{}, {}", hops(chain.hops.len()), duration(chain.duration_ms));
    let cost = paint(FAINT, cost);
    match (&chain.final_url, chain.status) {
        (Some(target), ChainStatus::Done) if *target == chain.url => format!("{mark} {from}  {cost}"),
        (Some(target), ChainStatus::Done) => {
            format!("{mark} {from} {} {}  {cost}", paint(FAINT, "→"), harmless(target))
        }
        _ => format!("{mark} {from}  {}  {cost}", paint(mark_style, why(chain))),
    }
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::view::chain::samples;

    #[test]
    fn a_batch_shows_one_line_a_link() {
        let plain = |chain| strip_str(&line(&chain, None)).to_string();
        insta::assert_snapshot!(plain(samples::done()), @r"✓ http://bit.ly/3xyz → https://shop.example/offer  3 hops, 412 ms");
        let named = line(&samples::done(), Some("mobile"));
        assert!(strip_str(&named).to_string().starts_with("✓ mobile: http://bit.ly/3xyz → "), "{named}");
        insta::assert_snapshot!(plain(samples::failed(Reason::Timeout)), @r"✗ http://bit.ly/3xyz  failed: it took too long  1 hop, 412 ms");
    }

    #[test]
    fn durations_change_their_unit() {
        assert_eq!([0, 999, 1_000, 12_345].map(duration), ["0 ms", "999 ms", "1.0 s", "12.3 s"]);
    }
}
