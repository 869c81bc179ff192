//! The state of one walk: hops so far, cookies, and what the budgets still allow. It outlives the walk, so that a
//! deadline loses no evidence.

use std::collections::HashSet;

use hopline_domain::{
    chain::{Hop, HopKind},
    outcome::Reason,
    provider::{Catalogue, Provider},
    time::{Clock, Timestamp},
};
use hopline_outbound::{Exchange, ExchangeFailure};
use hopline_script::PageStorage;
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    answer::is_same_document,
    budgets::Budgets,
    cookies::{CookieJar, Sender, SentCookies, is_same_site},
    evidence,
    next_hop::NextHop,
    referer::{Referrer, ReferrerPolicy},
    storage::StorageByOrigin,
};

/// Longer URLs are not followed, nor kept: servers refuse them, and a document has room for few.
pub(crate) const URL_BYTES_MAX: usize = 32 * 1024;

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
    /// Whether a page of the chain was run.
    pub(crate) ran_scripts: bool,
    jar: CookieJar,
    storage: StorageByOrigin,
    budgets: Budgets,
    catalogue: &'a Catalogue,
    clock: &'a dyn Clock,
    referrer: Referrer,
    /// The page that began the navigation under way; the first one is the caller's own.
    initiator: Option<Url>,
    redirects: u32,
    hosts: HashSet<String>,
    /// Every request made, see `visit`.
    visited: HashSet<[u8; 32]>,
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
            ran_scripts: false,
            jar: CookieJar::new(budgets.cookies_max),
            storage: StorageByOrigin::default(),
            budgets,
            catalogue,
            clock,
            referrer,
            initiator: None,
            redirects: 0,
            hosts: HashSet::new(),
            visited: HashSet::new(),
        }
    }

    /// Judges a next hop against loops and budgets before it is asked.
    pub(crate) fn admit(&mut self, from: &Url, next: &NextHop) -> Admission {
        if next.url.as_str().len() > URL_BYTES_MAX {
            return Admission::Refused(Reason::BadLocation);
        }
        if next
            .submission
            .as_ref()
            .is_some_and(|submission| submission.body.len() > self.budgets.body_bytes_max)
        {
            return Admission::Refused(Reason::BodyTooLarge);
        }
        if self.visited.contains(&self.visit(next)) {
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
        let provider = self.provider(&next.url).map(|provider| provider.id.as_str());
        let mut hop = evidence::asked(self.hops.len(), next, provider);
        let sent = self.jar.for_request(&next.url, self.sender(next), self.clock.now());
        hop.cookies_sent.clone_from(&sent.names);
        self.hops.push(hop);
        self.hosts.insert(next.url.host_str().unwrap_or_default().to_owned());
        self.visited.insert(self.visit(next));
        (self.referrer.for_request(&next.url), sent)
    }

    /// Records the answer to the open hop and takes its cookies.
    pub(crate) fn record(&mut self, next: &NextHop, exchange: &Exchange) {
        let (now, sender) = (self.clock.now(), self.sender(next));
        let Some(hop) = self.hops.last_mut() else { return };
        evidence::record_answer(hop, exchange);
        for value in exchange.headers.get_all(header::SET_COOKIE) {
            if let Some(cookie) = self.jar.store(value.as_bytes(), &next.url, sender, now) {
                evidence::record_cookie(hop, cookie);
            }
        }
    }

    /// Records a request that got no answer.
    pub(crate) fn record_failure(&mut self, failure: &ExchangeFailure) {
        self.hops.last_mut().into_iter().for_each(|hop| evidence::record_failure(hop, failure));
    }

    /// Notes on the open hop where its document wants to go.
    pub(crate) fn note_departure(&mut self, text: Option<&str>, delay_s: u64) {
        if let Some(hop) = self.hops.last_mut() {
            hop.location = text.map(str::to_owned);
            hop.delay_s = u32::try_from(delay_s).unwrap_or(u32::MAX);
        }
    }

    /// A redirect may tighten what is told of the page that was left.
    pub(crate) fn redirected(&mut self, headers: &HeaderMap) {
        self.referrer.redirected(headers);
    }

    /// The next hop begins a navigation of its own, from the document at `page`.
    pub(crate) fn leave_page(&mut self, page: Url, policy: ReferrerPolicy) {
        self.initiator = Some(page.clone());
        self.referrer = Referrer::Page { url: page, policy };
    }

    /// What the document of the open hop was reached from, as `document.referrer` tells it.
    pub(crate) fn referrer_of(&self, page: &Url) -> String {
        self.referrer.for_request(page).unwrap_or_default()
    }

    pub(crate) fn provider(&self, url: &Url) -> Option<&'a Provider> {
        self.catalogue.lookup(url)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What a page has kept on its origin so far.
    pub(crate) fn storage_of(&self, page: &Url) -> PageStorage {
        self.storage.get(page)
    }

    pub(crate) fn keep_storage(&mut self, page: &Url, storage: PageStorage) {
        self.storage.put(page, storage);
    }

    pub(crate) const fn jar(&self) -> &CookieJar {
        &self.jar
    }

    pub(crate) const fn jar_mut(&mut self) -> &mut CookieJar {
        &mut self.jar
    }

    /// A cookie that a script of the open hop's document wrote.
    pub(crate) fn record_script_cookie(&mut self, raw: &[u8], page: &Url, now: Timestamp) {
        let cookie = self.jar.store_from_script(raw, page, now);
        if let (Some(hop), Some(cookie)) = (self.hops.last_mut(), cookie) {
            evidence::record_cookie(hop, cookie);
        }
    }

    fn sender(&self, next: &NextHop) -> Sender {
        match &self.initiator {
            Some(page) if !is_same_site(page, &next.url) => match &next.submission {
                Some(_) => Sender::ForeignSubmission,
                None => Sender::ForeignNavigation,
            },
            _ => Sender::SameSite,
        }
    }

    /// A digest of all that an answer could depend on: two equal requests are a loop.
    fn visit(&self, next: &NextHop) -> [u8; 32] {
        let body = next.submission.as_ref().map_or(&[][..], |submission| &submission.body);
        let method = next.method();
        let mut hash = Sha256::new();
        for part in [method.as_str().as_bytes(), next.url[..url::Position::AfterQuery].as_bytes(), body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.update(self.jar.digest());
        hash.update(self.storage.digest(&next.url));
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::next_hop::Submission;

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
        let next = NextHop::get(Url::parse(to).unwrap(), kind);
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
    fn neither_urls_nor_bodies_grow_without_bound() {
        let mut trail = trail(Budgets { body_bytes_max: 10, ..Budgets::default() });
        let page = Url::parse("http://a.test/").unwrap();
        let long = format!("http://a.test/?{}", "x".repeat(URL_BYTES_MAX));
        let refused = go(&mut trail, "http://a.test/", &long, HopKind::Script);
        assert_eq!(refused, Admission::Refused(Reason::BadLocation));
        let submission = Some(Submission::new(vec![b'x'; 11], None, &page));
        let post = NextHop { submission, ..NextHop::get(page.clone(), HopKind::Form) };
        assert_eq!(trail.admit(&page, &post), Admission::Refused(Reason::BodyTooLarge));
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
        trail.jar.store(b"seen=1", &Url::parse(page).unwrap(), Sender::SameSite, Timestamp(1_000_000));
        assert_eq!(go(&mut trail, page, page, HopKind::HttpRedirect), Admission::New);
        assert_eq!(trail.hops[1].cookies_sent, ["seen"]);
        assert_eq!(
            go(&mut trail, "http://a.test/y", page, HopKind::MetaRefresh),
            Admission::Refused(Reason::Loop)
        );
    }

    #[test]
    fn method_body_and_storage_tell_visits_apart() {
        let mut trail = trail(Budgets::default());
        let page = Url::parse("http://a.test/x").unwrap();
        go(&mut trail, "http://a.test/x", "http://a.test/x", HopKind::Start);
        let post = |body: &[u8]| NextHop {
            submission: Some(Submission::new(body.to_vec(), None, &page)),
            ..NextHop::get(page.clone(), HopKind::Form)
        };
        assert_eq!(trail.admit(&page, &post(b"a")), Admission::New);
        trail.begin(&post(b"a"));
        assert_eq!(trail.hops[1].method, "POST");
        assert_eq!(trail.admit(&page, &post(b"a")), Admission::SameAgain);
        assert_eq!(trail.admit(&page, &post(b"b")), Admission::New);
        let again = |trail: &mut Trail<'_>| go(trail, "http://a.test/x", "http://a.test/x", HopKind::Script);
        assert_eq!(again(&mut trail), Admission::SameAgain);
        let storage =
            PageStorage { session: vec![("seen".to_owned(), "1".to_owned())], ..PageStorage::default() };
        trail.keep_storage(&page, storage);
        assert_eq!(again(&mut trail), Admission::New);
    }

    #[test]
    fn strict_cookies_stay_behind_when_a_foreign_page_navigates() {
        let mut trail = trail(Budgets::default());
        let target = Url::parse("http://b.test/").unwrap();
        trail.jar.store(b"strict=1; SameSite=Strict", &target, Sender::SameSite, Timestamp(1));
        let next = NextHop::get(target, HopKind::MetaRefresh);
        assert_eq!(trail.begin(&next).1.names, ["strict"], "the caller's own navigation");
        trail.leave_page(Url::parse("http://a.test/x").unwrap(), ReferrerPolicy::default());
        let (referer, cookies) = trail.begin(&next);
        assert_eq!((referer.as_deref(), cookies.names.len()), (Some("http://a.test/"), 0));
    }
}
