//! What one answer means for the navigation: go on, stay or fail. A pure reading of head and body; nothing is fetched.

use hopline_domain::{
    outcome::Reason,
    provider::{Provider, Recipe},
};
use hopline_outbound::{BodyPlan, ResponseHead};
use http::{HeaderMap, HeaderName, header};
use url::Url;

use crate::{
    csp::{FormActions, is_inert},
    framed::framed_url,
    html::{ContentType, Document, DocumentKind, Page, document_kind, is_attachment, read_page},
    location::{LocationStep, is_redirect_status, location_step},
    referer::ReferrerPolicy,
    refresh::parse_refresh,
    schedule::{BaseUrl, RefreshBase, RefreshOrigin, RefreshSchedule},
    verification::{AnswerHead, Ordinary, ProviderHabit, vendor_of_head},
};

/// An answer as it was received.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) url: &'a Url,
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// Whose page it is, if a listed provider's.
    pub(crate) provider: Option<&'a Provider>,
}

/// What an answer asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// An HTTP redirect.
    Redirect(Url),
    /// An HTTP redirect to another program, which names this web page for browsers without it.
    AppLink(Url),
    /// A document, which may ask to be left.
    Page(Box<PageMeaning>),
    Download,
    /// Human verification by this vendor instead of the document.
    Verification(&'static str),
    Failure(Reason),
}

/// What a document is, before anything in it is run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PageMeaning {
    pub(crate) title: Option<String>,
    pub(crate) schedule: RefreshSchedule,
    pub(crate) scripts: PageScripts,
    pub(crate) referrer_policy: ReferrerPolicy,
    pub(crate) form_actions: FormActions,
    /// The vendor of human verification that the page consists of, as far as it does not go on by itself.
    pub(crate) gate: Option<&'static str>,
    /// The vendor whose verification it is once its scripts have run and it has gone nowhere.
    pub(crate) gate_in_the_end: Option<&'static str>,
    /// The page that a full-page frame shows in its place.
    pub(crate) framed_url: Option<Url>,
}

/// Whether a page does anything by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageScripts {
    None,
    Html,
    /// Run as far as HTML can say the same document.
    Xml,
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
        LocationStep::AppLink(url) => return Meaning::AppLink(url),
        LocationStep::Refuse(reason) => return Meaning::Failure(reason),
        LocationStep::Stay => {}
    }
    let head = AnswerHead { url: answer.url, status: answer.status, headers: answer.headers };
    if let Some(vendor) = vendor_of_head(head) {
        return Meaning::Verification(vendor);
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
    let is_inert = is_inert(values(answer.headers, &header::CONTENT_SECURITY_POLICY));
    let policies = [
        page.referrer_policy.as_deref().and_then(ReferrerPolicy::of_meta),
        ReferrerPolicy::of_headers(answer.headers),
    ];
    let ordinary = ordinary(&page, answer);
    let meaning = PageMeaning {
        scripts: if is_inert { PageScripts::None } else { scripts(kind, &page) },
        referrer_policy: policies.into_iter().flatten().next().unwrap_or_default(),
        form_actions: FormActions::of(policies_of(answer, &page)),
        gate: page.signs.gate.vendor(ordinary),
        gate_in_the_end: page.signs.gate.vendor_in_the_end(ordinary),
        framed_url: framed_url(&page, answer.url),
        title: page.title,
        schedule: if is_inert { from_header } else { page.schedule },
    };
    match meaning.gate {
        Some(vendor) if page.signs.gate.is_certain(ordinary) => Meaning::Verification(vendor),
        _ => Meaning::Page(Box::new(meaning)),
    }
}

/// Of its head and of its own elements.
fn policies_of<'a>(answer: Answer<'a>, page: &'a Page) -> Vec<&'a [u8]> {
    let own = page.policies.iter().map(String::as_bytes);
    values(answer.headers, &header::CONTENT_SECURITY_POLICY).into_iter().chain(own).collect()
}

fn scripts(kind: DocumentKind, page: &Page) -> PageScripts {
    match kind {
        _ if !page.signs.runs_scripts => PageScripts::None,
        DocumentKind::Xml => PageScripts::Xml,
        _ => PageScripts::Html,
    }
}

fn ordinary(page: &Page, answer: Answer<'_>) -> Ordinary {
    let is_gated = answer.provider.is_some_and(|provider| provider.recipe == Recipe::Gated);
    Ordinary {
        fields: page.signs.fields,
        text_chars: page.signs.text_chars,
        provider: if is_gated { ProviderHabit::Gated } else { ProviderHabit::Plain },
        status: answer.status,
    }
}

/// The text of an HTML answer and the name of its encoding, for those who run it or search it.
pub(crate) fn document_text(answer: Answer<'_>) -> (String, &'static str) {
    let content_type = content_type(answer.headers);
    let kind = declared_kind(answer.headers, answer.body);
    let document = Document { url: answer.url, kind, content_type: &content_type, body: answer.body };
    (document.text().into_owned(), document.encoding().name())
}

/// Several `Refresh` headers are one value joined by commas; bytes are read as Latin-1 (HTML "isomorphic decode").
fn header_schedule(answer: Answer<'_>) -> RefreshSchedule {
    let mut schedule = RefreshSchedule::default();
    let value = values(answer.headers, &header::REFRESH).join(&b", "[..]);
    let text: String = value.iter().copied().map(char::from).collect();
    if let Some(refresh) = parse_refresh(&text) {
        let base =
            RefreshBase { document: answer.url, base: BaseUrl::Document, encoding: encoding_rs::UTF_8 };
        schedule.offer(refresh, RefreshOrigin::Header, base);
    }
    schedule
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
        match meaning_of(Answer { url: &url, status, headers: &headers, body, provider: None }) {
            Meaning::Redirect(url) => format!("redirect {url}"),
            Meaning::AppLink(url) => format!("app link {url}"),
            Meaning::Page(page) => match page.schedule.winner() {
                Some(refresh) => format!("{:?} {}", refresh.origin, refresh.url),
                None => format!("page {}", page.title.unwrap_or_default()),
            },
            Meaning::Download => "download".to_owned(),
            Meaning::Verification(vendor) => format!("verification {vendor}"),
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
    fn verification_is_told_before_anything_else_of_a_page() {
        let challenge = ("cf-mitigated", "challenge");
        assert_eq!(meaning(403, &[HTML, challenge, ("refresh", "0;/x")], META), "verification cloudflare");
        assert_eq!(meaning(302, &[challenge, ("location", "/x")], b""), "redirect http://a.test/x");
        assert_eq!(meaning(204, &[challenge], b""), "verification cloudflare");
        let whole = [META, b"<div id=px-captcha></div>"].concat();
        assert_eq!(meaning(200, &[HTML], &whole), "verification human");
        let shown = [META, b"<div class=h-captcha></div>"].concat();
        assert_eq!(
            meaning(200, &[HTML], &shown),
            "Meta http://a.test/meta",
            "the walk judges by where it leads"
        );
        let intent = "intent://x#Intent;S.browser_fallback_url=http%3A%2F%2Fexample.com%2F;end";
        assert_eq!(meaning(302, &[("location", intent)], b""), "app link http://example.com/");
    }

    #[test]
    fn a_page_says_whether_it_does_anything_by_itself() {
        let page = |pairs: &[(&'static str, &str)], body: &[u8]| {
            let url = Url::parse("http://a.test/c/x").unwrap();
            let headers = headers(pairs);
            match meaning_of(Answer { url: &url, status: 200, headers: &headers, body, provider: None }) {
                Meaning::Page(page) => *page,
                other => panic!("{other:?}"),
            }
        };
        let script: &[u8] = b"<meta name=referrer content=origin><script>x</script>";
        assert_eq!(page(&[HTML], script).scripts, PageScripts::Html);
        assert_eq!(page(&[HTML, ("content-security-policy", "sandbox")], script).scripts, PageScripts::None);
        assert_eq!(page(&[HTML], b"<p>x").scripts, PageScripts::None);
        assert_eq!(page(&[("content-type", "text/plain")], script).scripts, PageScripts::None);
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>";
        assert_eq!(page(&[("content-type", "image/svg+xml")], svg).scripts, PageScripts::Xml);
        let policy = ("referrer-policy", "no-referrer");
        assert_eq!(page(&[HTML, policy], b"x").referrer_policy, ReferrerPolicy::NoReferrer);
        assert_eq!(
            page(&[HTML, policy], script).referrer_policy,
            ReferrerPolicy::Origin,
            "the document's own word"
        );
        let gate = page(&[HTML], b"<p>Human?</p><div class=h-captcha></div>").gate;
        assert_eq!(gate, Some("hcaptcha"));
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
