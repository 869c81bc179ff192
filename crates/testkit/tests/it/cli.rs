//! The command line: links followed without a server, and the client commands against one.

use hopline_signing::{WebhookSecret, standard_header, timestamped_header};
use hopline_testkit::{Answer, HoplineOutput, HoplineProcess, LinkFarm, TestApp};
use serde_json::{Value, json};

const ALLOWED: [&str; 3] = ["resolve", "--allow-net", "127.0.0.0/8"];

async fn resolve(arguments: &[&str]) -> HoplineOutput {
    HoplineProcess::new(ALLOWED.iter().chain(arguments).copied()).output().await
}

/// A command that calls a server.
async fn call(app: &TestApp, arguments: &[&str]) -> HoplineOutput {
    let process = HoplineProcess::new(arguments.iter().copied());
    process.env("HOPLINE_URL", &app.base_url()).env("HOPLINE_API_KEY", &app.key).output().await
}

async fn called(app: &TestApp, arguments: &[&str]) -> Value {
    let output = call(app, arguments).await.expect_code(0);
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", output.stdout))
}

#[tokio::test]
async fn a_link_is_shown_hop_by_hop() {
    let farm = LinkFarm::start().await;
    farm.serve("/end", Answer::page("The End"));
    let output = resolve(&[&farm.url("/to?url=/end")]).await.expect_code(0);
    let shown = output.stdout.replace(&farm.url(""), "http://farm.test");
    for part in ["302", "http://farm.test/to?url=/end", "200", "http://farm.test/end", "The End", "2 hops"] {
        assert!(shown.contains(part), "{part} is missing: {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "no colours where nobody sees them");
    assert_eq!(output.stderr, "");
}

#[tokio::test]
async fn json_is_one_chain_document_a_line() {
    let farm = LinkFarm::start().await;
    let output = resolve(&["--json", &farm.url("/chain/1"), &farm.url("/final")]).await.expect_code(0);
    let chains: Vec<Value> = output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<(&Value, &Value)> =
        chains.iter().map(|chain| (&chain["schema"], &chain["final_url"])).collect();
    let schema = json!("hopline.chain/1");
    assert_eq!(told, [(&schema, &json!(farm.url("/chain/0"))), (&schema, &json!(farm.url("/final")))]);
    assert_eq!(chains[0]["hops"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn csv_is_a_row_a_link() {
    let farm = LinkFarm::start().await;
    let output = resolve(&["--csv", &farm.url("/chain/1"), &farm.url("/status/404")]).await.expect_code(1);
    let lines: Vec<String> =
        output.stdout.lines().map(|line| line.replace(&farm.url(""), "http://farm.test")).collect();
    assert_eq!(lines[0], "url,final_url,status,reason,http_status,hops,duration_ms,title");
    assert!(
        lines[1].starts_with("http://farm.test/chain/1,http://farm.test/chain/0,done,,200,2,"),
        "{}",
        lines[1]
    );
    assert!(lines[2].starts_with("http://farm.test/status/404,,failed,http_status,404,1,"), "{}", lines[2]);
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn har_is_one_archive() {
    let farm = LinkFarm::start().await;
    let output = resolve(&["--har", &farm.url("/chain/1"), &farm.url("/final")]).await.expect_code(0);
    let har: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&har["log"]["version"], har["log"]["pages"].as_array().unwrap().len()), (&json!("1.2"), 2));
    assert_eq!(har["log"]["entries"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn links_come_from_stdin_in_the_order_given() {
    let farm = LinkFarm::start().await;
    farm.serve("/slow", Answer::page("slow").after(std::time::Duration::from_millis(200)));
    let links: Vec<String> = ["/slow", "/a", "/b", "/c"].iter().map(|path| farm.url(path)).collect();
    let text = format!("# links\n\n{}\n", links.join("\n"));
    let process = HoplineProcess::new(ALLOWED.into_iter().chain(["--json", "--concurrency", "4", "-f", "-"]));
    let output = process.stdin(text).output().await.expect_code(0);
    let urls: Vec<String> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["url"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(urls, links);
}

#[tokio::test]
async fn a_csv_file_gives_its_url_column() {
    let (farm, folder) = (LinkFarm::start().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("links.csv");
    std::fs::write(&file, format!("row_id,tracking_url\nr1,{}\nr2,{}\n", farm.url("/a"), farm.url("/b")))
        .unwrap();
    let output = resolve(&["-f", file.to_str().unwrap()]).await.expect_code(0);
    assert_eq!(output.stdout.lines().count(), 2, "{}", output.stdout);
    assert_eq!((farm.hits("/a"), farm.hits("/b")), (1, 1));
}

#[tokio::test]
async fn exit_codes_tell_how_it_went() {
    let farm = LinkFarm::start().await;
    resolve(&[&farm.url("/final")]).await.expect_code(0);
    resolve(&[&farm.url("/status/500")]).await.expect_code(1);
    resolve(&["http://10.0.0.1/"]).await.expect_code(1);
    resolve(&["not a link"]).await.expect_code(1);
    resolve(&[]).await.expect_code(2);
    resolve(&["--json", "--har", &farm.url("/final")]).await.expect_code(2);
    let missing = resolve(&["-f", "no-such-file"]).await.expect_code(1);
    assert!(
        missing.stderr.starts_with("hopline: failed to ") && missing.stderr.lines().count() == 1,
        "{}",
        missing.stderr
    );
    HoplineProcess::new(["--version"]).output().await.expect_code(0);
    HoplineProcess::new(["fly"]).output().await.expect_code(2);
}

#[tokio::test]
async fn nothing_private_is_dialled_unless_it_is_allowed() {
    let farm = LinkFarm::start().await;
    let output =
        HoplineProcess::new(["resolve", "--json", &farm.url("/final")]).output().await.expect_code(1);
    let chain: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&chain["status"], &chain["reason"]), (&json!("invalid"), &json!("forbidden_address")));
    assert_eq!(farm.hits("/final"), 0);
}

#[tokio::test]
async fn names_are_pinned_as_with_curl() {
    let farm = LinkFarm::start().await;
    let port = farm.address().port();
    let (entry, url) = (format!("shop.test:{port}:127.0.0.1"), format!("http://shop.test:{port}/final"));
    let output = resolve(&["--json", "--resolve", &entry, &url]).await.expect_code(0);
    let chain: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&chain["final_url"], farm.hits("/final")), (&json!(url), 1));
    assert_eq!(
        farm.last_request("/final").unwrap().header("host"),
        Some(format!("shop.test:{port}").as_str())
    );
}

#[tokio::test]
async fn escape_sequences_of_a_page_do_not_reach_the_terminal() {
    let farm = LinkFarm::start().await;
    farm.serve("/evil", Answer::html("<title>a\u{1b}[2Jb\u{202e}c</title>"));
    let output = resolve(&[&farm.url("/evil")]).await.expect_code(0);
    assert!(
        output.stdout.contains('a') && !output.stdout.contains(['\u{1b}', '\u{202e}']),
        "{:?}",
        output.stdout
    );
}

#[tokio::test]
async fn init_makes_a_workspace_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let init = || HoplineProcess::new(["init", "--json", "--data", data.to_str().unwrap()]).output();
    let made: Value = serde_json::from_str(&init().await.expect_code(0).stdout).unwrap();
    let members: Vec<&str> = made.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["workspace_id", "api_key", "webhook_secret"]);
    let again = init().await.expect_code(1);
    assert!(
        again.stdout.is_empty() && again.stderr.contains(made["workspace_id"].as_str().unwrap()),
        "{}",
        again.stderr
    );

    let server = HoplineProcess::serve(&data, []).ready().await;
    let key = made["api_key"].as_str().unwrap();
    let account = server.client().bearer(key).get("/v1/account").await.expect_status(200).json();
    assert_eq!(account["workspace_id"], made["workspace_id"]);
    assert!(!data.join("first-key").exists(), "the key was shown already");
    let running = init().await.expect_code(1);
    assert!(running.stderr.contains(&server.pid().to_string()), "{}", running.stderr);
    server.kill().await;
}

#[tokio::test]
async fn keys_are_managed_against_a_server() {
    let app = TestApp::start().await;
    let make = [
        "keys",
        "create",
        "CRM",
        "--scope",
        "resolve",
        "--scope",
        "webhooks:read",
        "--per-minute",
        "5",
        "--json",
    ];
    let made = called(&app, &make).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        (&made["scopes"], &made["limits"]["creates_per_minute"]),
        (&json!(["resolve", "webhooks:read"]), &json!(5))
    );
    app.client_with(made["api_key"].as_str().unwrap()).get("/v1/account").await.expect_status(200);

    assert_eq!(called(&app, &["keys", "show", id, "--json"]).await["name"], "CRM");
    assert_eq!(called(&app, &["keys", "list", "--json"]).await["data"][0]["id"], id);
    let table = call(&app, &["keys", "list"]).await.expect_code(0).stdout;
    assert!(table.contains(id) && table.contains("first key"), "{table}");
    let updated =
        called(&app, &["keys", "update", id, "--name", "CRM 2", "--status", "disabled", "--json"]).await;
    assert_eq!((&updated["name"], &updated["status"]), (&json!("CRM 2"), &json!("disabled")));
    call(&app, &["keys", "update", id, "--status", "active"]).await.expect_code(0);
    let rotated = called(&app, &["keys", "rotate", id, "--overlap-s", "0", "--json"]).await;
    assert_ne!(rotated["id"], id);
    call(&app, &["keys", "revoke", id]).await.expect_code(0);
    assert_eq!(called(&app, &["keys", "show", id, "--json"]).await["status"], "revoked");
    let refused = call(&app, &["keys", "update", id, "--status", "active"]).await.expect_code(1);
    assert!(
        refused.stderr.contains("409 conflict") && refused.stderr.lines().count() == 1,
        "{}",
        refused.stderr
    );
    app.finish().await;
}

#[tokio::test]
async fn a_webhook_secret_is_shown_and_rotated() {
    let app = TestApp::start().await;
    let made = called(&app, &["keys", "create", "CRM", "--scope", "resolve", "--json"]).await;
    let (id, first) = (made["id"].as_str().unwrap(), &made["webhook_secret"]);
    let shown = called(&app, &["keys", "webhook-secret", "show", id, "--json"]).await;
    assert_eq!((&shown["webhook_secret"], shown["secrets"].as_array().unwrap().len()), (first, 1));

    let rotate = ["keys", "webhook-secret", "rotate", id, "--overlap-s", "60", "--secret", SECRET, "--json"];
    let rotated = called(&app, &rotate).await;
    assert_eq!((&rotated["webhook_secret"], &rotated["family_id"]), (&json!(SECRET), &shown["family_id"]));
    let both = called(&app, &["keys", "webhook-secret", "show", id, "--json"]).await;
    assert_eq!((&both["webhook_secret"], &both["secrets"][0]["expires_at"]), (&json!(SECRET), &Value::Null));
    assert_eq!(
        (&both["secrets"][1]["webhook_secret"], &both["secrets"][1]["expires_at"]),
        (first, &rotated["old_until"])
    );

    let new = call(&app, &["keys", "webhook-secret", "rotate", id]).await.expect_code(0).stdout;
    assert!(new.contains("whsec_") && !new.contains(SECRET), "{new}");
    let table = call(&app, &["keys", "webhook-secret", "show", id]).await.expect_code(0).stdout;
    assert!(table.contains(SECRET) && table.lines().count() == 4, "{table}");
    app.finish().await;
}

#[tokio::test]
async fn jobs_and_their_chains_are_shown() {
    let app = TestApp::start().await;
    let url = app.farm.url("/chain/1");
    let queued = app.client().post_json("/v1/resolve", &json!({"url": url})).await.expect_status(202).json();
    app.run_until_idle().await;
    let id = queued["job_id"].as_str().unwrap();
    let table = call(&app, &["jobs", "list"]).await.expect_code(0).stdout;
    assert!(table.contains(id) && table.contains("done") && table.contains(&url), "{table}");
    assert_eq!(called(&app, &["jobs", "show", id, "--json"]).await["target_url"], app.farm.url("/chain/0"));
    assert_eq!(called(&app, &["jobs", "evidence", id, "--json"]).await["schema"], "hopline.chain/1");
    assert_eq!(called(&app, &["jobs", "evidence", id, "--har"]).await["log"]["version"], "1.2");
    let chain = call(&app, &["jobs", "evidence", id]).await.expect_code(0).stdout;
    assert!(chain.contains("302") && chain.contains(&app.farm.url("/chain/0")), "{chain}");
    let unknown = call(&app, &["jobs", "show", "00000000-0000-7000-8000-000000000000"]).await.expect_code(1);
    assert!(unknown.stderr.contains("404 not_found"), "{}", unknown.stderr);
    app.finish().await;
}

#[tokio::test]
async fn a_client_without_a_key_or_a_server_says_so() {
    let without = HoplineProcess::new(["jobs", "list"]).output().await.expect_code(1);
    assert!(without.stderr.contains("HOPLINE_API_KEY"), "{}", without.stderr);
    let farm = LinkFarm::start().await;
    farm.stop().await;
    let process =
        HoplineProcess::new(["jobs", "list"]).env("HOPLINE_URL", &farm.url("")).env("HOPLINE_API_KEY", "x");
    let alone = process.output().await.expect_code(1);
    assert!(alone.stderr.contains(&farm.url("")) && alone.stderr.lines().count() == 1, "{}", alone.stderr);
}

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const AT: &str = "2026-06-05T12:00:00Z";
const AT_S: i64 = 1_780_660_800;
const BODY: &str = r#"{"event":"resolve.done"}"#;

async fn verify(headers: &[String], body: &str, at: &str) -> HoplineOutput {
    let mut arguments = vec!["verify", "--secret", SECRET, "--at", at];
    for header in headers {
        arguments.extend(["-H", header]);
    }
    HoplineProcess::new(arguments).stdin(body).output().await
}

#[tokio::test]
async fn verify_tells_the_genuine_from_the_forged() {
    let secret = WebhookSecret::parse(SECRET).unwrap();
    let timestamped =
        format!("X-Hopline-Signature: {}", timestamped_header(&[&secret], AT_S, BODY.as_bytes()));
    let signatures = standard_header(&[&secret], "evt_1", AT_S, BODY.as_bytes()).unwrap();
    let standard = [
        "webhook-id: evt_1".to_owned(),
        format!("webhook-timestamp: {AT_S}"),
        format!("webhook-signature: {signatures}"),
    ];
    let both: Vec<String> = standard.iter().chain([&timestamped]).cloned().collect();
    for headers in [&both[..], &standard[..], std::slice::from_ref(&timestamped)] {
        verify(headers, BODY, AT).await.expect_code(0);
    }
    let forged = verify(&both, &BODY.replace("done", "gone"), AT).await.expect_code(1);
    assert!(forged.stdout.contains('✗'), "{}", forged.stdout);
    let stale = verify(&both, BODY, "2026-06-05T12:05:01Z").await.expect_code(1);
    assert!(stale.stdout.contains('✗') && stale.stdout != forged.stdout, "{}", stale.stdout);
    verify(&[], BODY, AT).await.expect_code(1);
    assert!(!forged.stdout.contains(SECRET));
}

#[tokio::test]
async fn doctor_examines_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = data.to_str().unwrap();
    let doctor = || {
        HoplineProcess::new(["doctor", "--data", path, "--listen", "127.0.0.1:0", "--admin-listen", "off"])
            .output()
    };
    let missing = doctor().await.expect_code(1);
    assert!(missing.stdout.contains(path) && !data.exists(), "{}", missing.stdout);
    HoplineProcess::new(["init", "--data", path]).output().await.expect_code(0);
    let well = doctor().await.expect_code(0).stdout;
    assert!(well.contains("data folder") && well.contains("hopline.db") && !well.contains('✗'), "{well}");

    std::fs::remove_file(data.join("master.key")).unwrap();
    let ill = doctor().await.expect_code(1).stdout;
    assert!(ill.contains('✗') && ill.contains("master key"), "{ill}");
    assert!(!data.join("master.key").exists());
}

#[tokio::test]
async fn migrate_says_what_it_found() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = data.to_str().unwrap();
    let migrate = || HoplineProcess::new(["migrate", "--data", path]).output();
    let missing = migrate().await.expect_code(1);
    assert!(missing.stderr.contains(path) && !data.exists(), "{}", missing.stderr);
    HoplineProcess::new(["init", "--data", path]).output().await.expect_code(0);
    let newest = migrate().await.expect_code(0).stdout;
    assert!(newest.contains("hopline.db") && newest.contains("evidence.db"), "{newest}");
    let database = rusqlite::Connection::open(data.join("hopline.db")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let newer = migrate().await.expect_code(1);
    assert!(newer.stderr.contains("99"), "{}", newer.stderr);
}
