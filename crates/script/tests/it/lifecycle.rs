//! Workers come, go, and never stay: reuse of nothing, cancellation, a worker killed from outside.

use std::{future, time::Duration};

use async_trait::async_trait;
use hopline_script::{FetchAnswer, FetchFailure, FetchRequest, PageHost, ScriptError, WorkerEnd};
use rustix::process::Pid;
use tokio::{
    sync::Notify,
    task::yield_now,
    time::{self, timeout},
};

use crate::neighbours::{Bench, PAGE_TIME_MAX, page, script};

const FETCHES: &str = r#"<script src="/a.js"></script>"#;
/// Processes that wait for a page, as the engine keeps them.
const SPARES: usize = 2;
/// Processes come and go long before; the bound keeps a failure from hanging.
const SETTLE_TIME_MAX: Duration = Duration::from_secs(10);

/// Never answers, and tells when it is asked.
struct Hanging<'a>(&'a Notify);

#[async_trait]
impl PageHost for Hanging<'_> {
    async fn fetch(&mut self, _request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        self.0.notify_one();
        future::pending().await
    }

    async fn cookies(&mut self) -> String {
        String::new()
    }

    async fn set_cookie(&mut self, _cookie: &str) {}
}

/// Kills every worker of the engine while one waits for its answer.
struct Killing<'a>(&'a Bench);

#[async_trait]
impl PageHost for Killing<'_> {
    async fn fetch(&mut self, _request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        self.0.kill_workers();
        Err(FetchFailure::Network)
    }

    async fn cookies(&mut self) -> String {
        String::new()
    }

    async fn set_cookie(&mut self, _cookie: &str) {}
}

/// Answers when twice the page's time is over.
struct Slow;

#[async_trait]
impl PageHost for Slow {
    async fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        time::pause();
        time::advance(2 * PAGE_TIME_MAX).await;
        time::resume();
        let headers = vec![("content-type".to_owned(), "text/javascript".to_owned())];
        Ok(FetchAnswer {
            tainting: hopline_script::ResponseTainting::Basic,
            url: request.url,
            status: 200,
            headers,
            body: b"document.title = 'fetched'".to_vec(),
        })
    }

    async fn cookies(&mut self) -> String {
        String::new()
    }

    async fn set_cookie(&mut self, _cookie: &str) {}
}

async fn until_there_are(bench: &Bench, workers: usize) {
    let settled = async {
        while bench.workers().len() != workers {
            yield_now().await;
        }
    };
    assert!(timeout(SETTLE_TIME_MAX, settled).await.is_ok(), "there are {:?}", bench.workers());
}

#[tokio::test]
async fn a_page_leaves_its_spare_processes_and_no_zombie() {
    let bench = Bench::new();
    for _ in 0..3 {
        assert!(bench.run(&script("")).await.is_ok());
        until_there_are(&bench, SPARES).await;
    }
}

#[tokio::test]
async fn each_page_has_a_process_of_its_own() {
    let bench = Bench::new();
    assert!(bench.run("").await.is_ok());
    until_there_are(&bench, SPARES).await;
    let first = bench.workers();
    assert!(bench.run("").await.is_ok());
    until_there_are(&bench, SPARES).await;
    let stayed = bench.workers().iter().filter(|worker| first.contains(worker)).count();
    assert_eq!(stayed, SPARES - 1);
}

#[tokio::test]
async fn cancellation_leaves_no_process() {
    let (bench, asked) = (Bench::new(), Notify::new());
    let mut host = Hanging(&asked);
    let asks = async {
        asked.notified().await;
        until_there_are(&bench, SPARES + 1).await;
    };
    tokio::select! {
        outcome = bench.engine.run(page(FETCHES), &mut host) => panic!("nobody answered: {outcome:?}"),
        () = asks => {}
    }
    until_there_are(&bench, SPARES).await;
    assert!(bench.run("").await.is_ok(), "its place is free again");
}

#[tokio::test]
async fn an_engine_that_is_dropped_takes_its_spares_along() {
    let mut bench = Bench::new();
    assert!(bench.run("").await.is_ok());
    bench.engine = Bench::new().engine;
    until_there_are(&bench, 0).await;
}

#[tokio::test]
async fn a_killed_worker_is_an_error_of_its_page_only() {
    let bench = Bench::new();
    let error = bench.engine.run(page(FETCHES), &mut Killing(&bench)).await.unwrap_err();
    assert!(matches!(error, ScriptError::Killed { end: WorkerEnd::Signal(9) }), "{error}");
    assert!(bench.run("").await.is_ok(), "the spares were killed too, and a fresh one ran the page");
}

#[tokio::test]
async fn the_time_of_the_host_is_not_the_page_s() {
    let bench = Bench::of("worker", PAGE_TIME_MAX);
    let report = bench.engine.run(page(FETCHES), &mut Slow).await.unwrap();
    assert_eq!(report.title.as_deref(), Some("fetched"));
}

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#[tokio::test]
async fn a_worker_that_waits_for_a_page_has_no_rights() {
    let bench = Bench::new();
    assert!(bench.run("").await.is_ok());
    until_there_are(&bench, SPARES).await;
    let worker = bench.workers()[0];
    let confined = async {
        while !status(worker).contains("Seccomp:\t2") {
            yield_now().await;
        }
    };
    assert!(timeout(SETTLE_TIME_MAX, confined).await.is_ok());
    let status = status(worker);
    assert!(status.contains("NoNewPrivs:\t1\n") && status.contains("Threads:\t1\n"), "{status}");
    if rustix::process::geteuid().is_root() {
        assert!(status.contains("Uid:\t65534\t65534\t65534\t65534\n"), "{status}");
        assert!(status.contains("Gid:\t65534\t65534\t65534\t65534\n"), "{status}");
        assert!(
            status.contains("Groups:\t \n") && status.contains("CapEff:\t0000000000000000\n"),
            "{status}"
        );
        let environment = std::fs::read_to_string(format!("/proc/{}/environ", worker.as_raw_nonzero()));
        assert_eq!(environment.unwrap(), "TZ=UTC0\0");
    }
}

fn status(worker: Pid) -> String {
    std::fs::read_to_string(format!("/proc/{}/status", worker.as_raw_nonzero())).unwrap()
}
