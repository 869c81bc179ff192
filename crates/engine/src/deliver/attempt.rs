//! One attempt: sign, send, and keep the evidence. It decides nothing; `domain::delivery::decide` does.

use bytes::Bytes;
use hopline_domain::{
    delivery::{Attempt, AttemptError},
    id::{AttemptId, EndpointId},
    limits,
    store::{ClaimedDelivery, FamilySecret},
    time::Timestamp,
};
use hopline_outbound::{
    BodyEnd, BodyPlan, Exchange, ExchangeError, ExchangeFailure, ExchangeLimits, ExchangeRequest, Purpose,
};
use hopline_signing::{MasterKey, Sealed, WebhookSecret};
use http::{HeaderMap, HeaderValue, Method};
use url::Url;

use super::headers::{Message, RequestHeaders};
use crate::{meters, parts::EngineParts, stopwatch::Stopwatch};

const fn limits_of(timeout_ms: u64) -> ExchangeLimits {
    ExchangeLimits {
        connect_ms: limits::DELIVERY_CONNECT_MS,
        total_ms: timeout_ms,
        body_bytes_max: limits::DELIVERY_RESPONSE_BYTES_MAX,
    }
}

/// Why nothing was sent.
struct Unsent {
    error: AttemptError,
    detail: String,
}

/// Makes the coming attempt of a delivery. Ends within its lane's `timeout_ms`; takes the body with it.
pub(crate) async fn attempt(
    parts: &EngineParts,
    user_agent: &HeaderValue,
    delivery: &mut ClaimedDelivery,
) -> Attempt {
    let started_at = parts.now();
    let stopwatch = Stopwatch::start();
    let mut attempt = Attempt {
        id: AttemptId::generate(started_at, &*parts.entropy),
        number: delivery.attempt_number,
        started_at,
        duration_ms: 0,
        request_headers: Vec::new(),
        response_status: None,
        response_headers: Vec::new(),
        response_body: Vec::new(),
        response_truncated: false,
        remote_addr: None,
        timings: None,
        error: None,
        error_detail: None,
    };
    match request(parts, user_agent, delivery, &mut attempt) {
        Err(unsent) => fail(&mut attempt, unsent.error, unsent.detail),
        Ok(request) => match parts.outbound.exchange(request).await {
            Ok(exchange) => answered(&mut attempt, exchange),
            Err(failure) => unanswered(&mut attempt, &failure),
        },
    }
    let elapsed = stopwatch.elapsed();
    attempt.duration_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    meters::delivery_attempted(
        attempt.error.map_or("succeeded", AttemptError::as_str),
        elapsed.as_secs_f64(),
    );
    attempt
}

fn request(
    parts: &EngineParts,
    user_agent: &HeaderValue,
    delivery: &mut ClaimedDelivery,
    attempt: &mut Attempt,
) -> Result<ExchangeRequest, Unsent> {
    let secrets = open_secrets(&parts.master_key, &delivery.secrets, attempt.started_at);
    if secrets.is_empty() {
        let detail = "no webhook secret of the receiver can be opened; check the master key".to_owned();
        return Err(Unsent { error: AttemptError::Signing, detail });
    }
    let url = Url::parse(&delivery.url).map_err(|error| Unsent {
        error: AttemptError::Protocol,
        detail: format!("the receiver is no URL: {error}"),
    })?;
    let own_headers = open_headers(&parts.master_key, delivery.rules.sealed_headers.as_ref())?;
    let body = Bytes::from(std::mem::take(&mut delivery.body));
    let message = Message {
        user_agent,
        id: delivery.message_id,
        event_seq: delivery.event_seq,
        own_headers: &own_headers,
        signature_headers: &delivery.signature_headers,
        secrets: &secrets,
        body: &body,
    };
    let headers = RequestHeaders::signed(&message, attempt.started_at);
    attempt.request_headers = headers.shown;
    Ok(ExchangeRequest {
        method: Method::POST,
        url,
        headers: headers.sent,
        body,
        purpose: Purpose::Webhook,
        egress: None,
        limits: limits_of(delivery.rules.timeout_ms),
        body_plan: |_| BodyPlan::Read,
    })
}

/// The secrets that still sign, in the order given. One that can't be opened is left out: the receiver may know another.
fn open_secrets(master_key: &MasterKey, sealed: &[FamilySecret], now: Timestamp) -> Vec<WebhookSecret> {
    let live = sealed.iter().filter(|secret| secret.expires_at.is_none_or(|at| at > now));
    live.filter_map(|secret| open_secret(master_key, secret)).collect()
}

/// An endpoint's own headers. A receiver may insist on them, so nothing is sent without.
fn open_headers(
    master_key: &MasterKey,
    sealed: Option<&(EndpointId, Vec<u8>)>,
) -> Result<Vec<(String, String)>, Unsent> {
    let Some((id, sealed)) = sealed else { return Ok(Vec::new()) };
    let opened = master_key.open(&format!("endpoint_headers:{id}"), &Sealed::from_bytes(sealed.clone()));
    let headers = opened.ok().and_then(|opened| serde_json::from_slice(&opened).ok());
    let detail = || "the endpoint's own headers can't be opened; check the master key".to_owned();
    headers.ok_or_else(|| Unsent { error: AttemptError::Signing, detail: detail() })
}

fn open_secret(master_key: &MasterKey, secret: &FamilySecret) -> Option<WebhookSecret> {
    let context = format!("webhook_secret:{}", secret.family_id);
    let opened = match master_key.open(&context, &Sealed::from_bytes(secret.sealed.clone())) {
        Ok(opened) => opened,
        Err(error) => {
            tracing::warn!(family.id = %secret.family_id, %error, "a webhook secret can't be opened");
            return None;
        }
    };
    std::str::from_utf8(&opened).ok().and_then(|text| WebhookSecret::parse(text).ok())
}

fn answered(attempt: &mut Attempt, exchange: Exchange) {
    attempt.response_status = Some(exchange.status.as_u16());
    attempt.response_headers = shown(&exchange.headers);
    attempt.response_body = exchange.body.into();
    attempt.response_truncated = matches!(exchange.body_end, BodyEnd::Limit);
    attempt.remote_addr = Some(exchange.remote_addr.to_string());
    attempt.timings = Some(exchange.timings);
    if !exchange.status.is_success() {
        attempt.error = Some(AttemptError::HttpStatus);
    } else if let BodyEnd::Failed(error) = exchange.body_end {
        // A body in a broken coding was received all the same: the receiver has the event and said so.
        if matches!(error, ExchangeError::ContentEncoding { .. }) {
            attempt.error_detail = Some(error.to_string());
        } else {
            fail(attempt, word_of(&error), error.to_string());
        }
    }
}

fn unanswered(attempt: &mut Attempt, failure: &ExchangeFailure) {
    attempt.remote_addr = failure.remote_addr.map(|address| address.to_string());
    attempt.timings = Some(failure.timings);
    fail(attempt, word_of(&failure.error), failure.error.to_string());
}

fn fail(attempt: &mut Attempt, error: AttemptError, detail: String) {
    attempt.error = Some(error);
    attempt.error_detail = Some(detail);
}

fn word_of(error: &ExchangeError) -> AttemptError {
    match error {
        ExchangeError::Refused(_) | ExchangeError::Forbidden { .. } => AttemptError::ForbiddenAddress,
        ExchangeError::Dns { .. } => AttemptError::Dns,
        ExchangeError::Connect { .. } | ExchangeError::UnknownEgress { .. } => AttemptError::Connect,
        ExchangeError::Tls { .. } => AttemptError::Tls,
        ExchangeError::Timeout { .. } => AttemptError::Timeout,
        ExchangeError::HeadersTooLarge => AttemptError::HeadersTooLarge,
        ExchangeError::BadUrl { .. }
        | ExchangeError::Protocol { .. }
        | ExchangeError::ConnectionClosed
        | ExchangeError::ContentEncoding { .. } => AttemptError::Protocol,
    }
}

fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

#[cfg(test)]
mod tests {
    use hopline_domain::{id::FamilyId, time::DAY_MS};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_780_660_800_000);
    const TEXT: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

    fn sealed(family: u128, context_family: u128, expires_at: Option<Timestamp>) -> FamilySecret {
        let context = format!("webhook_secret:{}", FamilyId(Uuid::from_u128(context_family)));
        let sealed = key(1).seal(&context, TEXT.as_bytes(), [3; 24]).into_bytes();
        FamilySecret { family_id: FamilyId(Uuid::from_u128(family)), sealed, created_at: NOW, expires_at }
    }

    fn key(byte: u8) -> MasterKey {
        MasterKey::generate(&mut |bytes| bytes.fill(byte))
    }

    #[test]
    fn only_live_secrets_that_open_sign() {
        let own = sealed(1, 1, None);
        let overlapping = sealed(1, 1, Some(NOW.plus_ms(DAY_MS)));
        let expired = sealed(1, 1, Some(NOW));
        let foreign = sealed(1, 2, None);
        let opened = |master: u8| {
            open_secrets(
                &key(master),
                &[own.clone(), overlapping.clone(), expired.clone(), foreign.clone()],
                NOW,
            )
        };
        let texts: Vec<_> = opened(1).iter().map(|secret| secret.expose().to_owned()).collect();
        assert_eq!(texts, [TEXT, TEXT]);
        assert!(opened(2).is_empty());
    }

    #[test]
    fn own_headers_open_for_their_endpoint_only() {
        let (mine, other) = (EndpointId(Uuid::from_u128(1)), EndpointId(Uuid::from_u128(2)));
        let context = format!("endpoint_headers:{mine}");
        let sealed = key(1).seal(&context, br#"[["X-A","b"]]"#, [3; 24]).into_bytes();
        let opened = |id| open_headers(&key(1), Some(&(id, sealed.clone()))).ok();
        assert_eq!(opened(mine), Some(vec![("X-A".to_owned(), "b".to_owned())]));
        assert_eq!(opened(other), None);
        assert_eq!(open_headers(&key(1), None).ok(), Some(Vec::new()));
    }
}
