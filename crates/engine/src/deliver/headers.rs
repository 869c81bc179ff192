//! The request headers of one attempt: both signatures, made freshly, and a copy for the evidence without them.

use hopline_domain::{delivery::MessageId, time::Timestamp};
use hopline_signing::{WebhookSecret, standard_header, timestamped_header};
use http::{HeaderMap, HeaderName, HeaderValue, header};

const SEQ: HeaderName = HeaderName::from_static("x-hopline-seq");
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
const MASK: &str = "***";

/// What is said and signed.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) user_agent: &'a HeaderValue,
    pub(crate) id: MessageId,
    /// `None` for clicks and batches.
    pub(crate) event_seq: Option<i64>,
    /// An endpoint's own headers; judged when it was saved.
    pub(crate) own_headers: &'a [(String, String)],
    /// Names of the headers that carry the `t=,v1=` signature.
    pub(crate) signature_headers: &'a [String],
    /// At least one, newest first.
    pub(crate) secrets: &'a [WebhookSecret],
    pub(crate) body: &'a [u8],
}

/// Headers to send, and as they may be shown.
#[derive(Debug, Default)]
pub(crate) struct RequestHeaders {
    pub(crate) sent: HeaderMap,
    pub(crate) shown: Vec<(String, String)>,
}

impl RequestHeaders {
    /// Signs `message` at the time of this attempt (wire contracts §6).
    pub(crate) fn signed(message: &Message<'_>, at: Timestamp) -> Self {
        let mut headers = Self::default();
        headers.add(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.add(header::USER_AGENT, message.user_agent.clone());
        if let Some(seq) = message.event_seq {
            headers.add(SEQ, seq.into());
        }
        for (name, value) in message.own_headers {
            headers.add_own(name, value);
        }
        headers.sign(message, at.unix_seconds());
        headers
    }

    /// Their values may be credentials: none is shown. What the delivery says itself is never overwritten.
    fn add_own(&mut self, name: &str, value: &str) {
        let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) else {
            return;
        };
        if self.sent.contains_key(&name) {
            return;
        }
        value.set_sensitive(true);
        self.shown.push((name.to_string(), MASK.to_owned()));
        self.sent.insert(name, value);
    }

    fn sign(&mut self, message: &Message<'_>, timestamp_s: i64) {
        let secrets: Vec<&WebhookSecret> = message.secrets.iter().collect();
        let timestamped = timestamped_header(&secrets, timestamp_s, message.body);
        for name in message.signature_headers {
            self.add_signature(name.parse().ok(), &timestamped);
        }
        let id = message.id.to_string();
        if let Some(standard) = standard_header(&secrets, &id, timestamp_s, message.body) {
            // An id is letters, digits and `_`, so this always is a value.
            if let Ok(id) = HeaderValue::try_from(id) {
                self.add(WEBHOOK_ID, id);
            }
            self.add(WEBHOOK_TIMESTAMP, timestamp_s.into());
            self.add_signature(Some(WEBHOOK_SIGNATURE), &standard);
        }
    }

    fn add(&mut self, name: HeaderName, value: HeaderValue) {
        let shown = String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.shown.push((name.to_string(), shown));
        self.sent.insert(name, value);
    }

    /// Names were judged when the receiver was set up; one that is no header name is passed over.
    fn add_signature(&mut self, name: Option<HeaderName>, signature: &str) {
        if let (Some(name), Ok(mut value)) = (name, HeaderValue::from_str(signature)) {
            value.set_sensitive(true);
            self.shown.push((name.to_string(), masked(signature)));
            self.sent.insert(name, value);
        }
    }
}

/// Leaves what says how it was signed and takes away the signatures: `t=1,v1=***`, `v1,*** v1,***`.
fn masked(signature: &str) -> String {
    if signature.starts_with("t=") {
        let parts = signature.split(',').map(|part| match part.split_once('=') {
            Some(("t", _)) | None => part.to_owned(),
            Some((scheme, _)) => format!("{scheme}={MASK}"),
        });
        return parts.collect::<Vec<_>>().join(",");
    }
    let each = signature.split(' ').map(|one| match one.split_once(',') {
        Some((scheme, _)) => format!("{scheme},{MASK}"),
        None => MASK.to_owned(),
    });
    each.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use hopline_domain::id::EventId;
    use hopline_signing::{StandardHeaders, TOLERANCE_S_DEFAULT, verify_standard, verify_timestamped};
    use uuid::Uuid;

    use super::*;

    const BODY: &[u8] = b"{\"event\":\"resolve.done\"}";
    const AT: Timestamp = Timestamp(1_763_740_800_999);

    fn secret(text: &str) -> WebhookSecret {
        WebhookSecret::parse(text).unwrap()
    }

    fn signed(secrets: &[WebhookSecret], names: &[&str]) -> RequestHeaders {
        let message = Message {
            user_agent: &HeaderValue::from_static("Hopline/0.1.0"),
            id: MessageId::Event(EventId(Uuid::nil())),
            event_seq: Some(7),
            own_headers: &[
                ("Authorization".to_owned(), "Bearer s3cret".to_owned()),
                ("User-Agent".to_owned(), "x".to_owned()),
            ],
            signature_headers: &names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(),
            secrets,
            body: BODY,
        };
        RequestHeaders::signed(&message, AT)
    }

    #[test]
    fn both_signatures_verify_and_none_is_shown() {
        let secrets = [secret("whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")];
        let headers = signed(&secrets, &["X-Hopline-Signature", "X-LinkSkipper-Signature", "not a name"]);
        let sent = |name: &str| headers.sent[name].to_str().unwrap();
        for name in ["x-hopline-signature", "x-linkskipper-signature"] {
            verify_timestamped(sent(name), BODY, &secrets[0], AT.unix_seconds(), TOLERANCE_S_DEFAULT)
                .unwrap();
        }
        let standard = StandardHeaders {
            id: Some(sent("webhook-id")),
            timestamp: Some(sent("webhook-timestamp")),
            signatures: Some(sent("webhook-signature")),
        };
        verify_standard(standard, BODY, &secrets[0], AT.unix_seconds(), TOLERANCE_S_DEFAULT).unwrap();
        let shown: Vec<_> = headers.shown.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            shown,
            [
                "content-type: application/json",
                "user-agent: Hopline/0.1.0",
                "x-hopline-seq: 7",
                "authorization: ***",
                "x-hopline-signature: t=1763740800,v1=***",
                "x-linkskipper-signature: t=1763740800,v1=***",
                "webhook-id: evt_00000000000000000000000000000000",
                "webhook-timestamp: 1763740800",
                "webhook-signature: v1,***",
            ]
        );
    }

    #[test]
    fn a_secret_that_is_no_base64_signs_only_the_timestamped_way() {
        let secrets = [secret("whsec_not.base64.but.thirty.bytes.long")];
        let headers = signed(&secrets, &["X-Hopline-Signature"]);
        assert!(headers.sent.contains_key("x-hopline-signature"));
        assert!(!headers.sent.keys().any(|name| name.as_str().starts_with("webhook-")));
    }

    #[test]
    fn every_signature_of_a_rotation_is_masked() {
        assert_eq!(masked("t=1,v1=aa,v1=bb"), "t=1,v1=***,v1=***");
        assert_eq!(masked("v1,aa= v1,bb="), "v1,*** v1,***");
    }
}
