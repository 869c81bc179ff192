//! The encoding of a document: byte order mark, `Content-Type`, prescan of its first bytes, default
//! (HTML "determining the character encoding").

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

use super::DocumentKind;

/// How far the prescan looks (HTML "prescan a byte stream to determine its encoding").
const PRESCAN_BYTES_MAX: usize = 1_024;

/// The encoding to decode `body` with; `declared` is the charset of `Content-Type`.
pub(super) fn encoding_of(body: &[u8], declared: Option<&str>, kind: DocumentKind) -> &'static Encoding {
    let head = &body[..body.len().min(PRESCAN_BYTES_MAX)];
    let marked = Encoding::for_bom(body).map(|(encoding, _)| encoding);
    let labelled = || declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    let scanned = || match kind {
        DocumentKind::Xml => xml_declaration(head).or(Some(UTF_8)),
        _ => prescan(head),
    };
    marked.or_else(labelled).or_else(scanned).unwrap_or(WINDOWS_1252)
}

fn xml_declaration(head: &[u8]) -> Option<&'static Encoding> {
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = head[..end].strip_prefix(b"<?xml")?;
    let at = declaration.windows(8).position(|name| name == b"encoding")?;
    let value = declaration[at + 8..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = value.first().copied().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let label = value[1..].split(|&byte| byte == quote).next()?;
    Encoding::for_label(label).map(readable_as_ascii)
}

fn prescan(head: &[u8]) -> Option<&'static Encoding> {
    let mut rest = head;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b"<!--") {
            rest = after_comment(after);
        } else if let Some(attributes) = tag_named(rest, b"meta") {
            let (found, after) = meta_encoding(attributes);
            if found.is_some() {
                return found;
            }
            rest = after;
        } else if starts_any_tag(rest) {
            rest = after_tag(rest);
        } else if rest.starts_with(b"<!") || rest.starts_with(b"</") || rest.starts_with(b"<?") {
            rest = after_byte(rest, b'>');
        } else {
            rest = &rest[1..];
        }
    }
    None
}

/// `<!-->` is a whole comment, so the search begins inside the opening dashes.
fn after_comment(after: &[u8]) -> &[u8] {
    if let Some(rest) = after.strip_prefix(b">").or_else(|| after.strip_prefix(b"->")) {
        return rest;
    }
    after.windows(3).position(|end| end == b"-->").map_or(&[], |at| &after[at + 3..])
}

fn after_byte(rest: &[u8], byte: u8) -> &[u8] {
    rest.iter().position(|&b| b == byte).map_or(&[], |at| &rest[at + 1..])
}

fn tag_named<'a>(rest: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let after = rest.strip_prefix(b"<")?;
    let matches = after.len() > name.len() && after[..name.len()].eq_ignore_ascii_case(name);
    (matches && (after[name.len()].is_ascii_whitespace() || after[name.len()] == b'/'))
        .then(|| &after[name.len()..])
}

fn starts_any_tag(rest: &[u8]) -> bool {
    let name = rest.strip_prefix(b"</").or_else(|| rest.strip_prefix(b"<")).unwrap_or_default();
    name.first().is_some_and(u8::is_ascii_alphabetic)
}

fn after_tag(rest: &[u8]) -> &[u8] {
    let name = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
    let mut rest = rest.iter().position(name).map_or(&[][..], |at| &rest[at..]);
    while let Some((_, _, after)) = next_attribute(rest) {
        rest = after;
    }
    after_byte(rest, b'>')
}

/// Reads the attributes of a `<meta` tag up to its `>`.
fn meta_encoding(mut rest: &[u8]) -> (Option<&'static Encoding>, &[u8]) {
    let (mut is_pragma, mut from_charset, mut from_content) = (false, None, None);
    while let Some((name, value, after)) = next_attribute(rest) {
        rest = after;
        match name.as_slice() {
            b"http-equiv" => is_pragma |= value.eq_ignore_ascii_case(b"content-type"),
            b"charset" if from_charset.is_none() => from_charset = Some(Encoding::for_label(&value)),
            b"content" if from_content.is_none() => from_content = charset_in_content(&value),
            _ => {}
        }
    }
    let found = match from_charset {
        Some(encoding) => encoding,
        None if is_pragma => from_content,
        None => None,
    };
    (found.map(readable_as_ascii), rest)
}

/// A document whose declaration could be read as ASCII is not UTF-16, whatever it says.
fn readable_as_ascii(encoding: &'static Encoding) -> &'static Encoding {
    if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else if encoding == X_USER_DEFINED {
        WINDOWS_1252
    } else {
        encoding
    }
}

/// HTML "extracting a character encoding from a meta element".
fn charset_in_content(content: &[u8]) -> Option<&'static Encoding> {
    let lower = content.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower.get(from..)?.windows(7).position(|name| name == b"charset")?;
        from = at + 7;
        if let Some(value) = lower[from..].trim_ascii_start().strip_prefix(b"=") {
            return Encoding::for_label(label_of(value.trim_ascii_start())?);
        }
    }
}

fn label_of(value: &[u8]) -> Option<&[u8]> {
    match value.first()? {
        quote @ (b'"' | b'\'') => {
            let end = value[1..].iter().position(|byte| byte == quote)?;
            Some(&value[1..=end])
        }
        _ => value.split(|byte| byte.is_ascii_whitespace() || *byte == b';').next(),
    }
}

/// HTML "get an attribute" of the prescan: lowercased name and value, and what follows.
fn next_attribute(rest: &[u8]) -> Option<(Vec<u8>, Vec<u8>, &[u8])> {
    let skipped = rest.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b'/')?;
    let rest = &rest[skipped..];
    if rest[0] == b'>' {
        return None;
    }
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'=');
    let length = 1 + rest[1..].iter().position(is_end).unwrap_or(rest.len() - 1);
    let name = rest[..length].to_ascii_lowercase();
    let after_name = rest[length..].trim_ascii_start();
    let Some(after_equals) = after_name.strip_prefix(b"=") else {
        return Some((name, Vec::new(), after_name));
    };
    let value = after_equals.trim_ascii_start();
    let (value, rest) = if let Some(quote @ (b'"' | b'\'')) = value.first() {
        let end = 1 + value[1..].iter().position(|byte| byte == quote)?;
        (&value[1..end], &value[end + 1..])
    } else {
        let end = value.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'>');
        value.split_at(end.unwrap_or(value.len()))
    };
    Some((name, value.to_ascii_lowercase(), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(body: &[u8], declared: Option<&str>) -> &'static str {
        encoding_of(body, declared, DocumentKind::Html).name()
    }

    #[test]
    fn the_order_is_mark_header_prescan_default() {
        assert_eq!(name(b"\xef\xbb\xbf<meta charset=gbk>", Some("latin1")), "UTF-8");
        assert_eq!(name(b"\xff\xfe<\0", Some("latin1")), "UTF-16LE");
        assert_eq!(name(b"<meta charset=gbk>", Some("utf-8")), "UTF-8");
        assert_eq!(name(b"<meta charset=gbk>", Some("no-such")), "GBK");
        assert_eq!(name(b"<p>", None), "windows-1252");
    }

    #[test]
    fn prescan_reads_what_the_standard_reads() {
        for (body, expected) in [
            (&b"<meta charset=utf-8>"[..], "UTF-8"),
            (b"<META/Charset='Shift_JIS'>", "Shift_JIS"),
            (b"<meta charset=utf-16le>", "UTF-8"),
            (b"<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>", "KOI8-R"),
            (b"<meta content='text/html; charset=koi8-r'>", "windows-1252"),
            (b"<!-- <meta charset=utf-8> --><meta charset=gbk>", "GBK"),
            (b"<!--><meta charset=gbk>", "GBK"),
            (b"<p title='<meta charset=utf-8>'><meta charset=gbk>", "GBK"),
            (b"<metal charset=utf-8>", "windows-1252"),
            (b"<!doctype html><html><head><meta name=x><meta charset=\"utf-8\">", "UTF-8"),
            (b"<meta charset=bogus>", "windows-1252"),
        ] {
            assert_eq!(name(body, None), expected, "{}", String::from_utf8_lossy(body));
        }
        let late = [b" ".repeat(PRESCAN_BYTES_MAX), b"<meta charset=utf-8>".to_vec()].concat();
        assert_eq!(name(&late, None), "windows-1252");
    }

    #[test]
    fn xml_has_its_own_declaration() {
        let xml = |body: &[u8]| encoding_of(body, None, DocumentKind::Xml).name();
        assert_eq!(xml(b"<?xml version='1.0' encoding='iso-8859-2'?><html/>"), "ISO-8859-2");
        assert_eq!(xml(b"<html/>"), "UTF-8");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn never_panics(body in "(<|>|!|-|/|=|'|\"| |meta|charset|content|http-equiv|x|;){0,60}") {
            encoding_of(body.as_bytes(), None, DocumentKind::Html);
            encoding_of(body.as_bytes(), None, DocumentKind::Xml);
        }
    }
}
