//! The state of one walk: hops so far, cookies, and what the budgets still allow. It outlives the walk, so that a
//! deadline loses no evidence.

use std::collections::HashSet;

use hopline_domain::{
    chain::{Hop, HopKind},
    outcome::Reason,
    provider::Catalogue,
    time::Clock,
};
use hopline_outbound::Exchange;
use http::header;
use url::Url;

use crate::{
    answer::is_same_document,
    budgets::Budgets,
    cookies::{CookieJar, SentCookies},
    evidence,
    referer::Referrer,
    schedule::RefreshOrigin,
};

/// A request that is to be made.
#[derive(Debug)]
pub(crate) struct NextHop {
    pub(crate) url: Url,
    pub(crate) kind: HopKind,
}

/// How a next hop relates to where the walk has been.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    New,
    /// The page just read asks for itself and nothing changed: it is the destination.
    SameAgain,
    Refused(Reason),
}

#[derive(Debug)]
pub(crate) struct Trail<'a> {
    pub(crate) hops: Vec<Hop>,
    jar: CookieJar,
    budgets: Budgets,
    catalogue: &'a Catalogue,
    clock: &'a dyn Clock,
    referrer: Referrer,
    redirects: u32,
    hosts: HashSet<String>,
    /// URL without fragment and cookie state of every request made.
    visited: HashSet<(String, [u8; 32])>,
}

impl<'a> Trail<'a> {
    pub(crate) fn new(
        budgets: Budgets,
        catalogue: &'a Catalogue,
        clock: &'a dyn Clock,
        referrer: Referrer,
    ) -> Self {
        Self {
            hops: Vec::new(),
            jar: CookieJar::new(budgets.cookies_max),
            budgets,
            catalogue,
            clock,
            referrer,
            redirects: 0,
            hosts: HashSet::new(),
            visited: HashSet::new(),
        }
    }

    /// Judges a next hop against loops and budgets before it is asked.
    pub(crate) fn admit(&mut self, from: &Url, next: &NextHop) -> Admission {
        if self.visited.contains(&self.visit(&next.url)) {
            let asks_for_itself = next.kind != HopKind::HttpRedirect && is_same_document(from, &next.url);
            return if asks_for_itself { Admission::SameAgain } else { Admission::Refused(Reason::Loop) };
        }
        self.redirects = if next.kind == HopKind::HttpRedirect { self.redirects + 1 } else { 0 };
        let is_new_host = !self.hosts.contains(next.url.host_str().unwrap_or_default());
        let is_too_far = self.redirects > self.budgets.redirects_per_navigation_max
            || self.hops.len() >= self.budgets.hops_max
            || (is_new_host && self.hosts.len() >= self.budgets.hosts_max);
        if is_too_far { Admission::Refused(Reason::TooManyHops) } else { Admission::New }
    }

    /// Opens the hop of a request and gives what the request carries.
    pub(crate) fn begin(&mut self, next: &NextHop) -> (Option<String>, SentCookies) {
        let provider = self.catalogue.lookup(&next.url).map(|provider| provider.id.as_str());
        let mut hop = evidence::asked(self.hops.len(), &next.url, next.kind, provider);
        let sent = self.jar.for_request(&next.url, self.clock.now());
        hop.cookies_sent.clone_from(&sent.names);
        self.hops.push(hop);
        self.hosts.insert(next.url.host_str().unwrap_or_default().to_owned());
        self.visited.insert(self.visit(&next.url));
        (self.referrer.for_request(&next.url), sent)
    }

    /// Records the answer to the open hop and takes its cookies.
    pub(crate) fn record(&mut self, url: &Url, exchange: &Exchange) {
        let now = self.clock.now();
        let Some(hop) = self.hops.last_mut() else { return };
        evidence::record_answer(hop, exchange);
        for value in exchange.headers.get_all(header::SET_COOKIE) {
            if let Some(cookie) = self.jar.store(value.as_bytes(), url, now) {
                evidence::record_cookie(hop, cookie);
            }
        }
    }

    /// Notes on the open hop where its document wants to go.
    pub(crate) fn note_refresh(&mut self, text: Option<&str>, delay_s: u64) {
        if let Some(hop) = self.hops.last_mut() {
            hop.location = text.map(str::to_owned);
            hop.delay_s = u32::try_from(delay_s).unwrap_or(u32::MAX);
        }
    }

    /// A refresh starts a navigation of its own, from the page that asks for it.
    pub(crate) fn leave_page(&mut self, page: &Url) {
        self.referrer = Referrer::Page(page.clone());
    }

    fn visit(&self, url: &Url) -> (String, [u8; 32]) {
        (url[..url::Position::AfterQuery].to_owned(), self.jar.digest())
    }
}

/// How the next hop of a refresh was got to.
pub(crate) const fn kind_of(origin: RefreshOrigin) -> HopKind {
    match origin {
        RefreshOrigin::Header => HopKind::RefreshHeader,
        RefreshOrigin::Meta => HopKind::MetaRefresh,
    }
}

#[cfg(test)]
mod tests {
    use hopline_domain::time::Timestamp;

    use super::*;

    #[derive(Debug)]
    struct StoppedClock;

    impl Clock for StoppedClock {
        fn now(&self) -> Timestamp {
            Timestamp(1_000_000)
        }
    }

    fn trail(budgets: Budgets) -> Trail<'static> {
        Trail::new(budgets, Catalogue::builtin(), &StoppedClock, Referrer::None)
    }

    fn go(trail: &mut Trail<'_>, from: &str, to: &str, kind: HopKind) -> Admission {
        let next = NextHop { url: Url::parse(to).unwrap(), kind };
        let admission = trail.admit(&Url::parse(from).unwrap(), &next);
        if admission == Admission::New {
            trail.begin(&next);
        }
        admission
    }

    #[test]
    fn nineteen_redirects_pass_and_a_refresh_counts_anew() {
        let mut trail = trail(Budgets::default());
        go(&mut trail, "http://a.test/", "http://a.test/0", HopKind::Start);
        let redirect = |trail: &mut Trail<'_>, n: u32| {
            go(trail, "http://a.test/", &format!("http://a.test/{n}"), HopKind::HttpRedirect)
        };
        for n in 1..=19 {
            assert_eq!(redirect(&mut trail, n), Admission::New, "{n}");
        }
        assert_eq!(redirect(&mut trail, 20), Admission::Refused(Reason::TooManyHops));
        assert_eq!(go(&mut trail, "http://a.test/", "http://a.test/r", HopKind::MetaRefresh), Admission::New);
        for n in 21..=29 {
            assert_eq!(redirect(&mut trail, n), Admission::New, "{n}");
        }
        assert_eq!(redirect(&mut trail, 30), Admission::Refused(Reason::TooManyHops), "30 hops in all");
    }

    #[test]
    fn hosts_are_bounded() {
        let mut trail = trail(Budgets { hosts_max: 2, ..Budgets::default() });
        go(&mut trail, "http://a.test/", "http://a.test/", HopKind::Start);
        assert_eq!(go(&mut trail, "http://a.test/", "http://b.test/", HopKind::HttpRedirect), Admission::New);
        assert_eq!(
            go(&mut trail, "http://b.test/", "http://a.test/2", HopKind::HttpRedirect),
            Admission::New
        );
        let third = go(&mut trail, "http://a.test/2", "http://c.test/", HopKind::HttpRedirect);
        assert_eq!(third, Admission::Refused(Reason::TooManyHops));
    }

    #[test]
    fn a_repeated_url_is_a_loop_only_with_the_same_cookies() {
        let mut trail = trail(Budgets::default());
        let page = "http://a.test/x";
        go(&mut trail, page, page, HopKind::Start);
        assert_eq!(
            go(&mut trail, page, "http://a.test/x#f", HopKind::HttpRedirect),
            Admission::Refused(Reason::Loop)
        );
        assert_eq!(go(&mut trail, page, page, HopKind::MetaRefresh), Admission::SameAgain);
        trail.jar.store(b"seen=1", &Url::parse(page).unwrap(), Timestamp(1_000_000));
        assert_eq!(go(&mut trail, page, page, HopKind::HttpRedirect), Admission::New);
        assert_eq!(trail.hops[1].cookies_sent, ["seen"]);
        assert_eq!(
            go(&mut trail, "http://a.test/y", page, HopKind::MetaRefresh),
            Admission::Refused(Reason::Loop)
        );
    }
}
