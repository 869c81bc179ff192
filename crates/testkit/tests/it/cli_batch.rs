//! Batches on the command line: a CSV in and out, interruptions, several points of view, what has drifted.

use std::path::{Path, PathBuf};

use hopline_testkit::{Answer, HoplineOutput, HoplineProcess, LinkFarm};
use serde_json::{Value, json};

const ALLOWED: [&str; 3] = ["resolve", "--allow-net", "127.0.0.0/8"];

async fn resolve(arguments: &[&str]) -> HoplineOutput {
    HoplineProcess::new(ALLOWED.iter().chain(arguments).copied()).output().await
}

/// A folder of files for one test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.text(name)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

fn lines(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn json_lines(path: &Path) -> Vec<Value> {
    lines(path).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_csv_goes_in_and_comes_out_with_chosen_columns() {
    let (farm, folder) = (LinkFarm::start().await, Folder::new());
    let rows = format!(
        "id,offer,expected_domain\n7,{},127.0.0.1\n8,{},shop.example\n",
        farm.url("/chain/1"),
        farm.url("/final")
    );
    let input = folder.file("links.csv", &rows);
    let output = folder.text("out.csv");
    let columns = "id,status,kinds,as_expected";
    let ran = resolve(&["-f", &input, "--column", "offer", "--columns", columns, "-o", &output])
        .await
        .expect_code(0);
    assert_eq!(
        lines(&folder.path("out.csv")),
        ["id,status,kinds,as_expected", "7,done,http_redirect,true", "8,done,,false"]
    );
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("2 links in ") && ran.stderr.contains("2 done"), "{}", ran.stderr);
}

#[tokio::test]
async fn wrong_columns_and_files_in_the_way_are_told_before_anything_is_asked() {
    let (farm, folder) = (LinkFarm::start().await, Folder::new());
    let input = folder.file("links.csv", &format!("id,url\n1,{}\n", farm.url("/final")));
    let taken = folder.file("taken.csv", "mine\n");
    for (arguments, said) in [
        (vec!["--column", "offer"], "there is no column \"offer\"; it has id, url"),
        (vec!["--csv", "--columns", "nope"], "there is no column \"nope\""),
        (vec!["-o", &taken], "choose a name that is free, or add --resume"),
        (vec!["-o", "plain"], "choose --json, --csv or --har"),
        (vec!["--egress", "moon"], "no egress is configured"),
        (vec!["--profiles", "desktop,tv"], "there is no profile \"tv\"; there are desktop, mobile"),
    ] {
        let ran = resolve(&[vec!["-f", &input], arguments].concat()).await.expect_code(1);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
    assert_eq!(farm.hits("/final"), 0);
    assert_eq!(lines(&folder.path("taken.csv")), ["mine"]);
}

#[tokio::test]
async fn an_interrupted_batch_goes_on_where_it_was() {
    let (farm, folder) = (LinkFarm::start().await, Folder::new());
    let links: Vec<String> = (0..6).map(|number| farm.url(&format!("/page{number}"))).collect();
    let input = folder.file("links.txt", &links.join("\n"));
    let output = folder.text("out.jsonl");
    resolve(&["-f", &input, "-o", &output]).await.expect_code(0);
    let whole = json_lines(&folder.path("out.jsonl"));
    // As a kill would leave it: three whole lines and the beginning of a fourth.
    let text = std::fs::read_to_string(folder.path("out.jsonl")).unwrap();
    let third_end = text.match_indices('\n').nth(2).unwrap().0 + 1;
    std::fs::write(folder.path("out.jsonl"), &text[..third_end + 40]).unwrap();

    let ran = resolve(&["-f", &input, "-o", &output, "--resume"]).await.expect_code(0);
    assert!(ran.stderr.contains("3 links in "), "{}", ran.stderr);
    let urls = |chains: &[Value]| chains.iter().map(|chain| chain["final_url"].clone()).collect::<Vec<_>>();
    assert_eq!(urls(&json_lines(&folder.path("out.jsonl"))), urls(&whole));
    let hits: Vec<usize> = (0..6).map(|number| farm.hits(&format!("/page{number}"))).collect();
    assert_eq!(hits, [1, 1, 1, 2, 2, 2]);

    resolve(&["-f", &input, "-o", &output, "--resume"]).await.expect_code(0);
    assert_eq!(json_lines(&folder.path("out.jsonl")).len(), 6, "a finished batch stays as it is");
    let other = folder.file("other.txt", &farm.url("/other"));
    let refused = resolve(&["-f", &other, "-o", &output, "--resume"]).await.expect_code(1);
    assert!(refused.stderr.contains("give the list it was begun with"), "{}", refused.stderr);
}

#[tokio::test]
async fn two_points_of_view_show_where_they_part() {
    let farm = LinkFarm::start().await;
    farm.serve_with("/store", |request| {
        let is_mobile = request.header("user-agent").is_some_and(|agent| agent.contains("Mobile"));
        Answer::redirect(302, if is_mobile { "/app" } else { "/shop" })
    });
    let ran = resolve(&["--profiles", "desktop,mobile", &farm.url("/store")]).await.expect_code(0);
    for part in [
        "desktop\n",
        "mobile\n",
        "different pages of the same domain",
        "they part at hop 2:",
        "/app",
        "/shop",
    ] {
        assert!(ran.stdout.contains(part), "{part} is missing: {}", ran.stdout);
    }
    let ran = resolve(&["--json", "--profiles", "desktop,mobile", &farm.url("/store")]).await.expect_code(0);
    let compared: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(compared["comparison"]["destination"], "same_domain");
    assert_eq!(compared["comparison"]["parts_at"]["hop"], 1);
    let ends: Vec<&Value> =
        compared["views"].as_array().unwrap().iter().map(|view| &view["chain"]["final_url"]).collect();
    assert_eq!(ends, [&json!(farm.url("/shop")), &json!(farm.url("/app"))]);
}

#[tokio::test]
async fn profiles_of_the_settings_file_are_points_of_view_too() {
    let (farm, folder) = (LinkFarm::start().await, Folder::new());
    let config = folder.file(
        "hopline.toml",
        "[profiles.de]\naccept_language = \"de\"\nreferer = \"https://search.example/\"\n",
    );
    let arguments =
        ["--config", &config, "--profile", "de", "--header", "X-Campaign: 7", &farm.url("/final")];
    resolve(&arguments).await.expect_code(0);
    let request = farm.last_request("/final").unwrap();
    assert_eq!(request.header("accept-language"), Some("de"));
    assert_eq!(request.header("referer"), Some("https://search.example/"));
    assert_eq!(request.header("x-campaign"), Some("7"));
}

#[tokio::test]
async fn offline_decodes_and_asks_nobody() {
    let farm = LinkFarm::start().await;
    let inner = farm.url("/final");
    let link = "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example%2Fx%3Fa%3D1&data=05&reserved=0";
    let ran = resolve(&["--offline", "--json", link, &inner]).await.expect_code(0);
    let chains: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(chains[0]["final_url"], "https://shop.example/x?a=1");
    assert_eq!(
        (&chains[0]["offline"]["rule"], &chains[0]["offline"]["agrees"]),
        (&json!("safelinks"), &Value::Null)
    );
    assert_eq!(chains[0]["engine"], Value::Null);
    let kinds: Vec<&Value> = chains[0]["hops"].as_array().unwrap().iter().map(|hop| &hop["kind"]).collect();
    assert_eq!(kinds, ["start", "offline"]);
    assert_eq!((&chains[1]["final_url"], &chains[1]["offline"]), (&json!(inner), &Value::Null));
    assert_eq!(farm.hits("/final"), 0);
}

#[tokio::test]
async fn what_has_drifted_since_is_told() {
    let (farm, folder) = (LinkFarm::start().await, Folder::new());
    farm.serve("/go", Answer::redirect(302, "/old"));
    let links = [farm.url("/go"), farm.url("/same")];
    let before = folder.text("before.jsonl");
    resolve(&["-o", &before, &links[0], &links[1]]).await.expect_code(0);
    farm.serve("/go", Answer::redirect(302, "/new"));
    let ran =
        resolve(&["--csv", "--columns", "final_url,drift", "--since", &before, &links[0], &links[1]]).await;
    let rows: Vec<String> = ran.expect_code(0).stdout.lines().map(str::to_owned).collect();
    assert_eq!(
        rows,
        ["final_url,drift".to_owned(), format!("{},url", farm.url("/new")), format!("{},", links[1])]
    );
    let shown = resolve(&["--since", &before, &links[0]]).await.expect_code(0).stdout;
    assert!(shown.contains("drifted"), "{shown}");
}

#[tokio::test]
async fn a_batch_asks_one_host_so_many_times_at_once() {
    let (farm, folder) = (LinkFarm::start().await, Folder::new());
    // Every hop is counted, not only the first: each link comes to the same slow page by a redirect.
    farm.serve("/slow", Answer::page("slow").after(std::time::Duration::from_millis(30)));
    let links: String = (0..12).map(|number| farm.url(&format!("/to?url=/slow&n={number}")) + "\n").collect();
    let input = folder.file("links.txt", &links);
    resolve(&["-f", &input, "--concurrency", "12", "--per-host-max", "2"]).await.expect_code(0);
    assert_eq!(farm.hits("/slow"), 12);
    assert!(farm.most_at_once() <= 2, "{} at once", farm.most_at_once());
}
