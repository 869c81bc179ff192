//! What a browser makes of a response: a page it reads, something else it shows, or a download
//! (MIME Sniffing Standard, as far as it decides that).

use super::ContentType;

/// How the browser would treat the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// Parsed as HTML: meta refreshes count.
    Html,
    /// Parsed as XML: XHTML elements count.
    Xml,
    /// Shown, but holds no instructions: text, image, PDF, media.
    Shown,
    /// Saved to disk; the navigation ends here.
    Download,
}

/// Bytes looked at when sniffing (MIME Sniffing "resource header").
const SNIFFED_BYTES_MAX: usize = 1_445;

/// Judges a response by its declared type, `nosniff` and the first bytes of its body.
pub fn document_kind(content_type: &ContentType, no_sniff: bool, body: &[u8]) -> DocumentKind {
    let head = &body[..body.len().min(SNIFFED_BYTES_MAX)];
    match content_type.essence.as_str() {
        "" if no_sniff => DocumentKind::Shown,
        "" => sniff_unknown(head),
        "text/plain" if !no_sniff && is_legacy_text(content_type) && is_binary(head) => {
            DocumentKind::Download
        }
        "text/html" => DocumentKind::Html,
        essence if is_xml(essence) => DocumentKind::Xml,
        essence if is_shown(essence) => DocumentKind::Shown,
        _ => DocumentKind::Download,
    }
}

/// Whether `Content-Disposition` makes a download of it. Malformed values that begin with a parameter do not.
pub fn is_attachment(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    let kind = text.split(';').next().unwrap_or_default().trim();
    !kind.is_empty() && !kind.contains('=') && !kind.eq_ignore_ascii_case("inline")
}

fn is_xml(essence: &str) -> bool {
    matches!(essence, "application/xml" | "text/xml") || essence.ends_with("+xml")
}

/// Text types that browsers save instead of showing.
const SAVED_TEXT: [&str; 20] = [
    "calendar",
    "x-calendar",
    "x-vcalendar",
    "vcalendar",
    "vcard",
    "x-vcard",
    "directory",
    "ldif",
    "qif",
    "x-qif",
    "x-csv",
    "x-vcf",
    "rtf",
    "comma-separated-values",
    "csv",
    "tab-separated-values",
    "tsv",
    "ofx",
    "vnd.sun.j2me.app-descriptor",
    "x-ms-iqy",
];

const SHOWN_IMAGES: [&str; 12] = [
    "jpeg",
    "pjpeg",
    "jpg",
    "png",
    "apng",
    "x-png",
    "gif",
    "webp",
    "avif",
    "bmp",
    "x-icon",
    "vnd.microsoft.icon",
];

const SHOWN_APPLICATIONS: [&str; 6] = ["json", "javascript", "x-javascript", "ecmascript", "pdf", "ogg"];

fn is_shown(essence: &str) -> bool {
    match essence.split_once('/') {
        Some(("text", subtype)) => !SAVED_TEXT.contains(&subtype),
        Some(("image", subtype)) => SHOWN_IMAGES.contains(&subtype) || subtype == "x-ms-bmp",
        Some(("audio" | "video", _)) => true,
        Some(("application", subtype)) => SHOWN_APPLICATIONS.contains(&subtype) || subtype.ends_with("+json"),
        Some(("multipart", subtype)) => matches!(subtype, "x-mixed-replace" | "related"),
        _ => false,
    }
}

/// The exact `text/plain` forms that old servers send for anything at all.
fn is_legacy_text(content_type: &ContentType) -> bool {
    content_type
        .charset
        .as_deref()
        .is_none_or(|charset| matches!(charset, "ISO-8859-1" | "iso-8859-1" | "UTF-8"))
}

const HTML_TAGS: [&[u8]; 17] = [
    b"<!doctype html",
    b"<html",
    b"<head",
    b"<script",
    b"<iframe",
    b"<h1",
    b"<div",
    b"<font",
    b"<table",
    b"<a",
    b"<style",
    b"<title",
    b"<b",
    b"<body",
    b"<br",
    b"<p",
    b"<!--",
];

const SHOWN_MAGIC: [&[u8]; 8] =
    [b"%PDF-", b"%!PS-Adobe-", b"GIF87a", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM", b"RIFF"];

fn sniff_unknown(head: &[u8]) -> DocumentKind {
    let text = head.trim_ascii_start();
    if HTML_TAGS.iter().any(|tag| starts_with_tag(text, tag)) {
        DocumentKind::Html
    } else if text.starts_with(b"<?xml") {
        DocumentKind::Xml
    } else if SHOWN_MAGIC.iter().any(|magic| head.starts_with(magic)) || !is_binary(head) {
        DocumentKind::Shown
    } else {
        DocumentKind::Download
    }
}

fn starts_with_tag(text: &[u8], tag: &[u8]) -> bool {
    let matches = text.len() >= tag.len() && text[..tag.len()].eq_ignore_ascii_case(tag);
    matches && (tag == b"<!--" || matches!(text.get(tag.len()), Some(b' ' | b'>')))
}

/// "Binary data byte" of the standard; text with a byte order mark is never binary.
fn is_binary(head: &[u8]) -> bool {
    let has_mark = [&b"\xfe\xff"[..], b"\xff\xfe", b"\xef\xbb\xbf"].iter().any(|mark| head.starts_with(mark));
    !has_mark && head.iter().any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(content_type: &str, body: &[u8]) -> DocumentKind {
        document_kind(&ContentType::from_values(&[content_type.as_bytes()]), false, body)
    }

    #[test]
    fn declared_types() {
        for (content_type, expected) in [
            ("text/html; charset=x", DocumentKind::Html),
            ("application/xhtml+xml", DocumentKind::Xml),
            ("image/svg+xml", DocumentKind::Xml),
            ("text/plain", DocumentKind::Shown),
            ("text/css", DocumentKind::Shown),
            ("text/csv", DocumentKind::Download),
            ("image/png", DocumentKind::Shown),
            ("image/tiff", DocumentKind::Download),
            ("application/json", DocumentKind::Shown),
            ("application/problem+json", DocumentKind::Shown),
            ("application/pdf", DocumentKind::Shown),
            ("application/zip", DocumentKind::Download),
            ("application/octet-stream", DocumentKind::Download),
            ("video/mp4", DocumentKind::Shown),
        ] {
            assert_eq!(kind(content_type, b"<html>"), expected, "{content_type}");
        }
    }

    #[test]
    fn no_type_is_sniffed() {
        for (body, expected) in [
            (&b" \n<!DOCTYPE HTML><p>"[..], DocumentKind::Html),
            (b"<!-- x", DocumentKind::Html),
            (b"<Html>", DocumentKind::Html),
            (b"<article>", DocumentKind::Shown),
            (b"<?xml version='1.0'?>", DocumentKind::Xml),
            (b"plain", DocumentKind::Shown),
            (b"", DocumentKind::Shown),
            (b"%PDF-1.7\x00", DocumentKind::Shown),
            (b"PK\x03\x04", DocumentKind::Download),
        ] {
            assert_eq!(kind("", body), expected, "{body:?}");
        }
        assert_eq!(document_kind(&ContentType::default(), true, b"<html>"), DocumentKind::Shown);
    }

    #[test]
    fn plain_text_that_is_binary_is_saved() {
        assert_eq!(kind("text/plain", b"a\x00b"), DocumentKind::Download);
        assert_eq!(kind("text/plain; charset=utf-16", b"a\x00b"), DocumentKind::Shown);
        assert_eq!(kind("text/plain", b"\xff\xfea\x00"), DocumentKind::Shown);
        assert_eq!(kind("text/plain", b"<html>"), DocumentKind::Shown);
    }

    #[test]
    fn dispositions() {
        for value in ["attachment", "Attachment; filename=x", "form-data; name=x", "anything"] {
            assert!(is_attachment(value.as_bytes()), "{value}");
        }
        for value in ["inline", " INLINE ;x", "", "filename=x.html", "; filename=x"] {
            assert!(!is_attachment(value.as_bytes()), "{value}");
        }
    }
}
