//! Readers of a key's members, shared by create and update.

use std::net::IpAddr;

use hopline_domain::{
    key::{KeyLimits, KeyState, Scope, Scopes},
    limits::{
        KEY_ALLOWED_IPS_MAX, KEY_CREATES_PER_MINUTE_DEFAULT, KEY_NAME_CHARS_MAX, SIGNATURE_HEADERS_MAX,
    },
};
use hopline_signing::WebhookSecret;
use http::HeaderName;
use ipnet::{IpNet, Ipv4Net};
use serde_json::Value;

use crate::fields::{Change, Fields, Place, integer, list, object, parsed, word};

const SCOPES_MAX: usize = 32;
const NAME_BYTES_MAX: usize = KEY_NAME_CHARS_MAX * 4;
const HEADER_NAME_BYTES_MAX: usize = 64;
const SECRET_BYTES_MAX: usize = 128;
/// The header that carries the `t=,v1=` signature unless others are named.
pub(super) const SIGNATURE_HEADER_DEFAULT: &str = "X-Hopline-Signature";
/// Headers that belong to the connection or to the delivery itself.
const RESERVED_HEADERS: [&str; 16] = [
    "host",
    "connection",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "expect",
    "accept-encoding",
    "authorization",
    "cookie",
    "user-agent",
    "date",
    "x-hopline-seq",
];

pub(super) fn name(value: &Value, place: &mut Place<'_>) -> Option<String> {
    let parse = |text: &str| {
        let name = text.trim();
        let fits =
            (1..=KEY_NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if fits {
            Ok(name.to_owned())
        } else {
            Err(format!("give 1 to {KEY_NAME_CHARS_MAX} printable characters"))
        }
    };
    parsed(NAME_BYTES_MAX, parse)(value, place)
}

pub(super) fn scopes(value: &Value, place: &mut Place<'_>) -> Option<Scopes> {
    let scopes = list(SCOPES_MAX, word::<Scope>("the scopes of the API reference, or *"))(value, place)?;
    let named_none = value.as_array().is_some_and(Vec::is_empty);
    if named_none { place.refuse("required", "name at least one scope") } else { Some(Scopes::new(scopes)) }
}

pub(super) fn allowed_ips(value: &Value, place: &mut Place<'_>) -> Option<Vec<IpNet>> {
    list(KEY_ALLOWED_IPS_MAX, parsed(64, net))(value, place)
}

fn net(text: &str) -> Result<IpNet, String> {
    let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    net.map(canonical).map_err(|_| "give an address or a CIDR block, as 203.0.113.0/24".to_owned())
}

/// Callers are compared in their canonical form, so a net of v4-mapped addresses is kept as the IPv4 net it means.
fn canonical(net: IpNet) -> IpNet {
    let IpNet::V6(six) = net else { return net.trunc() };
    let four = six.addr().to_ipv4_mapped().zip(six.prefix_len().checked_sub(96));
    let four = four.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok());
    four.map_or(net, IpNet::V4).trunc()
}

pub(in crate::api) fn signature_headers(value: &Value, place: &mut Place<'_>) -> Option<Vec<String>> {
    let names = list(SIGNATURE_HEADERS_MAX, parsed(HEADER_NAME_BYTES_MAX, header_name))(value, place)?;
    let repeated = names
        .iter()
        .enumerate()
        .any(|(index, one)| names[index + 1..].iter().any(|other| one.eq_ignore_ascii_case(other)));
    if repeated {
        return place.refuse("repeated", "name each header once");
    }
    let named_none = value.as_array().is_some_and(Vec::is_empty);
    Some(if named_none { signature_headers_default() } else { names })
}

pub(in crate::api) fn signature_headers_default() -> Vec<String> {
    vec![SIGNATURE_HEADER_DEFAULT.to_owned()]
}

/// The spelling is kept: receivers may look for it byte for byte.
fn header_name(text: &str) -> Result<String, String> {
    let lower = text.to_ascii_lowercase();
    let reserved = RESERVED_HEADERS.contains(&lower.as_str())
        || lower.starts_with("webhook-")
        || lower.starts_with("content-");
    match HeaderName::try_from(text) {
        Ok(_) if !reserved => Ok(text.to_owned()),
        Ok(_) => Err("this header belongs to the delivery itself".to_owned()),
        Err(_) => Err("this is no header name".to_owned()),
    }
}

/// A receiver's own secret, taken over unchanged.
pub(in crate::api) fn webhook_secret(value: &Value, place: &mut Place<'_>) -> Option<WebhookSecret> {
    parsed(SECRET_BYTES_MAX, |text| WebhookSecret::parse(text).map_err(|error| error.to_string()))(
        value, place,
    )
}

/// The limits of a new key: what is left out takes its default, `null` is no limit.
pub(super) fn limits(fields: &mut Fields<'_, '_>) -> KeyLimits {
    let change = limits_change(fields);
    KeyLimits {
        creates_per_minute: change
            .creates_per_minute
            .optional()
            .or_cleared(None)
            .unwrap_or(Some(KEY_CREATES_PER_MINUTE_DEFAULT)),
        daily_quota: change.daily_quota.optional().or_cleared(None).flatten(),
    }
}

/// Which limits are to change, and to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LimitsChange {
    pub(super) creates_per_minute: Change<u32>,
    pub(super) daily_quota: Change<u32>,
}

/// `limits: null` clears both.
pub(super) fn limits_change(fields: &mut Fields<'_, '_>) -> LimitsChange {
    let read = object(|limits| LimitsChange {
        creates_per_minute: limits.change("creates_per_minute", calls),
        daily_quota: limits.change("daily_quota", calls),
    });
    match fields.change("limits", read) {
        Change::Keep => LimitsChange { creates_per_minute: Change::Keep, daily_quota: Change::Keep },
        Change::Clear => LimitsChange { creates_per_minute: Change::Clear, daily_quota: Change::Clear },
        Change::Set(change) => change,
    }
}

fn calls(value: &Value, place: &mut Place<'_>) -> Option<u32> {
    integer(1, u64::from(u32::MAX))(value, place).and_then(|calls| u32::try_from(calls).ok())
}

/// `active`, `disabled` or `revoked`.
pub(super) fn state(value: &Value, place: &mut Place<'_>) -> Option<KeyState> {
    word("active, disabled, revoked")(value, place)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fields::Faults;

    fn faults<T>(value: &Value, read: impl Fn(&Value, &mut Place<'_>) -> Option<T>) -> Vec<String> {
        let mut faults = Faults::default();
        read(value, &mut Place::root(&mut faults));
        faults.into_vec().into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
    }

    #[test]
    fn nets_are_kept_in_canonical_form() {
        for (text, expected) in [
            ("203.0.113.7", "203.0.113.7/32"),
            ("203.0.113.7/24", "203.0.113.0/24"),
            ("::ffff:203.0.113.7", "203.0.113.7/32"),
            ("::ffff:203.0.113.7/120", "203.0.113.0/24"),
            ("2001:db8::7/32", "2001:db8::/32"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(net(text).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn members_are_judged_one_by_one() {
        assert!(faults(&json!(["resolve", "*"]), scopes).is_empty());
        assert_eq!(faults(&json!(["resolve", "fly"]), scopes), ["/1 unknown_word"]);
        assert_eq!(faults(&json!([]), scopes), [" required"]);
        assert!(faults(&json!(["203.0.113.7", "2001:db8::/32"]), allowed_ips).is_empty());
        assert_eq!(faults(&json!(["203.0.113.0/33"]), allowed_ips), ["/0 malformed"]);
        assert!(faults(&json!(["X-LinkSkipper-Signature"]), signature_headers).is_empty());
        assert_eq!(
            faults(&json!(["Webhook-Id", "a b"]), signature_headers),
            ["/0 malformed", "/1 malformed"]
        );
        assert_eq!(faults(&json!(["X-A", "x-a"]), signature_headers), [" repeated"]);
        assert_eq!(faults(&json!("  "), name), [" malformed"]);
        assert_eq!(faults(&json!("whsec_short"), webhook_secret), [" malformed"]);
    }
}
