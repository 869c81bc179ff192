//! Whether bytes are an image browsers show: the worker asks it of a page's own images, the host of other origins', whose
//! bytes a page is not given. It looks at the start and decodes nothing.

/// How much of an image's start is looked at.
const START_BYTES: usize = 256;

/// By the image's own signature (MIME Sniffing "matching an image type pattern"), and SVG by its root element.
#[must_use]
pub fn looks_like_image(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(START_BYTES)];
    let has = |at: usize, mark: &[u8]| start.get(at..).is_some_and(|rest| rest.starts_with(mark));
    let is_icon = matches!(start, [0, 0, 1 | 2, 0, ..]);
    let is_webp = has(0, b"RIFF") && has(8, b"WEBP");
    let is_plain = [&b"\x89PNG"[..], b"GIF8", b"\xff\xd8\xff", b"BM"].into_iter().any(|mark| has(0, mark));
    is_plain || is_icon || is_webp || has(4, b"ftypavif") || is_drawing(start)
}

/// `<svg`, perhaps after an XML declaration and comments.
fn is_drawing(start: &[u8]) -> bool {
    let text = String::from_utf8_lossy(start);
    let mut rest = text.trim_start();
    if let Some(declared) = rest.strip_prefix("<?xml") {
        rest = after(declared, "?>");
    }
    while let Some(comment) = rest.strip_prefix("<!--") {
        rest = after(comment, "-->");
    }
    rest.strip_prefix("<svg")
        .is_some_and(|more| more.starts_with(|next: char| next == '>' || next.is_whitespace()))
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, rest)| rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_told_by_their_start() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n"[..], true),
            (b"GIF89a", true),
            (b"\xff\xd8\xff\xe0", true),
            (b"RIFF1234WEBPVP8", true),
            (b"RIFF1234WAVE", false),
            (b"\0\0\x01\0\x01", true),
            (b"\0\0\x03\0", false),
            (b"\0\0\0\x1cftypavif", true),
            (b"<svg xmlns='x'/>", true),
            (b"<?xml version='1.0'?> <!-- a --><!--b-->\n<svg>", true),
            (b"<svgs>", false),
            (b"<!-- <svg> ", false),
            (b"<!doctype html>", false),
            (b"", false),
        ] {
            assert_eq!(looks_like_image(bytes), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
