//! Starting, stopping and refusing to start: what whoever runs the server sees.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use hopline_testkit::{Answer, HoplineOutput, HoplineProcess, LinkFarm, ServingProcess, TestApp};
use serde_json::json;

use crate::problem_document::problem;

/// A start that is refused: exit code 1, one clear line, nothing on stdout.
fn one_line(output: HoplineOutput) -> String {
    let output = output.expect_code(1);
    assert_eq!(output.stdout, "");
    let mut lines = output.stderr.lines().filter(|line| line.starts_with("hopline: failed to "));
    let (Some(line), None) = (lines.next(), lines.next()) else { panic!("not one line: {}", output.stderr) };
    assert!(!output.stderr.contains("panicked") && !output.stderr.contains("backtrace"), "{}", output.stderr);
    line.to_owned()
}

async fn serve_refused(data: &Path) -> String {
    one_line(HoplineProcess::serve(data, []).output().await)
}

fn first_key(data: &Path) -> String {
    fs::read_to_string(data.join("first-key")).expect("the first start leaves its key").trim().to_owned()
}

/// A folder that a server has worked in and left.
async fn used_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut server = HoplineProcess::serve(folder.path(), []).ready().await;
    server.terminate().await;
    server.wait().await.expect_code(0);
    folder
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_first_start_leaves_its_key_in_a_file_of_its_owner() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("data");
    let mut server = HoplineProcess::serve(&data, []).ready().await;
    let key = first_key(&data);
    assert_eq!(
        (mode(&data.join("first-key")), mode(&data.join("master.key")), mode(&data)),
        (0o600, 0o600, 0o700)
    );
    let account = server.client().bearer(&key).get("/v1/account").await.expect_status(200).json();
    assert_eq!(account["balance"], 1_000_000_000);
    server.terminate().await;
    let output = server.wait().await.expect_code(0);
    let expected =
        format!("{}\nhopline is ready on {}\n", data.join("first-key").display(), server.base_url());
    assert_eq!(output.stdout, expected);
    for said in [&output.stdout, &output.stderr] {
        assert!(!said.contains(&key) && !said.contains("whsec_"), "{said}");
    }
}

#[tokio::test]
async fn a_second_start_makes_no_key_and_knows_the_first() {
    let folder = used_folder().await;
    let key = first_key(folder.path());
    let mut server = HoplineProcess::serve(folder.path(), []).ready().await;
    server.client().bearer(&key).get("/v1/account").await.expect_status(200);
    server.terminate().await;
    let output = server.wait().await.expect_code(0);
    assert_eq!(output.stdout, format!("hopline is ready on {}\n", server.base_url()));
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_names_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let server = HoplineProcess::serve(folder.path(), []).ready().await;
    let line = serve_refused(folder.path()).await;
    assert!(line.contains(&format!("pid {}", server.pid())), "{line}");
    server.kill().await;
    // A killed server leaves no lock behind.
    let next = HoplineProcess::serve(folder.path(), []).ready().await;
    next.kill().await;
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let (folder, farm) = (tempfile::tempdir().unwrap(), LinkFarm::start().await);
    let address = farm.address().to_string();
    let output = HoplineProcess::serve(folder.path(), ["--listen", &address]).output().await;
    let line = one_line(output);
    assert!(line.contains(&address) && line.contains("--listen"), "{line}");
}

#[tokio::test]
async fn a_taken_admin_port_is_refused_when_it_was_named() {
    let (folder, farm) = (tempfile::tempdir().unwrap(), LinkFarm::start().await);
    let address = farm.address().to_string();
    let line = one_line(HoplineProcess::serve(folder.path(), ["--admin-listen", &address]).output().await);
    assert!(line.contains(&address) && line.contains("--admin-listen"), "{line}");
}

#[tokio::test]
async fn a_taken_default_admin_port_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    // Whoever has the port, this test or somebody else: it is taken.
    let _taken = std::net::TcpListener::bind("127.0.0.1:9090");
    let data = folder.path().to_str().unwrap();
    let process = HoplineProcess::new(["serve", "--listen", "127.0.0.1:0", "--data", data]);
    let mut server = process.ready().await;
    server.client().get("/healthz").await.expect_status(200);
    server.terminate().await;
    let output = server.wait().await.expect_code(0);
    assert!(output.stderr.contains("--admin-listen"), "{}", output.stderr);
}

#[tokio::test]
async fn a_folder_that_cannot_be_one_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    for data in [file.clone(), file.join("below")] {
        let line = serve_refused(&data).await;
        assert!(line.contains(data.to_str().unwrap()), "{line}");
    }
}

#[tokio::test]
async fn a_folder_without_rights_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let data = parent.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser has rights everywhere; anybody else is refused here.
    if fs::write(data.join("probe"), "x").is_err() {
        let line = serve_refused(&data).await;
        assert!(line.contains(data.to_str().unwrap()), "{line}");
    }
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn a_corrupt_database_is_refused_and_left_alone() {
    let folder = used_folder().await;
    let path = folder.path().join("hopline.db");
    for content in [
        b"this is no database at all, but it is long enough to look like one".repeat(100),
        Vec::from(*b"short"),
    ] {
        for leftover in ["hopline.db-wal", "hopline.db-shm"] {
            let _ = fs::remove_file(folder.path().join(leftover));
        }
        fs::write(&path, &content).unwrap();
        let line = serve_refused(folder.path()).await;
        assert!(line.contains("hopline.db") || line.contains("database"), "{line}");
        assert_eq!(fs::read(&path).unwrap(), content);
    }
}

#[tokio::test]
async fn a_database_with_a_torn_page_is_refused() {
    let folder = used_folder().await;
    let path = folder.path().join("hopline.db");
    let mut content = fs::read(&path).unwrap();
    content[100..4096].fill(0xff);
    fs::write(&path, &content).unwrap();
    let line = serve_refused(folder.path()).await;
    assert!(line.contains("database"), "{line}");
}

#[tokio::test]
async fn a_newer_database_is_refused_with_its_version() {
    let folder = used_folder().await;
    let database = rusqlite::Connection::open(folder.path().join("hopline.db")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let line = serve_refused(folder.path()).await;
    assert!(line.contains("99") && line.contains("newer"), "{line}");
}

#[tokio::test]
async fn a_missing_or_foreign_master_key_is_refused() {
    let folder = used_folder().await;
    let path = folder.path().join("master.key");
    let key = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let line = serve_refused(folder.path()).await;
    assert!(line.contains("master.key") && line.contains("--master-key-file"), "{line}");
    assert!(!path.exists(), "no new key is made beside secrets it can't open");
    fs::write(&path, "nonsense").unwrap();
    let line = serve_refused(folder.path()).await;
    assert!(line.contains("master.key"), "{line}");
    fs::write(&path, key).unwrap();
    HoplineProcess::serve(folder.path(), []).ready().await.kill().await;
}

#[tokio::test]
async fn wrong_settings_are_one_line_too() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hopline.toml");
    fs::write(&config, "listten = \"127.0.0.1:0\"\n").unwrap();
    let data = folder.path().join("data");
    let output = HoplineProcess::serve(&data, ["--config", config.to_str().unwrap()]).output().await;
    let line = one_line(output);
    assert!(line.contains("hopline.toml") && line.contains("line 1") && line.contains("listten"), "{line}");
    let line =
        one_line(HoplineProcess::serve(&data, []).env("HOPLINE_MIN_FREE_BYTES", "lots").output().await);
    assert!(line.contains("HOPLINE_MIN_FREE_BYTES"), "{line}");
    let line =
        one_line(HoplineProcess::serve(&data, ["--database", "postgres://u:hunter2@db/x"]).output().await);
    assert!(line.contains("SQLite") && !line.contains("hunter2"), "{line}");
    HoplineProcess::serve(&data, ["--no-such-flag"]).output().await.expect_code(2);
    assert!(!data.exists(), "nothing was made");
}

#[tokio::test]
async fn the_command_line_beats_the_environment_beats_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("hopline.toml");
    let named = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(&config, format!("data = \"{}\"\npublic_url = \"https://file.example/x\"\n", named("file")))
        .unwrap();
    let process =
        HoplineProcess::new(["--listen", "127.0.0.1:0", "--admin-listen", "off", "--data", &named("flag")]);
    let process =
        process.env("HOPLINE_CONFIG", config.to_str().unwrap()).env("HOPLINE_DATA", &named("environment"));
    let server = process.ready().await;
    let made = |name: &str| Path::new(&named(name)).exists();
    assert_eq!((made("flag"), made("environment"), made("file")), (true, false, false));
    let refused = server.client().get("/v1/account").await;
    assert_eq!(refused.json()["type"], "https://file.example/x/docs/problems/invalid_key");
    server.kill().await;
}

#[tokio::test]
async fn only_a_trusted_proxy_is_believed() {
    for (trusted, expected) in [(true, "198.51.100.7"), (false, "127.0.0.1")] {
        let builder = TestApp::builder();
        let builder = if trusted { builder.trusted_proxy("127.0.0.0/8") } else { builder };
        let mut app = builder.start().await;
        let request = app.client().get("/v1/account").header("x-forwarded-for", "203.0.113.1, 198.51.100.7");
        request.await.expect_status(200);
        app.restart().await;
        let keys = app.client().get("/v1/keys").await.expect_status(200).json();
        assert_eq!(keys["data"][0]["last_used_ip"], expected, "trusted: {trusted}");
        app.finish().await;
    }
}

#[tokio::test]
async fn a_nearly_full_disk_refuses_what_is_new_and_serves_what_is_there() {
    let mut app = TestApp::builder().start().await;
    let url = app.farm.url("/final");
    let made = app.client().post_json("/v1/resolve", &json!({"url": url})).await.expect_status(202).json();
    app.run_until_idle().await;
    app.change_settings(|settings| settings.limits.min_free_bytes = u64::MAX);
    app.restart().await;
    let before = app.books();
    for (path, body) in [
        ("/v1/resolve", json!({"url": app.farm.url("/other")})),
        ("/v1/keys", json!({"name": "made", "scopes": ["resolve"]})),
        ("/v1/credits/grants", json!({"amount": 1})),
    ] {
        problem(&app.client().post_json(path, &body).await, 503, "store_unavailable");
    }
    assert_eq!(app.books(), before);
    app.client().get(&format!("/v1/jobs/{}", made["job_id"].as_str().unwrap())).await.expect_status(200);
    app.client().get("/v1/account").await.expect_status(200);
    let details = app.admin().get("/readyz").await.expect_status(200).json();
    assert!(details.to_string().contains("degraded"), "{details}");
    app.finish().await;
}

#[tokio::test]
async fn a_foreign_lock_is_told_and_outlived() {
    let app = TestApp::start().await;
    let post = |path: &str| app.client().post_json("/v1/resolve", &json!({"url": app.farm.url(path)}));
    let first = post("/a").await.expect_status(202).json();
    let foreign = app.database("hopline.db");
    foreign.execute_batch("begin immediate").unwrap();
    problem(&post("/b").await, 503, "store_unavailable");
    app.client().get(&format!("/v1/jobs/{}", first["job_id"].as_str().unwrap())).await.expect_status(200);
    app.anonymous().get("/healthz").await.expect_status(200);
    app.anonymous().get("/readyz").await.expect_status(503);
    foreign.execute_batch("rollback").unwrap();
    post("/b").await.expect_status(202);
    app.anonymous().get("/readyz").await.expect_status(200);
    app.run_until_idle().await;
    assert_eq!(app.books().rows("jobs"), 2);
    app.finish().await;
}

async fn serving_farm(folder: &Path) -> (ServingProcess, LinkFarm) {
    let farm = LinkFarm::start().await;
    let server = HoplineProcess::serve(folder, ["--allow-net", "127.0.0.0/8"]).ready().await;
    (server, farm)
}

#[tokio::test]
async fn sigterm_answers_held_requests_and_keeps_what_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, farm) = serving_farm(folder.path()).await;
    farm.serve("/hang", Answer::hang());
    let key = first_key(folder.path());
    let request = server.client().bearer(&key).post_json("/v1/resolve", &json!({"url": farm.url("/hang")}));
    let held = request.header("prefer", "wait=30").into_future();
    let stopping = async {
        while farm.hits("/hang") == 0 {
            tokio::task::yield_now().await;
        }
        server.terminate().await;
    };
    let (answer, ()) = tokio::join!(held, stopping);
    let body = answer.expect_status(200).json();
    let id = body["job_id"].as_str().unwrap().to_owned();
    assert!(body["status"] == "running" || body["status"] == "queued", "{body}");
    // Only now may the page answer: the job goes on, here or after the next start.
    farm.stop().await;
    let ended = server.wait().await;
    assert!(ended.code.is_some(), "a signal that is handled is no death by signal: {}", ended.stderr);

    let next = HoplineProcess::serve(folder.path(), ["--allow-net", "127.0.0.0/8"]).ready().await;
    next.client().bearer(&key).get(&format!("/v1/jobs/{id}")).await.expect_status(200);
    next.kill().await;
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut server, farm) = serving_farm(folder.path()).await;
    farm.serve("/hang", Answer::hang());
    let key = first_key(folder.path());
    let body = json!({"url": farm.url("/hang")});
    server.client().bearer(&key).post_json("/v1/resolve", &body).await.expect_status(202);
    while farm.hits("/hang") == 0 {
        tokio::task::yield_now().await;
    }
    server.terminate().await;
    while !server.stderr().contains("stopping") {
        tokio::task::yield_now().await;
    }
    server.terminate().await;
    server.wait().await.expect_code(1);
}

#[tokio::test]
async fn logs_are_json_lines_without_a_terminal() {
    let folder = used_folder().await;
    let mut server = HoplineProcess::serve(folder.path(), []).env("HOPLINE_LOG_LEVEL", "debug").ready().await;
    let key = first_key(folder.path());
    server.client().bearer(&key).get("/v1/account").await.expect_status(200);
    server.terminate().await;
    let output = server.wait().await.expect_code(0);
    assert!(!output.stderr.contains(&key[8..]), "no secret is logged");
    assert!(output.stderr.lines().count() > 1);
    for line in output.stderr.lines() {
        let parsed: serde_json::Value =
            serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(parsed["timestamp"].is_string() && parsed["level"].is_string(), "{line}");
    }
}
