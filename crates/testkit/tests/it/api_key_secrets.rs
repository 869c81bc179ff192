//! Webhook secrets of keys, and that no secret is ever kept in clear.

use std::{fs, path::Path};

use hopline_domain::time::DAY_MS;
use hopline_testkit::TestApp;
use serde_json::{Value, json};

use crate::api_keys::{key_path, named};

#[tokio::test]
async fn the_webhook_secret_is_read_rotated_and_the_reading_is_audited() {
    let app = TestApp::start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    let path = format!("{}/webhook-secret", key_path(&key));
    let audited = app.books().rows("audit");
    let read = app.client().get(&path).await.expect_status(200).json();
    assert_eq!(read["webhook_secret"], key.webhook_secret);
    assert_eq!(app.books().rows("audit"), audited + 1);

    let rotated = app.client().post_json(&format!("{path}/rotate"), &json!({})).await;
    let new = rotated.json()["webhook_secret"].as_str().unwrap().to_owned();
    assert_ne!(new, key.webhook_secret);
    let live = |read: &Value| -> Vec<(Value, Value)> {
        let secrets = read["secrets"].as_array().unwrap();
        secrets
            .iter()
            .map(|secret| (secret["webhook_secret"].clone(), secret["expires_at"].clone()))
            .collect()
    };
    let read = app.client().get(&path).await.json();
    let old_until = json!("2026-06-06T12:00:00.000Z");
    assert_eq!(live(&read), [(json!(new), Value::Null), (json!(key.webhook_secret), old_until)]);
    app.clock.advance_ms(DAY_MS);
    assert_eq!(live(&app.client().get(&path).await.json()), [(json!(new), Value::Null)]);
    app.finish().await;
}

#[tokio::test]
async fn three_webhook_secrets_are_live_at_most() {
    let app = TestApp::start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    let path = format!("{}/webhook-secret", key_path(&key));
    let mut newest = Vec::new();
    for _ in 0..4 {
        let rotated = app.client().post_json(&format!("{path}/rotate"), &json!({})).await.json();
        newest.insert(0, rotated["webhook_secret"].clone());
    }
    let read = app.client().get(&path).await.json();
    let live: Vec<Value> =
        read["secrets"].as_array().unwrap().iter().map(|secret| secret["webhook_secret"].clone()).collect();
    assert_eq!(live, newest[..3]);
    app.finish().await;
}

#[tokio::test]
async fn a_webhook_secret_of_ones_own_is_kept_byte_for_byte() {
    let app = TestApp::start().await;
    for own in [
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_this-is-no-base64-at-all!",
        &format!("whsec_{}", "a".repeat(64)),
    ] {
        let mut body = named("moved", &["resolve"]);
        body["webhook_secret"] = json!(own);
        let key = app.make_key(body).await;
        assert_eq!(key.webhook_secret, own);
        let read = app.client().get(&format!("{}/webhook-secret", key_path(&key))).await.json();
        assert_eq!(read["webhook_secret"], own);
        let again = json!({"webhook_secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"});
        let rotated =
            app.client().post_json(&format!("{}/webhook-secret/rotate", key_path(&key)), &again).await.json();
        assert_eq!(rotated["webhook_secret"], again["webhook_secret"]);
    }
    app.finish().await;
}

#[tokio::test]
async fn changes_to_keys_are_audited_without_secrets() {
    let app = TestApp::start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    app.client().patch(&key_path(&key), &json!({"name": "renamed"})).await.expect_status(200);
    app.client().post_json(&format!("{}/rotate", key_path(&key)), &json!({})).await.expect_status(201);
    app.client().delete(&key_path(&key)).await.expect_status(204);
    let database = app.database("hopline.db");
    let mut lines = database
        .prepare("select action, subject, state_before, state_after from audit order by seq")
        .unwrap();
    let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(String, String, Option<String>, String)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    };
    let lines: Vec<_> = lines.query_map([], read).unwrap().map(Result::unwrap).collect();
    let actions: Vec<&str> = lines.iter().map(|(action, ..)| action.as_str()).collect();
    assert_eq!(actions, ["key.create", "key.update", "key.rotate", "key.revoke"]);
    let (_, subject, before, after) = &lines[1];
    assert_eq!(subject, &key.id);
    assert!(
        before.as_ref().is_some_and(|before| before.contains("made")) && after.contains("renamed"),
        "{lines:?}"
    );
    app.finish().await;
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn no_secret_lies_in_clear_in_the_data_folder() {
    let app = TestApp::start().await;
    let key = app.make_key(named("made", &["resolve"])).await;
    let client = app.client_with(&key.api_key);
    let body =
        json!({"url": app.farm.url("/final"), "webhook_url": app.farm.url("/hook"), "idempotency_key": "k"});
    client.post_json("/v1/resolve", &body).await.expect_status(202);
    let rotated = app.client().post_json(&format!("{}/rotate", key_path(&key)), &json!({})).await.json();
    let secret =
        app.client().post_json(&format!("{}/webhook-secret/rotate", key_path(&key)), &json!({})).await.json();
    app.run_until_idle().await;
    let secrets = [
        app.key.clone(),
        app.webhook_secret.clone(),
        key.api_key,
        key.webhook_secret,
        rotated["api_key"].as_str().unwrap().to_owned(),
        secret["webhook_secret"].as_str().unwrap().to_owned(),
    ];
    let written = files(app.data_folder());
    assert!(written.iter().any(|(name, _)| name.ends_with("hopline.db")));
    for secret in secrets {
        // Without its prefix, and as the bytes it stands for.
        let bare = secret.rsplit('_').next().unwrap().to_owned();
        let raw = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, &bare).unwrap_or_default();
        for (name, bytes) in &written {
            let holds = |needle: &[u8]| {
                !needle.is_empty() && bytes.windows(needle.len()).any(|window| window == needle)
            };
            assert!(!holds(bare.as_bytes()) && !holds(&raw), "{name} holds a secret");
        }
    }
    app.finish().await;
}
