//! The `Referer` of each hop: the caller's on the first navigation, the page's own after it left one
//! (Referrer Policy "determine request's referrer"). What may be told is the policy's, which redirects can tighten.

use http::{HeaderMap, header};
use url::Url;

/// Where a navigation started; HTTP redirects keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Referrer {
    None,
    /// Given by the caller, sent as it is.
    Given(String),
    /// The page that was left.
    Page {
        url: Url,
        policy: ReferrerPolicy,
    },
}

/// How much of a page's URL its links may tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ReferrerPolicy {
    NoReferrer,
    NoReferrerWhenDowngrade,
    SameOrigin,
    Origin,
    StrictOrigin,
    OriginWhenCrossOrigin,
    /// The browsers' default.
    #[default]
    StrictOriginWhenCrossOrigin,
    UnsafeUrl,
}

impl Referrer {
    /// The header's value for a request to `target`.
    pub(crate) fn for_request(&self, target: &Url) -> Option<String> {
        match self {
            Self::None => None,
            Self::Given(text) => Some(text.clone()),
            Self::Page { url, policy } => policy.referer(url, target),
        }
    }

    /// Takes the policy of a redirect (Fetch "set request's referrer policy on redirect").
    pub(crate) fn redirected(&mut self, headers: &HeaderMap) {
        if let (Self::Page { policy, .. }, Some(new)) = (self, ReferrerPolicy::of_headers(headers)) {
            *policy = new;
        }
    }
}

impl ReferrerPolicy {
    /// The last policy named by `Referrer-Policy` headers that browsers know.
    pub(crate) fn of_headers(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(header::REFERRER_POLICY).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).filter_map(|token| Self::parse(token.trim())).next_back()
    }

    /// What `<meta name=referrer>` says, its older words included (HTML "standard metadata names").
    pub(crate) fn of_meta(content: &str) -> Option<Self> {
        match content.trim().to_ascii_lowercase().as_str() {
            "never" => Some(Self::NoReferrer),
            "always" => Some(Self::UnsafeUrl),
            "default" => Some(Self::default()),
            "origin-when-crossorigin" => Some(Self::OriginWhenCrossOrigin),
            word => Self::parse(word),
        }
    }

    /// Reads one word; the empty one and unknown ones are none.
    fn parse(token: &str) -> Option<Self> {
        Some(match token.to_ascii_lowercase().as_str() {
            "no-referrer" => Self::NoReferrer,
            "no-referrer-when-downgrade" => Self::NoReferrerWhenDowngrade,
            "same-origin" => Self::SameOrigin,
            "origin" => Self::Origin,
            "strict-origin" => Self::StrictOrigin,
            "origin-when-cross-origin" => Self::OriginWhenCrossOrigin,
            "strict-origin-when-cross-origin" => Self::StrictOriginWhenCrossOrigin,
            "unsafe-url" => Self::UnsafeUrl,
            _ => return None,
        })
    }

    /// Whether a request to `target` that is no CORS one keeps back who makes it (Fetch "append a request `Origin` header").
    pub(crate) fn hides_origin(self, page: &Url, target: &Url) -> bool {
        match self {
            Self::NoReferrer => true,
            Self::NoReferrerWhenDowngrade | Self::StrictOrigin | Self::StrictOriginWhenCrossOrigin => {
                page.scheme() == "https" && target.scheme() != "https"
            }
            Self::SameOrigin => page.origin() != target.origin(),
            Self::Origin | Self::OriginWhenCrossOrigin | Self::UnsafeUrl => false,
        }
    }

    pub(crate) fn referer(self, page: &Url, target: &Url) -> Option<String> {
        let is_downgrade = page.scheme() == "https" && target.scheme() != "https";
        let is_same_origin = page.origin() == target.origin();
        let origin = || Some(format!("{}/", page.origin().ascii_serialization()));
        match self {
            Self::NoReferrer => None,
            Self::NoReferrerWhenDowngrade | Self::StrictOrigin | Self::StrictOriginWhenCrossOrigin
                if is_downgrade =>
            {
                None
            }
            Self::SameOrigin => is_same_origin.then(|| whole(page)),
            Self::Origin | Self::StrictOrigin => origin(),
            Self::OriginWhenCrossOrigin | Self::StrictOriginWhenCrossOrigin if !is_same_origin => origin(),
            _ => Some(whole(page)),
        }
    }
}

/// Longer referrers are cut to the origin (Referrer Policy "strip url for use as a referrer").
const REFERER_BYTES_MAX: usize = 4_096;

fn whole(page: &Url) -> String {
    let mut referer = page.clone();
    referer.set_fragment(None);
    // Both fail only for URLs without a host, and pages are http(s).
    let _ = referer.set_username("");
    let _ = referer.set_password(None);
    if referer.as_str().len() > REFERER_BYTES_MAX {
        return format!("{}/", page.origin().ascii_serialization());
    }
    referer.into()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn page(page: &str, target: &str) -> Option<String> {
        Referrer::Page { url: url(page), policy: ReferrerPolicy::default() }.for_request(&url(target))
    }

    fn headers(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::REFERRER_POLICY, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn follows_the_default_policy() {
        assert_eq!(page("http://u:p@a.test/x?q#f", "http://a.test/y").as_deref(), Some("http://a.test/x?q"));
        assert_eq!(page("http://a.test/x", "http://b.test/").as_deref(), Some("http://a.test/"));
        assert_eq!(page("http://a.test:81/x", "https://a.test/").as_deref(), Some("http://a.test:81/"));
        assert_eq!(page("https://a.test/x", "http://a.test/"), None);
        let long = format!("http://a.test/{}", "x".repeat(5_000));
        assert_eq!(page(&long, "http://a.test/y").as_deref(), Some("http://a.test/"));
        let given = Referrer::Given("https://ads.example/x".to_owned());
        assert_eq!(given.for_request(&url("http://b.test/")).as_deref(), Some("https://ads.example/x"));
    }

    #[test]
    fn every_policy_tells_what_it_says() {
        let targets = ["https://a.test/y", "https://b.test/", "http://b.test/"].map(url);
        let (whole, origin) = (Some("https://a.test/x"), Some("https://a.test/"));
        for (word, expected) in [
            ("no-referrer", [None, None, None]),
            ("no-referrer-when-downgrade", [whole, whole, None]),
            ("same-origin", [whole, None, None]),
            ("origin", [origin, origin, origin]),
            ("strict-origin", [origin, origin, None]),
            ("origin-when-cross-origin", [whole, origin, origin]),
            ("strict-origin-when-cross-origin", [whole, origin, None]),
            ("unsafe-url", [whole, whole, whole]),
        ] {
            let policy = ReferrerPolicy::parse(word).unwrap();
            let told = targets.clone().map(|target| policy.referer(&url("https://a.test/x"), &target));
            assert_eq!(told.each_ref().map(Option::as_deref), expected, "{word}");
        }
    }

    #[test]
    fn the_last_known_policy_counts_and_redirects_change_it() {
        let policy = |values: &[&'static str]| ReferrerPolicy::of_headers(&headers(values));
        assert_eq!(policy(&["origin, Unsafe-URL, nonsense"]), Some(ReferrerPolicy::UnsafeUrl));
        assert_eq!(policy(&["origin", "no-referrer"]), Some(ReferrerPolicy::NoReferrer));
        assert_eq!(policy(&["", "x"]), None);
        assert_eq!(ReferrerPolicy::of_meta(" Never"), Some(ReferrerPolicy::NoReferrer));
        assert_eq!(ReferrerPolicy::of_meta("origin"), Some(ReferrerPolicy::Origin));
        let mut referrer = Referrer::Page { url: url("http://a.test/x"), policy: ReferrerPolicy::UnsafeUrl };
        referrer.redirected(&headers(&[]));
        assert_eq!(referrer.for_request(&url("http://b.test/")).as_deref(), Some("http://a.test/x"));
        referrer.redirected(&headers(&["no-referrer"]));
        assert_eq!(referrer.for_request(&url("http://b.test/")), None);
    }
}
