//! A request that is to be made, and what an HTTP redirect keeps of it (Fetch "HTTP-redirect fetch").

use std::sync::Arc;

use bytes::Bytes;
use hopline_domain::chain::HopKind;
use http::Method;
use url::{Origin, Url};

use crate::{csp::FormActions, follow::Stay};

/// A request that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NextHop {
    pub(crate) url: Url,
    pub(crate) kind: HopKind,
    /// What a POST carries; `None` is a GET.
    pub(crate) submission: Option<Submission>,
    /// The rule or recipe that found it.
    pub(crate) rule: Option<String>,
    /// The page it leaves, if any.
    pub(crate) left: Option<Arc<LeftPage>>,
}

/// A page that is left, and stays when that comes to nothing: the answer holds no document, or its form is led where it forbids
/// that.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LeftPage {
    /// Where what is sent may be redirected; only forms are held to it.
    pub(crate) actions: FormActions,
    pub(crate) page: Stay,
}

/// A submitted form on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    pub(crate) body: Bytes,
    pub(crate) content_type: Option<String>,
    origin: SubmissionOrigin,
}

/// Whose the form was, as far as its receiver may know.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SubmissionOrigin {
    Known(Origin),
    /// The page keeps its referrer back, or a redirect led from one foreign origin to another.
    Hidden,
}

impl NextHop {
    pub(crate) const fn get(url: Url, kind: HopKind) -> Self {
        Self { url, kind, submission: None, rule: None, left: None }
    }

    /// The page that stays instead of following a redirect to `target`.
    pub(crate) fn page_kept_from(&self, target: &Url) -> Option<Stay> {
        let left = self.left.as_ref()?;
        let is_allowed = left.actions.allow_redirect(&left.page.url, target);
        (!is_allowed).then(|| left.page.clone())
    }

    /// The page that stays when an answer of `status` has no document for it (HTML "navigate", 204 and 205).
    pub(crate) fn page_kept_by(&self, status: u16) -> Option<Stay> {
        let left = self.left.as_ref().filter(|_| matches!(status, 204 | 205))?;
        Some(left.page.clone())
    }

    pub(crate) const fn method(&self) -> Method {
        if self.submission.is_some() { Method::POST } else { Method::GET }
    }

    /// The request after a redirect of `status` to `url`: 301, 302 and 303 make a GET of a POST, 307 and 308 repeat it.
    pub(crate) fn redirected(&self, status: u16, url: Url) -> Self {
        let kept = self.submission.as_ref().filter(|_| matches!(status, 307 | 308));
        let submission = kept.map(|submission| submission.redirected(&self.url, &url));
        Self { url, kind: HopKind::HttpRedirect, submission, rule: None, left: self.left.clone() }
    }
}

impl Submission {
    /// A form sent by the document at `page`.
    pub(crate) fn new(body: Vec<u8>, content_type: Option<String>, page: &Url) -> Self {
        Self { body: body.into(), content_type, origin: SubmissionOrigin::Known(page.origin()) }
    }

    /// A form sent by a document that keeps its referrer back.
    pub(crate) fn without_origin(body: Vec<u8>, content_type: Option<String>) -> Self {
        Self { body: body.into(), content_type, origin: SubmissionOrigin::Hidden }
    }

    /// The `Origin` header of the request to `target` (Fetch "append a request `Origin` header").
    pub(crate) fn origin_header(&self, target: &Url) -> String {
        match &self.origin {
            SubmissionOrigin::Known(origin) if !is_downgrade(origin, target) => origin.ascii_serialization(),
            _ => "null".to_owned(),
        }
    }

    /// The origin is tainted by a redirect between two origins of which neither sent the form.
    fn redirected(&self, from: &Url, to: &Url) -> Self {
        let is_foreign = |url: &Url| {
            let SubmissionOrigin::Known(origin) = &self.origin else { return true };
            url.origin() != *origin
        };
        let is_tainted = from.origin() != to.origin() && is_foreign(from);
        let origin = if is_tainted { SubmissionOrigin::Hidden } else { self.origin.clone() };
        Self { origin, ..self.clone() }
    }
}

fn is_downgrade(origin: &Origin, target: &Url) -> bool {
    matches!(origin, Origin::Tuple(scheme, ..) if scheme == "https") && target.scheme() != "https"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn post(page: &str, target: &str) -> NextHop {
        let submission = Submission::new(b"k=v".to_vec(), Some("text/plain".to_owned()), &url(page));
        NextHop { submission: Some(submission), ..NextHop::get(url(target), HopKind::Form) }
    }

    fn origin(hop: &NextHop) -> String {
        hop.submission.as_ref().unwrap().origin_header(&hop.url)
    }

    #[test]
    fn redirects_keep_or_drop_the_method_and_all_that_belongs_to_it() {
        for (status, method) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
            let next = post("http://a.test/", "http://a.test/x").redirected(status, url("http://a.test/y"));
            assert_eq!(next.method(), method, "{status}");
            assert_eq!(next.submission.is_some(), method == "POST", "{status}");
            let get = NextHop::get(url("http://a.test/"), HopKind::Start);
            assert_eq!(get.redirected(status, url("http://a.test/y")).method(), "GET", "{status}");
        }
    }

    #[test]
    fn the_origin_is_told_unless_it_must_be_hidden() {
        assert_eq!(origin(&post("https://a.test/p?q", "https://b.test/")), "https://a.test");
        assert_eq!(origin(&post("http://a.test:81/p", "http://a.test:81/")), "http://a.test:81");
        assert_eq!(origin(&post("https://a.test/", "http://a.test/")), "null", "downgrade");
        let hidden = Submission::without_origin(Vec::new(), None);
        assert_eq!(hidden.origin_header(&url("https://b.test/")), "null");
    }

    #[test]
    fn a_second_foreign_origin_taints() {
        let first = post("http://a.test/", "http://a.test/x").redirected(307, url("http://b.test/"));
        assert_eq!(origin(&first), "http://a.test");
        assert_eq!(origin(&first.redirected(307, url("http://b.test/2"))), "http://a.test");
        let second = first.redirected(308, url("http://c.test/"));
        assert_eq!(origin(&second), "null");
        assert_eq!(origin(&second.redirected(308, url("http://a.test/"))), "null");
    }
}
