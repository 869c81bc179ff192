//! What Chromium did with a case, and what that means for a chain: where it ends, by which hops.

use hopline_domain::chain::HopKind;
use serde::Deserialize;

/// The recorder's notation; `oracle/watch.mjs` tells what each event means.
#[derive(Clone, Debug, Deserialize)]
pub struct Recording {
    #[serde(rename = "final")]
    pub final_url: String,
    /// The network error of the first navigation.
    pub error: Option<String>,
    pub events: Vec<String>,
}

/// Where a chain must end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A document stayed. `download` is the URL of one that the page then began, staying where it was.
    Page { url: String, download: Option<String> },
    /// A document came, and its body broke off: the browser shows what came, or an error.
    CutShort(String),
    /// Nothing was shown but the browser's own error page, or a page that is not of the web.
    Error,
    /// A file came instead of a document.
    Download(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedHop {
    pub kind: HopKind,
    pub method: String,
}

/// Chromium shows a page of its own for an error without a body; the URL is the answer's all the same.
const EMPTY_ERROR_PAGE: &str = "net::ERR_HTTP_RESPONSE_CODE_FAILURE";
/// Given up by the page or for the next navigation, or nothing to show: a download, a 204.
const ABORTED: &str = "net::ERR_ABORTED";

/// How a navigation that was not given up went wrong.
enum Broken {
    EmptyErrorPage,
    Body,
    Unanswered,
}

/// One navigation of the main frame: what was asked in turn, and how that ended.
#[derive(Default)]
struct Navigation {
    hops: Vec<ExpectedHop>,
    url: String,
    status: Option<u16>,
    failure: Option<String>,
}

impl Recording {
    pub fn ending(&self) -> Ending {
        let navigations = self.navigations();
        let download = navigations.iter().rev().find(|one| one.is_download()).map(|one| one.url.clone());
        let page = |download| Ending::Page { url: self.final_url.clone(), download };
        match (navigations.last().and_then(Navigation::broken), &self.error, download) {
            (Some(Broken::EmptyErrorPage), ..) => page(None),
            (Some(Broken::Body), ..) => Ending::CutShort(self.final_url.clone()),
            (None, Some(_), Some(url)) => Ending::Download(url),
            (Some(Broken::Unanswered), ..) | (None, Some(_), None) => Ending::Error,
            (None, None, _) if !self.final_url.starts_with("http") => Ending::Error,
            (None, None, download) => page(download),
        }
    }

    /// Status of the document that stayed.
    pub fn status(&self) -> Option<u16> {
        self.navigations().iter().rev().find(|one| one.stays()).and_then(|one| one.status)
    }

    /// The hops of every navigation that arrived. One that was given up for the next is no hop.
    pub fn hops(&self) -> Vec<ExpectedHop> {
        self.navigations().into_iter().filter(Navigation::stays).flat_map(|one| one.hops).collect()
    }

    fn navigations(&self) -> Vec<Navigation> {
        let mut navigations: Vec<Navigation> = Vec::new();
        let mut kind = HopKind::Start;
        for event in &self.events {
            if let Some(reason) = event.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                kind = kind_of(reason).unwrap_or(kind);
                continue;
            }
            let Some((word, rest)) = event.split_once(' ') else { continue };
            match (word, navigations.last_mut()) {
                ("FAIL", Some(last)) => last.failure = Some(rest.to_owned()),
                (word, Some(last)) if word.starts_with('<') => last.status = word[1..].parse().ok(),
                (word, Some(last)) if word.starts_with('[') => last.ask(HopKind::HttpRedirect, word, rest),
                (word, _) => {
                    let mut next = Navigation::default();
                    next.ask(kind, word, rest);
                    navigations.push(next);
                    // What begins without a reason of its own was begun by some script, of another frame perhaps.
                    kind = HopKind::Script;
                }
            }
        }
        navigations
    }
}

impl Navigation {
    /// `word` is `GET`, or `[302]GET`.
    fn ask(&mut self, kind: HopKind, word: &str, url: &str) {
        let method = word.rsplit(']').next().unwrap_or(word).to_owned();
        self.hops.push(ExpectedHop { kind, method });
        url.clone_into(&mut self.url);
    }

    /// Its document was shown.
    fn stays(&self) -> bool {
        let is_shown = match self.broken() {
            None => self.failure.is_none(),
            Some(broken) => !matches!(broken, Broken::Unanswered),
        };
        self.status.is_some() && is_shown
    }

    fn is_download(&self) -> bool {
        let has_body = self.status.is_some_and(|status| !matches!(status, 204 | 205 | 304));
        has_body && self.failure.as_deref() == Some(ABORTED)
    }

    fn broken(&self) -> Option<Broken> {
        match (self.failure.as_deref()?, self.status) {
            (ABORTED, _) => None,
            (EMPTY_ERROR_PAGE, _) => Some(Broken::EmptyErrorPage),
            (_, Some(_)) => Some(Broken::Body),
            (_, None) => Some(Broken::Unanswered),
        }
    }
}

/// Contracts of the chain document: which of a browser's reasons is which kind of hop. `None` for what is no reason.
fn kind_of(reason: &str) -> Option<HopKind> {
    match reason {
        "httpHeaderRefresh" => Some(HopKind::RefreshHeader),
        "metaTagRefresh" => Some(HopKind::MetaRefresh),
        "formSubmissionGet" | "formSubmissionPost" => Some(HopKind::Form),
        "scriptInitiated" | "anchorClick" | "reload" | "other" => Some(HopKind::Script),
        // Schedules repeat the reason; frames and fragments are no hops.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(error: Option<&str>, final_url: &str, events: &[&str]) -> Recording {
        Recording {
            final_url: final_url.to_owned(),
            error: error.map(str::to_owned),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
        }
    }

    #[test]
    fn a_navigation_given_up_for_the_next_is_no_hop() {
        let twice = recording(
            None,
            "http://a/2",
            &[
                "GET http://a/",
                "<200 ip=127.0.0.1>",
                "{sched:scriptInitiated:0}",
                "{scriptInitiated}",
                "GET http://a/1",
                "{formSubmissionPost}",
                "FAIL net::ERR_ABORTED",
                "POST http://a/2",
                "[307]POST http://a/3",
                "<200 ip=127.0.0.1>",
                "{within:fragment}",
            ],
        );
        let hops: Vec<_> = twice.hops().into_iter().map(|hop| (hop.kind, hop.method)).collect();
        let hop = |kind, method: &str| (kind, method.to_owned());
        assert_eq!(
            hops,
            [hop(HopKind::Start, "GET"), hop(HopKind::Form, "POST"), hop(HopKind::HttpRedirect, "POST")]
        );
        assert_eq!(twice.ending(), Ending::Page { url: "http://a/2".to_owned(), download: None });
    }

    #[test]
    fn errors_downloads_and_empty_answers_are_told_apart() {
        let aborted = |status: &str| {
            let events = ["GET http://a/", status, "FAIL net::ERR_ABORTED"];
            recording(Some("net::ERR_ABORTED"), "about:blank", &events).ending()
        };
        assert_eq!(aborted("<200 ip=127.0.0.1>"), Ending::Download("http://a/".to_owned()));
        assert_eq!(aborted("<204 ip=127.0.0.1>"), Ending::Error);
        let later = recording(
            None,
            "http://b/",
            &[
                "GET http://a/",
                "<200 ip=127.0.0.1>",
                "{scriptInitiated}",
                "GET http://b/",
                "FAIL net::ERR_NAME_NOT_RESOLVED",
            ],
        );
        assert_eq!((later.ending(), later.hops().len()), (Ending::Error, 1));
        let begun = recording(
            None,
            "http://a/",
            &[
                "GET http://a/",
                "<200 ip=127.0.0.1>",
                "{scriptInitiated}",
                "GET http://a/file",
                "<200 ip=127.0.0.1>",
                "FAIL net::ERR_ABORTED",
            ],
        );
        let download = Some("http://a/file".to_owned());
        assert_eq!(begun.ending(), Ending::Page { url: "http://a/".to_owned(), download });
    }
}
