//! The jar: which cookies a response or a script may set and which a request carries (RFC 6265bis §5.7, §5.8).

use hopline_domain::time::Timestamp;
use sha2::{Digest, Sha256};
use url::{Host, Url};

use super::{
    same_site::{SameSite, Sender},
    set_cookie::SetCookie,
};

/// A stored cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    pub name: String,
    value: Vec<u8>,
    /// Host, or the domain whose every subdomain gets it.
    pub domain: String,
    is_host_only: bool,
    path: String,
    is_secure: bool,
    is_http_only: bool,
    same_site: SameSite,
    /// `None` for a session cookie.
    pub expires: Option<Timestamp>,
}

/// What a request carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentCookies {
    /// Value of the `Cookie` header; empty when there is none.
    pub header: Vec<u8>,
    pub names: Vec<String>,
}

/// The cookies of one chain, at most `cookies_max`; past it the oldest goes.
#[derive(Debug, Clone)]
pub struct CookieJar {
    /// In order of creation.
    cookies: Vec<Cookie>,
    cookies_max: usize,
}

impl CookieJar {
    pub const fn new(cookies_max: usize) -> Self {
        Self { cookies: Vec::new(), cookies_max }
    }

    /// Takes one `Set-Cookie` value of the answer `sender` got from `url`; gives the cookie if it was stored or ended.
    pub fn store(&mut self, raw: &[u8], url: &Url, sender: Sender, now: Timestamp) -> Option<Cookie> {
        let cookie = accept(SetCookie::parse(raw, now)?, url)?;
        let known = self.position(&cookie);
        let may_be_set = cookie.same_site.may_be_set_by(sender) && !self.covers_secure(&cookie, url, now);
        may_be_set.then(|| self.put(cookie, known, now))
    }

    /// Takes what a script of the document at `url` wrote to `document.cookie`. `HttpOnly` is not the script's to set.
    pub fn store_from_script(&mut self, raw: &[u8], url: &Url, now: Timestamp) -> Option<Cookie> {
        let cookie = accept(SetCookie::parse(raw, now)?, url)?;
        let known = self.position(&cookie);
        let is_kept_from_it = cookie.is_http_only
            || known.is_some_and(|at| self.cookies[at].is_http_only)
            || self.covers_secure(&cookie, url, now);
        (!is_kept_from_it).then(|| self.put(cookie, known, now))
    }

    /// Whether what was told in the clear would stand before a `Secure` cookie of its name (RFC 6265bis §5.7, "leave secure
    /// cookies alone").
    fn covers_secure(&self, new: &Cookie, url: &Url, now: Timestamp) -> bool {
        let is_covered = |kept: &Cookie| {
            let is_same_site =
                domain_matches(&kept.domain, &new.domain) || domain_matches(&new.domain, &kept.domain);
            let is_live = kept.expires.is_none_or(|end| end > now);
            kept.is_secure
                && is_live
                && kept.name == new.name
                && is_same_site
                && path_matches(&new.path, &kept.path)
        };
        !new.is_secure && !is_trustworthy(url) && self.cookies.iter().any(is_covered)
    }

    fn position(&self, cookie: &Cookie) -> Option<usize> {
        let same = |other: &Cookie| {
            other.name == cookie.name
                && other.domain == cookie.domain
                && other.is_host_only == cookie.is_host_only
                && other.path == cookie.path
        };
        self.cookies.iter().position(same)
    }

    fn put(&mut self, cookie: Cookie, known: Option<usize>, now: Timestamp) -> Cookie {
        if cookie.expires.is_some_and(|end| end <= now) {
            if let Some(at) = known {
                self.cookies.remove(at);
            }
        } else if let Some(at) = known {
            // The standard keeps the creation time of what is replaced, hence its place.
            self.cookies[at] = cookie.clone();
        } else {
            self.cookies.push(cookie.clone());
            if self.cookies.len() > self.cookies_max {
                self.cookies.remove(0);
            }
        }
        cookie
    }

    /// What a request of `sender` to `url` carries at `now`.
    pub fn for_request(&self, url: &Url, sender: Sender, now: Timestamp) -> SentCookies {
        self.sent(url, now, |cookie| cookie.same_site.is_sent_by(sender))
    }

    /// What `document.cookie` shows to scripts of the document at `url`.
    pub fn for_script(&self, url: &Url, now: Timestamp) -> Vec<u8> {
        self.sent(url, now, |cookie| !cookie.is_http_only).header
    }

    /// Longer paths first, then older cookies.
    fn sent(&self, url: &Url, now: Timestamp, is_wanted: impl Fn(&Cookie) -> bool) -> SentCookies {
        let matches = |cookie: &&Cookie| cookie.matches(url, now) && is_wanted(cookie);
        let mut sent: Vec<&Cookie> = self.cookies.iter().filter(matches).collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<Vec<u8>> = sent.iter().map(|cookie| cookie.pair()).collect();
        SentCookies {
            header: pairs.join(&b"; "[..]),
            names: sent.iter().map(|cookie| cookie.name.clone()).collect(),
        }
    }

    /// A digest of everything that could change an answer: two requests to one URL with equal digests are a loop.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for cookie in &self.cookies {
            for part in
                [cookie.domain.as_bytes(), cookie.path.as_bytes(), cookie.name.as_bytes(), &cookie.value]
            {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().into()
    }
}

impl Cookie {
    fn matches(&self, url: &Url, now: Timestamp) -> bool {
        let host = url.host_str().unwrap_or_default();
        let is_for_host =
            if self.is_host_only { host == self.domain } else { domain_matches(host, &self.domain) };
        is_for_host
            && path_matches(url.path(), &self.path)
            && (!self.is_secure || is_trustworthy(url))
            && self.expires.is_none_or(|end| end > now)
    }

    fn pair(&self) -> Vec<u8> {
        let separator = if self.name.is_empty() { "" } else { "=" };
        [self.name.as_bytes(), separator.as_bytes(), &self.value].concat()
    }
}

/// Judges a cookie against the URL that sent it; `None` when browsers refuse it.
fn accept(cookie: SetCookie, url: &Url) -> Option<Cookie> {
    let host = url.host_str()?;
    let is_none = cookie.same_site == SameSite::None;
    if (cookie.is_secure && !is_trustworthy(url)) || (is_none && !cookie.is_secure) {
        return None;
    }
    if !prefix_is_kept(&cookie, url) {
        return None;
    }
    let (domain, is_host_only) = match cookie.domain {
        None => (host.to_owned(), true),
        Some(domain) if domain == host => (domain, is_suffix_or_address(url)),
        Some(domain) if domain_matches(host, &domain) && !is_public_suffix(&domain) => (domain, false),
        Some(_) => return None,
    };
    let path = cookie.path.unwrap_or_else(|| default_path(url));
    Some(Cookie {
        name: cookie.name,
        value: cookie.value,
        domain,
        is_host_only,
        path,
        is_secure: cookie.is_secure,
        is_http_only: cookie.is_http_only,
        same_site: cookie.same_site,
        expires: cookie.expires,
    })
}

/// `__Secure-` and `__Host-`, in any case; a nameless cookie must not smuggle one in its value.
fn prefix_is_kept(cookie: &SetCookie, url: &Url) -> bool {
    let starts = |text: &[u8], prefix: &[u8]| {
        text.len() >= prefix.len() && text[..prefix.len()].eq_ignore_ascii_case(prefix)
    };
    let (name, value) = (cookie.name.as_bytes(), cookie.value.as_slice());
    if name.is_empty() && (starts(value, b"__host-") || starts(value, b"__secure-")) {
        return false;
    }
    let is_secure = cookie.is_secure && url.scheme() == "https";
    if starts(name, b"__host-") {
        return is_secure && cookie.domain.is_none() && cookie.path.as_deref() == Some("/");
    }
    !starts(name, b"__secure-") || is_secure
}

fn is_suffix_or_address(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_public_suffix(name),
        _ => true,
    }
}

fn is_public_suffix(domain: &str) -> bool {
    psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix == domain.as_bytes())
}

/// RFC 6265 §5.1.3; addresses only match themselves, which the caller checks first.
fn domain_matches(host: &str, domain: &str) -> bool {
    let is_name = host.parse::<std::net::Ipv4Addr>().is_err() && !host.starts_with('[');
    host == domain || (is_name && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

/// RFC 6265 §5.1.4.
fn path_matches(request: &str, cookie: &str) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

fn default_path(url: &Url) -> String {
    match url.path().rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(at) => url.path()[..at].to_owned(),
    }
}

/// Browsers let secure cookies travel over https, and over http to this very machine.
fn is_trustworthy(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_local
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn jar(sets: &[(&str, &str)]) -> CookieJar {
        let mut jar = CookieJar::new(50);
        for (from, raw) in sets {
            jar.store(raw.as_bytes(), &url(from), Sender::SameSite, NOW);
        }
        jar
    }

    fn sent(jar: &CookieJar, to: &str) -> String {
        String::from_utf8(jar.for_request(&url(to), Sender::SameSite, NOW).header).unwrap()
    }

    #[test]
    fn domain_and_path_decide_where_a_cookie_goes() {
        let jar = jar(&[
            ("http://x.example.com/a/b", "host=1"),
            ("http://x.example.com/a/b", "wide=1; domain=example.com; path=/"),
            ("http://x.example.com/a/b", "deep=1; path=/a/b/c"),
        ]);
        assert_eq!(sent(&jar, "http://x.example.com/a/b/c/d"), "deep=1; host=1; wide=1");
        assert_eq!(sent(&jar, "http://x.example.com:8080/a"), "host=1; wide=1");
        assert_eq!(sent(&jar, "http://x.example.com/ab"), "wide=1");
        assert_eq!(sent(&jar, "http://y.example.com/a"), "wide=1");
        assert_eq!(sent(&jar, "http://notexample.com/"), "");
    }

    #[test]
    fn foreign_domains_and_public_suffixes_are_refused() {
        for (from, raw) in [
            ("http://a.example.com/", "a=1; domain=other.com"),
            ("http://a.example.com/", "a=1; domain=b.example.com"),
            ("http://a.example.com/", "a=1; domain=com"),
            ("http://a.example.co.uk/", "a=1; domain=co.uk"),
            ("http://1.2.3.4/", "a=1; domain=3.4"),
        ] {
            assert!(
                CookieJar::new(50).store(raw.as_bytes(), &url(from), Sender::SameSite, NOW).is_none(),
                "{raw} from {from}"
            );
        }
        let jar =
            jar(&[("http://127.0.0.1/", "a=1; domain=127.0.0.1"), ("http://co.uk/", "b=1; domain=co.uk")]);
        assert_eq!(sent(&jar, "http://127.0.0.1/"), "a=1");
        assert_eq!(sent(&jar, "http://co.uk/"), "b=1");
        assert_eq!(sent(&jar, "http://x.co.uk/"), "");
    }

    #[test]
    fn secure_and_prefixed_cookies_need_https() {
        for raw in [
            "a=1; secure",
            "__Secure-a=1",
            "__Host-a=1; path=/",
            "a=1; SameSite=None",
            "__HOST-a=1; secure; path=/",
        ] {
            assert!(
                CookieJar::new(50)
                    .store(raw.as_bytes(), &url("http://a.test/"), Sender::SameSite, NOW)
                    .is_none(),
                "{raw}"
            );
        }
        for raw in [
            "__Host-a=1; secure; path=/; domain=a.test",
            "__Host-a=1; secure",
            "__Host-a=1; secure; path=/x",
            "=__Host-a=1",
        ] {
            assert!(
                CookieJar::new(50)
                    .store(raw.as_bytes(), &url("https://a.test/"), Sender::SameSite, NOW)
                    .is_none(),
                "{raw}"
            );
        }
        let jar =
            jar(&[("https://a.test/", "a=1; secure"), ("https://a.test/", "__Host-b=2; secure; path=/")]);
        assert_eq!(sent(&jar, "https://a.test/"), "a=1; __Host-b=2");
        assert_eq!(sent(&jar, "http://a.test/"), "");
    }

    #[test]
    fn what_is_told_in_the_clear_leaves_secure_cookies_alone() {
        let mut jar = jar(&[("https://x.a.test/p", "sid=1; Secure; Path=/p")]);
        for (from, raw, expected) in [
            ("http://x.a.test/p", &b"sid=2; Path=/p"[..], false),
            ("http://x.a.test/p", b"sid=2; Path=/p/q", false),
            ("http://y.a.test/", b"sid=2; Domain=a.test; Path=/p", false),
            ("http://x.a.test/p", b"sid=2; Path=/", true),
            ("http://x.a.test/p", b"other=2; Path=/p", true),
            ("https://x.a.test/p", b"sid=2; Path=/p", true),
        ] {
            let mut jar = jar.clone();
            let stored = jar.store(raw, &url(from), Sender::SameSite, NOW).is_some();
            assert_eq!(stored, expected, "{} from {from}", String::from_utf8_lossy(raw));
            assert_eq!(jar.store_from_script(raw, &url(from), NOW).is_some(), expected);
        }
        jar.store(b"sid=; Secure; Path=/p; Max-Age=0", &url("https://x.a.test/p"), Sender::SameSite, NOW);
        assert!(jar.store(b"sid=2; Path=/p", &url("http://x.a.test/p"), Sender::SameSite, NOW).is_some());
    }

    #[test]
    fn cookies_are_replaced_ended_and_bounded() {
        let mut jar = jar(&[("http://a.test/", "a=1"), ("http://a.test/", "b=2"), ("http://a.test/", "a=3")]);
        assert_eq!(sent(&jar, "http://a.test/"), "a=3; b=2");
        jar.store(b"a=; max-age=0", &url("http://a.test/"), Sender::SameSite, NOW);
        assert_eq!(sent(&jar, "http://a.test/"), "b=2");
        jar.store(b"c=1; max-age=5", &url("http://a.test/"), Sender::SameSite, NOW);
        assert!(jar.for_request(&url("http://a.test/"), Sender::SameSite, NOW.plus_ms(5_000)).names == ["b"]);
        for index in 0..60 {
            jar.store(format!("n{index}=x").as_bytes(), &url("http://a.test/"), Sender::SameSite, NOW);
        }
        let names = jar.for_request(&url("http://a.test/"), Sender::SameSite, NOW).names;
        assert_eq!((names.len(), names[0].as_str()), (50, "n10"));
        let mut closed = CookieJar::new(0);
        closed.store(b"a=1", &url("http://a.test/"), Sender::SameSite, NOW);
        assert!(closed.for_request(&url("http://a.test/"), Sender::SameSite, NOW).names.is_empty());
    }

    #[test]
    fn scripts_neither_see_nor_touch_what_is_kept_from_them() {
        let mut jar = jar(&[("http://a.test/", "a=1; HttpOnly"), ("http://a.test/", "b=2")]);
        let page = url("http://a.test/x");
        for raw in ["a=9", "c=3; HttpOnly", "e=1; domain=b.test"] {
            assert!(jar.store_from_script(raw.as_bytes(), &page, NOW).is_none(), "{raw}");
        }
        assert!(jar.store_from_script(b"b=3", &page, NOW).is_some());
        assert!(jar.store_from_script(b"d=4; path=/", &page, NOW).is_some());
        assert_eq!(jar.for_script(&page, NOW), b"b=3; d=4");
        assert_eq!(sent(&jar, "http://a.test/x"), "a=1; b=3; d=4");
    }

    #[test]
    fn foreign_senders_get_what_same_site_allows() {
        let mut jar = jar(&[
            ("https://a.test/", "unset=1"),
            ("https://a.test/", "lax=1; SameSite=Lax"),
            ("https://a.test/", "strict=1; SameSite=Strict"),
            ("https://a.test/", "none=1; SameSite=None; Secure"),
        ]);
        let page = url("https://a.test/");
        let names = |jar: &CookieJar, sender| jar.for_request(&page, sender, NOW).names;
        assert_eq!(names(&jar, Sender::SameSite), ["unset", "lax", "strict", "none"]);
        assert_eq!(names(&jar, Sender::ForeignNavigation), ["unset", "lax", "none"]);
        assert_eq!(names(&jar, Sender::ForeignSubmission), ["unset", "none"]);
        assert_eq!(names(&jar, Sender::ForeignPart), ["none"]);
        assert!(jar.store(b"x=1", &page, Sender::ForeignPart, NOW).is_none());
        assert!(jar.store(b"x=1; SameSite=None; Secure", &page, Sender::ForeignPart, NOW).is_some());
    }

    #[test]
    fn the_digest_follows_the_values() {
        let before = jar(&[("http://a.test/", "a=1")]);
        let after = jar(&[("http://a.test/", "a=2")]);
        assert_ne!(before.digest(), after.digest());
        assert_eq!(before.digest(), jar(&[("http://a.test/", "a=1; max-age=9")]).digest());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes_are_survived_and_come_back_only_to_their_host(raw in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut jar = CookieJar::new(50);
            if jar.store(&raw, &url("https://a.example/x"), Sender::SameSite, NOW).is_some() {
                prop_assert!(jar.for_request(&url("https://b.example/x"), Sender::SameSite, NOW).names.is_empty());
            }
        }
    }
}
