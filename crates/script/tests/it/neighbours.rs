//! An engine whose workers this test can find again, a page, and a host with a fixed web.

use std::{
    collections::HashMap,
    fs,
    num::NonZero,
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use hopline_script::{
    FetchAnswer, FetchFailure, FetchRequest, PageHost, PageReport, PageStorage, PageTask, ResponseTainting,
    ScriptCommand, ScriptEngine, ScriptError, ScriptLimits,
};
use rustix::process::{Pid, Signal, kill_process};

pub(crate) const WORKER: &str = env!("CARGO_BIN_EXE_hopline-script-worker");
/// Long enough for a page that ends by a bound of its own, on a busy machine.
pub(crate) const PAGE_TIME_MAX: Duration = Duration::from_secs(20);

pub(crate) struct Bench {
    pub(crate) engine: ScriptEngine,
    /// An argument no other engine's workers have.
    mark: String,
}

impl Bench {
    /// Real workers.
    pub(crate) fn new() -> Self {
        Self::of("worker", PAGE_TIME_MAX)
    }

    /// Workers that do as `deed` says.
    pub(crate) fn of(deed: &str, page_time_max: Duration) -> Self {
        static ENGINES: AtomicU32 = AtomicU32::new(0);
        let mark = format!("--mark={}-{}", process::id(), ENGINES.fetch_add(1, Ordering::Relaxed));
        let command =
            ScriptCommand { program: WORKER.into(), arguments: vec![deed.into(), mark.clone().into()] };
        let limits = ScriptLimits { pages_max: NonZero::new(2).unwrap(), page_time_max };
        Self { engine: ScriptEngine::new(command, limits), mark }
    }

    pub(crate) async fn run(&self, html: &str) -> Result<PageReport, ScriptError> {
        self.engine.run(page(html), &mut Web::default()).await
    }

    /// Processes this engine has started and that are not reaped.
    pub(crate) fn workers(&self) -> Vec<Pid> {
        let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let ours = pids.filter(|pid| {
            let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&arguments).contains(&self.mark) || is_zombie(*pid)
        });
        ours.filter_map(Pid::from_raw).collect()
    }

    pub(crate) fn kill_workers(&self) {
        for worker in self.workers() {
            kill_process(worker, Signal::KILL).unwrap();
        }
    }
}

/// A zombie has no arguments any more, so those of other engines of this process count for the moment they last.
fn is_zombie(pid: i32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.contains("State:\tZ") && status.contains(&format!("PPid:\t{}\n", process::id()))
}

pub(crate) fn page(html: &str) -> PageTask {
    PageTask {
        url: "http://a.test/page".to_owned(),
        html: html.to_owned(),
        charset: "UTF-8".to_owned(),
        referrer: String::new(),
        user_agent: "Mozilla/5.0".to_owned(),
        languages: vec!["en".to_owned()],
        is_mobile: false,
        content_security_policies: Vec::new(),
        now_ms: 1_750_000_000_000,
        seed: 7,
        timer_ms_max: 5_000,
        fetches_max: 8,
        storage: PageStorage::default(),
    }
}

pub(crate) fn script(source: &str) -> String {
    format!("<!doctype html><title>page</title><body><script>{source}</script>")
}

/// Answers what it knows and counts what it is asked.
#[derive(Default)]
pub(crate) struct Web {
    pub(crate) bodies: HashMap<String, String>,
    pub(crate) asked: Vec<String>,
    pub(crate) cookies: Vec<String>,
}

#[async_trait]
impl PageHost for Web {
    async fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        self.asked.push(request.url.clone());
        let body = self.bodies.get(&request.url).ok_or(FetchFailure::Network)?;
        let headers = vec![("content-type".to_owned(), "text/javascript".to_owned())];
        Ok(FetchAnswer {
            tainting: ResponseTainting::Basic,
            url: request.url,
            status: 200,
            headers,
            body: body.clone().into_bytes(),
        })
    }

    async fn cookies(&mut self) -> String {
        self.cookies.join("; ")
    }

    async fn set_cookie(&mut self, cookie: &str) {
        self.cookies.push(cookie.to_owned());
    }
}
