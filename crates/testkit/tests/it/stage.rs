//! A server between a web of links and a receiver of webhooks, and what tests of deliveries ask of it.
//!
//! Every host name on the receiver's port is the receiver, so that one receiver can stand for any number of lanes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use hopline_domain::time::{Clock, Timestamp};
use hopline_testkit::{MadeKey, ManualClock, TestApp, TestAppBuilder, TestClient, TestResponse, WebhookSink};
use serde_json::{Value, json};

/// How long a delivery may take to get where a test wants it: far beyond its deadline, so that only a lost one meets it.
const WAIT_DEADLINE: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(10);
/// Requests a test has under way at once.
const CALLERS: usize = 16;

pub(crate) struct Stage {
    pub(crate) app: TestApp,
    pub(crate) sink: WebhookSink,
    links: AtomicUsize,
    workers: Workers,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Workers {
    ByHand,
    Live,
}

/// A key of the test's own and a client that uses it.
pub(crate) struct StageKey {
    pub(crate) id: String,
    pub(crate) webhook_secret: String,
    pub(crate) api: TestClient,
}

impl Stage {
    /// Work is done when a test asks for it.
    pub(crate) async fn start() -> Self {
        Self::with(TestApp::builder()).await
    }

    /// As [`Stage::start`], of a server about which more is said.
    pub(crate) async fn with(builder: TestAppBuilder) -> Self {
        Self::build(builder, Workers::ByHand).await
    }

    /// Work goes on in the background: for receivers that hang.
    pub(crate) async fn live() -> Self {
        Self::build(TestApp::builder().live_workers(), Workers::Live).await
    }

    async fn build(builder: TestAppBuilder, workers: Workers) -> Self {
        let sink = WebhookSink::start().await;
        let every_host = format!("*:{}:127.0.0.1", sink.address().port());
        let builder = builder.settings(|settings| {
            settings.network.static_names.push(every_host.parse().expect("an entry of --resolve"));
        });
        Self { app: builder.start().await, sink, links: AtomicUsize::new(0), workers }
    }

    pub(crate) fn clock(&self) -> &ManualClock {
        &self.app.clock
    }

    pub(crate) fn api(&self) -> TestClient {
        self.app.client()
    }

    /// The receiver by any name.
    pub(crate) fn hook(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.sink.address().port())
    }

    /// A link nobody asked for yet.
    pub(crate) fn fresh_link(&self) -> String {
        let number = self.links.fetch_add(1, Ordering::SeqCst);
        self.app.farm.url(&format!("/status/200?link={number}"))
    }

    /// Has a fresh link resolved; answers its job's id once it has ended.
    pub(crate) async fn resolve(&self, hook: &str) -> String {
        self.resolve_link(&self.api(), &self.fresh_link(), hook).await
    }

    /// Has a fresh link accepted; answers its job's id.
    pub(crate) async fn accept(&self, hook: &str) -> String {
        accept(&self.api(), &self.fresh_link(), hook).await
    }

    async fn resolve_link(&self, api: &TestClient, link: &str, hook: &str) -> String {
        let job_id = accept(api, link, hook).await;
        match self.workers {
            Workers::ByHand => self.idle().await,
            Workers::Live => self.wait_for_end(api, &job_id).await,
        }
        job_id
    }

    async fn wait_for_end(&self, api: &TestClient, job_id: &str) {
        let path = format!("/v1/jobs/{job_id}");
        poll(async || {
            let job = api.get(&path).await.expect_status(200).json();
            let unfinished = matches!(job["status"].as_str(), Some("queued" | "running"));
            (!unfinished).then_some(())
        })
        .await;
    }

    /// Has many fresh links accepted, and with workers by hand resolved, for one receiver.
    pub(crate) async fn resolve_many(&self, hook: &str, count: usize) {
        let api = self.api();
        let links: Vec<String> = (0..count).map(|_| self.fresh_link()).collect();
        for some in links.chunks(CALLERS) {
            join_all(some.iter().map(|link| accept(&api, link, hook))).await;
        }
        if self.workers == Workers::ByHand {
            self.idle().await;
        }
    }

    /// Has a fresh link resolved and its delivery attempted; answers the delivery.
    pub(crate) async fn deliver(&self, hook: &str) -> Value {
        self.deliver_link(&self.fresh_link(), hook).await
    }

    pub(crate) async fn deliver_link(&self, link: &str, hook: &str) -> Value {
        let job_id = self.resolve_link(&self.api(), link, hook).await;
        self.delivery_of(&job_id).await
    }

    pub(crate) async fn deliver_as(&self, key: &StageKey, hook: &str) -> Value {
        let job_id = self.resolve_link(&key.api, &self.fresh_link(), hook).await;
        self.delivery_of(&job_id).await
    }

    /// The one delivery of a job, with its attempts.
    pub(crate) async fn delivery_of(&self, job_id: &str) -> Value {
        let rows = self.deliveries(&format!("?job_id={job_id}")).await;
        let [row] = &rows[..] else { panic!("one delivery of the job: {rows:?}") };
        self.delivery(row).await
    }

    /// A delivery as it is now.
    pub(crate) async fn delivery(&self, known: &Value) -> Value {
        let id = known["id"].as_str().expect("a delivery has an id");
        self.api().get(&format!("/v1/deliveries/{id}")).await.expect_status(200).json()
    }

    /// A page of the list.
    pub(crate) async fn deliveries(&self, query: &str) -> Vec<Value> {
        let page = self.api().get(&format!("/v1/deliveries{query}")).await.expect_status(200).json();
        page["data"].as_array().expect("a list has data").clone()
    }

    /// How many deliveries are in each state, by the lists of the API.
    pub(crate) async fn count_in_state(&self, state: &str) -> usize {
        let (mut count, mut cursor) = (0, String::new());
        loop {
            let path = format!("/v1/deliveries?state={state}&limit=100{cursor}");
            let page = self.api().get(&path).await.expect_status(200).json();
            count += page["data"].as_array().expect("a list has data").len();
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return count,
            }
        }
    }

    /// Waits, with live workers, until a delivery is as wanted.
    pub(crate) async fn delivery_when(&self, known: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
        poll(async || Some(self.delivery(known).await).filter(|delivery| wanted(delivery))).await
    }

    /// Does, with workers by hand, everything that is due now.
    pub(crate) async fn idle(&self) {
        self.app.run_until_idle().await;
    }

    /// A delivery after everything that is due now was done.
    pub(crate) async fn settled(&self, known: &Value) -> Value {
        self.idle().await;
        self.delivery(known).await
    }

    /// Turns the clock to a delivery's next attempt and has it made.
    pub(crate) async fn next_attempt(&self, delivery: &Value) -> Value {
        self.clock().advance_ms(self.due_in_ms(delivery));
        self.settled(delivery).await
    }

    /// Milliseconds until a delivery's next attempt.
    pub(crate) fn due_in_ms(&self, delivery: &Value) -> i64 {
        let at = delivery["next_attempt_at"].as_str().expect("a next attempt");
        Timestamp::parse(at).expect("a time").since_ms(self.clock().now())
    }

    /// Does something by hand: `retry` or `cancel`.
    pub(crate) async fn act(&self, delivery: &Value, verb: &str) -> TestResponse {
        let id = delivery["id"].as_str().expect("a delivery has an id");
        self.api().post_json(&format!("/v1/deliveries/{id}/{verb}"), &json!({})).await
    }

    /// A key with scope `resolve`, and whatever else `members` say.
    pub(crate) async fn new_key(&self, members: Value) -> StageKey {
        let mut body = json!({"name": "a test's own", "scopes": ["resolve"]});
        let own = members.as_object().expect("members of a key").clone();
        body.as_object_mut().expect("an object").extend(own);
        let MadeKey { id, api_key, webhook_secret } = self.app.make_key(body).await;
        StageKey { id, webhook_secret, api: self.app.client_with(&api_key) }
    }

    /// Gives a key's family another webhook secret; the old one signs on for `overlap_s`.
    pub(crate) async fn rotate_webhook_secret(&self, key: &StageKey, overlap_s: u64) -> String {
        let path = format!("/v1/keys/{}/webhook-secret/rotate", key.id);
        let rotated = self.api().post_json(&path, &json!({"overlap_s": overlap_s})).await;
        let rotated = rotated.expect_status(200).json();
        rotated["webhook_secret"].as_str().expect("a rotation shows the new secret").to_owned()
    }

    /// Stops the server in order and starts it again on the same data.
    pub(crate) async fn restart(&mut self) {
        self.app.restart().await;
    }
}

async fn accept(api: &TestClient, link: &str, hook: &str) -> String {
    let body = json!({"url": link, "webhook_url": hook, "max_age_s": 0});
    let accepted = api.post_json("/v1/resolve", &body).await.expect_status(202).json();
    accepted["job_id"].as_str().expect("a queued job has an id").to_owned()
}

/// A value of a list of `[name, value]` pairs, its name compared without case.
pub(crate) fn header_in<'a>(headers: &'a Value, name: &str) -> Option<&'a str> {
    let named = |pair: &&Value| pair[0].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name));
    headers.as_array().expect("headers are a list").iter().find(named)?[1].as_str()
}

/// Asks again and again until there is an answer; fails the test after a minute.
pub(crate) async fn poll<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut ticks = tokio::time::interval(POLL_INTERVAL);
    let answered = tokio::time::timeout(WAIT_DEADLINE, async {
        loop {
            ticks.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    });
    answered.await.expect("what a test waits for comes within a minute")
}
