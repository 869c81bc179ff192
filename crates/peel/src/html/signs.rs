//! What a page is made of besides its title and its refreshes: whether anything in it runs by itself, how much there is
//! to read and to fill in, its frames, and the signs of verification. It judges nothing.

use super::emitter::StartTag;
use crate::verification::GateSigns;

/// Text of inline scripts searched for signs.
const INLINE_BYTES_MAX: usize = 256 * 1024;
/// Text of style elements kept, for the size of frames.
const STYLE_BYTES_MAX: usize = 32 * 1024;
/// Frames kept; a page with more is none that only frames another.
const FRAMES_MAX: usize = 8;

/// What was met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageSigns {
    /// A script, or a handler of an event that happens by itself.
    pub(crate) runs_scripts: bool,
    /// Characters of visible text, white space aside.
    pub(crate) text_chars: usize,
    /// Fields a visitor could fill in; those of verification boxes are not.
    pub(crate) fields: usize,
    pub(crate) gate: GateSigns,
    /// `rows` and `cols` of the first frameset.
    pub(crate) frameset: Option<(String, String)>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) styles: String,
}

/// A frame or an inline frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) is_inline: bool,
    pub(crate) src: Option<String>,
    pub(crate) has_srcdoc: bool,
    pub(crate) width: String,
    pub(crate) height: String,
    pub(crate) style: String,
    pub(crate) id: String,
    pub(crate) classes: String,
}

/// Collects signs while a document is read.
#[derive(Debug, Default)]
pub(super) struct SignReader {
    signs: PageSigns,
    /// The open element whose text nobody sees.
    quiet: Option<Vec<u8>>,
    inline: Vec<u8>,
    styles: Vec<u8>,
}

/// Whether an element has an end of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Open,
    Closed,
}

impl SignReader {
    pub(super) fn open(&mut self, tag: &StartTag, extent: Extent) {
        let signs = &mut self.signs;
        signs.gate.see(tag);
        signs.runs_scripts |= runs_by_itself(tag);
        match tag.name() {
            b"frameset" if signs.frameset.is_none() => {
                signs.frameset = Some((text(tag, b"rows"), text(tag, b"cols")));
            }
            b"frame" | b"iframe" if signs.frames.len() < FRAMES_MAX => signs.frames.push(frame(tag)),
            _ => {}
        }
        signs.fields += usize::from(is_field(tag));
        if extent == Extent::Open && self.quiet.is_none() && is_quiet(tag.name()) {
            self.quiet = Some(tag.name().to_vec());
        }
    }

    pub(super) fn close(&mut self, name: &[u8]) {
        if self.quiet.as_deref() == Some(name) {
            self.quiet = None;
        }
    }

    /// Takes text; answers whether anything of it is to be seen.
    pub(super) fn text(&mut self, text: &[u8]) -> bool {
        match self.quiet.as_deref() {
            None => {
                let characters = text.iter().filter(|byte| begins_character(**byte)).count();
                self.signs.text_chars += characters;
                return characters > 0;
            }
            Some(b"script") => push_bounded(&mut self.inline, text, INLINE_BYTES_MAX),
            Some(b"style") => push_bounded(&mut self.styles, text, STYLE_BYTES_MAX),
            Some(_) => {}
        }
        false
    }

    pub(super) fn into_signs(mut self) -> PageSigns {
        self.signs.gate.see_inline(&self.inline);
        self.signs.styles = String::from_utf8_lossy(&self.styles).into_owned();
        self.signs
    }
}

fn push_bounded(kept: &mut Vec<u8>, text: &[u8], bytes_max: usize) {
    let room = bytes_max.saturating_sub(kept.len());
    kept.extend_from_slice(&text[..text.len().min(room)]);
}

/// Counts UTF-8 characters by their first bytes.
const fn begins_character(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && byte & 0xc0 != 0x80
}

fn is_quiet(name: &[u8]) -> bool {
    matches!(
        name,
        b"script"
            | b"style"
            | b"title"
            | b"noscript"
            | b"textarea"
            | b"iframe"
            | b"noframes"
            | b"noembed"
            | b"option"
    )
}

fn text(tag: &StartTag, name: &[u8]) -> String {
    String::from_utf8_lossy(tag.attribute(name).unwrap_or_default()).into_owned()
}

fn frame(tag: &StartTag) -> Frame {
    Frame {
        is_inline: tag.name() == b"iframe",
        src: tag.attribute(b"src").map(|src| String::from_utf8_lossy(src).into_owned()),
        has_srcdoc: tag.attribute(b"srcdoc").is_some(),
        width: text(tag, b"width"),
        height: text(tag, b"height"),
        style: text(tag, b"style"),
        id: text(tag, b"id"),
        classes: text(tag, b"class"),
    }
}

/// Verification boxes bring fields of their own, named after the vendor.
fn is_field(tag: &StartTag) -> bool {
    let is_hidden = tag.attribute(b"hidden").is_some();
    let is_boxed = tag.attribute(b"name").is_some_and(|name| name.ends_with(b"-response"));
    let kind = tag.attribute(b"type").unwrap_or_default().to_ascii_lowercase();
    let is_input = match tag.name() {
        b"input" => !matches!(&kind[..], b"hidden" | b"submit" | b"button" | b"image" | b"reset"),
        b"textarea" | b"select" => true,
        _ => false,
    };
    is_input && !is_hidden && !is_boxed
}

/// Events that happen without a visitor.
const SELF_MADE_EVENTS: [&[u8]; 47] = [
    b"onabort",
    b"onanimationcancel",
    b"onanimationend",
    b"onanimationiteration",
    b"onanimationstart",
    b"onbegin",
    b"oncanplay",
    b"oncanplaythrough",
    b"ondurationchange",
    b"onemptied",
    b"onend",
    b"onended",
    b"onerror",
    b"onfocus",
    b"onfocusin",
    b"onhashchange",
    b"onload",
    b"onloadeddata",
    b"onloadedmetadata",
    b"onloadend",
    b"onloadstart",
    b"onmessage",
    b"onpagereveal",
    b"onpageshow",
    b"onplay",
    b"onplaying",
    b"onpopstate",
    b"onprogress",
    b"onreadystatechange",
    b"onrejectionhandled",
    b"onrepeat",
    b"onresize",
    b"onscroll",
    b"onscrollend",
    b"onslotchange",
    b"onstalled",
    b"onsuspend",
    b"ontimeupdate",
    b"ontoggle",
    b"ontransitioncancel",
    b"ontransitionend",
    b"ontransitionrun",
    b"ontransitionstart",
    b"onunhandledrejection",
    b"onvisibilitychange",
    b"onvolumechange",
    b"onwaiting",
];

fn runs_by_itself(tag: &StartTag) -> bool {
    let is_javascript = |name: &[u8]| {
        let value = tag.attribute(name).unwrap_or_default().trim_ascii_start();
        value.get(..11).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"javascript:"))
    };
    let runs = match tag.name() {
        b"script" => is_executable(tag),
        b"iframe" => tag.attribute(b"srcdoc").is_some() || is_javascript(b"src"),
        b"frame" => is_javascript(b"src"),
        _ => false,
    };
    runs || tag.attribute_names().any(|name| SELF_MADE_EVENTS.binary_search(&name).is_ok())
}

/// JavaScript MIME types (MIME Sniffing Standard) and modules; anything else is a block of data.
fn is_executable(tag: &StartTag) -> bool {
    let kind =
        tag.attribute(b"type").or_else(|| tag.attribute(b"language").filter(|language| !language.is_empty()));
    let kind = String::from_utf8_lossy(kind.unwrap_or_default()).trim().to_ascii_lowercase();
    let essence = kind.split(';').next().unwrap_or_default().trim_end();
    let subtype = essence.strip_prefix("text/").or_else(|| essence.strip_prefix("application/"));
    let is_script = |name: &str| {
        let bare = name.strip_prefix("x-").unwrap_or(name);
        bare.starts_with("javascript") || bare == "ecmascript" || bare == "jscript" || bare == "livescript"
    };
    kind.is_empty() || kind == "module" || subtype.is_some_and(is_script) || is_script(essence)
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::super::{ContentType, Document, DocumentKind, read_page};
    use super::*;
    use crate::schedule::RefreshSchedule;

    fn signs(body: &str) -> PageSigns {
        let url = Url::parse("http://a.test/x").unwrap();
        let content_type = ContentType::default();
        let kind = DocumentKind::Html;
        let document = Document { url: &url, kind, content_type: &content_type, body: body.as_bytes() };
        read_page(document, RefreshSchedule::default()).signs
    }

    #[test]
    fn what_runs_by_itself() {
        for body in [
            "<script>x</script>",
            "<script src=/x.js></script>",
            "<SCRIPT TYPE='Text/JavaScript; charset=x'>",
            "<script type=module>",
            "<script language=JavaScript1.2>",
            "<script type='application/x-ecmascript'>",
            "<body onload=x>",
            "<svg onload=x>",
            "<svg><script>x</script></svg>",
            "<img src=x onerror=y>",
            "<input autofocus onfocus=x>",
            "<video src=x oncanplay=y>",
            "<body onpopstate=x>",
            "<body onunhandledrejection=x>",
            "<object data=x onload=y></object>",
            "<iframe srcdoc='<script>x</script>'></iframe>",
            "<iframe src=' javascript:x'></iframe>",
            "<iframe src=/own></iframe>",
            "<frameset><frame src=/own></frameset>",
        ] {
            assert!(signs(body).runs_scripts, "{body}");
        }
        for body in [
            "<p>x",
            "<script type='text/template'>x</script>",
            "<script type='application/ld+json'>{}</script>",
            "<script type=importmap>{}</script>",
            "<template><script>x</script></template>",
            "<noscript><script>x</script></noscript>",
            "<!-- <script>x</script> -->",
            "<textarea><script>x</script></textarea>",
            "<button onclick=x>",
            "<a href='javascript:x'>",
            "<iframe src=http://b.test/x></iframe>",
        ] {
            assert!(!signs(body).runs_scripts, "{body}");
        }
        assert!(SELF_MADE_EVENTS.is_sorted());
    }

    #[test]
    fn what_is_there_to_read_and_to_fill_in() {
        let page = signs(
            "<title>no</title><style>no</style><script>no</script><noscript>no</noscript><p>a b<i>cd</i><option>no</option>",
        );
        assert_eq!(page.text_chars, 4);
        let fields = "<input><input type=EMAIL><input type=hidden><input type=submit><textarea></textarea><select></select><input hidden>";
        assert_eq!(signs(fields).fields, 4);
        assert_eq!(signs("<textarea name=h-captcha-response></textarea>").fields, 0);
        let framed = signs("<frameset rows='1,*'><frame src=/b><iframe src=/a></iframe></frameset>");
        assert_eq!(framed.frames.iter().map(|frame| frame.is_inline).collect::<Vec<_>>(), [false]);
        assert_eq!(framed.frameset, Some(("1,*".to_owned(), String::new())));
        assert_eq!(signs(&"<iframe></iframe>".repeat(20)).frames.len(), FRAMES_MAX);
    }
}
