//! The `Referer` of each hop: the caller's on the first navigation, the page's own after a refresh
//! (Referrer Policy `strict-origin-when-cross-origin`, the browsers' default).

use url::Url;

/// Where a navigation started; HTTP redirects keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Referrer {
    None,
    /// Given by the caller, sent as it is.
    Given(String),
    /// The page whose refresh is followed.
    Page(Url),
}

impl Referrer {
    /// The header's value for a request to `target`.
    pub(crate) fn for_request(&self, target: &Url) -> Option<String> {
        match self {
            Self::None => None,
            Self::Given(text) => Some(text.clone()),
            Self::Page(page) => strict_origin_when_cross_origin(page, target),
        }
    }
}

fn strict_origin_when_cross_origin(page: &Url, target: &Url) -> Option<String> {
    if page.scheme() == "https" && target.scheme() != "https" {
        return None;
    }
    if page.origin() != target.origin() {
        return Some(format!("{}/", page.origin().ascii_serialization()));
    }
    let mut referer = page.clone();
    referer.set_fragment(None);
    // Both fail only for URLs without a host, and pages are http(s).
    let _ = referer.set_username("");
    let _ = referer.set_password(None);
    Some(referer.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(page: &str, target: &str) -> Option<String> {
        Referrer::Page(Url::parse(page).unwrap()).for_request(&Url::parse(target).unwrap())
    }

    #[test]
    fn follows_the_default_policy() {
        assert_eq!(page("http://u:p@a.test/x?q#f", "http://a.test/y").as_deref(), Some("http://a.test/x?q"));
        assert_eq!(page("http://a.test/x", "http://b.test/").as_deref(), Some("http://a.test/"));
        assert_eq!(page("http://a.test:81/x", "https://a.test/").as_deref(), Some("http://a.test:81/"));
        assert_eq!(page("https://a.test/x", "http://a.test/"), None);
        let given = Referrer::Given("https://ads.example/x".to_owned());
        assert_eq!(
            given.for_request(&Url::parse("http://b.test/").unwrap()).as_deref(),
            Some("https://ads.example/x")
        );
    }
}
