//! What one answer means for the navigation: go on, stay or fail. A pure reading of head and body; nothing is fetched.

use hopline_domain::outcome::Reason;
use hopline_outbound::{BodyPlan, ResponseHead};
use http::{HeaderMap, HeaderName, header};
use url::Url;

use crate::{
    csp::forbids_meta_refresh,
    html::{ContentType, Document, DocumentKind, document_kind, is_attachment, read_page},
    location::{LocationStep, is_redirect_status, is_web, location_step},
    refresh::parse_refresh,
    schedule::{RefreshBase, RefreshOrigin, RefreshSchedule, ScheduledRefresh},
};

/// An answer as it was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) url: &'a Url,
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// What an answer asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// An HTTP redirect.
    Redirect(Url),
    /// A document, which may ask to be left.
    Page {
        title: Option<String>,
        refresh: Option<ScheduledRefresh>,
    },
    Download,
    Failure(Reason),
}

/// Bytes read of what is shown or saved but holds no instructions: enough to sniff and to digest.
const SHOWN_BYTES_MAX: usize = 16 * 1024;

/// How much of a body is worth reading: none of a redirect's, all of a document's.
pub(crate) fn body_plan(head: &ResponseHead<'_>) -> BodyPlan {
    let status = head.status.as_u16();
    let has_location = head.headers.get(header::LOCATION).is_some_and(|value| !value.is_empty());
    if is_redirect_status(status) && has_location {
        return BodyPlan::Discard;
    }
    match declared_kind(head.headers, &[]) {
        _ if is_saved(status, head.headers) => BodyPlan::Prefix { bytes_max: SHOWN_BYTES_MAX },
        DocumentKind::Html | DocumentKind::Xml => BodyPlan::Read,
        DocumentKind::Shown if content_type(head.headers).essence.is_empty() => BodyPlan::Read,
        DocumentKind::Shown | DocumentKind::Download => BodyPlan::Prefix { bytes_max: SHOWN_BYTES_MAX },
    }
}

/// Reads an answer as a browser would. Contradicting `Content-Disposition`s are a sign of response splitting: Chromium
/// refuses them, as it refuses contradicting `Location`s.
pub(crate) fn meaning_of(answer: Answer<'_>) -> Meaning {
    match location_step(answer.status, &values(answer.headers, &header::LOCATION), answer.url) {
        LocationStep::Follow(url) => return Meaning::Redirect(url),
        LocationStep::Refuse(reason) => return Meaning::Failure(reason),
        LocationStep::Stay => {}
    }
    if values(answer.headers, &header::CONTENT_DISPOSITION).windows(2).any(|pair| pair[0] != pair[1]) {
        return Meaning::Failure(Reason::Protocol);
    }
    if matches!(answer.status, 204 | 205 | 304) {
        return Meaning::Failure(Reason::NoDocument);
    }
    let kind = declared_kind(answer.headers, answer.body);
    if is_saved(answer.status, answer.headers) || (kind == DocumentKind::Download && answer.status < 400) {
        return Meaning::Download;
    }
    page(answer, kind)
}

/// Whether a body may hold instructions, so that missing a part of it could miss one.
pub(crate) fn needs_whole_body(headers: &HeaderMap, body: &[u8]) -> bool {
    let is_unknown = body.is_empty() && content_type(headers).essence.is_empty();
    is_unknown || matches!(declared_kind(headers, body), DocumentKind::Html | DocumentKind::Xml)
}

fn page(answer: Answer<'_>, kind: DocumentKind) -> Meaning {
    let content_type = content_type(answer.headers);
    let from_header = header_schedule(answer);
    let document = Document { url: answer.url, kind, content_type: &content_type, body: answer.body };
    let page = read_page(document, from_header.clone());
    let is_sandboxed = forbids_meta_refresh(values(answer.headers, &header::CONTENT_SECURITY_POLICY));
    let schedule = if is_sandboxed { from_header } else { page.schedule };
    Meaning::Page { title: page.title, refresh: schedule.into_winner() }
}

/// Several `Refresh` headers are one value joined by commas; bytes are read as Latin-1 (HTML "isomorphic decode").
fn header_schedule(answer: Answer<'_>) -> RefreshSchedule {
    let mut schedule = RefreshSchedule::default();
    let value = values(answer.headers, &header::REFRESH).join(&b", "[..]);
    let text: String = value.iter().copied().map(char::from).collect();
    if let Some(refresh) = parse_refresh(&text) {
        let base = RefreshBase { document: answer.url, base: None, encoding: encoding_rs::UTF_8 };
        schedule.offer(refresh, RefreshOrigin::Header, base);
    }
    schedule
}

/// Where a refresh leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RefreshLead {
    /// To another document, or this one again.
    Navigate,
    /// Within this document: only the fragment changes.
    Fragment,
    /// Nowhere: the browser blocks it or hands it to another program, and the page stays.
    Stay,
    /// To a document that is no web page.
    LeaveTheWeb,
}

/// Judges the target of a refresh met in the document at `current`.
pub(crate) fn refresh_lead(current: &Url, target: &Url) -> RefreshLead {
    match target.scheme() {
        "about" | "blob" => RefreshLead::LeaveTheWeb,
        _ if !is_web(target) => RefreshLead::Stay,
        _ if target.fragment().is_some() && is_same_document(current, target) && current != target => {
            RefreshLead::Fragment
        }
        _ => RefreshLead::Navigate,
    }
}

/// Whether two URLs differ in nothing but their fragments.
pub(crate) fn is_same_document(a: &Url, b: &Url) -> bool {
    a[..url::Position::AfterQuery] == b[..url::Position::AfterQuery]
}

fn declared_kind(headers: &HeaderMap, body: &[u8]) -> DocumentKind {
    let no_sniff = headers
        .get(header::X_CONTENT_TYPE_OPTIONS)
        .is_some_and(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"nosniff"));
    document_kind(&content_type(headers), no_sniff, body)
}

fn content_type(headers: &HeaderMap) -> ContentType {
    ContentType::from_values(&values(headers, &header::CONTENT_TYPE))
}

/// An error page is shown, whatever it says about being saved.
fn is_saved(status: u16, headers: &HeaderMap) -> bool {
    let disposition = headers.get(header::CONTENT_DISPOSITION);
    status < 400 && disposition.is_some_and(|value| is_attachment(value.as_bytes()))
}

fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a [u8]> {
    headers.get_all(name).iter().map(http::HeaderValue::as_bytes).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const META: &[u8] = b"<title>p</title><meta http-equiv=refresh content='0;url=/meta'>";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    fn meaning(status: u16, pairs: &[(&'static str, &str)], body: &[u8]) -> String {
        let url = Url::parse("http://a.test/c/x").unwrap();
        let headers = headers(pairs);
        match meaning_of(Answer { url: &url, status, headers: &headers, body }) {
            Meaning::Redirect(url) => format!("redirect {url}"),
            Meaning::Page { refresh: Some(refresh), .. } => format!("{:?} {}", refresh.origin, refresh.url),
            Meaning::Page { title, .. } => format!("page {}", title.unwrap_or_default()),
            Meaning::Download => "download".to_owned(),
            Meaning::Failure(reason) => format!("! {}", reason.as_str()),
        }
    }

    const HTML: (&str, &str) = ("content-type", "text/html");

    #[test]
    fn refresh_headers_work_on_any_status_and_type_but_lose_to_location() {
        let refresh = ("refresh", "0;url=/hdr");
        for status in [200, 302, 404, 500] {
            assert_eq!(meaning(status, &[HTML, refresh], b"x"), "Header http://a.test/hdr", "{status}");
        }
        for content_type in ["text/plain", "image/png", "application/pdf"] {
            assert_eq!(
                meaning(200, &[("content-type", content_type), refresh], b"x"),
                "Header http://a.test/hdr"
            );
        }
        assert_eq!(meaning(302, &[HTML, refresh, ("location", "/loc")], b""), "redirect http://a.test/loc");
        assert_eq!(meaning(200, &[refresh, ("content-disposition", "attachment")], b"x"), "download");
        assert_eq!(meaning(204, &[refresh], b""), "! no_document");
        assert_eq!(
            meaning(200, &[HTML, refresh, ("refresh", "0;url=/b")], b""),
            "Header http://a.test/hdr,%200;url=/b"
        );
    }

    #[test]
    fn header_and_meta_together() {
        assert_eq!(meaning(200, &[HTML, ("refresh", "0;/hdr")], META), "Meta http://a.test/meta");
        assert_eq!(meaning(200, &[HTML, ("refresh", "5;/hdr")], META), "Meta http://a.test/meta");
        let sandbox = ("content-security-policy", "sandbox");
        assert_eq!(meaning(200, &[HTML, sandbox], META), "page p");
        assert_eq!(meaning(200, &[HTML, sandbox, ("refresh", "9;/hdr")], META), "Header http://a.test/hdr");
    }

    #[test]
    fn what_is_saved_and_what_is_shown() {
        assert_eq!(meaning(200, &[("content-type", "application/zip")], b"PK"), "download");
        assert_eq!(meaning(404, &[("content-type", "application/zip")], b"PK"), "page ");
        let (inline, attachment) = (("content-disposition", "inline"), ("content-disposition", "attachment"));
        assert_eq!(meaning(200, &[HTML, inline, inline], b"x"), "page ");
        assert_eq!(meaning(200, &[HTML, inline, attachment], b"x"), "! protocol");
        assert_eq!(
            meaning(404, &[HTML, ("content-disposition", "attachment")], META),
            "Meta http://a.test/meta"
        );
        assert_eq!(meaning(200, &[], META), "Meta http://a.test/meta");
        assert_eq!(meaning(200, &[("x-content-type-options", "nosniff")], META), "page ");
        assert_eq!(meaning(200, &[("content-type", "text/plain")], META), "page ");
    }

    #[test]
    fn statuses_without_a_document() {
        for status in [204, 205, 304] {
            assert_eq!(meaning(status, &[("location", "/x")], b""), "! no_document", "{status}");
        }
        assert_eq!(meaning(302, &[("location", "mailto:x@y")], b""), "! unsupported_scheme");
        assert_eq!(meaning(300, &[HTML, ("location", "/x")], b""), "page ");
    }

    #[test]
    fn where_refreshes_lead() {
        let current = Url::parse("http://a.test/x?q#f").unwrap();
        for (target, expected) in [
            ("http://a.test/x?q#g", RefreshLead::Fragment),
            ("http://a.test/x?q#", RefreshLead::Fragment),
            ("http://a.test/x?q", RefreshLead::Navigate),
            ("http://a.test/x?q#f", RefreshLead::Navigate),
            ("http://a.test/x#f", RefreshLead::Navigate),
            ("mailto:a@b.c", RefreshLead::Stay),
            ("data:text/html,x", RefreshLead::Stay),
            ("file:///etc/passwd", RefreshLead::Stay),
            ("intent://x#Intent;end", RefreshLead::Stay),
            ("about:blank", RefreshLead::LeaveTheWeb),
            ("blob:http://a.test/1", RefreshLead::LeaveTheWeb),
        ] {
            assert_eq!(refresh_lead(&current, &Url::parse(target).unwrap()), expected, "{target}");
        }
    }

    #[test]
    fn only_documents_are_read_whole() {
        let plan = |status: u16, pairs: &[(&'static str, &str)]| {
            let headers = headers(pairs);
            body_plan(&ResponseHead {
                status: http::StatusCode::from_u16(status).unwrap(),
                headers: &headers,
            })
        };
        assert_eq!(plan(302, &[HTML, ("location", "/x")]), BodyPlan::Discard);
        assert_eq!(plan(302, &[HTML]), BodyPlan::Read);
        assert_eq!(plan(200, &[HTML]), BodyPlan::Read);
        assert_eq!(plan(200, &[]), BodyPlan::Read);
        assert_eq!(plan(404, &[HTML, ("content-disposition", "attachment")]), BodyPlan::Read);
        assert!(matches!(plan(200, &[("content-type", "video/mp4")]), BodyPlan::Prefix { .. }));
        assert!(matches!(plan(200, &[HTML, ("content-disposition", "attachment")]), BodyPlan::Prefix { .. }));
    }
}
