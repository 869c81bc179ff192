//! `SIGKILL` at random moments under load: nothing accepted is lost, nothing is charged twice, and what is sent twice was
//! under way when the process died.
//!
//! `HOPLINE_KILL_ROUNDS` says how many lives the server has; see CONTRIBUTING.md.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hopline_domain::entropy::{Entropy, OsEntropy};
use hopline_testkit::{
    Answer, HoplineProcess, LinkFarm, SeededEntropy, ServingProcess, TestClient, WebhookSink,
};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;

const ROUNDS_DEFAULT: u32 = 3;
const CALLERS: usize = 8;
/// Jobs of one life; a slow machine makes fewer.
const JOBS_MAX: usize = 1_500;
/// The server lives at least and at most this long under load.
const LIFE_MS: std::ops::RangeInclusive<u64> = 50..=1_000;
const LANES: [&str; 3] = ["localhost", "127.0.0.1", "receiver.test"];
const CREDITS: i64 = 1_000_000_000;
/// What a dead process held is due again seconds after the next one rose; the rest is a matter of how slow the machine is.
const DRAIN_DEADLINE: Duration = Duration::from_secs(120);

/// A server with many lives, and all that was ever asked of it.
struct Mortal {
    folder: TempDir,
    api_key: String,
    farm: LinkFarm,
    sink: WebhookSink,
    asked: AtomicUsize,
    /// Job by idempotency key, for what was answered.
    accepted: HashMap<String, String>,
    /// Keys whose answer never came.
    unanswered: HashSet<String>,
    /// Deliveries that were under way at some kill.
    under_way: usize,
}

impl Mortal {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let made = HoplineProcess::new(["init", "--json", "--data", data]).output().await.expect_code(0);
        let made: Value = serde_json::from_str(&made.stdout).unwrap();
        let sink = WebhookSink::start().await;
        sink.answer("/hook", Answer::status(200).after(Duration::from_millis(2)));
        Self {
            api_key: made["api_key"].as_str().unwrap().to_owned(),
            folder,
            farm: LinkFarm::start().await,
            sink,
            asked: AtomicUsize::new(0),
            accepted: HashMap::new(),
            unanswered: HashSet::new(),
            under_way: 0,
        }
    }

    async fn rise(&self) -> ServingProcess {
        let every_host = format!("*:{}:127.0.0.1", self.sink.address().port());
        let options = ["--allow-net", "127.0.0.0/8", "--resolve", &every_host];
        HoplineProcess::serve(self.folder.path(), options).ready().await
    }

    /// One request; a job's link and key are its number.
    fn body(&self, key: &str) -> Value {
        let number: usize = key.parse().unwrap();
        let lane = LANES[number % LANES.len()];
        json!({
            "url": self.farm.url(&format!("/chain/1?job={number}")),
            "webhook_url": format!("http://{lane}:{}/hook", self.sink.address().port()),
            "idempotency_key": key,
            "max_age_s": 0,
        })
    }

    /// One life: first what the last one left unanswered, then new work until the end comes.
    async fn live_and_die(&mut self, life: Duration) {
        let serving = self.rise().await;
        let client = serving.client().bearer(&self.api_key);
        let left: Vec<String> = self.unanswered.drain().collect();
        for key in left {
            self.note(key.clone(), ask(&client, &self.body(&key)).await);
        }
        let last = self.asked.load(Ordering::SeqCst) + JOBS_MAX;
        let load = futures_util::future::join_all((0..CALLERS).map(|_| self.call_until_dead(&client, last)));
        let death = async {
            tokio::time::sleep(life).await;
            serving.kill().await;
        };
        let (answers, ()) = tokio::join!(load, death);
        for (key, answer) in answers.into_iter().flatten() {
            self.note(key, answer);
        }
        self.under_way += leased_deliveries(self.folder.path());
    }

    async fn call_until_dead(&self, client: &TestClient, last: usize) -> Vec<(String, Option<String>)> {
        let mut answers = Vec::new();
        loop {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            if number >= last {
                return answers;
            }
            let key = number.to_string();
            let answer = ask(client, &self.body(&key)).await;
            let dead = answer.is_none();
            answers.push((key, answer));
            if dead {
                return answers;
            }
        }
    }

    fn note(&mut self, key: String, answer: Option<String>) {
        match answer {
            Some(job_id) => drop(self.accepted.insert(key, job_id)),
            None => drop(self.unanswered.insert(key)),
        }
    }

    /// A last life, until everything is done and told.
    async fn live_and_finish(&mut self) -> Told {
        let serving = self.rise().await;
        let client = serving.client().bearer(&self.api_key);
        let left: Vec<String> = self.unanswered.drain().collect();
        for key in left {
            let job_id = ask(&client, &self.body(&key)).await.expect("a server that is not killed answers");
            self.accepted.insert(key, job_id);
        }
        let drained = tokio::time::timeout(DRAIN_DEADLINE, self.drained(&client)).await;
        assert!(drained.is_ok(), "not everything was done: {}", serving.stderr());
        for job_id in self.accepted.values() {
            let job = client.get(&format!("/v1/jobs/{job_id}")).await.expect_status(200).json();
            assert_eq!((&job["status"], &job["credits_charged"]), (&json!("done"), &json!(1)), "{job}");
        }
        let account = client.get("/v1/account").await.expect_status(200).json();
        assert_eq!(account["balance"], CREDITS - i64::try_from(self.accepted.len()).unwrap());
        serving.terminate().await;
        self.told()
    }

    async fn drained(&self, client: &TestClient) {
        let mut ticks = tokio::time::interval(Duration::from_millis(200));
        loop {
            ticks.tick().await;
            let mut open = self.accepted.len() - self.told().times.len().min(self.accepted.len());
            for state in ["pending", "delivering"] {
                let path = format!("/v1/deliveries?limit=1&state={state}");
                let page = client.get(&path).await.expect_status(200).json();
                open += page["data"].as_array().unwrap().len();
            }
            if open == 0 {
                return;
            }
        }
    }

    fn told(&self) -> Told {
        let mut times: HashMap<String, usize> = HashMap::new();
        for request in self.sink.received() {
            let job_id = request.json()["job_id"].as_str().unwrap().to_owned();
            *times.entry(job_id).or_default() += 1;
        }
        Told { times }
    }
}

/// How often each job was told.
struct Told {
    times: HashMap<String, usize>,
}

/// The job that answers; `None` when the server died before.
async fn ask(client: &TestClient, body: &Value) -> Option<String> {
    let answer = client.post_json("/v1/resolve", body).send_to_mortal().await?;
    assert!(matches!(answer.status, 200 | 202), "{}", answer.text());
    answer.json()["job_id"].as_str().map(str::to_owned)
}

fn open(folder: &Path) -> Connection {
    Connection::open_with_flags(folder.join("hopline.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn number(database: &Connection, query: &str) -> i64 {
    database.query_row(query, [], |row| row.get(0)).unwrap()
}

/// What the dead process had under way, as it left it.
fn leased_deliveries(folder: &Path) -> usize {
    let leased = number(&open(folder), "select count(*) from deliveries where state = 'delivering'");
    usize::try_from(leased).unwrap()
}

/// One job, one reservation, one settlement, one event and one delivery for each key; and sums that agree.
fn audit(folder: &Path, jobs: usize) {
    let database = open(folder);
    let jobs = i64::try_from(jobs).unwrap();
    for query in [
        "select count(*) from jobs",
        "select count(*) from jobs where status = 'done' and credits_charged = 1",
        "select count(distinct job_id) from credit_entries where kind = 'reserve' and amount = -1",
        "select count(*) from credit_entries where kind = 'reserve'",
        "select count(distinct job_id) from credit_entries where kind = 'settle'",
        "select count(*) from credit_entries where kind = 'settle'",
        "select count(*) from events",
        "select count(distinct job_id) from events",
        "select count(*) from deliveries where state = 'succeeded'",
        "select count(distinct event_seq) from deliveries",
    ] {
        assert_eq!(number(&database, query), jobs, "{query}");
    }
    let sum = number(&database, "select sum(amount) from credit_entries");
    assert_eq!(sum, CREDITS - jobs);
    assert_eq!(number(&database, "select sum(balance_plan + balance_pack) from meters"), sum);
}

fn rounds() -> u32 {
    let given = std::env::var_os("HOPLINE_KILL_ROUNDS");
    given.map_or(ROUNDS_DEFAULT, |text| {
        text.to_str().and_then(|text| text.parse().ok()).expect("a number of rounds")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_and_charges_nothing_twice() {
    let mut seed = [0; 8];
    OsEntropy.fill(&mut seed);
    let seed = u64::from_le_bytes(seed);
    eprintln!("lives were drawn from seed {seed}");
    let chance: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(seed));
    let mut mortal = Mortal::new().await;
    for _ in 0..rounds() {
        let life_ms = LIFE_MS.start() + chance.up_to(LIFE_MS.end() - LIFE_MS.start());
        mortal.live_and_die(Duration::from_millis(life_ms)).await;
    }
    let told = mortal.live_and_finish().await;
    let jobs: HashSet<&String> = mortal.accepted.values().collect();
    assert_eq!(jobs.len(), mortal.accepted.len(), "two keys, one job");
    for job_id in &jobs {
        assert!(told.times.contains_key(*job_id), "{job_id} was done and never told");
    }
    assert_eq!(told.times.len(), jobs.len(), "nothing is told of what was never answered or asked again");
    let repeated: usize = told.times.values().map(|times| times - 1).sum();
    assert!(repeated <= mortal.under_way, "{repeated} repeated, {} were under way", mortal.under_way);
    audit(mortal.folder.path(), jobs.len());
    eprintln!("{} jobs, {repeated} told again, {} under way at the kills", jobs.len(), mortal.under_way);
}
