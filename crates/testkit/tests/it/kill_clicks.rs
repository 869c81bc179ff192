//! `SIGKILL` at random moments under redirect load: every answered redirect is a recorded click, and a click more there is
//! only for a request that was under way.
//!
//! `HOPLINE_KILL_ROUNDS` says how many lives the server has; see CONTRIBUTING.md.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hopline_domain::entropy::{Entropy, OsEntropy};
use hopline_testkit::{HoplineProcess, SeededEntropy, ServingProcess, TestClient};
use serde_json::{Value, json};

const ROUNDS_DEFAULT: u32 = 3;
const VISITORS: usize = 8;
/// The server lives at least and at most this long under load.
const LIFE_MS: std::ops::RangeInclusive<u64> = 50..=1_000;
const FOLD_DEADLINE: Duration = Duration::from_secs(60);
const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";

async fn rise(folder: &Path) -> ServingProcess {
    HoplineProcess::serve(folder, []).ready().await
}

/// One visitor until the server is dead; answers how many redirects it got.
async fn visit_until_dead(client: &TestClient) -> u64 {
    let mut answered = 0;
    loop {
        let visit = client.get("/spring").header("User-Agent", AGENT);
        let Some(answer) = visit.send_to_mortal().await else { return answered };
        assert_eq!(answer.status, 302, "{}", answer.text());
        answered += 1;
    }
}

/// One life: answers how many redirects were answered.
async fn live_and_die(folder: &Path, life: Duration) -> u64 {
    let serving = rise(folder).await;
    let client = serving.client();
    let load = futures_util::future::join_all((0..VISITORS).map(|_| visit_until_dead(&client)));
    let death = async {
        tokio::time::sleep(life).await;
        serving.kill().await;
    };
    let (answered, ()) = tokio::join!(load, death);
    answered.into_iter().sum()
}

/// What the link says of its clicks once all of `answered` are counted.
async fn counted(client: &TestClient, link: &str, answered: u64) -> u64 {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let counted = async {
        loop {
            ticks.tick().await;
            let link = client.get(&format!("/v1/links/{link}")).await.expect_status(200).json();
            let clicks = link["clicks"].as_u64().unwrap();
            if clicks >= answered {
                return clicks;
            }
        }
    };
    tokio::time::timeout(FOLD_DEADLINE, counted).await.expect("an answered redirect was not recorded")
}

fn rounds() -> u32 {
    let given = std::env::var_os("HOPLINE_KILL_ROUNDS");
    given.map_or(ROUNDS_DEFAULT, |text| {
        text.to_str().and_then(|text| text.parse().ok()).expect("a number of rounds")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_click_that_it_answered() {
    let mut seed = [0; 8];
    OsEntropy.fill(&mut seed);
    let seed = u64::from_le_bytes(seed);
    eprintln!("lives were drawn from seed {seed}");
    let chance: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let made = HoplineProcess::new(["init", "--json", "--data", data]).output().await.expect_code(0);
    let made: Value = serde_json::from_str(&made.stdout).unwrap();
    let api_key = made["api_key"].as_str().unwrap().to_owned();
    let mut serving = rise(folder.path()).await;
    let client = serving.client().bearer(&api_key);
    let link = json!({"url": "https://shop.example/offers", "slug": "spring"});
    let link = client.post_json("/v1/links", &link).await.expect_status(201).json();
    let link = link["id"].as_str().unwrap().to_owned();
    serving.terminate().await;
    serving.wait().await.expect_code(0);

    let mut answered = 0;
    for _ in 0..rounds() {
        let life_ms = LIFE_MS.start() + chance.up_to(LIFE_MS.end() - LIFE_MS.start());
        answered += live_and_die(folder.path(), Duration::from_millis(life_ms)).await;
    }
    let serving = rise(folder.path()).await;
    let clicks = counted(&serving.client().bearer(&api_key), &link, answered).await;
    let under_way_max = u64::from(rounds()) * VISITORS as u64;
    assert!(clicks <= answered + under_way_max, "{clicks} clicks of {answered} answered redirects");
    eprintln!("{answered} answered, {clicks} recorded");
    serving.terminate().await;
}
