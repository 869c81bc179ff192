//! Verifying a received webhook in one call.

use hopline_signing::{
    StandardHeaders, TOLERANCE_S_DEFAULT, VerifyError, WebhookSecret, WebhookSecretError, verify_standard,
    verify_timestamped,
};

/// A webhook as it was received: raw body, and the headers that were there.
#[derive(Clone, Copy, Debug)]
pub struct ReceivedWebhook<'a> {
    /// The `t=,v1=` header, `X-Hopline-Signature` unless named otherwise.
    pub timestamped: Option<&'a str>,
    pub standard: StandardHeaders<'a>,
    /// The bytes as received, before any parsing.
    pub body: &'a [u8],
}

/// Checks signatures against one secret.
#[derive(Clone, Debug)]
pub struct WebhookVerifier {
    secret: WebhookSecret,
    tolerance_s: u64,
}

impl WebhookVerifier {
    /// Accepts timestamps within five minutes of now.
    pub fn new(secret: &str) -> Result<Self, WebhookSecretError> {
        Ok(Self { secret: WebhookSecret::parse(secret)?, tolerance_s: TOLERANCE_S_DEFAULT })
    }

    /// Accepts timestamps within `tolerance_s` seconds of now.
    #[must_use]
    pub fn with_tolerance_s(mut self, tolerance_s: u64) -> Self {
        self.tolerance_s = tolerance_s;
        self
    }

    /// Genuine when every scheme whose headers are present verifies, and at least one is. `now_s` is the receiver's clock
    /// in Unix seconds.
    pub fn verify(&self, webhook: &ReceivedWebhook<'_>, now_s: i64) -> Result<(), VerifyError> {
        if let Some(header) = webhook.timestamped {
            verify_timestamped(header, webhook.body, &self.secret, now_s, self.tolerance_s)?;
        }
        let standard = webhook.standard;
        let has_standard = standard.id.or(standard.timestamp).or(standard.signatures).is_some();
        if has_standard || webhook.timestamped.is_none() {
            verify_standard(standard, webhook.body, &self.secret, now_s, self.tolerance_s)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use hopline_signing::{standard_header, timestamped_header};

    use super::*;

    const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    const NOW_S: i64 = 1_780_660_800;

    #[test]
    fn both_schemes_must_hold_when_both_are_there() {
        let secret = WebhookSecret::parse(SECRET).unwrap();
        let timestamped = timestamped_header(&[&secret], NOW_S, b"{}");
        let signatures = standard_header(&[&secret], "evt_1", NOW_S, b"{}").unwrap();
        let timestamp = NOW_S.to_string();
        let standard =
            StandardHeaders { id: Some("evt_1"), timestamp: Some(&timestamp), signatures: Some(&signatures) };
        let received = ReceivedWebhook { timestamped: Some(&timestamped), standard, body: b"{}" };
        let verifier = WebhookVerifier::new(SECRET).unwrap();
        assert_eq!(verifier.verify(&received, NOW_S), Ok(()));
        assert!(verifier.verify(&ReceivedWebhook { body: b"[]", ..received }, NOW_S).is_err());
        let other_id = StandardHeaders { id: Some("evt_2"), ..standard };
        assert!(verifier.verify(&ReceivedWebhook { standard: other_id, ..received }, NOW_S).is_err());
        let nothing =
            ReceivedWebhook { timestamped: None, standard: StandardHeaders::default(), body: b"{}" };
        assert!(verifier.verify(&nothing, NOW_S).is_err());
        assert!(verifier.verify(&received, NOW_S + 301).is_err());
        assert_eq!(verifier.with_tolerance_s(400).verify(&received, NOW_S + 301), Ok(()));
    }
}
