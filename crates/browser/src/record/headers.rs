//! Response headers as evidence: names in the order received, raw bytes where they matter.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::seen::ResponseExtra;

/// Lower-case names and their values; bytes that are no UTF-8 are replaced. Names the browser's text of the head lost, behind a
/// byte above ASCII, come last.
pub(super) fn texts(extra: &ResponseExtra) -> Vec<(String, String)> {
    let mut names: Vec<String> = extra.headers_text.as_deref().map(names_in_order).unwrap_or_default();
    names.extend(extra.headers.keys().map(|name| name.to_ascii_lowercase()));
    let mut known = std::collections::HashSet::new();
    names.retain(|name| known.insert(name.clone()));
    let values = |name: String| -> Vec<(String, String)> {
        raw_values(&extra.headers, &name)
            .into_iter()
            .map(|raw| (name.clone(), String::from_utf8_lossy(&raw).into_owned()))
            .collect()
    };
    names.into_iter().flat_map(values).collect()
}

/// `Location` as text, and base64 of its bytes when they are no UTF-8.
pub(super) fn location(extra: &ResponseExtra) -> Option<(String, Option<String>)> {
    let raw = raw_values(&extra.headers, "location").into_iter().next()?;
    let raw_b64 = std::str::from_utf8(&raw).is_err().then(|| STANDARD.encode(&raw));
    Some((String::from_utf8_lossy(&raw).into_owned(), raw_b64))
}

/// The values of one header. The browser gives bytes as the characters of Latin-1.
pub(super) fn raw_values(headers: &BTreeMap<String, String>, name: &str) -> Vec<Vec<u8>> {
    let named = headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
    named.flat_map(|(_, joined)| joined.split('\n').map(bytes_of)).collect()
}

fn bytes_of(text: &str) -> Vec<u8> {
    let byte = |character: char| u8::try_from(u32::from(character));
    let bytes: Result<Vec<u8>, _> = text.chars().map(byte).collect();
    bytes.unwrap_or_else(|_| text.as_bytes().to_vec())
}

fn names_in_order(head: &str) -> Vec<String> {
    let lines = head.lines().skip(1);
    let names =
        lines.filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim().to_ascii_lowercase());
    names.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extra(headers: &[(&str, &str)], text: Option<&str>) -> ResponseExtra {
        ResponseExtra {
            request_id: "1".to_owned(),
            status_code: 302,
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            headers_text: text.map(str::to_owned),
            blocked_cookies: Vec::new(),
        }
    }

    #[test]
    fn names_keep_their_order_and_values_their_bytes() {
        let text = "HTTP/1.1 302 F\r\nX-B: 1\r\nLocation: /caf\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n";
        let seen = extra(
            &[("Location", "/caf\u{e9}"), ("Set-Cookie", "a=1\nb=\u{c3}\u{a9}"), ("X-B", "1")],
            Some(text),
        );
        let expected =
            [("x-b", "1"), ("location", "/caf\u{fffd}"), ("set-cookie", "a=1"), ("set-cookie", "b=\u{e9}")];
        assert_eq!(texts(&seen), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(location(&seen), Some(("/caf\u{fffd}".to_owned(), Some("L2NhZuk=".to_owned()))));
    }

    #[test]
    fn without_a_text_there_is_still_every_header() {
        let seen = extra(&[("location", "/x"), ("a", "1")], None);
        assert_eq!(texts(&seen).len(), 2);
        assert_eq!(location(&seen), Some(("/x".to_owned(), None)));
        // A name the broken text does not show is not lost.
        assert_eq!(texts(&extra(&[("a", "1")], Some("HTTP/1.1 200 OK\r\nb"))).len(), 1);
    }
}
