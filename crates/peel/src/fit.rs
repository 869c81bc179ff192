//! Keeps a chain document within its bound: the longest header values are cut first, then what else can grow.

use hopline_domain::chain::{CUT_MARK, Chain, Hop};

/// Header values are cut to each of these in turn until the document fits.
const VALUE_BYTES_STEPS: [usize; 8] = [16_384, 8_192, 4_096, 2_048, 1_024, 512, 128, 32];
/// Then headers are dropped from the end of each hop.
const HEADERS_KEPT_STEPS: [usize; 3] = [64, 16, 0];
/// Then URLs and names of hops are cut.
const TEXT_BYTES_STEPS: [usize; 3] = [2_048, 512, 64];
const COOKIES_KEPT: usize = 16;

/// Cuts `chain` until it has at most `bytes_max` bytes of JSON, and says so in `truncated`.
///
/// The link, `final_url` and the hops themselves are never cut: with 30 hops they fit.
pub(crate) fn fit(chain: &mut Chain, bytes_max: usize) {
    if upper_bound_bytes(chain) <= bytes_max || json_bytes(chain) <= bytes_max {
        return;
    }
    chain.truncated = true;
    for step in VALUE_BYTES_STEPS {
        chain.hops.iter_mut().for_each(|hop| cut_values(hop, step));
        if json_bytes(chain) <= bytes_max {
            return;
        }
    }
    for step in HEADERS_KEPT_STEPS {
        chain.hops.iter_mut().for_each(|hop| hop.headers.truncate(step));
        if json_bytes(chain) <= bytes_max {
            return;
        }
    }
    for step in TEXT_BYTES_STEPS {
        chain.hops.iter_mut().for_each(|hop| cut_texts(hop, step));
        if json_bytes(chain) <= bytes_max {
            return;
        }
    }
}

fn cut_values(hop: &mut Hop, bytes: usize) {
    hop.headers.iter_mut().for_each(|(_, value)| cut(value, bytes));
    hop.location.iter_mut().for_each(|text| cut(text, bytes.max(TEXT_BYTES_STEPS[0])));
    if hop.location_raw_b64.as_ref().is_some_and(|text| text.len() > TEXT_BYTES_STEPS[0]) {
        hop.location_raw_b64 = None;
    }
}

fn cut_texts(hop: &mut Hop, bytes: usize) {
    hop.cookies_set.truncate(COOKIES_KEPT);
    hop.cookies_sent.truncate(COOKIES_KEPT);
    hop.location_raw_b64 = None;
    cut_url(&mut hop.url, bytes);
    let names = hop.cookies_set.iter_mut().map(|cookie| &mut cookie.name).chain(&mut hop.cookies_sent);
    names.chain(&mut hop.location).for_each(|text| cut(text, bytes));
    if let Some(tls) = &mut hop.tls {
        cut(&mut tls.issuer, bytes);
        cut(&mut tls.subject, bytes);
    }
}

/// What reads a URL must see that it is not the whole.
fn cut_url(url: &mut String, bytes: usize) {
    if url.len() > bytes && !url.ends_with(CUT_MARK) || url.len() > bytes + CUT_MARK.len_utf8() {
        cut(url, bytes);
        url.push(CUT_MARK);
    }
}

fn cut(text: &mut String, bytes: usize) {
    if text.len() > bytes {
        let is_boundary = |at: &usize| text.is_char_boundary(*at);
        text.truncate((0..=bytes).rev().find(is_boundary).unwrap_or(0));
    }
}

/// What one byte of text can become in JSON (`\u0000`).
const ESCAPED_BYTES_MAX: usize = 6;
/// Keys, numbers and punctuation of one hop, and of the document around them.
const FRAME_BYTES: usize = 2_048;

/// A cheap estimate that is never too low, so that ordinary chains are not serialised twice.
fn upper_bound_bytes(chain: &Chain) -> usize {
    let texts: usize = chain.hops.iter().map(hop_text_bytes).sum();
    let head = chain.url.len()
        + chain.final_url.as_ref().map_or(0, String::len)
        + chain.framed_url.as_ref().map_or(0, String::len)
        + chain.offline.as_ref().map_or(0, |offline| offline.url.len() + offline.rule.len())
        + chain.title.as_ref().map_or(0, String::len);
    let profile = chain.profile.user_agent.len()
        + chain.profile.accept_language.len()
        + chain.profile.referer.as_ref().map_or(0, String::len);
    ESCAPED_BYTES_MAX * (texts + head + profile + chain.runner.len()) + FRAME_BYTES * (chain.hops.len() + 1)
}

fn hop_text_bytes(hop: &Hop) -> usize {
    let headers: usize = hop.headers.iter().map(|(name, value)| name.len() + value.len() + FIELD_BYTES).sum();
    let set: usize =
        hop.cookies_set.iter().map(|cookie| cookie.name.len() + cookie.domain.len() + FIELD_BYTES).sum();
    let sent: usize = hop.cookies_sent.iter().map(|name| name.len() + FIELD_BYTES).sum();
    let location =
        hop.location.as_ref().map_or(0, String::len) + hop.location_raw_b64.as_ref().map_or(0, String::len);
    let tls = hop.tls.as_ref().map_or(0, |tls| tls.issuer.len() + tls.subject.len() + tls.version.len());
    let sent_type =
        hop.request_body.as_ref().and_then(|body| body.content_type.as_ref()).map_or(0, String::len);
    headers + set + sent + location + tls + sent_type + hop.url.len()
}

/// Punctuation and keys of one list element, in text bytes (it is multiplied by the escape factor too).
const FIELD_BYTES: usize = 16;

/// Everything in a chain can be written as JSON, so a failure can only mean "too much".
fn json_bytes(chain: &Chain) -> usize {
    serde_json::to_vec(chain).map_or(usize::MAX, |json| json.len())
}

#[cfg(test)]
mod tests {
    use hopline_domain::chain::HopKind;
    use url::Url;

    use super::*;
    use crate::{evidence::asked, next_hop::NextHop, peeler::blank_for_tests};

    fn chain(hops: usize, change: impl Fn(&mut Hop)) -> Chain {
        let mut chain = blank_for_tests("http://a.test/x");
        let next = NextHop::get(Url::parse("http://a.test/x").unwrap(), HopKind::HttpRedirect);
        chain.hops = (0..hops).map(|index| asked(index, &next, Some("bitly"))).collect();
        chain.hops.iter_mut().for_each(change);
        chain
    }

    #[test]
    fn small_chains_are_left_alone_and_never_underestimated() {
        let mut small = chain(30, |hop| hop.headers.push(("a".to_owned(), "\u{1}".repeat(200))));
        let before = small.clone();
        assert!(upper_bound_bytes(&small) >= json_bytes(&small));
        fit(&mut small, 256 * 1024);
        assert_eq!(small, before);
    }

    #[test]
    fn the_longest_values_are_cut_first() {
        let mut big = chain(30, |hop| {
            hop.headers.push(("long".to_owned(), "é".repeat(30_000)));
            hop.headers.push(("short".to_owned(), "x".repeat(100)));
        });
        fit(&mut big, 256 * 1024);
        assert!(big.truncated && json_bytes(&big) <= 256 * 1024);
        assert_eq!(big.hops[0].headers[0].1.len(), 8_192);
        assert_eq!(big.hops[0].headers[1].1.len(), 100);
    }

    #[test]
    fn whatever_grows_is_cut_in_the_end() {
        let url = format!("http://a.test/{}", "x".repeat(60_000));
        let mut big = chain(30, |hop| {
            hop.url.clone_from(&url);
            hop.location = Some(url.clone());
            hop.location_raw_b64 = Some(url.clone());
            hop.headers = (0..400).map(|index| (format!("header-name-{index}"), "x".to_owned())).collect();
            hop.cookies_sent = (0..50).map(|_| "n".repeat(1_000)).collect();
        });
        big.final_url = Some(url.clone());
        fit(&mut big, 256 * 1024);
        assert!(big.truncated && json_bytes(&big) <= 256 * 1024);
        assert_eq!(big.final_url, Some(url));
        assert!(
            big.hops.iter().all(|hop| hop.url.ends_with(CUT_MARK) && hop.url.matches(CUT_MARK).count() == 1)
        );
        assert_eq!(big.hops.len(), 30);
    }
}
