//! One pass over a document: its title and the refresh it schedules. It runs nothing and fetches nothing.

use encoding_rs::Encoding;
use html5gum::{State, Tokenizer};
use url::Url;

use super::{
    ContentType, DocumentKind,
    charset::encoding_of,
    emitter::{StartTag, TagEmitter, TagSink},
    foreign::{ForeignContent, Namespace},
    xml::XmlElements,
};
use crate::{
    refresh::parse_refresh,
    schedule::{RefreshBase, RefreshOrigin, RefreshSchedule},
    url_text::parse_link_in,
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

/// What reading a document gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub title: Option<String>,
    pub schedule: RefreshSchedule,
}

/// Reads `document`; `schedule` already holds what its header asked for.
pub fn read_page(document: Document<'_>, schedule: RefreshSchedule) -> Page {
    if !matches!(document.kind, DocumentKind::Html | DocumentKind::Xml) {
        return Page { title: None, schedule };
    }
    let encoding = encoding_of(document.body, document.content_type.charset.as_deref(), document.kind);
    let (text, _, _) = encoding.decode(document.body);
    let mut reader = PageReader {
        document: document.url,
        encoding,
        base: None,
        schedule,
        title: Title::default(),
        template_depth: 0,
        foreign: ForeignContent::default(),
        xml: (document.kind == DocumentKind::Xml).then(XmlElements::default),
    };
    let Ok(()) = Tokenizer::new_with_emitter(&*text, TagEmitter::new(&mut reader)).finish();
    Page { title: reader.title.into_text(), schedule: reader.schedule }
}

struct PageReader<'a> {
    document: &'a Url,
    encoding: &'static Encoding,
    base: Option<Url>,
    schedule: RefreshSchedule,
    title: Title,
    template_depth: usize,
    foreign: ForeignContent,
    /// Present in XML documents, which know namespaces instead of raw text.
    xml: Option<XmlElements>,
}

impl TagSink for PageReader<'_> {
    fn wants_attributes(&self, name: &[u8]) -> bool {
        self.xml.is_some() || matches!(name, b"meta" | b"base" | b"font" | b"annotation-xml")
    }

    fn start_tag(&mut self, tag: &StartTag) -> Option<State> {
        let namespace = match &mut self.xml {
            Some(elements) => elements.open(tag),
            None => self.foreign.open(tag),
        };
        if namespace == Namespace::Foreign {
            return None;
        }
        self.html_element(tag);
        if self.xml.is_some() { None } else { content_state(&tag.name) }
    }

    fn end_tag(&mut self, name: &[u8]) {
        match &mut self.xml {
            Some(elements) => elements.close(name),
            None => self.foreign.close(name),
        }
        match name {
            b"template" => self.template_depth = self.template_depth.saturating_sub(1),
            b"title" => self.title.close(),
            _ => {}
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.title.push(text);
    }

    fn allows_cdata(&self) -> bool {
        self.xml.is_some() || self.foreign.is_inside()
    }
}

impl PageReader<'_> {
    /// What stands in a template is inert.
    fn html_element(&mut self, tag: &StartTag) {
        match tag.name.as_slice() {
            b"template" if self.xml.is_none() || !tag.self_closing => self.template_depth += 1,
            _ if self.template_depth > 0 => {}
            b"title" if self.xml.is_none() || !tag.self_closing => self.title.open(),
            b"base" => self.base_element(tag),
            b"meta" => self.meta_element(tag),
            _ => {}
        }
    }

    /// The first `href` counts, even one that falls back to the document's URL (HTML "set the frozen base URL").
    fn base_element(&mut self, tag: &StartTag) {
        let (None, Some(href)) = (&self.base, tag.attribute(b"href")) else {
            return;
        };
        let base = parse_link_in(&String::from_utf8_lossy(href), self.document, self.encoding);
        let usable = base.ok().filter(|base| !matches!(base.scheme(), "data" | "javascript"));
        self.base = Some(usable.unwrap_or_else(|| self.document.clone()));
    }

    fn meta_element(&mut self, tag: &StartTag) {
        let is_refresh =
            tag.attribute(b"http-equiv").is_some_and(|name| name.eq_ignore_ascii_case(b"refresh"));
        let content = tag.attribute(b"content").filter(|_| is_refresh);
        if let Some(refresh) = content.and_then(|content| parse_refresh(&String::from_utf8_lossy(content))) {
            let base =
                RefreshBase { document: self.document, base: self.base.as_ref(), encoding: self.encoding };
            self.schedule.offer(refresh, RefreshOrigin::Meta, base);
        }
    }
}

/// How the tokenizer reads the content of an HTML element, scripting being on.
fn content_state(name: &[u8]) -> Option<State> {
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
        let text: String = words.chars().take(TITLE_CHARS_MAX).collect();
        Some(text).filter(|text| !text.is_empty())
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
        read(content_type, body).schedule.into_winner().map(|winner| winner.url.to_string())
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
        for (body, expected) in [
            (format!("<base href=http://b.test/d/>{meta}"), "http://b.test/d/final"),
            (format!("{meta}<base href=http://b.test/d/>"), "http://a.test/c/final"),
            (format!("<base target=x><base href=/d/><base href=/e/>{meta}"), "http://a.test/d/final"),
            (format!("<base href=data:x><base href=/e/>{meta}"), "http://a.test/c/final"),
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
