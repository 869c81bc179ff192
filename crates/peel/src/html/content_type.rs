//! `Content-Type` as MIME type essence and charset (Fetch "extract a MIME type", as far as a resolver needs it).

/// A parsed `Content-Type`; the default is "none given".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContentType {
    /// `type/subtype`, lowercase; empty when absent, malformed or one of the words for "unknown".
    pub essence: String,
    pub charset: Option<String>,
}

impl ContentType {
    /// Reads all `Content-Type` values: the last well-formed one counts, as in browsers.
    pub fn from_values(values: &[&[u8]]) -> Self {
        let texts = values.iter().rev().map(|value| String::from_utf8_lossy(value));
        texts.into_iter().find_map(|text| Self::parse(&text)).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        let essence = essence.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let charset = parameters.split(';').find_map(charset_parameter);
        let is_unknown = matches!(essence.as_str(), "*/*" | "unknown/unknown" | "application/unknown");
        Some(Self { essence: if is_unknown { String::new() } else { essence }, charset })
    }
}

fn charset_parameter(parameter: &str) -> Option<String> {
    let (name, value) = parameter.split_once('=')?;
    let value = value.trim().trim_matches(['"', '\'']);
    (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(values: &[&[u8]]) -> (String, Option<String>) {
        let content_type = ContentType::from_values(values);
        (content_type.essence, content_type.charset)
    }

    #[test]
    fn reads_essence_and_charset() {
        assert_eq!(parsed(&[b"Text/HTML ; Charset=\"UTF-8\""]), ("text/html".into(), Some("UTF-8".into())));
        assert_eq!(parsed(&[b"text/html;a=b;charset=latin1"]), ("text/html".into(), Some("latin1".into())));
        assert_eq!(parsed(&[b"text/html; charset="]), ("text/html".into(), None));
        assert_eq!(parsed(&[b"text/plain", b"text/html"]), ("text/html".into(), None));
        assert_eq!(parsed(&[b"text/html", b"nonsense"]), ("text/html".into(), None));
        assert_eq!(parsed(&[b"*/*"]), (String::new(), None));
        assert_eq!(parsed(&[]), (String::new(), None));
    }
}
