//! The two signature headers of a webhook delivery (wire contracts §6): `t=,v1=` as Stripe and Link Skipper read
//! it, and `webhook-signature` of Standard Webhooks. The signed body must be the very bytes that are sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::WebhookSecret;
use crate::mac::{hex, hmac_sha256};

/// `t=<timestamp_s>,v1=<hex>`, with one `v1` per secret in the order given. Pass at least one secret, newest first:
/// a Link Skipper receiver reads only the last `v1`, and is the one that still holds the oldest secret.
///
/// `timestamp_s` is the time of the attempt in Unix seconds; verifiers read no negative ones.
pub fn timestamped_header(secrets: &[&WebhookSecret], timestamp_s: i64, body: &[u8]) -> String {
    let mut header = format!("t={timestamp_s}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&timestamped_signature(secret, timestamp_s, body));
    }
    header
}

/// The value of `webhook-signature` for the `webhook-id` and `webhook-timestamp` sent with it: one `v1,<base64>`
/// per secret that has a standard key, separated by spaces; `None` if none has.
pub fn standard_header(
    secrets: &[&WebhookSecret],
    id: &str,
    timestamp_s: i64,
    body: &[u8],
) -> Option<String> {
    let signatures: Vec<String> = secrets
        .iter()
        .filter_map(|secret| secret.standard_key())
        .map(|key| format!("v1,{}", standard_signature(key, id, timestamp_s, body)))
        .collect();
    if signatures.is_empty() { None } else { Some(signatures.join(" ")) }
}

/// Lower-case hex over `{timestamp_s}.{body}`; the key is the whole text of the secret.
pub(crate) fn timestamped_signature(secret: &WebhookSecret, timestamp_s: i64, body: &[u8]) -> String {
    let timestamp = timestamp_s.to_string();
    hex(&hmac_sha256(secret.expose().as_bytes(), &[timestamp.as_bytes(), b".", body]))
}

/// Base64 over `{id}.{timestamp_s}.{body}`.
pub(crate) fn standard_signature(key: &[u8], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let timestamp = timestamp_s.to_string();
    STANDARD.encode(hmac_sha256(key, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> WebhookSecret {
        WebhookSecret::parse(text).unwrap()
    }

    /// Published vectors of Standard Webhooks and Svix: secret, id, timestamp, body, signature.
    #[test]
    fn standard_webhooks_vectors() {
        let vectors = [
            (
                "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                r#"{"email":"test@example.com","username":"test_user"}"#,
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
            (
                "whsec_plJ3nmyCDGBKInavdOK15jsl",
                "msg_loFOjxBNrRLzqYUf",
                1_731_705_121,
                r#"{"event_type":"ping","data":{"success":true}}"#,
                "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
            ),
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ];
        for (key, id, timestamp_s, body, expected) in vectors {
            let header = standard_header(&[&secret(key)], id, timestamp_s, body.as_bytes());
            assert_eq!(header.as_deref(), Some(expected));
        }
    }

    /// Computed with `openssl dgst -sha256 -hmac`.
    #[test]
    fn timestamped_header_keys_with_the_whole_secret() {
        let key = secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        let header = timestamped_header(&[&key], 1_649_367_553, b"{\"event\":\"resolve.done\"}");
        assert_eq!(
            header,
            "t=1649367553,v1=d7d0347aaea12a9e7b3af759eac75bc0c532c52c1249afe398855d01ba8a30a0"
        );
    }

    #[test]
    fn rotation_keeps_the_order_given_so_the_oldest_is_last() {
        let new = secret("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
        let old = secret("whsec_plJ3nmyCDGBKInavdOK15jsl");
        let new_v1 = timestamped_signature(&new, 5, b"{}");
        let old_v1 = timestamped_signature(&old, 5, b"{}");
        assert_eq!(timestamped_header(&[&new, &old], 5, b"{}"), format!("t=5,v1={new_v1},v1={old_v1}"));

        let both = standard_header(&[&new, &old], "evt_1", 5, b"{}").unwrap();
        let each = [new, old].map(|key| standard_header(&[&key], "evt_1", 5, b"{}").unwrap());
        assert_eq!(both, each.join(" "));
    }

    #[test]
    fn secrets_that_are_not_base64_are_left_out_of_the_standard_header() {
        let own = secret("whsec_not-base64_but-visible-ascii");
        let ours = secret("whsec_plJ3nmyCDGBKInavdOK15jsl");
        assert_eq!(standard_header(&[&own], "evt_1", 5, b"{}"), None);
        assert_eq!(
            standard_header(&[&own, &ours], "evt_1", 5, b"{}"),
            standard_header(&[&ours], "evt_1", 5, b"{}")
        );
        assert!(timestamped_header(&[&own], 5, b"{}").starts_with("t=5,v1="));
    }
}
