//! The verifier behind `hopline verify`: takes every step even after one fails, and tries the usual mistakes to say
//! which one was made. For people at a terminal; a receiver must use `verify_timestamped` or `verify_standard`.

use crate::verify::{StandardSignature, TimestampedHeader, check_freshness};
use crate::{StandardHeaders, VerifyError, WebhookSecret, WebhookSecretError};

/// A delivery as it was received; a header that was not received is `None`.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// The `t=,v1=` header, whatever its name: `X-Hopline-Signature` by default.
    pub timestamped: Option<&'a str>,
    pub standard: StandardHeaders<'a>,
    pub body: &'a [u8],
}

/// One step of the verification and its outcome, for a person to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    pub ok: bool,
    pub explanation: String,
}

impl Step {
    fn passed(name: &'static str, explanation: String) -> Self {
        Self { name, ok: true, explanation }
    }

    fn failed(name: &'static str, explanation: String) -> Self {
        Self { name, ok: false, explanation }
    }

    fn from_error(name: &'static str, error: &VerifyError) -> Self {
        Self::failed(name, format!("failed to {error}. Hint: {}", error.hint()))
    }
}

/// Explains the verification of each scheme whose headers are given; the delivery is genuine if all steps are `ok`.
///
/// `secret_text` is the secret as the person pasted it; white space around it is ignored.
pub fn explain(received: &Received<'_>, secret_text: &str, now_s: i64, tolerance_s: u64) -> Vec<Step> {
    let secret = match WebhookSecret::parse(secret_text.trim()) {
        Ok(secret) => secret,
        Err(error) => return vec![Step::failed("secret", explain_secret(secret_text.trim(), error))],
    };
    let mut steps = vec![Step::passed("secret", format!("well-formed: {secret:?}"))];
    let freshness = Freshness { now_s, tolerance_s };
    if let Some(header) = received.timestamped {
        steps.extend(explain_timestamped(header, received.body, &secret, freshness));
    }
    let standard = received.standard;
    if standard.id.or(standard.timestamp).or(standard.signatures).is_some() {
        steps.extend(explain_standard(standard, received.body, &secret, freshness));
    }
    if steps.len() == 1 {
        let wanted = "pass X-Hopline-Signature, or webhook-id, webhook-timestamp and webhook-signature";
        steps.push(Step::failed("headers", format!("found no signature header; {wanted}")));
    }
    steps
}

#[derive(Clone, Copy)]
struct Freshness {
    now_s: i64,
    tolerance_s: u64,
}

fn explain_timestamped(header: &str, body: &[u8], secret: &WebhookSecret, freshness: Freshness) -> Vec<Step> {
    let parsed = match TimestampedHeader::parse(header) {
        Ok(parsed) => parsed,
        Err(error) => return vec![Step::from_error("t=,v1= header", &error)],
    };
    let signature = explain_signature(body, &|body| parsed.check_signature(body, secret));
    vec![
        Step::passed("t=,v1= header", format!("well-formed, {}", count(parsed.signatures.len()))),
        explain_freshness("t=,v1= timestamp", parsed.signed_at_s, freshness),
        signature.into_step("t=,v1= signature"),
    ]
}

fn explain_standard(
    headers: StandardHeaders<'_>,
    body: &[u8],
    secret: &WebhookSecret,
    freshness: Freshness,
) -> Vec<Step> {
    let parsed = match StandardSignature::parse(headers) {
        Ok(parsed) => parsed,
        Err(error) => return vec![Step::from_error("webhook-… headers", &error)],
    };
    let signature = explain_signature(body, &|body| parsed.check_signature(body, secret));
    vec![
        Step::passed("webhook-… headers", format!("well-formed, {}", count(parsed.signatures.len()))),
        explain_freshness("webhook-timestamp", parsed.signed_at_s, freshness),
        signature.into_step("webhook-signature"),
    ]
}

fn count(signatures: usize) -> String {
    if signatures == 1 {
        "one signature".to_owned()
    } else {
        format!("{signatures} signatures (a secret is being rotated)")
    }
}

fn explain_freshness(name: &'static str, signed_at_s: i64, freshness: Freshness) -> Step {
    let Freshness { now_s, tolerance_s } = freshness;
    if let Err(error) = check_freshness(signed_at_s, now_s, tolerance_s) {
        return Step::from_error(name, &error);
    }
    let distance_s = now_s.abs_diff(signed_at_s);
    let direction = if signed_at_s > now_s { "ahead of now" } else { "ago" };
    Step::passed(name, format!("signed {distance_s} s {direction}, within {tolerance_s} s"))
}

enum Signature {
    Matches,
    /// It matches once the body is changed in the way the text describes.
    MatchesBody(&'static str),
    Fails(VerifyError),
}

impl Signature {
    fn into_step(self, name: &'static str) -> Step {
        match self {
            Self::Matches => Step::passed(name, "made with this secret over this body".to_owned()),
            Self::MatchesBody(change) => Step::failed(
                name,
                format!(
                    "the secret is right, but the body was changed on its way here: the signature matches it \
                     {change}. Verify the raw bytes as received"
                ),
            ),
            Self::Fails(error) => Step::from_error(name, &error),
        }
    }
}

fn explain_signature(body: &[u8], check: &dyn Fn(&[u8]) -> Result<(), VerifyError>) -> Signature {
    let Err(error) = check(body) else {
        return Signature::Matches;
    };
    let matching = body_variants(body).into_iter().find(|(_, variant)| check(variant).is_ok());
    matching.map_or(Signature::Fails(error), |(change, _)| Signature::MatchesBody(change))
}

/// What a body may have been before the usual accidents of copying, saving and re-serialising.
fn body_variants(body: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8_lossy(body);
    vec![
        ("without the line break at its end", text.trim_end_matches(['\r', '\n']).into()),
        ("with a line break at its end", [body, b"\n"].concat()),
        ("without the byte order mark at its start", text.trim_start_matches('\u{feff}').into()),
        ("with LF instead of CRLF line ends", text.replace("\r\n", "\n").into()),
        ("without the white space between JSON tokens", compact_json(body)),
    ]
}

/// Drops white space outside of strings (RFC 8259 §2); anything that is no JSON comes out changed somehow.
fn compact_json(body: &[u8]) -> Vec<u8> {
    let (mut in_string, mut escaped) = (false, false);
    let keep = |byte: &u8| {
        match byte {
            b'"' if !escaped => in_string = !in_string,
            b' ' | b'\t' | b'\n' | b'\r' if !in_string => return false,
            _ => {}
        }
        escaped = in_string && !escaped && *byte == b'\\';
        true
    };
    body.iter().copied().filter(keep).collect()
}

/// `(what the pasted text begins with, what it is instead of a webhook secret)`
const MISTAKEN_SECRETS: [(&str, &str); 9] = [
    ("v1,", "this is a signature (webhook-signature), not the secret"),
    ("v1=", "this is a signature, not the secret"),
    ("t=", "this is a signature header, not the secret"),
    ("sk_live_", "this is an API key; deliveries are signed with its webhook secret"),
    (
        "ls_live_",
        "this is the secret of an API Link for requests; deliveries have a webhook secret of their own",
    ),
    ("whsk_", "this is an ed25519 key; deliveries are signed with HMAC-SHA256"),
    ("whpk_", "this is an ed25519 key; deliveries are signed with HMAC-SHA256"),
    ("\"", "remove the quotation marks around the secret"),
    ("'", "remove the quotation marks around the secret"),
];

fn explain_secret(text: &str, error: WebhookSecretError) -> String {
    let mistaken = MISTAKEN_SECRETS.iter().find(|(start, _)| text.starts_with(start));
    mistaken
        .map_or(format!("failed to {error}"), |(_, mistake)| format!("failed to {error}. Hint: {mistake}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{standard_header, timestamped_header};

    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const BODY: &[u8] = br#"{"event":"resolve.done","text":"a \" b"}"#;
    const NOW_S: i64 = 1_649_367_553;

    struct Delivery {
        timestamped: String,
        timestamp: String,
        signatures: String,
    }

    impl Delivery {
        fn signed_at(timestamp_s: i64) -> Self {
            let secret = WebhookSecret::parse(SECRET).unwrap();
            Self {
                timestamped: timestamped_header(&[&secret], timestamp_s, BODY),
                timestamp: timestamp_s.to_string(),
                signatures: standard_header(&[&secret], "evt_1", timestamp_s, BODY).unwrap(),
            }
        }

        fn received<'a>(&'a self, body: &'a [u8]) -> Received<'a> {
            let standard = StandardHeaders {
                id: Some("evt_1"),
                timestamp: Some(&self.timestamp),
                signatures: Some(&self.signatures),
            };
            Received { timestamped: Some(&self.timestamped), standard, body }
        }
    }

    fn outcomes(steps: &[Step]) -> Vec<(&'static str, bool)> {
        steps.iter().map(|step| (step.name, step.ok)).collect()
    }

    #[test]
    fn a_genuine_delivery_passes_every_step_of_both_schemes() {
        let delivery = Delivery::signed_at(NOW_S - 12);
        let steps = explain(&delivery.received(BODY), &format!(" {SECRET}\n"), NOW_S, 300);
        let expected = [
            ("secret", "well-formed: WebhookSecret(whsec_…b7oD)"),
            ("t=,v1= header", "well-formed, one signature"),
            ("t=,v1= timestamp", "signed 12 s ago, within 300 s"),
            ("t=,v1= signature", "made with this secret over this body"),
            ("webhook-… headers", "well-formed, one signature"),
            ("webhook-timestamp", "signed 12 s ago, within 300 s"),
            ("webhook-signature", "made with this secret over this body"),
        ];
        let actual: Vec<_> = steps.iter().map(|step| (step.name, step.explanation.as_str())).collect();
        assert_eq!(actual, expected);
        assert!(steps.iter().all(|step| step.ok));
    }

    #[test]
    fn a_stale_delivery_still_has_its_signature_checked() {
        let delivery = Delivery::signed_at(NOW_S - 4000);
        let received = Received { standard: StandardHeaders::default(), ..delivery.received(BODY) };
        let steps = explain(&received, SECRET, NOW_S, 300);
        let expected = [
            ("secret", true),
            ("t=,v1= header", true),
            ("t=,v1= timestamp", false),
            ("t=,v1= signature", true),
        ];
        assert_eq!(outcomes(&steps), expected);
    }

    #[test]
    fn accidents_of_the_body_are_named() {
        let with_bom = ["\u{feff}".as_bytes(), BODY].concat();
        let rows: [(&[u8], &str); 5] = [
            (&[BODY, b"\n"].concat(), "without the line break"),
            (&[BODY, b"\r\n"].concat(), "without the line break"),
            (&with_bom, "without the byte order mark"),
            (b"{\n  \"event\": \"resolve.done\",\r\n\t\"text\": \"a \\\" b\"\n}", "between JSON tokens"),
            (br#"{"event":"resolve.failed"}"#, "re-serialising"),
        ];
        let delivery = Delivery::signed_at(NOW_S);
        for (body, expected) in rows {
            for step in explain(&delivery.received(body), SECRET, NOW_S, 300) {
                let is_signature = step.name.ends_with("signature");
                assert_eq!(step.ok, !is_signature, "{step:?}");
                assert!(!is_signature || step.explanation.contains(expected), "{step:?} for {expected}");
            }
        }
    }

    #[test]
    fn accidents_the_signer_did_not_make_are_undone_too() {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        for (signed, received, expected) in
            [("{}\n", "{}", "with a line break"), ("{\n}", "{\r\n}", "LF instead of CRLF")]
        {
            let header = timestamped_header(&[&secret], NOW_S, signed.as_bytes());
            let received = Received {
                timestamped: Some(&header),
                standard: StandardHeaders::default(),
                body: received.as_bytes(),
            };
            let steps = explain(&received, SECRET, NOW_S, 300);
            assert!(steps[3].explanation.contains(expected), "{steps:?}");
        }
    }

    #[test]
    fn what_was_pasted_instead_of_a_secret_is_named() {
        let rows = [
            ("v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", "a signature"),
            ("t=1649367553,v1=abc", "a signature header"),
            ("sk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX", "an API key"),
            ("\"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD\"", "quotation marks"),
            ("C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "must begin with `whsec_`"),
            ("whsec_short", "24 to 64 bytes"),
        ];
        let delivery = Delivery::signed_at(NOW_S);
        for (pasted, expected) in rows {
            let steps = explain(&delivery.received(BODY), pasted, NOW_S, 300);
            assert_eq!(outcomes(&steps), [("secret", false)]);
            assert!(steps[0].explanation.contains(expected), "{steps:?}");
            assert!(!steps[0].explanation.contains("C2FVsBQ"), "the pasted text is not repeated");
        }
    }

    #[test]
    fn missing_and_malformed_headers_end_their_scheme() {
        let delivery = Delivery::signed_at(NOW_S);
        let nothing = Received { timestamped: None, standard: StandardHeaders::default(), body: BODY };
        assert_eq!(outcomes(&explain(&nothing, SECRET, NOW_S, 300)), [("secret", true), ("headers", false)]);

        let standard = StandardHeaders { timestamp: None, ..delivery.received(BODY).standard };
        let swapped = Received { timestamped: Some(&delivery.signatures), standard, body: BODY };
        let steps = explain(&swapped, SECRET, NOW_S, 300);
        assert_eq!(
            outcomes(&steps),
            [("secret", true), ("t=,v1= header", false), ("webhook-… headers", false)]
        );
        assert!(steps[1].explanation.contains("webhook-signature"));
        assert!(steps[2].explanation.contains("find the header webhook-timestamp"));
    }
}
