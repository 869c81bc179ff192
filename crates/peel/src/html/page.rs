//! One pass over a document: its title, the refresh it schedules and what it is made of. It runs nothing and fetches nothing.

use std::borrow::Cow;

use encoding_rs::Encoding;
use html5gum::{State, Tokenizer};
use url::Url;

use super::{
    ContentType, DocumentKind,
    charset::encoding_of,
    emitter::{StartTag, TagEmitter, TagSink},
    foreign::{ForeignContent, Namespace},
    signs::{Extent, Frame, PageSigns, SignReader},
    xml::XmlElements,
};
use crate::{
    refresh::parse_refresh,
    schedule::{BaseUrl, RefreshBase, RefreshOrigin, RefreshSchedule},
    url_text::{parse_link, parse_link_in},
};

/// A document as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Its URL, fragment included.
    pub url: &'a Url,
    pub kind: DocumentKind,
    pub content_type: &'a ContentType,
    pub body: &'a [u8],
}

impl Document<'_> {
    pub fn encoding(&self) -> &'static Encoding {
        encoding_of(self.body, self.content_type.charset.as_deref(), self.kind)
    }

    /// The whole text, as scripts and recipes are given it.
    pub fn text(&self) -> Cow<'_, str> {
        self.encoding().decode(self.body).0
    }
}

/// What reading a document gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub title: Option<String>,
    pub schedule: RefreshSchedule,
    /// What relative URLs at its end are relative to.
    pub base: Url,
    /// `<meta name=referrer>`, the last one.
    pub referrer_policy: Option<String>,
    /// `<meta http-equiv=content-security-policy>`.
    pub policies: Vec<String>,
    pub signs: PageSigns,
}

/// Reads `document`; `schedule` already holds what its header asked for.
pub fn read_page(document: Document<'_>, schedule: RefreshSchedule) -> Page {
    let base = document.url.clone();
    if !matches!(document.kind, DocumentKind::Html | DocumentKind::Xml) {
        return Page {
            title: None,
            schedule,
            base,
            referrer_policy: None,
            policies: Vec::new(),
            signs: PageSigns::default(),
        };
    }
    let text = document.text();
    let mut reader = PageReader {
        document: document.url,
        encoding: document.encoding(),
        base: FoundBase::None,
        frameset: FramesetState::Possible,
        schedule,
        title: Title::default(),
        referrer_policy: None,
        policies: Vec::new(),
        signs: SignReader::default(),
        template_depth: 0,
        foreign: ForeignContent::default(),
        xml: (document.kind == DocumentKind::Xml).then(XmlElements::default),
    };
    let Ok(()) = Tokenizer::new_with_emitter(&*text, TagEmitter::new(&mut reader)).finish();
    let base = if let FoundBase::Url(found) = reader.base { found } else { base };
    let mut signs = reader.signs.into_signs();
    signs.runs_scripts |= signs.frames.iter().any(|frame| is_own_frame(frame, &base, document.url));
    Page {
        title: reader.title.into_text(),
        schedule: reader.schedule,
        base,
        referrer_policy: reader.referrer_policy,
        policies: reader.policies,
        signs,
    }
}

/// The first `<base href>`.
enum FoundBase {
    None,
    Url(Url),
    Broken,
}

/// Whether the document is a frameset, in which nothing but frames counts (HTML "in frameset" insertion mode).
#[derive(Clone, Copy, PartialEq, Eq)]
enum FramesetState {
    Possible,
    /// A body was begun.
    Impossible,
    Inside,
}

impl FramesetState {
    fn after(self, tag: &StartTag) -> Self {
        match (self, tag.name()) {
            (Self::Possible, b"frameset") => Self::Inside,
            (
                Self::Possible,
                b"html" | b"head" | b"meta" | b"title" | b"base" | b"link" | b"style" | b"script"
                | b"noscript" | b"template" | b"noframes" | b"basefont" | b"bgsound",
            ) => Self::Possible,
            (Self::Possible, _) => Self::Impossible,
            (state, _) => state,
        }
    }
}

/// A frame of the same origin can navigate the page around it; others need a visitor's act first.
fn is_own_frame(frame: &Frame, base: &Url, document: &Url) -> bool {
    let src = frame.src.as_deref().and_then(|src| parse_link(src, Some(base)).ok());
    src.is_some_and(|src| src.origin() == document.origin())
}

struct PageReader<'a> {
    document: &'a Url,
    encoding: &'static Encoding,
    base: FoundBase,
    frameset: FramesetState,
    schedule: RefreshSchedule,
    title: Title,
    referrer_policy: Option<String>,
    policies: Vec<String>,
    signs: SignReader,
    template_depth: usize,
    foreign: ForeignContent,
    /// Present in XML documents, which know namespaces instead of raw text.
    xml: Option<XmlElements>,
}

impl TagSink for PageReader<'_> {
    fn start_tag(&mut self, tag: &StartTag) -> Option<State> {
        if self.xml.is_none() && self.template_depth == 0 {
            self.frameset = self.frameset.after(tag);
            if self.frameset == FramesetState::Inside {
                return self.frameset_tag(tag);
            }
        }
        let namespace = match &mut self.xml {
            Some(elements) => elements.open(tag),
            None => self.foreign.open(tag),
        };
        if self.template_depth == 0 {
            let is_closed = tag.is_self_closing() && (self.xml.is_some() || namespace == Namespace::Foreign);
            self.signs.open(tag, if is_closed { Extent::Closed } else { Extent::Open });
        }
        if namespace == Namespace::Foreign {
            return None;
        }
        self.html_element(tag);
        if self.xml.is_some() { None } else { content_state(tag.name()) }
    }

    fn end_tag(&mut self, name: &[u8]) {
        match &mut self.xml {
            Some(elements) => elements.close(name),
            None => self.foreign.close(name),
        }
        self.signs.close(name);
        match name {
            b"template" => self.template_depth = self.template_depth.saturating_sub(1),
            b"title" => self.title.close(),
            _ => {}
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.title.push(text);
        if self.template_depth == 0 {
            let is_content = self.signs.text(text);
            if is_content && self.frameset == FramesetState::Possible {
                self.frameset = FramesetState::Impossible;
            }
        }
    }

    fn allows_cdata(&self) -> bool {
        self.xml.is_some() || self.foreign.is_inside()
    }
}

impl PageReader<'_> {
    fn frameset_tag(&mut self, tag: &StartTag) -> Option<State> {
        match tag.name() {
            b"frameset" | b"frame" => self.signs.open(tag, Extent::Closed),
            b"noframes" => {
                self.signs.open(tag, Extent::Open);
                return Some(State::RawText);
            }
            _ => {}
        }
        None
    }

    /// What stands in a template is inert.
    fn html_element(&mut self, tag: &StartTag) {
        match tag.name() {
            b"template" if self.xml.is_none() || !tag.is_self_closing() => self.template_depth += 1,
            _ if self.template_depth > 0 => {}
            b"title" if self.xml.is_none() || !tag.is_self_closing() => self.title.open(),
            b"base" => self.base_element(tag),
            b"meta" => self.meta_element(tag),
            _ => {}
        }
    }

    /// The first `href` counts, even one that falls back to the document's URL (HTML "set the frozen base URL").
    fn base_element(&mut self, tag: &StartTag) {
        let (FoundBase::None, Some(href)) = (&self.base, tag.attribute(b"href")) else {
            return;
        };
        let parsed = parse_link_in(&String::from_utf8_lossy(href), self.document, self.encoding);
        self.base = match parsed {
            Ok(base) if matches!(base.scheme(), "data" | "javascript") => {
                FoundBase::Url(self.document.clone())
            }
            Ok(base) => FoundBase::Url(base),
            Err(_) => FoundBase::Broken,
        };
    }

    fn meta_element(&mut self, tag: &StartTag) {
        if tag.attribute(b"name").is_some_and(|name| name.eq_ignore_ascii_case(b"referrer")) {
            let content = tag.attribute(b"content").unwrap_or_default();
            self.referrer_policy = Some(String::from_utf8_lossy(content).into_owned());
        }
        let pragma = tag.attribute(b"http-equiv").unwrap_or_default().to_ascii_lowercase();
        let content = tag.attribute(b"content");
        if pragma == b"content-security-policy" && self.policies.len() < POLICIES_MAX {
            self.policies.extend(content.map(|content| String::from_utf8_lossy(content).into_owned()));
        }
        let content = content.filter(|_| pragma == b"refresh");
        if let Some(refresh) = content.and_then(|content| parse_refresh(&String::from_utf8_lossy(content))) {
            let base = match &self.base {
                FoundBase::None => BaseUrl::Document,
                FoundBase::Url(url) => BaseUrl::Element(url),
                FoundBase::Broken => BaseUrl::Broken,
            };
            let base = RefreshBase { document: self.document, base, encoding: self.encoding };
            self.schedule.offer(refresh, RefreshOrigin::Meta, base);
        }
    }
}

/// Policies read of one document.
const POLICIES_MAX: usize = 16;

/// How the tokenizer reads the content of an HTML element, scripting being on.
pub(crate) fn content_state(name: &[u8]) -> Option<State> {
    match name {
        b"title" | b"textarea" => Some(State::RcData),
        b"style" | b"xmp" | b"iframe" | b"noembed" | b"noframes" | b"noscript" => Some(State::RawText),
        b"script" => Some(State::ScriptData),
        b"plaintext" => Some(State::PlainText),
        _ => None,
    }
}

/// Title text kept as evidence.
const TITLE_CHARS_MAX: usize = 300;
const TITLE_BYTES_MAX: usize = 4 * TITLE_CHARS_MAX;

/// A title as it is kept: bounded, and none when it is empty.
pub(crate) fn tidy_title(text: &str) -> Option<String> {
    let text: String = text.chars().take(TITLE_CHARS_MAX).collect();
    Some(text).filter(|text| !text.is_empty())
}

/// The first title element of the document.
#[derive(Debug, Default)]
enum Title {
    #[default]
    Unseen,
    Open(Vec<u8>),
    Closed(Vec<u8>),
}

impl Title {
    fn open(&mut self) {
        if matches!(self, Self::Unseen) {
            *self = Self::Open(Vec::new());
        }
    }

    fn push(&mut self, text: &[u8]) {
        if let Self::Open(bytes) = self {
            let room = TITLE_BYTES_MAX.saturating_sub(bytes.len());
            bytes.extend_from_slice(&text[..text.len().min(room)]);
        }
    }

    fn close(&mut self) {
        if let Self::Open(bytes) = self {
            *self = Self::Closed(std::mem::take(bytes));
        }
    }

    /// Whitespace is stripped and collapsed, as `document.title` does.
    fn into_text(self) -> Option<String> {
        let (Self::Open(bytes) | Self::Closed(bytes)) = self else {
            return None;
        };
        let words = String::from_utf8_lossy(&bytes).split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        tidy_title(&words)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(content_type: &str, body: &[u8]) -> Page {
        let content_type = ContentType::from_values(&[content_type.as_bytes()]);
        let kind = super::super::document_kind(&content_type, false, body);
        let url = Url::parse("http://a.test/c/x#f").unwrap();
        let document = Document { url: &url, kind, content_type: &content_type, body };
        read_page(document, RefreshSchedule::default())
    }

    fn target(content_type: &str, body: &[u8]) -> Option<String> {
        read(content_type, body).schedule.winner().map(|winner| winner.url.to_string())
    }

    const META: &str = "<meta http-equiv=refresh content='0;url=/final'>";
    const FINAL: Option<&str> = Some("http://a.test/final");

    #[test]
    fn counts_wherever_a_browser_sees_the_element() {
        for body in [
            META.to_owned(),
            format!("<!doctype html><html><head>{META}"),
            format!("<body><div><p>{META}"),
            format!("<svg>{META}</svg>"),
            format!("<svg><style>{META}</style></svg>"),
            format!("<svg><title>{META}</title></svg>"),
            format!("<svg><template>{META}"),
            format!("<math><mtext>{META}</mtext></math>"),
            format!("<table>{META}</table>"),
            format!("<template></template>{META}"),
            format!("<noscript></noscript>{META}"),
            format!("<script>'<!--'</script>{META}"),
            format!("<!-- x -->{META}"),
            format!("<!-->{META}"),
            format!("<svg/>{META}"),
            format!("<iframe></iframe>{META}"),
            format!("<p>text</p><frameset>{META}</frameset>"),
            format!("text<frameset></frameset>{META}"),
            "<META CONTENT='0;URL=/final' HTTP-EQUIV=Refresh>".to_owned(),
            "<meta http-equiv='&#114;efresh' content='0;url=&#47;final'>".to_owned(),
            "<meta http-equiv=refresh http-equiv=x content='0;/final'/>".to_owned(),
        ] {
            assert_eq!(target("text/html", body.as_bytes()).as_deref(), FINAL, "{body}");
        }
    }

    #[test]
    fn is_ignored_where_a_browser_sees_no_element() {
        for body in [
            format!("<!-- {META} -->"),
            format!("<title>{META}</title>"),
            format!("<textarea>{META}</textarea>"),
            format!("<script>\"{META}\"</script>"),
            format!("<script><!--<script>{META}</script>--></script>"),
            format!("<style>{META}</style>"),
            format!("<noscript>{META}</noscript>"),
            format!("<iframe>{META}</iframe>"),
            format!("<noembed>{META}</noembed>"),
            format!("<noframes>{META}</noframes>"),
            format!("<xmp>{META}</xmp>"),
            format!("<plaintext>{META}"),
            format!("<template>{META}</template>"),
            format!("<template><template></template>{META}</template>"),
            format!("<svg><![CDATA[{META}]]></svg>"),
            format!("<p title=\"{META}\">"),
            format!("<html><head></head><frameset><frame src=x></frameset>{META}</html>"),
            format!("<frameset>{META}</frameset>"),
            "<meta http-equiv=' refresh ' content='0;url=/final'>".to_owned(),
            "<meta http-equiv=Location content='/final'>".to_owned(),
            "<meta name=refresh content='0;url=/final'>".to_owned(),
            "<meta http-equiv=refresh>".to_owned(),
            "<meta http-equiv=refresh content='0;url=javascript:x'>".to_owned(),
        ] {
            assert_eq!(target("text/html", body.as_bytes()), None, "{body}");
        }
        assert_eq!(target("text/plain", META.as_bytes()), None);
        assert_eq!(target("image/png", META.as_bytes()), None);
    }

    #[test]
    fn a_base_counts_only_before_and_only_once() {
        let meta = "<meta http-equiv=refresh content='0;url=final'>";
        let absolute = "<meta http-equiv=refresh content='0;url=http://b.test/final'>";
        let broken = format!("<base href='http://['>{meta}");
        assert_eq!(target("text/html", broken.as_bytes()), None, "nothing is relative to no URL");
        for (body, expected) in [
            (format!("<base href=http://b.test/d/>{meta}"), "http://b.test/d/final"),
            (format!("{meta}<base href=http://b.test/d/>"), "http://a.test/c/final"),
            (format!("<base target=x><base href=/d/><base href=/e/>{meta}"), "http://a.test/d/final"),
            (format!("<base href=data:x><base href=/e/>{meta}"), "http://a.test/c/final"),
            (format!("<base href='http://['>{absolute}"), "http://b.test/final"),
            (format!("<svg><base href=/e/></svg>{meta}"), "http://a.test/c/final"),
            (format!("<template><base href=/e/></template>{meta}"), "http://a.test/c/final"),
        ] {
            assert_eq!(target("text/html", body.as_bytes()).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn xml_documents_know_namespaces_and_encodings() {
        let xhtml =
            |inner: &str| format!("<html xmlns='http://www.w3.org/1999/xhtml'><head>{inner}</head></html>");
        let meta = "<meta http-equiv='refresh' content='0;url=/final'/>";
        assert_eq!(target("application/xhtml+xml", xhtml(meta).as_bytes()).as_deref(), FINAL);
        assert_eq!(
            target("application/xhtml+xml", xhtml(&format!("<title/>{meta}")).as_bytes()).as_deref(),
            FINAL
        );
        let foreign = format!("<svg xmlns='http://www.w3.org/2000/svg'>{meta}</svg>");
        assert_eq!(target("application/xhtml+xml", xhtml(&foreign).as_bytes()), None);
        assert_eq!(target("application/xml", format!("<html>{meta}</html>").as_bytes()), None);
        let cdata = format!("<![CDATA[{meta}]]>");
        assert_eq!(target("application/xhtml+xml", xhtml(&cdata).as_bytes()), None);
        let wide: Vec<u8> = META.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(target("text/html; charset=utf-16le", &wide).as_deref(), FINAL);
    }

    #[test]
    fn titles_are_the_first_and_tidy() {
        let title = |body: &str| read("text/html", body.as_bytes()).title;
        assert_eq!(title("<title> a\n <b>&amp; c </title><title>x</title>").as_deref(), Some("a <b>& c"));
        assert_eq!(title("<svg><title>no</title></svg><title>yes</title>").as_deref(), Some("yes"));
        assert_eq!(title("<p>x"), None);
        assert_eq!(title("<title></title><title>late</title>"), None);
        assert_eq!(title("<title>caf\u{e9}").as_deref(), Some("cafÃ©"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn never_panics(body in "(<|</|>|!--|--|svg|math|title|meta|template|base| http-equiv=refresh| content=0;x| href=|'|&#|script|/){0,60}") {
            for content_type in ["text/html", "application/xhtml+xml"] {
                read(content_type, body.as_bytes());
            }
        }
    }
}
