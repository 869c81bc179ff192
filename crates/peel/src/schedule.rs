//! Which of a document's refreshes the browser obeys. Chromium keeps one: a later instruction replaces an earlier
//! one unless its delay is longer, so a meta beats the header at equal delay and the shorter of two metas wins.

use encoding_rs::Encoding;
use url::Url;

use crate::{
    refresh::Refresh,
    url_text::{parse_link, parse_link_in},
};

/// Where an instruction stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshOrigin {
    Header,
    Meta,
}

/// An instruction with its target resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledRefresh {
    pub origin: RefreshOrigin,
    pub delay_s: u64,
    /// The target as written; `None` for "this document again".
    pub text: Option<String>,
    pub url: Url,
}

/// Chromium ignores delays past this many seconds (2³¹−1 ms).
const DELAY_S_MAX: u64 = 2_147_483;

/// Resolves a target against what is in force where the instruction stands.
#[derive(Debug, Clone, Copy)]
pub struct RefreshBase<'a> {
    /// The document's URL, fragment included.
    pub document: &'a Url,
    pub base: BaseUrl<'a>,
    pub encoding: &'static Encoding,
}

/// What relative targets are relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaseUrl<'a> {
    /// The document itself.
    Document,
    /// The first `<base href>` so far, resolved.
    Element(&'a Url),
    /// The first `<base href>` so far is no URL: nothing is relative to it (the standard falls back to the document,
    /// Chromium does not).
    Broken,
}

impl RefreshBase<'_> {
    fn resolve(&self, text: &str) -> Option<Url> {
        match self.base {
            BaseUrl::Document => parse_link_in(text, self.document, self.encoding).ok(),
            BaseUrl::Element(base) => parse_link_in(text, base, self.encoding).ok(),
            BaseUrl::Broken => parse_link(text, None).ok(),
        }
    }
}

/// The one instruction that will be obeyed, as far as the document was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefreshSchedule(Option<ScheduledRefresh>);

impl RefreshSchedule {
    /// Offers an instruction; `javascript:` and unparsable targets are ignored as if they were not there.
    pub fn offer(&mut self, refresh: Refresh, origin: RefreshOrigin, base: RefreshBase<'_>) {
        let url = match &refresh.target {
            None => Some(base.document.clone()),
            Some(text) => base.resolve(text),
        };
        let Some(url) = url.filter(|url| url.scheme() != "javascript") else {
            return;
        };
        let is_longer = self.0.as_ref().is_some_and(|current| current.delay_s < refresh.delay_s);
        if refresh.delay_s <= DELAY_S_MAX && !is_longer {
            self.0 = Some(ScheduledRefresh { origin, delay_s: refresh.delay_s, text: refresh.target, url });
        }
    }

    pub const fn winner(&self) -> Option<&ScheduledRefresh> {
        self.0.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refresh::parse_refresh;

    fn winner(offers: &[(RefreshOrigin, &str)]) -> Option<String> {
        let document = Url::parse("http://a.test/d/x#f").unwrap();
        let mut schedule = RefreshSchedule::default();
        for (origin, text) in offers {
            let base =
                RefreshBase { document: &document, base: BaseUrl::Document, encoding: encoding_rs::UTF_8 };
            schedule.offer(parse_refresh(text).unwrap(), *origin, base);
        }
        schedule.winner().map(|winner| winner.url.to_string())
    }

    #[test]
    fn the_shorter_delay_wins_and_the_later_of_equals() {
        use RefreshOrigin::{Header, Meta};
        assert_eq!(winner(&[(Header, "0;h"), (Meta, "0;m")]).unwrap(), "http://a.test/d/m");
        assert_eq!(winner(&[(Header, "0;h"), (Meta, "1;m")]).unwrap(), "http://a.test/d/h");
        assert_eq!(winner(&[(Meta, "3;slow"), (Meta, "0;fast")]).unwrap(), "http://a.test/d/fast");
        assert_eq!(winner(&[(Meta, "0;a"), (Meta, "0;b")]).unwrap(), "http://a.test/d/b");
    }

    #[test]
    fn what_cannot_be_a_target_is_ignored() {
        use RefreshOrigin::Meta;
        assert_eq!(winner(&[(Meta, "0;url=javascript:x")]), None);
        assert_eq!(winner(&[(Meta, "0;url=http://")]), None);
        assert_eq!(winner(&[(Meta, "9999999;url=/x")]), None);
        assert_eq!(winner(&[(Meta, "0")]).unwrap(), "http://a.test/d/x#f");
        assert_eq!(winner(&[(Meta, "1;/x"), (Meta, "0;JavaScript:y")]).unwrap(), "http://a.test/x");
    }
}
