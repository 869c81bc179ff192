//! Verifier rules: Link Skipper's row by row, Standard Webhooks' vectors, rotation, and properties of both schemes.

use proptest::prelude::*;

use super::*;
use crate::{standard_header, timestamped_header};

const BODY: &[u8] = br#"{"event":"resolve.done"}"#;
const NOW_S: i64 = 1_649_367_553;

fn secret() -> WebhookSecret {
    WebhookSecret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap()
}

fn other_secret() -> WebhookSecret {
    WebhookSecret::parse("whsec_plJ3nmyCDGBKInavdOK15jsl").unwrap()
}

fn verify(header: &str) -> Result<(), VerifyError> {
    verify_timestamped(header, BODY, &secret(), NOW_S, TOLERANCE_S_DEFAULT)
}

/// The right signature over BODY at `signed_at_s`.
fn v1(signed_at_s: i64) -> String {
    timestamped_signature(&secret(), signed_at_s, BODY)
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Accepted,
    Malformed,
    OutsideTolerance,
    Mismatch,
}

fn outcome(result: Result<(), VerifyError>) -> Outcome {
    match result {
        Ok(()) => Outcome::Accepted,
        Err(VerifyError::MalformedHeader { .. }) => Outcome::Malformed,
        Err(VerifyError::TimestampOutsideTolerance { .. }) => Outcome::OutsideTolerance,
        Err(VerifyError::NoMatchingSignature { .. }) => Outcome::Mismatch,
        Err(other) => panic!("no `t=,v1=` header may end in {other:?}"),
    }
}

/// How a header is parsed. `{t}` and `{v1}` stand for the right values.
#[test]
fn link_skipper_parse_rules() {
    let rows = [
        ("plain", "t={t},v1={v1}", Outcome::Accepted),
        ("order is free", "v1={v1},t={t}", Outcome::Accepted),
        ("keys and values are trimmed", " t = {t} ,\tv1 = {v1}\r\n", Outcome::Accepted),
        ("NUL and vertical tab are trimmed too", "t=\0{t}\x0B,v1={v1}", Outcome::Accepted),
        ("no-break space is not trimmed", "t=\u{a0}{t},v1={v1}", Outcome::Malformed),
        ("unknown keys are ignored", "v0=abc,t={t},v2=x,v1={v1},h=a b", Outcome::Accepted),
        ("parts without `=` are ignored", "junk,,t={t},v1={v1},", Outcome::Accepted),
        ("split at the first `=`", "t={t},v1=={v1}", Outcome::Mismatch),
        ("names are case-sensitive", "T={t},V1={v1}", Outcome::Malformed),
        ("the last `t` wins", "t=1,t={t},v1={v1}", Outcome::Accepted),
        ("the last `t` wins, also a wrong one", "t={t},t=1,v1={v1}", Outcome::OutsideTolerance),
        ("an invalid `t` is as if absent", "t={t},t=x,v1={v1}", Outcome::Accepted),
        ("leading zeros are dropped before signing", "t=00{t},v1={v1}", Outcome::Accepted),
        ("the last `v1` matches", "t={t},v1=abc,v1={v1}", Outcome::Accepted),
        ("beyond Link Skipper: any `v1` may match", "t={t},v1={v1},v1=abc", Outcome::Accepted),
        ("`;` does not separate", "t={t};v1={v1}", Outcome::Malformed),
    ];
    for (rule, template, expected) in rows {
        let header = template.replace("{t}", &NOW_S.to_string()).replace("{v1}", &v1(NOW_S));
        assert_eq!(outcome(verify(&header)), expected, "{rule}: {header:?}");
    }
}

/// Check 1: no valid `t`, or no or an empty `v1`.
#[test]
fn link_skipper_check_1_malformed_header() {
    let good = v1(NOW_S);
    let headers = [
        String::new(),
        "not-a-signature".to_owned(),
        format!("t={NOW_S}"),
        format!("v1={good}"),
        format!("t={NOW_S},v1="),
        format!("t={NOW_S},v1= "),
        format!("t=,v1={good}"),
        format!("t=+{NOW_S},v1={good}"),
        format!("t=-{NOW_S},v1={good}"),
        format!("t={NOW_S}.0,v1={good}"),
        format!("t={NOW_S}e0,v1={good}"),
        format!("t=0x5,v1={good}"),
        format!("t=١٢٣,v1={good}"),
        format!("v1,{good}"),
    ];
    for header in headers {
        assert_eq!(outcome(verify(&header)), Outcome::Malformed, "{header:?}");
    }
}

/// Check 2: |now - t| > tolerance, both ways, before the signature is looked at.
#[test]
fn link_skipper_check_2_timestamp() {
    let rows = [
        (NOW_S - 300, Outcome::Accepted),
        (NOW_S + 300, Outcome::Accepted),
        (NOW_S - 301, Outcome::OutsideTolerance),
        (NOW_S + 301, Outcome::OutsideTolerance),
        (NOW_S * 1000, Outcome::OutsideTolerance),
        (0, Outcome::OutsideTolerance),
        (i64::MAX, Outcome::OutsideTolerance),
    ];
    for (signed_at_s, expected) in rows {
        let signed = format!("t={signed_at_s},v1={}", v1(signed_at_s));
        assert_eq!(outcome(verify(&signed)), expected, "{signed_at_s}");
    }
    assert_eq!(outcome(verify("t=99999999999999999999999,v1=abc")), Outcome::OutsideTolerance);
    assert_eq!(outcome(verify("t=1,v1=abc")), Outcome::OutsideTolerance, "check 2 comes before check 3");

    let old = format!("t={},v1={}", NOW_S - 600, v1(NOW_S - 600));
    assert_eq!(verify_timestamped(&old, BODY, &secret(), NOW_S, 1200), Ok(()), "tolerance can be widened");
    let fresh = format!("t={NOW_S},v1={}", v1(NOW_S));
    assert_eq!(verify_timestamped(&fresh, BODY, &secret(), NOW_S, 0), Ok(()), "tolerance can be zero");
}

/// Check 3: lower-case hex, whole secret as the key, raw body.
#[test]
fn link_skipper_check_3_signature() {
    let good = v1(NOW_S);
    let wrong = [
        good.to_uppercase(),
        format!("sha256={good}"),
        good[..63].to_owned(),
        format!("{good}0"),
        timestamped_signature(&other_secret(), NOW_S, BODY),
        timestamped_signature(&secret(), NOW_S + 1, BODY),
        timestamped_signature(&secret(), NOW_S, &[BODY, b"\n"].concat()),
    ];
    for signature in wrong {
        let header = format!("t={NOW_S},v1={signature}");
        assert_eq!(outcome(verify(&header)), Outcome::Mismatch, "{signature}");
    }
    let header = format!("t={NOW_S},v1={good}");
    let tampered = br#"{"event":"resolve.fail"}"#;
    let result = verify_timestamped(&header, tampered, &secret(), NOW_S, TOLERANCE_S_DEFAULT);
    assert_eq!(outcome(result), Outcome::Mismatch);
}

#[test]
fn rotation_verifies_with_either_secret_and_with_no_other() {
    let (new, old) = (secret(), other_secret());
    let third = WebhookSecret::generate(&mut |bytes| bytes.fill(3));
    let timestamped = timestamped_header(&[&new, &old], NOW_S, BODY);
    let signatures = standard_header(&[&new, &old], "evt_1", NOW_S, BODY).unwrap();
    let timestamp = NOW_S.to_string();
    let headers =
        StandardHeaders { id: Some("evt_1"), timestamp: Some(&timestamp), signatures: Some(&signatures) };
    let mismatch = Err(VerifyError::NoMatchingSignature { signatures: 2 });
    for (key, expected) in [(&new, Ok(())), (&old, Ok(())), (&third, mismatch)] {
        assert_eq!(verify_timestamped(&timestamped, BODY, key, NOW_S, 300), expected);
        assert_eq!(verify_standard(headers, BODY, key, NOW_S, 300), expected);
    }
    // A verifier that keeps only the last `v1` still holds the oldest secret.
    let (_, last) = timestamped.rsplit_once("v1=").unwrap();
    assert_eq!(last, timestamped_signature(&old, NOW_S, BODY));
}

#[test]
fn standard_headers_are_checked_step_by_step() {
    let good = standard_header(&[&secret()], "evt_1", NOW_S, BODY).unwrap();
    let upgraded = format!("v1a,abc {good} v2,xyz");
    let now = NOW_S.to_string();
    let check = |id, timestamp, signatures| {
        let headers = StandardHeaders { id, timestamp, signatures };
        verify_standard(headers, BODY, &secret(), NOW_S, TOLERANCE_S_DEFAULT)
    };
    let missing = |header| Err(VerifyError::MissingHeader { header });
    let malformed = |header, problem| Err(VerifyError::MalformedHeader { header, problem });

    assert_eq!(check(Some("evt_1"), Some(&now), Some(&good)), Ok(()));
    assert_eq!(check(Some("evt_1"), Some(&now), Some(&upgraded)), Ok(()), "other versions are skipped");
    assert_eq!(check(None, Some(&now), Some(&good)), missing("webhook-id"));
    assert_eq!(check(Some("evt_1"), Some(" "), Some(&good)), missing("webhook-timestamp"));
    assert_eq!(check(Some("evt_1"), Some(&now), Some("")), missing("webhook-signature"));
    assert_eq!(
        check(Some("evt_1"), Some("-5"), Some(&good)),
        malformed("webhook-timestamp", "it must be Unix seconds, digits only")
    );
    assert_eq!(
        check(Some("evt_1"), Some(&now), Some("v1a,abc")),
        malformed("webhook-signature", "it has no `v1,<base64>`")
    );
    assert_eq!(
        check(Some("evt_1"), Some("1649367252"), Some(&good)),
        Err(VerifyError::TimestampOutsideTolerance {
            signed_at_s: NOW_S - 301,
            now_s: NOW_S,
            tolerance_s: 300
        })
    );
    let mismatch = Err(VerifyError::NoMatchingSignature { signatures: 1 });
    assert_eq!(check(Some("evt_2"), Some(&now), Some(&good)), mismatch, "the id is signed");
    assert_eq!(check(Some("evt_1"), Some("1649367552"), Some(&good)), mismatch, "the time is signed");
}

#[test]
fn own_secrets_without_base64_have_no_standard_signature() {
    let own = WebhookSecret::parse("whsec_not-base64_but-visible-ascii").unwrap();
    let timestamp = NOW_S.to_string();
    let headers =
        StandardHeaders { id: Some("evt_1"), timestamp: Some(&timestamp), signatures: Some("v1,abc") };
    assert_eq!(verify_standard(headers, BODY, &own, NOW_S, 300), Err(VerifyError::NoStandardKey));
    let header = timestamped_header(&[&own], NOW_S, BODY);
    assert_eq!(verify_timestamped(&header, BODY, &own, NOW_S, 300), Ok(()));
}

#[test]
fn hints_tell_milliseconds_from_clock_errors() {
    let hint = |signed_at_s| {
        VerifyError::TimestampOutsideTolerance { signed_at_s, now_s: NOW_S, tolerance_s: 300 }.hint()
    };
    assert!(hint(NOW_S * 1000).contains("milliseconds"));
    assert!(hint(NOW_S + 4000).contains("behind"));
    assert!(hint(NOW_S - 4000).contains("ahead"));
}

/// The published signatures of Standard Webhooks, as a receiver sees them.
#[test]
fn standard_webhooks_vector_verifies() {
    let headers = StandardHeaders {
        id: Some("msg_p5jXN8AQM9LWM0D4loKWxJek"),
        timestamp: Some("1614265330"),
        signatures: Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    };
    let key = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let body = br#"{"test": 2432232314}"#;
    assert_eq!(verify_standard(headers, body, &key, 1_614_265_330 + 300, 300), Ok(()));
}

fn generated_secret() -> impl Strategy<Value = WebhookSecret> {
    any::<[u8; 32]>().prop_map(|key| WebhookSecret::generate(&mut |bytes| bytes.copy_from_slice(&key)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_signed_verifies(
        key in generated_secret(),
        body in prop::collection::vec(any::<u8>(), 0..200),
        id in "[a-z]{3}_[0-9a-f-]{1,36}",
        signed_at_s in 0..i64::MAX,
    ) {
        let header = timestamped_header(&[&key], signed_at_s, &body);
        prop_assert_eq!(verify_timestamped(&header, &body, &key, signed_at_s, 0), Ok(()));

        let signatures = standard_header(&[&key], &id, signed_at_s, &body).unwrap();
        let timestamp = signed_at_s.to_string();
        let headers = StandardHeaders { id: Some(&id), timestamp: Some(&timestamp), signatures: Some(&signatures) };
        prop_assert_eq!(verify_standard(headers, &body, &key, signed_at_s, 0), Ok(()));
    }

    #[test]
    fn any_changed_bit_of_the_body_fails(
        mut body in prop::collection::vec(any::<u8>(), 1..200),
        position in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let header = timestamped_header(&[&secret()], NOW_S, &body);
        let signatures = standard_header(&[&secret()], "evt_1", NOW_S, &body).unwrap();
        let index = position.index(body.len());
        body[index] ^= 1_u8 << bit;
        prop_assert!(verify_timestamped(&header, &body, &secret(), NOW_S, 300).is_err());

        let timestamp = NOW_S.to_string();
        let headers =
            StandardHeaders { id: Some("evt_1"), timestamp: Some(&timestamp), signatures: Some(&signatures) };
        prop_assert!(verify_standard(headers, &body, &secret(), NOW_S, 300).is_err());
    }

    /// Printable replacements keep the header a string; none may reach the same signature or time.
    #[test]
    fn any_changed_byte_of_the_header_fails(position in any::<prop::sample::Index>(), replacement in "[!-~]") {
        let mut header = timestamped_header(&[&secret()], NOW_S, BODY);
        let index = position.index(header.len());
        prop_assume!(header[index..=index] != replacement);
        header.replace_range(index..=index, &replacement);
        prop_assert!(verify(&header).is_err(), "{}", header);
    }

    #[test]
    fn parsing_never_panics(header in "([tv1=, 0-9a-f]|\\PC){0,80}", now_s in any::<i64>()) {
        let _ = verify_timestamped(&header, BODY, &secret(), now_s, TOLERANCE_S_DEFAULT);
        let headers = StandardHeaders { id: Some(&header), timestamp: Some(&header), signatures: Some(&header) };
        let _ = verify_standard(headers, BODY, &secret(), now_s, TOLERANCE_S_DEFAULT);
    }
}
