//! From what point of view a link is resolved: user agent, language, referer, form factor, extra headers.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::limits;

#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FormFactor {
    #[default]
    Desktop,
    Mobile,
}

/// The caller's choice; what is absent takes the form factor's preset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referer: Option<String>,
    #[serde(default)]
    pub form_factor: FormFactor,
    /// Extra request headers by name, sent on every hop.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Name of a proxy in the operator's configuration, never an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress: Option<String>,
}

const DESKTOP_USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Hopline/0.1";
const MOBILE_USER_AGENT: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36 Hopline/0.1";
const ACCEPT_LANGUAGE: &str = "en-US,en;q=0.9";

impl Profile {
    /// The user agent sent: the caller's, else the preset. Presets name Hopline: a link may know who asks.
    pub fn user_agent(&self) -> &str {
        self.user_agent.as_deref().unwrap_or(match self.form_factor {
            FormFactor::Desktop => DESKTOP_USER_AGENT,
            FormFactor::Mobile => MOBILE_USER_AGENT,
        })
    }

    pub fn accept_language(&self) -> &str {
        self.accept_language.as_deref().unwrap_or(ACCEPT_LANGUAGE)
    }

    /// Every broken rule, as `(pointer below the profile, what is wrong)`. `egresses` are the names configured where the
    /// link will be resolved.
    pub fn faults(&self, egresses: &[String]) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let named = [
            ("/user_agent", &self.user_agent),
            ("/accept_language", &self.accept_language),
            ("/referer", &self.referer),
        ];
        for (pointer, value) in named {
            if let Some(fault) = value.as_deref().and_then(value_fault) {
                faults.push((pointer.to_owned(), fault.to_owned()));
            }
        }
        if self.headers.len() > limits::PROFILE_HEADERS_MAX {
            faults.push((
                "/headers".to_owned(),
                format!("give at most {} headers", limits::PROFILE_HEADERS_MAX),
            ));
        }
        let mut names = HashSet::new();
        for (name, value) in &self.headers {
            let repeated = (!names.insert(name.to_ascii_lowercase())).then_some(REPEATED_HEADER);
            if let Some(fault) = name_fault(name).or_else(|| value_fault(value)).or(repeated) {
                faults.push((format!("/headers/{}", pointer_token(name)), fault.to_owned()));
            }
        }
        if let Some(fault) = self.egress.as_deref().and_then(|name| egress_fault(name, egresses)) {
            faults.push(("/egress".to_owned(), fault));
        }
        faults
    }
}

fn egress_fault(name: &str, egresses: &[String]) -> Option<String> {
    if egresses.is_empty() {
        return Some("no egress is configured here; leave it out".to_owned());
    }
    let known = egresses.iter().any(|known| known == name);
    (!known).then(|| format!("no egress of that name is configured here; there is {}", egresses.join(", ")))
}

const REPEATED_HEADER: &str = "is given twice in different case";

/// Headers that belong to the connection, to the sender or to the resolver itself.
const FORBIDDEN_HEADERS: [&str; 22] = [
    "host",
    "authorization",
    "cookie",
    "cookie2",
    "origin",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
    "expect",
    "content-length",
    "content-type",
    "accept-encoding",
    "user-agent",
    "referer",
    "accept-language",
];

/// A member name as a JSON pointer token (RFC 6901 §3).
fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn name_fault(name: &str) -> Option<&'static str> {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    if name.is_empty() || name.len() > limits::PROFILE_HEADER_NAME_BYTES_MAX || !name.bytes().all(token) {
        return Some("is no header name (RFC 9110 token)");
    }
    let lower = name.to_ascii_lowercase();
    FORBIDDEN_HEADERS
        .contains(&lower.as_str())
        .then_some("this header is set by the resolver or belongs to the connection; leave it out")
}

fn value_fault(value: &str) -> Option<&'static str> {
    if value.len() > limits::PROFILE_VALUE_BYTES_MAX {
        return Some("is longer than 1024 bytes");
    }
    value
        .bytes()
        .any(|b| (b < 0x20 && b != b'\t') || b == 0x7f)
        .then_some("holds a control character, which no header value may")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_headers_that_are_not_the_callers() {
        let refused = |headers: &[(&str, &str)]| -> Vec<String> {
            let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let profile = Profile { headers, ..Profile::default() };
            profile.faults(&[]).into_iter().map(|(pointer, _)| pointer).collect()
        };
        let mixed = [("Cookie", "a=b"), ("X-Ok", "1"), ("bad name", "1"), ("X-Bad", "a\r\nb: c")];
        assert_eq!(refused(&mixed), ["/headers/Cookie", "/headers/X-Bad", "/headers/bad name"]);
        assert_eq!(refused(&[("X-Twice", "1"), ("x-twice", "2")]), ["/headers/x-twice"]);
        for name in FORBIDDEN_HEADERS {
            assert_eq!(refused(&[(&name.to_uppercase(), "1")]).len(), 1, "{name}");
        }
        for name in ["Accept", "DNT", "Sec-CH-UA", "X-Forwarded-For", "If-None-Match", "Range"] {
            assert_eq!(refused(&[(name, "1")]), [""; 0], "{name}");
        }
        let many: Vec<_> = (0..=limits::PROFILE_HEADERS_MAX).map(|n| format!("X-{n}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "1")).collect();
        assert_eq!(refused(&many), ["/headers"]);
        assert_eq!(refused(&many[1..]), [""; 0]);
    }

    #[test]
    fn an_egress_is_a_name_the_operator_configured() {
        let profile = Profile { egress: Some("paris".to_owned()), ..Profile::default() };
        let fault = |egresses: &[&str]| {
            let egresses: Vec<_> = egresses.iter().map(|name| (*name).to_owned()).collect();
            profile.faults(&egresses).pop()
        };
        assert_eq!(fault(&["oslo", "paris"]), None);
        let (pointer, message) = fault(&["oslo", "Paris"]).unwrap();
        assert_eq!(pointer, "/egress");
        assert!(message.ends_with("there is oslo, Paris"), "{message}");
        assert_eq!(fault(&[]).unwrap().1, "no egress is configured here; leave it out");
    }
}
