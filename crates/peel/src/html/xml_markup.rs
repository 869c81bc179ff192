//! The HTML that says what a simple XML document says, so that its scripts can be run: XHTML and SVG as they are written. It
//! follows XML 1.0 up to the first error, where browsers stop too, and gives up at what it does not know.

/// Elements that HTML never closes.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];
/// Elements whose text HTML takes as it is.
const RAW: [&str; 2] = ["script", "style"];
/// Deeper documents are not read on.
const DEPTH_MAX: usize = 512;

const XHTML: &str = "http://www.w3.org/1999/xhtml";
const SVG: &str = "http://www.w3.org/2000/svg";

/// The same document in HTML; `None` when it is another kind of XML, or has parts that HTML can't say.
pub(crate) fn as_html(text: &str) -> Option<String> {
    let mut writer = Writer {
        rest: text.trim_start_matches('\u{feff}'),
        open: Vec::new(),
        html: "<!doctype html>".to_owned(),
    };
    loop {
        match writer.step() {
            Step::Next => {}
            Step::Over => return Some(writer.html),
            Step::Beyond => return None,
        }
    }
}

enum Step {
    Next,
    /// The document's end, or its first error.
    Over,
    Beyond,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Vocabulary {
    Html,
    Svg,
}

struct Writer<'a> {
    rest: &'a str,
    open: Vec<(&'a str, Vocabulary)>,
    html: String,
}

impl<'a> Writer<'a> {
    fn step(&mut self) -> Step {
        let rest = self.rest;
        if rest.is_empty() {
            return Step::Over;
        }
        for (start, end) in [("<?", "?>"), ("<!--", "-->")] {
            if let Some(inside) = rest.strip_prefix(start) {
                return self.skip(inside, end);
            }
        }
        if let Some(inside) = rest.strip_prefix("<![CDATA[") {
            let Some((text, after)) = inside.split_once("]]>") else { return Step::Over };
            self.rest = after;
            return self.text(text);
        }
        if let Some(inside) = rest.strip_prefix("<!") {
            // Entities of its own are beyond this.
            let has_subset = inside.split('>').next().is_some_and(|declaration| declaration.contains('['));
            return if has_subset { Step::Beyond } else { self.skip(inside, ">") };
        }
        if let Some(inside) = rest.strip_prefix("</") {
            return self.end_tag(inside);
        }
        if let Some(inside) = rest.strip_prefix('<') {
            return self.start_tag(inside);
        }
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        self.rest = after;
        match decoded(text) {
            Some(text) => self.text(&text),
            None => Step::Over,
        }
    }

    fn write(&mut self, pieces: &[&str]) {
        self.html.extend(pieces.iter().copied());
    }

    fn skip(&mut self, inside: &'a str, end: &str) -> Step {
        let Some((_, after)) = inside.split_once(end) else { return Step::Over };
        self.rest = after;
        Step::Next
    }

    fn text(&mut self, text: &str) -> Step {
        match self.open.last() {
            None if text.trim().is_empty() => Step::Next,
            None => Step::Over,
            Some((name, Vocabulary::Html)) if RAW.contains(name) => {
                // HTML would see an end tag, or the start of a comment, that XML does not; and there nothing can be written.
                if ["</", "<!--", ".write"].iter().any(|other| text.contains(other)) {
                    return Step::Beyond;
                }
                self.html.push_str(text);
                Step::Next
            }
            Some(_) => {
                self.html.push_str(&escaped(text));
                Step::Next
            }
        }
    }

    fn end_tag(&mut self, inside: &'a str) -> Step {
        let Some((name, after)) = inside.split_once('>') else { return Step::Over };
        match self.open.pop() {
            Some((open, _)) if open == name.trim_end() => {
                self.rest = after;
                if !VOID.contains(&open) {
                    self.write(&["</", open, ">"]);
                }
                Step::Next
            }
            _ => Step::Over,
        }
    }

    fn start_tag(&mut self, inside: &'a str) -> Step {
        let Some(tag) = read_tag(inside) else { return Step::Over };
        self.rest = tag.after;
        let own = tag.attributes.iter().find(|(name, _)| *name == "xmlns").map(|(_, value)| value.as_str());
        let vocabulary = match (own, self.open.last()) {
            (Some(XHTML), _) => Vocabulary::Html,
            (Some(SVG), _) => Vocabulary::Svg,
            (None, Some((_, inherited))) => *inherited,
            _ => return Step::Beyond,
        };
        let is_other_name = tag.name.contains(':') || tag.name.bytes().any(|byte| byte.is_ascii_uppercase());
        if is_other_name && (vocabulary == Vocabulary::Html || tag.name.contains(':'))
            || self.open.len() >= DEPTH_MAX
        {
            return Step::Beyond;
        }
        self.write(&["<", tag.name]);
        for (name, value) in &tag.attributes {
            self.write(&[" ", name, "=\"", &escaped(value), "\""]);
        }
        self.html.push('>');
        if !tag.is_empty {
            self.open.push((tag.name, vocabulary));
        } else if vocabulary == Vocabulary::Svg || !VOID.contains(&tag.name) {
            self.write(&["</", tag.name, ">"]);
        }
        Step::Next
    }
}

struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, String)>,
    is_empty: bool,
    after: &'a str,
}

/// A start tag after its `<`; `None` where XML has an error.
fn read_tag(inside: &str) -> Option<Tag<'_>> {
    let (name, mut rest) = read_name(inside)?;
    let mut attributes: Vec<(&str, String)> = Vec::new();
    loop {
        let next = rest.trim_start();
        if let Some(after) = next.strip_prefix("/>") {
            return Some(Tag { name, attributes, is_empty: true, after });
        }
        if let Some(after) = next.strip_prefix('>') {
            return Some(Tag { name, attributes, is_empty: false, after });
        }
        let (key, after) = read_name(next)?;
        let is_apart = next.len() < rest.len();
        let quoted = after.trim_start().strip_prefix('=')?.trim_start();
        let quote = quoted.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = quoted[1..].split_once(quote)?;
        if !is_apart || value.contains('<') || attributes.iter().any(|(known, _)| *known == key) {
            return None;
        }
        attributes.push((key, decoded(value)?));
        rest = after;
    }
}

fn read_name(text: &str) -> Option<(&str, &str)> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':' | '-' | '.');
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    let is_begun = text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
    is_begun.then(|| text.split_at(end))
}

/// Text with its references resolved; `None` where one is not XML's own.
fn decoded(text: &str) -> Option<String> {
    let mut pieces = text.split('&');
    let mut decoded = pieces.next()?.to_owned();
    for piece in pieces {
        let (name, after) = piece.split_once(';')?;
        decoded.push(reference(name)?);
        decoded.push_str(after);
    }
    Some(decoded)
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| *letter != '\0')
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(body: &str) -> Option<String> {
        let html = as_html(&format!("<html xmlns='{XHTML}'>{body}</html>"))?;
        Some(html.strip_prefix(&format!("<!doctype html><html xmlns=\"{XHTML}\">"))?.to_owned())
    }

    #[test]
    fn says_in_html_what_the_document_says() {
        for (body, expected) in [
            ("<p>a &lt;b&gt; &#65;&#x42;</p>", "<p>a &lt;b&gt; AB</p></html>"),
            ("<script>a &amp;&amp; b</script>", "<script>a && b</script></html>"),
            ("<script><![CDATA[a && b < c]]></script>", "<script>a && b < c</script></html>"),
            ("<script src='x.js'/><p/>", "<script src=\"x.js\"></script><p></p></html>"),
            ("<br/><img src=\"a\" alt='\"'/>", "<br><img src=\"a\" alt=\"&quot;\"></html>"),
            ("<!-- <script>no</script> --><?no script?>x", "x</html>"),
            ("<meta name='a' content='b'></meta>", "<meta name=\"a\" content=\"b\"></html>"),
        ] {
            assert_eq!(html(body).as_deref(), Some(expected), "{body}");
        }
        let svg =
            as_html(&format!("<?xml version='1.0'?>\n<svg xmlns='{SVG}'><script>a&lt;b</script></svg>"));
        assert_eq!(
            svg.unwrap(),
            format!("<!doctype html><svg xmlns=\"{SVG}\"><script>a&lt;b</script></svg>")
        );
    }

    #[test]
    fn stops_where_xml_has_an_error() {
        for (body, expected) in [
            ("<b><script>x</script><i></b><script>y</script>", "<b><script>x</script><i>"),
            ("<br><script>x</script></body><p/>", "<br><script>x</script>"),
            ("<p a=b>x</p>", ""),
            ("<p a='1' a='2'>x</p>", ""),
            ("<p>&nbsp;</p>", "<p>"),
            ("<p>a & b</p>", "<p>"),
        ] {
            assert_eq!(html(body).as_deref(), Some(expected), "{body}");
        }
    }

    #[test]
    fn gives_up_at_what_html_cannot_say() {
        for body in [
            "<SCRIPT>x</SCRIPT>",
            "<h:script>x</h:script>",
            "<script>'&lt;/script>'</script>",
            "<script>document.write('')</script>",
            "<x xmlns='y'/>",
        ] {
            assert_eq!(html(body), None, "{body}");
        }
        for text in ["<rss><script>x</script></rss>", "<!DOCTYPE html [<!ENTITY a 'b'>]><html/>"] {
            assert_eq!(as_html(text), None, "{text}");
        }
    }
}
