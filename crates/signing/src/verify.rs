//! Verification of a delivery as a receiver does it: strict, constant-time, first failure wins. The `t=,v1=` header
//! is read by Link Skipper's rules, except that any `v1` may match. It keeps no memory of replays.

use subtle::{Choice, ConstantTimeEq as _};

use crate::WebhookSecret;
use crate::webhook::{standard_signature, timestamped_signature};

/// The usual tolerance between signing and verifying, in seconds, in both directions.
pub const TOLERANCE_S_DEFAULT: u64 = 300;

/// What the `t=,v1=` header is called in errors; its real name differs by endpoint.
const TIMESTAMPED_HEADER: &str = "the signature header";
const ID_HEADER: &str = "webhook-id";
const TIMESTAMP_HEADER: &str = "webhook-timestamp";
const SIGNATURE_HEADER: &str = "webhook-signature";

/// From here on a number of "seconds" is in milliseconds: as seconds it would lie after the year 5000.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// What PHP's `trim` removes, and thereby the Link Skipper verifier.
const TRIMMED: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\x0B'];

/// The three headers of Standard Webhooks; an empty value counts as missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct StandardHeaders<'a> {
    /// `webhook-id`
    pub id: Option<&'a str>,
    /// `webhook-timestamp`
    pub timestamp: Option<&'a str>,
    /// `webhook-signature`
    pub signatures: Option<&'a str>,
}

/// The step at which verification failed, in the order in which the steps are taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    #[error("find the header {header}")]
    MissingHeader { header: &'static str },
    #[error("read {header}: {problem}")]
    MalformedHeader { header: &'static str, problem: &'static str },
    /// Both times in Unix seconds.
    #[error("accept the timestamp: signed at {signed_at_s}, now is {now_s}, more than {tolerance_s} s apart")]
    TimestampOutsideTolerance { signed_at_s: i64, now_s: i64, tolerance_s: u64 },
    #[error("use the secret for Standard Webhooks: what follows `whsec_` is not base64")]
    NoStandardKey,
    #[error("match any of the {signatures} signatures: another secret, or the body is not the one signed")]
    NoMatchingSignature { signatures: usize },
}

impl VerifyError {
    /// The mistakes that most often lead here, as advice to a person.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::MissingHeader { .. } => {
                "pass the request's headers on as received; some frameworks and proxies drop or rename unknown ones"
            }
            Self::MalformedHeader { .. } => {
                "`t=<unix seconds>,v1=<hex>` comes in X-Hopline-Signature (or the name set for the endpoint), \
                 `v1,<base64>` in webhook-signature; do not mix them up, and copy the value whole"
            }
            Self::TimestampOutsideTolerance { signed_at_s, .. } if *signed_at_s >= MILLISECONDS_FROM => {
                "the timestamp is in milliseconds; it must be in seconds"
            }
            Self::TimestampOutsideTolerance { signed_at_s, now_s, .. } if signed_at_s > now_s => {
                "this machine's clock is behind the signer's; check its time synchronisation"
            }
            Self::TimestampOutsideTolerance { .. } => {
                "an old delivery is being verified, or this machine's clock is ahead; every attempt is signed \
                 afresh, so replay the delivery, or widen the tolerance for a test"
            }
            Self::NoStandardKey => "verify the `t=,v1=` header instead, or rotate to a generated secret",
            Self::NoMatchingSignature { .. } => {
                "check that the secret is this endpoint's current one, and sign the raw bytes of the body: parsing \
                 and re-serialising JSON, or a trailing line break, changes them"
            }
        }
    }
}

/// Verifies the header `t=<unix seconds>,v1=<hex>[,v1=…]` against the raw body.
///
/// Separated by `,`; each part is split at its first `=` and trimmed; unknown keys are ignored; the last valid `t`
/// counts. A difference between `now_s` and `t` of exactly `tolerance_s` is accepted.
pub fn verify_timestamped(
    header: &str,
    body: &[u8],
    secret: &WebhookSecret,
    now_s: i64,
    tolerance_s: u64,
) -> Result<(), VerifyError> {
    let parsed = TimestampedHeader::parse(header)?;
    check_freshness(parsed.signed_at_s, now_s, tolerance_s)?;
    parsed.check_signature(body, secret)
}

/// Verifies the headers of Standard Webhooks against the raw body. Versions other than `v1` are skipped.
pub fn verify_standard(
    headers: StandardHeaders<'_>,
    body: &[u8],
    secret: &WebhookSecret,
    now_s: i64,
    tolerance_s: u64,
) -> Result<(), VerifyError> {
    let parsed = StandardSignature::parse(headers)?;
    check_freshness(parsed.signed_at_s, now_s, tolerance_s)?;
    parsed.check_signature(body, secret)
}

pub(crate) fn check_freshness(signed_at_s: i64, now_s: i64, tolerance_s: u64) -> Result<(), VerifyError> {
    if now_s.abs_diff(signed_at_s) > tolerance_s {
        return Err(VerifyError::TimestampOutsideTolerance { signed_at_s, now_s, tolerance_s });
    }
    Ok(())
}

/// A well-formed `t=,v1=` header.
pub(crate) struct TimestampedHeader<'a> {
    pub(crate) signed_at_s: i64,
    pub(crate) signatures: Vec<&'a str>,
}

impl<'a> TimestampedHeader<'a> {
    pub(crate) fn parse(header: &'a str) -> Result<Self, VerifyError> {
        let malformed = |problem| VerifyError::MalformedHeader { header: TIMESTAMPED_HEADER, problem };
        let mut signed_at_s = None;
        let mut signatures = Vec::new();
        for (name, value) in header.split(',').filter_map(|part| part.split_once('=')) {
            let value = value.trim_matches(TRIMMED);
            match name.trim_matches(TRIMMED) {
                "t" => signed_at_s = parse_unix_seconds(value).or(signed_at_s),
                "v1" if !value.is_empty() => signatures.push(value),
                _ => {}
            }
        }
        let signed_at_s = signed_at_s.ok_or(malformed("it has no `t=<unix seconds>`, digits only"))?;
        if signatures.is_empty() {
            return Err(malformed("it has no `v1=<hex>`"));
        }
        Ok(Self { signed_at_s, signatures })
    }

    pub(crate) fn check_signature(&self, body: &[u8], secret: &WebhookSecret) -> Result<(), VerifyError> {
        check_any(&self.signatures, &timestamped_signature(secret, self.signed_at_s, body))
    }
}

/// Well-formed headers of Standard Webhooks; the signatures are those of `v1`, without their version.
pub(crate) struct StandardSignature<'a> {
    id: &'a str,
    pub(crate) signed_at_s: i64,
    pub(crate) signatures: Vec<&'a str>,
}

impl<'a> StandardSignature<'a> {
    pub(crate) fn parse(headers: StandardHeaders<'a>) -> Result<Self, VerifyError> {
        let malformed = |header, problem| VerifyError::MalformedHeader { header, problem };
        let id = present(headers.id, ID_HEADER)?;
        let timestamp = present(headers.timestamp, TIMESTAMP_HEADER)?;
        let signatures: Vec<&str> = present(headers.signatures, SIGNATURE_HEADER)?
            .split_ascii_whitespace()
            .filter_map(|versioned| versioned.strip_prefix("v1,"))
            .collect();
        let signed_at_s = parse_unix_seconds(timestamp)
            .ok_or(malformed(TIMESTAMP_HEADER, "it must be Unix seconds, digits only"))?;
        if signatures.is_empty() {
            return Err(malformed(SIGNATURE_HEADER, "it has no `v1,<base64>`"));
        }
        Ok(Self { id, signed_at_s, signatures })
    }

    pub(crate) fn check_signature(&self, body: &[u8], secret: &WebhookSecret) -> Result<(), VerifyError> {
        let key = secret.standard_key().ok_or(VerifyError::NoStandardKey)?;
        check_any(&self.signatures, &standard_signature(key, self.id, self.signed_at_s, body))
    }
}

fn present<'a>(value: Option<&'a str>, header: &'static str) -> Result<&'a str, VerifyError> {
    value.map(str::trim).filter(|value| !value.is_empty()).ok_or(VerifyError::MissingHeader { header })
}

/// ASCII digits only. A number beyond 63 bits saturates, as it does in PHP, and then fails as a far future.
fn parse_unix_seconds(text: &str) -> Option<i64> {
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.parse().unwrap_or(i64::MAX))
}

/// Compares every signature in full, so that time tells neither which one matched nor how far one did.
fn check_any(signatures: &[&str], expected: &str) -> Result<(), VerifyError> {
    let compare = |found: Choice, signature: &&str| found | signature.as_bytes().ct_eq(expected.as_bytes());
    if signatures.iter().fold(Choice::from(0), compare).into() {
        Ok(())
    } else {
        Err(VerifyError::NoMatchingSignature { signatures: signatures.len() })
    }
}

#[cfg(test)]
mod tests;
