//! `hopline links …`: what the command line does to a server's links.

use hopline_testkit::{HoplineOutput, HoplineProcess, TestApp};
use serde_json::{Value, json};

async fn links(app: &TestApp, words: &[&str]) -> HoplineOutput {
    let words = [&["links"], words].concat();
    let process = HoplineProcess::new(words);
    process.env("HOPLINE_URL", &app.base_url()).env("HOPLINE_API_KEY", &app.key).output().await
}

async fn told(app: &TestApp, words: &[&str]) -> Value {
    let output = links(app, &[words, &["--json"]].concat()).await.expect_code(0);
    serde_json::from_str(&output.stdout).unwrap()
}

#[tokio::test]
async fn links_are_made_changed_and_deleted() {
    let app = TestApp::start().await;
    let made =
        told(&app, &["create", "https://dest.example/", "--slug", "sale", "--tag", "a", "--max-clicks", "5"])
            .await;
    assert_eq!(
        (&made["url"], &made["tags"], &made["max_clicks"]),
        (&json!("https://dest.example/"), &json!(["a"]), &json!(5))
    );
    let id = made["id"].as_str().unwrap();
    let changes = ["update", id, "--destination", "https://other.example/", "--clear", "max_clicks"];
    let changed = told(&app, &changes).await;
    assert_eq!((&changed["url"], &changed["max_clicks"]), (&json!("https://other.example/"), &Value::Null));
    assert_eq!(told(&app, &["list", "--search", "other"]).await["data"][0]["id"], made["id"]);
    links(&app, &["delete", id]).await.expect_code(0);
    links(&app, &["get", id]).await.expect_code(1);
    app.finish().await;
}

#[tokio::test]
async fn an_export_is_imported_again_and_twice_makes_nothing_new() {
    let app = TestApp::start().await;
    for slug in ["a", "b"] {
        told(&app, &["create", "https://dest.example/", "--slug", slug, "--title", "One, two"]).await;
    }
    let exported = links(&app, &["export", "--csv"]).await.expect_code(0).stdout;
    let path = app.data_folder().join("links.csv");
    std::fs::write(&path, exported).unwrap();
    let path = path.to_str().unwrap();
    let other = TestApp::start().await;
    // The default domain of one server is unknown to the other.
    let table = std::fs::read_to_string(path)
        .unwrap()
        .replace(&app.base_url()["http://".len()..], &other.base_url()["http://".len()..]);
    std::fs::write(path, table).unwrap();
    for _ in 0..2 {
        let result = told(&other, &["import", path]).await;
        assert_eq!((&result["created"], &result["failed"]), (&json!(2), &json!(0)));
    }
    assert_eq!(told(&other, &["list"]).await["data"][0]["title"], "One, two");
    assert_eq!(other.books().rows("links"), 2);
    app.finish().await;
    other.finish().await;
}
