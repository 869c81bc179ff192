//! Other people's published libraries judge real deliveries: `standardwebhooks` and `stripe`, from npm and `PyPI`.
//! What they verify, and what a wrong body gets. Then the rules of the Link Skipper verifier, row by row.

use std::path::PathBuf;
use std::process::Stdio;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hopline_domain::time::{Clock, SystemClock};
use hopline_signing::{TOLERANCE_S_DEFAULT, VerifyError, WebhookSecret, verify_timestamped};
use hopline_testkit::{Answer, ReceivedRequest};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::stage::Stage;

const LIBRARIES: [&str; 3] = ["standardwebhooks", "stripe_construct_event", "stripe_verify_header"];
const STANDARD_HEADERS: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/sdk_verification");

/// A real delivery, signed at the real time: the libraries read the real clock.
async fn real_delivery() -> (Stage, std::sync::Arc<ReceivedRequest>) {
    let stage = Stage::start().await;
    stage.clock().set(SystemClock.now());
    stage.deliver(&stage.hook("receiver.test", "/hook")).await;
    let request = stage.sink.wait_for(1).await.remove(0);
    (stage, request)
}

fn cases(request: &ReceivedRequest, secret: &str, body: &[u8]) -> Vec<Value> {
    let standard = STANDARD_HEADERS.map(|name| (name.to_owned(), json!(request.header(name).unwrap())));
    let headers: serde_json::Map<String, Value> = standard.into_iter().collect();
    let case = |library: &&str| {
        json!({
            "library": library,
            "secret": secret,
            "timestamped": request.header("x-hopline-signature").unwrap(),
            "headers": headers,
            "body_base64": BASE64_STANDARD.encode(body),
        })
    };
    LIBRARIES.iter().map(case).collect()
}

/// Where `cargo xtask neighbours` installs: the target folder this test was built into.
fn installed(path: &str) -> PathBuf {
    let executable = std::env::current_exe().unwrap();
    let target = executable.ancestors().nth(3).unwrap();
    let path = target.join(path);
    assert!(path.exists(), "{} is missing: run `cargo xtask neighbours`", path.display());
    path
}

fn node() -> Command {
    let mut node = Command::new("node");
    node.arg(format!("{SCRIPTS}/verify.cjs")).env("NODE_PATH", installed("sdk-node/node_modules"));
    node
}

fn python() -> Command {
    let mut python = Command::new(installed("sdk-python/bin/python"));
    python.arg(format!("{SCRIPTS}/verify.py"));
    python
}

async fn verdicts(mut judge: Command, cases: &[Value]) -> Vec<String> {
    let judge = judge.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn();
    let mut judge = judge.expect("the judge starts: run `cargo xtask neighbours`");
    let mut stdin = judge.stdin.take().unwrap();
    stdin.write_all(&serde_json::to_vec(cases).unwrap()).await.unwrap();
    drop(stdin);
    let output = judge.wait_with_output().await.unwrap();
    assert!(output.status.success(), "the judge ends well");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The genuine delivery passes every library; with another body, or another secret, none.
async fn expect_right_verdicts(judge: impl Fn() -> Command) {
    let (stage, request) = real_delivery().await;
    let secret = stage.app.webhook_secret.as_str();
    let genuine = verdicts(judge(), &cases(&request, secret, &request.body)).await;
    assert_eq!(genuine, ["verified"; 3]);

    let longer = [&request.body[..], b" "].concat();
    let other_secret = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    let wrong = [cases(&request, secret, &longer), cases(&request, other_secret, &request.body)].concat();
    for verdict in verdicts(judge(), &wrong).await {
        assert!(verdict.to_lowercase().contains("signature"), "{verdict}");
    }
}

#[tokio::test]
async fn the_published_node_libraries_verify_our_deliveries() {
    expect_right_verdicts(node).await;
}

#[tokio::test]
async fn the_published_python_libraries_verify_our_deliveries() {
    expect_right_verdicts(python).await;
}

#[tokio::test]
async fn during_a_rotation_the_libraries_verify_with_either_secret() {
    let stage = Stage::start().await;
    stage.clock().set(SystemClock.now());
    let key = stage.new_key(json!({})).await;
    let new_secret = stage.rotate_webhook_secret(&key, 3_600).await;
    stage.deliver_as(&key, &stage.hook("receiver.test", "/hook")).await;
    let request = stage.sink.wait_for(1).await.remove(0);
    for secret in [&key.webhook_secret, &new_secret] {
        let cases = cases(&request, secret, &request.body);
        assert_eq!(verdicts(node(), &cases).await, ["verified"; 3]);
        assert_eq!(verdicts(python(), &cases).await, ["verified"; 3]);
    }
}

/// `Webhook::verify` of the Link Skipper client, rule by rule: the last `t` and the last `v1` win, exact lower-case hex.
fn link_skipper_verify(header: &str, body: &[u8], secret: &str, now_s: i64) -> Result<Value, &'static str> {
    let (mut signed_at_s, mut signature) = (None, None);
    for (name, value) in header.split(',').filter_map(|part| part.split_once('=')) {
        match (name.trim(), value.trim()) {
            ("t", digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                signed_at_s = digits.parse::<i64>().ok();
            }
            ("v1", hex) => signature = Some(hex),
            _ => {}
        }
    }
    let (Some(signed_at_s), Some(signature)) = (signed_at_s, signature.filter(|hex| !hex.is_empty())) else {
        return Err("malformed header");
    };
    if now_s.abs_diff(signed_at_s) > TOLERANCE_S_DEFAULT {
        return Err("outside tolerance");
    }
    if signature != hmac_sha256_hex(secret.as_bytes(), &[format!("{signed_at_s}.").as_bytes(), body].concat())
    {
        return Err("signature mismatch");
    }
    let event: Value = serde_json::from_slice(body).map_err(|_| "not JSON")?;
    let known = |field: &str, words: &[&str]| event[field].as_str().is_some_and(|word| words.contains(&word));
    if !event.is_object() {
        return Err("not an object");
    }
    let tier = event["tier"].is_null() || known("tier", &["standard", "premium"]);
    let status = known("status", &["queued", "running", "done", "failed", "invalid"]);
    let right = known("event", &["resolve.done", "resolve.failed"]) && status && tier;
    if right { Ok(event) } else { Err("not the event schema") }
}

/// RFC 2104 over SHA-256, written out: the judge must not share code with what it judges.
fn hmac_sha256_hex(key: &[u8], message: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let key = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() };
    let padded = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).unwrap_or(&0) ^ with).collect() };
    let inner = Sha256::digest([padded(0x36), message.to_vec()].concat());
    let outer = Sha256::digest([padded(0x5c), inner.to_vec()].concat());
    let digits = outer.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[tokio::test]
async fn the_link_skipper_rules_hold_row_by_row() {
    let stage = Stage::start().await;
    let key = stage.new_key(json!({"signature_headers": ["X-LinkSkipper-Signature"]})).await;
    let delivery = stage.deliver_as(&key, &stage.hook("receiver.test", "/hook")).await;
    let request = stage.sink.wait_for(1).await.remove(0);
    let header = request.header("X-LinkSkipper-Signature").unwrap();
    let (secret, now_s) = (key.webhook_secret.as_str(), stage.clock().now().unix_seconds());
    let verify = |header: &str, body: &[u8], now_s| link_skipper_verify(header, body, secret, now_s);

    assert_eq!(request.method, "POST");
    let event = verify(header, &request.body, now_s).unwrap();
    assert_eq!(event["job_id"], delivery["job_id"]);
    assert_eq!((&event["event"], &event["status"]), (&json!("resolve.done"), &json!("done")));
    for at in [now_s - 300, now_s + 300] {
        assert!(verify(header, &request.body, at).is_ok(), "exactly 300 s is allowed");
    }
    for at in [now_s - 301, now_s + 301, now_s * 1_000] {
        assert_eq!(verify(header, &request.body, at), Err("outside tolerance"));
    }
    let with_line_break = [&request.body[..], b"\n"].concat();
    assert_eq!(verify(header, &with_line_break, now_s), Err("signature mismatch"));

    let (t, v1) = header.split_once(',').expect("one `t` and one `v1`");
    assert_eq!(t, format!("t={now_s}"), "decimal seconds, no leading zeros");
    let hex = v1.strip_prefix("v1=").unwrap();
    assert!(
        hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
        "{hex}"
    );
    expect_same_verdicts(header, &request.body, secret, now_s);
}

/// Our own verifier reads the header by the same grammar, save that any `v1` may match.
fn expect_same_verdicts(header: &str, body: &[u8], secret: &str, now_s: i64) {
    let (t, v1) = header.split_once(',').unwrap();
    let parsed = WebhookSecret::parse(secret).unwrap();
    let ours = |header: &str| verify_timestamped(header, body, &parsed, now_s, TOLERANCE_S_DEFAULT);
    let upper = v1.to_uppercase().replace("V1", "v1");
    let accepted = [
        format!("{v1},{t}"),
        format!(" {t} , {v1} "),
        format!("x=1,{t},nonsense,{v1}"),
        format!("t=1,{t},{v1}"),
        format!("{t},t=-1,{v1}"),
        format!("{t},v1=00,{v1}"),
    ];
    for header in accepted {
        assert!(link_skipper_verify(&header, body, secret, now_s).is_ok(), "{header}");
        assert_eq!(ours(&header), Ok(()), "{header}");
    }
    let refused = [
        (format!("{t};{v1}"), "malformed header"),
        (t.to_owned(), "malformed header"),
        (v1.to_owned(), "malformed header"),
        (format!("t=+1,{v1}"), "malformed header"),
        (format!("{t},v1="), "malformed header"),
        (format!("{t},{upper}"), "signature mismatch"),
        (format!("{t},{}", v1.replace("v1=", "v1=sha256=")), "signature mismatch"),
    ];
    for (header, verdict) in refused {
        assert_eq!(link_skipper_verify(&header, body, secret, now_s), Err(verdict), "{header}");
        let malformed = matches!(ours(&header), Err(VerifyError::MalformedHeader { .. }));
        assert_eq!(malformed, verdict == "malformed header", "{header}");
        assert!(ours(&header).is_err(), "{header}");
    }
}

#[tokio::test]
async fn a_failed_and_an_invalid_job_are_events_the_link_skipper_client_knows() {
    let stage = Stage::start().await;
    let hook = stage.hook("receiver.test", "/hook");
    stage.app.farm.serve("/gone", Answer::status(404));
    stage.app.farm.serve("/away", Answer::redirect(302, "ftp://files.test/"));
    for (count, path, status) in [(1, "/gone", "failed"), (2, "/away", "invalid")] {
        stage.deliver_link(&stage.app.farm.url(path), &hook).await;
        let request = stage.sink.wait_for(count).await.remove(count - 1);
        let header = request.header("x-hopline-signature").unwrap();
        let now_s = stage.clock().now().unix_seconds();
        let event = link_skipper_verify(header, &request.body, &stage.app.webhook_secret, now_s).unwrap();
        assert_eq!((&event["event"], &event["status"]), (&json!("resolve.failed"), &json!(status)));
        assert_eq!(event["credits_charged"], json!(0));
    }
}
