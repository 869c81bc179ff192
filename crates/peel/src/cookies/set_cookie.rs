//! One `Set-Cookie` value, parsed (RFC 6265bis §5.6) but not yet judged against the URL that sent it.

use hopline_domain::time::{SECOND_MS, Timestamp};

use super::{date::parse_cookie_date, same_site::SameSite};

/// Chromium's bound on name plus value.
const PAIR_BYTES_MAX: usize = 4_096;
/// Chromium's bound on one attribute value; longer ones are ignored.
const ATTRIBUTE_BYTES_MAX: usize = 1_024;

/// A cookie as the server wrote it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct SetCookie {
    pub(super) name: String,
    pub(super) value: Vec<u8>,
    /// Lowercase, without a leading dot; `None` when absent or empty.
    pub(super) domain: Option<String>,
    pub(super) path: Option<String>,
    /// When it ends; in the past means "delete". `None` for a session cookie.
    pub(super) expires: Option<Timestamp>,
    pub(super) is_secure: bool,
    /// Kept from scripts.
    pub(super) is_http_only: bool,
    pub(super) same_site: SameSite,
}

impl SetCookie {
    /// Parses a raw header value received at `now`; `None` when browsers ignore it.
    pub(super) fn parse(raw: &[u8], now: Timestamp) -> Option<Self> {
        if raw.iter().any(|byte| matches!(byte, 0..=8 | 0x0a..=0x1f | 0x7f)) {
            return None;
        }
        let mut parts = raw.split(|byte| *byte == b';');
        let (name, value) = name_and_value(parts.next()?)?;
        let mut cookie = Self { name, value, ..Self::default() };
        let mut max_age = None;
        for part in parts {
            let (key, value) = split_at_equals(&String::from_utf8_lossy(part));
            if value.len() <= ATTRIBUTE_BYTES_MAX {
                cookie.take_attribute(&key, &value);
                max_age = if key == "max-age" { max_age_end(&value, now).or(max_age) } else { max_age };
            }
        }
        cookie.expires = max_age.or(cookie.expires);
        Some(cookie)
    }

    /// The last of each attribute counts.
    fn take_attribute(&mut self, key: &str, value: &str) {
        match key {
            "domain" => {
                let domain = value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase();
                self.domain = Some(domain).filter(|domain| !domain.is_empty());
            }
            "path" => self.path = Some(value.to_owned()).filter(|path| path.starts_with('/')),
            "expires" => self.expires = parse_cookie_date(value).or(self.expires),
            "secure" => self.is_secure = true,
            "httponly" => self.is_http_only = true,
            "samesite" => self.same_site = SameSite::parse(value),
            _ => {}
        }
    }
}

/// A pair without `=` is a value without a name; both empty is nothing.
fn name_and_value(pair: &[u8]) -> Option<(String, Vec<u8>)> {
    let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()),
        None => (&b""[..], pair.trim_ascii()),
    };
    let is_usable = name.len() + value.len() <= PAIR_BYTES_MAX && !(name.is_empty() && value.is_empty());
    is_usable.then(|| (String::from_utf8_lossy(name).into_owned(), value.to_vec()))
}

fn split_at_equals(attribute: &str) -> (String, String) {
    let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
    (key.trim().to_ascii_lowercase(), value.trim().to_owned())
}

/// `Max-Age` wins over `Expires`; zero and below end the cookie at once.
fn max_age_end(value: &str, now: Timestamp) -> Option<Timestamp> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = if value.starts_with('-') { 0 } else { digits.parse().unwrap_or(i64::MAX / SECOND_MS) };
    Some(if seconds == 0 { Timestamp(i64::MIN) } else { now.plus_ms(seconds.saturating_mul(SECOND_MS)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn parse(raw: &str) -> SetCookie {
        SetCookie::parse(raw.as_bytes(), NOW).unwrap()
    }

    #[test]
    fn reads_pairs_and_attributes() {
        let cookie = parse(
            " a = b c ; Domain=.Example.COM; path=/x; SECURE; SameSite=none; HttpOnly; Max-Age=10; Expires=nonsense",
        );
        assert_eq!((cookie.name.as_str(), cookie.value.as_slice()), ("a", &b"b c"[..]));
        assert_eq!(cookie.domain.as_deref(), Some("example.com"));
        assert_eq!(cookie.path.as_deref(), Some("/x"));
        assert!(cookie.is_secure && cookie.is_http_only && cookie.same_site == SameSite::None);
        assert_eq!(cookie.expires, Some(Timestamp(1_010_000)));
    }

    #[test]
    fn odd_forms() {
        assert_eq!(parse("=v").name, "");
        assert_eq!(parse("v").value, b"v");
        assert_eq!(parse("a=b=c").value, b"b=c");
        assert_eq!(parse("a=b; path=x").path, None);
        assert_eq!(parse("a=b; domain=").domain, None);
        assert_eq!(parse("a=b; max-age=x").expires, None);
        assert_eq!(parse("a=b; max-age=-5").expires, Some(Timestamp(i64::MIN)));
        assert_eq!(
            parse("a=b; max-age=5; expires=Thu, 01 Jan 1970 00:00:00 GMT").expires,
            Some(Timestamp(1_005_000))
        );
        assert_eq!(SetCookie::parse(b"", NOW), None);
        assert_eq!(SetCookie::parse(b"=", NOW), None);
        assert_eq!(SetCookie::parse(b"a=b\x01", NOW), None);
        assert_eq!(SetCookie::parse(&[b'x'; PAIR_BYTES_MAX + 1], NOW), None);
    }
}
