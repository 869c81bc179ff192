//! A page that only shows another: a frameset with one visible frame, or an inline frame that fills the window and has
//! nothing to read beside it. The page's own URL stays the answer; this names what is seen.

use url::Url;

use crate::{
    answer::is_same_document,
    html::{Frame, Page},
    location::is_web,
    trail::URL_BYTES_MAX,
    url_text::parse_link,
};

/// The URL of the document that fills the window of `page`, which is at `url`.
pub(crate) fn framed_url(page: &Page, url: &Url) -> Option<Url> {
    let signs = &page.signs;
    let frame = match &signs.frameset {
        Some((rows, columns)) => visible_frame(&signs.frames, rows, columns)?,
        None if signs.text_chars == 0 && signs.fields == 0 => filling_frame(&signs.frames, &signs.styles)?,
        None => return None,
    };
    let target = parse_link(frame.src.as_deref()?, Some(&page.base)).ok()?;
    let is_kept = is_web(&target) && target.as_str().len() <= URL_BYTES_MAX;
    (is_kept && !is_same_document(&target, url)).then_some(target)
}

/// The only frame, or the only one that its frameset gives any room.
fn visible_frame<'a>(frames: &'a [Frame], rows: &str, columns: &str) -> Option<&'a Frame> {
    let mut sources = frames.iter().filter(|frame| !frame.is_inline && frame.src.is_some());
    if let (Some(only), None) = (sources.next(), sources.next()) {
        return Some(only);
    }
    let rooms: Vec<bool> = match (is_divided(rows), is_divided(columns)) {
        (true, false) => rooms(rows),
        (false, true) => rooms(columns),
        _ => return None,
    };
    let mut visible = rooms.iter().enumerate().filter(|(_, has_room)| **has_room).map(|(at, _)| at);
    match (visible.next(), visible.next()) {
        (Some(at), None) if rooms.len() == frames.len() => frames.get(at),
        _ => None,
    }
}

fn is_divided(dimensions: &str) -> bool {
    dimensions.contains(',')
}

/// Which of the parts have room: none that is 0, and a `*` only beside parts that leave it some.
fn rooms(dimensions: &str) -> Vec<bool> {
    let parts: Vec<&str> = dimensions.split(',').map(str::trim).collect();
    let takes_all = |part: &&str| percentage(part).is_some_and(|percent| percent >= 100.0);
    let is_full = parts.iter().any(takes_all);
    let has_room = |part: &str| {
        let is_rest = part.is_empty() || part.ends_with('*');
        let is_nothing = part.trim_end_matches('%').parse::<f64>().is_ok_and(|size| size == 0.0);
        if is_rest { !is_full } else { !is_nothing }
    };
    parts.into_iter().map(has_room).collect()
}

fn percentage(part: &str) -> Option<f64> {
    part.trim().strip_suffix('%')?.trim().parse().ok()
}

/// The only inline frame that shows anything, if it fills the window.
fn filling_frame<'a>(frames: &'a [Frame], styles: &str) -> Option<&'a Frame> {
    let mut shown = frames.iter().filter(|frame| !is_hidden(frame));
    match (shown.next(), shown.next()) {
        (Some(frame), None) if !frame.has_srcdoc && fills_window(frame, styles) => Some(frame),
        _ => None,
    }
}

fn is_hidden(frame: &Frame) -> bool {
    let style = compact(&frame.style);
    let is_tiny = |length: &str| matches!(length.trim().trim_end_matches("px"), "0" | "1");
    style.contains("display:none")
        || style.contains("visibility:hidden")
        || (is_tiny(&frame.width) && is_tiny(&frame.height))
}

fn fills_window(frame: &Frame, styles: &str) -> bool {
    let declarations = [rules_for(frame, styles), compact(&frame.style)].concat();
    let declared = |name: &str| last_value(&declarations, name);
    let width = declared("width").unwrap_or(frame.width.as_str());
    let height = declared("height").unwrap_or(frame.height.as_str());
    let is_pinned = matches!(declared("position"), Some("fixed" | "absolute"));
    let is_stretched = is_pinned
        && (declared("inset").is_some_and(is_zero)
            || ["top", "right", "bottom", "left"].iter().all(|side| declared(side).is_some_and(is_zero)));
    is_stretched || (is_whole(width) && is_whole(height))
}

fn is_zero(length: &str) -> bool {
    matches!(length, "0" | "0px" | "0%")
}

/// All of the window or of what holds the frame.
fn is_whole(length: &str) -> bool {
    matches!(length.trim(), "100%" | "100vh" | "100vw" | "100dvh" | "100dvw" | "100svh" | "100lvh")
}

/// Style text in lowercase without white space and importance, each declaration ended.
fn compact(style: &str) -> String {
    let text: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let mut text = text.to_ascii_lowercase().replace("!important", "");
    text.push(';');
    text
}

fn last_value<'a>(declarations: &'a str, name: &str) -> Option<&'a str> {
    declarations
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .rfind(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// The declarations of style rules that name this frame by element, id or class.
fn rules_for(frame: &Frame, styles: &str) -> String {
    let names = |selector: &str| {
        let last = selector.split([' ', '>']).next_back().unwrap_or_default();
        let last = last.strip_prefix("iframe").unwrap_or(last);
        let by_class = |class: &str| last == format!(".{}", class.to_ascii_lowercase());
        (last.is_empty() && selector.ends_with("iframe"))
            || (!frame.id.is_empty() && last == format!("#{}", frame.id.to_ascii_lowercase()))
            || frame.classes.split_ascii_whitespace().any(by_class)
    };
    let rules = styles.split('}').filter_map(|rule| rule.split_once('{'));
    let lowered = rules.map(|(selectors, body)| (selectors.trim().to_ascii_lowercase(), body));
    let ours = lowered.filter(|(selectors, _)| selectors.split(',').any(|selector| names(selector.trim())));
    ours.map(|(_, body)| compact(body)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        html::{ContentType, Document, DocumentKind, read_page},
        schedule::RefreshSchedule,
    };

    fn framed(body: &str) -> Option<String> {
        let url = Url::parse("http://a.test/x").unwrap();
        let content_type = ContentType::default();
        let kind = DocumentKind::Html;
        let document = Document { url: &url, kind, content_type: &content_type, body: body.as_bytes() };
        framed_url(&read_page(document, RefreshSchedule::default()), &url).map(String::from)
    }

    #[test]
    fn a_frame_that_is_all_there_is_to_see_is_named() {
        for body in [
            "<frameset rows='100%'><frame src=/seen></frameset>",
            "<title>t</title><frameset rows='100%,*'><frame src='/seen'><frame></frameset>",
            "<frameset cols='0,*'><frame src=/none><frame src=/seen></frameset>",
            "<frameset rows='100%,*' border=0><frame src=/seen><frame src=/none><noframes>text</noframes></frameset>",
            "<body><iframe src=/seen width='100%' height='100%'></iframe>",
            "<iframe src=/seen style='width:100vw; height : 100VH; border:0'>fallback</iframe>",
            "<iframe src=/seen style='position:fixed;top:0;left:0;bottom:0;right:0'></iframe>",
            "<iframe src=/seen style='position:absolute;inset:0'></iframe>",
            "<style>body,html{margin:0} iframe { width:100%; height:100% !important }</style><iframe src=/seen></iframe>",
            "<style>#F{width:100%;height:100vh}</style><iframe id=F src=/seen></iframe>",
            "<style>body > iframe.full{width:100%;height:100vh}</style><iframe class='a full' src=/seen></iframe>",
            "<iframe src=/x width=0 height=0></iframe><iframe src=/seen width='100%' height='100%'></iframe>",
            "<base href='http://a.test/d/'><iframe src=../seen width='100%' height='100%'></iframe>",
        ] {
            assert_eq!(framed(body).as_deref(), Some("http://a.test/seen"), "{body}");
        }
    }

    #[test]
    fn a_page_with_anything_else_to_see_frames_nothing() {
        for body in [
            "<iframe src=/ad width='100%' height='100%'></iframe><p>An article",
            "<iframe src=/ad width=300 height=250></iframe>",
            "<iframe src=/ad width='100%' height=250></iframe>",
            "<iframe src=/a width='100%' height='100%'></iframe><iframe src=/b width='100%' height='100%'></iframe>",
            "<iframe src=/a width='100%' height='100%'></iframe><input>",
            "<iframe srcdoc=x src=/a width='100%' height='100%'></iframe>",
            "<iframe src=about:blank width='100%' height='100%'></iframe>",
            "<iframe src=/x#top width='100%' height='100%'></iframe>",
            "<iframe width='100%' height='100%'></iframe>",
            "<style>.other{width:100%;height:100%}</style><iframe class=mine src=/a></iframe>",
            "<frameset cols='20%,80%'><frame src=/menu><frame src=/main></frameset>",
            "<frameset cols='*,*'><frame src=/menu><frame src=/main></frameset>",
            "<frameset rows='1,*' cols='1,*'><frame src=/a><frame src=/b></frameset>",
            "<template><iframe src=/a width='100%' height='100%'></iframe></template>",
            "<noscript><iframe src=/a width='100%' height='100%'></iframe></noscript>",
        ] {
            assert_eq!(framed(body), None, "{body}");
        }
    }
}
