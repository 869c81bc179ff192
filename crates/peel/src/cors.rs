//! What another origin allows a page (Fetch "CORS protocol"): which requests need its word before they are made, and how
//! its answers are read. Pure; who asks and what was asked is given.

use hopline_script::FetchCredentials;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// A request as another origin judges it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CrossRequest<'a> {
    /// As `Origin` tells it.
    pub(crate) origin: &'a HeaderValue,
    pub(crate) credentials: FetchCredentials,
}

/// Longest value of a header that needs no leave, and of all of them together.
const SAFE_VALUE_BYTES_MAX: usize = 128;
const SAFE_VALUES_BYTES_MAX: usize = 1_024;

impl CrossRequest<'_> {
    /// Whether the answer with these headers is shared (Fetch "CORS check").
    pub(crate) fn is_shared(self, answer: &HeaderMap) -> bool {
        let allowed = joined(answer, &header::ACCESS_CONTROL_ALLOW_ORIGIN);
        if self.credentials != FetchCredentials::Include {
            return allowed == b"*" || allowed == self.origin.as_bytes();
        }
        allowed == self.origin.as_bytes()
            && joined(answer, &header::ACCESS_CONTROL_ALLOW_CREDENTIALS) == b"true"
    }

    /// Whether the answer to a preflight lets the request be made (Fetch "CORS-preflight fetch").
    pub(crate) fn is_let(
        self,
        status: u16,
        answer: &HeaderMap,
        method: &Method,
        headers: &HeaderMap,
    ) -> bool {
        if !(200..300).contains(&status) || !self.is_shared(answer) {
            return false;
        }
        let wildcard = self.credentials != FetchCredentials::Include;
        let methods = items(answer, &header::ACCESS_CONTROL_ALLOW_METHODS);
        let names = items(answer, &header::ACCESS_CONTROL_ALLOW_HEADERS);
        let has_any = |list: &[String]| wildcard && list.iter().any(|item| item == "*");
        let method_fits =
            is_safe_method(method) || has_any(&methods) || methods.iter().any(|item| item == method.as_str());
        method_fits
            && unsafe_names(headers).iter().all(|name| {
                let is_named = names.iter().any(|item| item.eq_ignore_ascii_case(name.as_str()));
                is_named || (has_any(&names) && *name != header::AUTHORIZATION)
            })
    }
}

/// Fetch "CORS-safelisted method".
pub(crate) const fn is_safe_method(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::POST)
}

/// Headers that another origin has to allow, sorted (Fetch "CORS-unsafe request-header names").
pub(crate) fn unsafe_names(headers: &HeaderMap) -> Vec<&HeaderName> {
    let safe_bytes: usize = headers
        .iter()
        .filter(|(name, value)| is_safe_header(name, value))
        .map(|(_, value)| value.len())
        .sum();
    let is_unsafe = |name: &HeaderName, value: &HeaderValue| {
        safe_bytes > SAFE_VALUES_BYTES_MAX || !is_safe_header(name, value)
    };
    let mut names: Vec<_> =
        headers.iter().filter(|(name, value)| is_unsafe(name, value)).map(|(name, _)| name).collect();
    names.sort_unstable_by_key(|name| name.as_str());
    names.dedup();
    names
}

/// Fetch "CORS-safelisted request-header".
pub(crate) fn is_safe_header(name: &HeaderName, value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    let is_fit = match name.as_str() {
        "accept" => !bytes.iter().any(|byte| is_unsafe_byte(*byte)),
        "accept-language" | "content-language" => bytes.iter().all(|byte| is_language_byte(*byte)),
        "content-type" => !bytes.iter().any(|byte| is_unsafe_byte(*byte)) && is_form_type(value),
        "range" => value.to_str().is_ok_and(is_simple_range),
        _ => false,
    };
    is_fit && bytes.len() <= SAFE_VALUE_BYTES_MAX
}

/// The three encodings of forms.
fn is_form_type(value: &HeaderValue) -> bool {
    let essence = value.to_str().ok().and_then(|text| text.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| {
        ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]
            .iter()
            .any(|form| essence.eq_ignore_ascii_case(form))
    })
}

/// `bytes=1-` or `bytes=1-2`.
fn is_simple_range(value: &str) -> bool {
    let Some((first, last)) = value.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return false;
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !first.is_empty() && is_number(first) && is_number(last)
}

const fn is_unsafe_byte(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t')
        || byte == 0x7f
        || matches!(
            byte,
            b'"' | b'(' | b')' | b':' | b'<' | b'>' | b'?' | b'@' | b'[' | b'\\' | b']' | b'{' | b'}'
        )
}

const fn is_language_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'*' | b',' | b'-' | b'.' | b';' | b'=')
}

/// All values of a header as one (Fetch "get").
fn joined(headers: &HeaderMap, name: &HeaderName) -> Vec<u8> {
    let values: Vec<_> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    values.join(&b", "[..])
}

fn items(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let text = String::from_utf8_lossy(&joined(headers, name)).into_owned();
    text.split(',').map(|item| item.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    const ORIGIN: HeaderValue = HeaderValue::from_static("https://a.test");

    #[test]
    fn answers_are_shared_with_the_origin_they_name() {
        use FetchCredentials::{Include, SameOrigin};
        let star = ("access-control-allow-origin", "*");
        let own = ("access-control-allow-origin", "https://a.test");
        let with = ("access-control-allow-credentials", "true");
        for (credentials, answer, expected) in [
            (SameOrigin, headers(&[star]), true),
            (SameOrigin, headers(&[own]), true),
            (SameOrigin, headers(&[]), false),
            (SameOrigin, headers(&[("access-control-allow-origin", "https://b.test")]), false),
            (SameOrigin, headers(&[("access-control-allow-origin", "https://a.test/")]), false),
            (Include, headers(&[star, with]), false),
            (Include, headers(&[own, with]), true),
            (Include, headers(&[own]), false),
            (Include, headers(&[own, ("access-control-allow-credentials", "True")]), false),
        ] {
            assert_eq!(
                CrossRequest { origin: &ORIGIN, credentials }.is_shared(&answer),
                expected,
                "{answer:?}"
            );
        }
        let mut twice = headers(&[own]);
        twice.append(header::ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN);
        let request = CrossRequest { origin: &ORIGIN, credentials: SameOrigin };
        assert!(!request.is_shared(&twice), "several values are one that fits nobody");
    }

    type Pairs<'a> = &'a [(&'static str, &'static str)];

    fn put(
        answer: Pairs<'_>,
        status: u16,
        credentials: FetchCredentials,
        method: &str,
        sent: Pairs<'_>,
    ) -> bool {
        let request = CrossRequest { origin: &ORIGIN, credentials };
        request.is_let(status, &headers(answer), &method.parse().unwrap(), &headers(sent))
    }

    #[test]
    fn a_preflight_allows_what_it_names() {
        use FetchCredentials::{Include, SameOrigin};
        let shared = ("access-control-allow-origin", "https://a.test");
        let with = ("access-control-allow-credentials", "true");
        let methods = ("access-control-allow-methods", "PUT, DELETE");
        let names = ("access-control-allow-headers", "X-A,content-type");
        let any = ("access-control-allow-headers", "*");
        let json = ("content-type", "application/json");
        assert!(put(&[shared, methods], 204, SameOrigin, "PUT", &[]));
        assert!(!put(&[shared, methods], 204, SameOrigin, "put", &[]));
        assert!(!put(&[shared], 204, SameOrigin, "PUT", &[]));
        assert!(!put(&[methods], 204, SameOrigin, "PUT", &[]), "not shared");
        assert!(!put(&[shared, methods], 302, SameOrigin, "PUT", &[]), "a preflight is not redirected");
        assert!(put(&[shared, names], 200, SameOrigin, "POST", &[("x-a", "1"), json]));
        assert!(!put(&[shared, names], 200, SameOrigin, "POST", &[("x-b", "1")]));
        assert!(put(&[shared, any], 200, SameOrigin, "GET", &[("x-b", "1")]));
        assert!(!put(&[shared, any], 200, SameOrigin, "GET", &[("authorization", "1")]), "named alone");
        assert!(!put(&[shared, with, any], 200, Include, "GET", &[("x-b", "1")]), "no wildcard with cookies");
        assert!(put(&[shared, with, names], 200, Include, "GET", &[("x-a", "1")]));
    }

    #[test]
    fn what_a_form_could_send_needs_no_leave() {
        for (name, value, expected) in [
            ("accept", "text/html, */*", true),
            ("accept", "a(b", false),
            ("accept-language", "de-DE,de;q=0.9", true),
            ("accept-language", "de_DE", false),
            ("content-type", "text/plain;charset=UTF-8", true),
            ("content-type", "Multipart/Form-Data; boundary=x", true),
            ("content-type", "application/json", false),
            ("content-type", "text/plain; x=\"y\"", false),
            ("range", "bytes=0-", true),
            ("range", "bytes=-5", false),
            ("range", "lines=1-2", false),
            ("authorization", "x", false),
            ("x-mine", "1", false),
        ] {
            let headers = headers(&[(name, value)]);
            assert_eq!(unsafe_names(&headers).is_empty(), expected, "{name}: {value}");
        }
        let long = HeaderValue::from_str(&"a".repeat(SAFE_VALUE_BYTES_MAX + 1)).unwrap();
        assert!(!is_safe_header(&header::ACCEPT, &long));
        let sent = headers(&[("x-b", "1"), ("accept", "*/*"), ("x-a", "1")]);
        assert_eq!(unsafe_names(&sent), ["x-a", "x-b"]);
    }
}
