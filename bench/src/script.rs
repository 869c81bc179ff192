//! The script engine per page against Chromium per page, on the oracle's pages that only scripts leave.

mod chromium;
mod pages;

use anyhow::{Context, ensure};
use async_trait::async_trait;
use hopline_script::{
    FetchAnswer, FetchFailure, FetchRequest, PageHost, PageReport, PageStorage, PageTask, ScriptCommand,
    ScriptEngine, ScriptLimits,
};

use crate::{
    hopline,
    output::{Goal, Report, median, percentile},
    stopwatch::Stopwatch,
};
use chromium::Chromium;
use pages::Page;

const ROUNDS: usize = 25;
const CHROMIUM_ROUNDS: usize = 5;
/// Pages both must agree on before a figure means anything.
const PAGES_MIN: usize = 15;
/// The clock of the pages.
const NOW_MS: i64 = 1_750_000_000_000;

pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Scripts: a page through the script engine against Chromium, one at a time");
    let command = ScriptCommand { program: hopline::binary()?, arguments: vec!["script-worker".into()] };
    let engine = ScriptEngine::new(command, ScriptLimits::default());
    let pages = agreed(&engine, pages::serve().await?).await?;
    let ours = ours_ms(&engine, &pages).await?;
    let Some(chromium) = tokio::task::spawn_blocking({
        let pages = pages.clone();
        move || chromium_ms(&pages)
    })
    .await??
    else {
        Report::line("No Chromium is installed: nothing to compare with.");
        return Ok(());
    };
    Report::line(&format!(
        "{} pages; script engine {:.2} ms a page (p95 {:.2}), each in a process of its own; warm Chromium {:.1} ms (p95 {:.1}), each in a context of its own",
        pages.len(),
        median(ours.clone()),
        percentile(ours.clone(), 0.95),
        median(chromium.clone()),
        percentile(chromium.clone(), 0.95),
    ));
    report.ratio(
        "script engine per page against Chromium",
        median(chromium) / median(ours),
        Goal::AtLeast(50.0),
    );
    Ok(())
}

/// The pages from which the engine leads where Chromium went.
async fn agreed(engine: &ScriptEngine, pages: Vec<Page>) -> anyhow::Result<Vec<Page>> {
    let mut agreed = Vec::new();
    let all = pages.len();
    for page in pages {
        if leads_to(&visit(engine, &page).await?, &page.destination) {
            agreed.push(page);
        } else {
            Report::line(&format!("left out, because more than one page leads there: {}", page.name));
        }
    }
    ensure!(
        agreed.len() >= PAGES_MIN,
        "the engine agrees with Chromium on {} of {all} pages only",
        agreed.len()
    );
    Ok(agreed)
}

fn leads_to(report: &PageReport, destination: &str) -> bool {
    report.navigation.as_ref().is_some_and(|navigation| navigation.url == destination)
}

async fn ours_ms(engine: &ScriptEngine, pages: &[Page]) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    for page in (0..ROUNDS).flat_map(|_| pages) {
        let watch = Stopwatch::start();
        let report = visit(engine, page).await?;
        times.push(watch.seconds() * 1_000.0);
        ensure!(leads_to(&report, &page.destination), "{} led elsewhere", page.name);
    }
    Ok(times)
}

fn chromium_ms(pages: &[Page]) -> anyhow::Result<Option<Vec<f64>>> {
    let Some(mut chromium) = Chromium::start()? else { return Ok(None) };
    let first = pages.first().context("find a page")?;
    chromium.visit(&first.url, &first.destination)?;
    let mut times = Vec::new();
    for page in (0..CHROMIUM_ROUNDS).flat_map(|_| pages) {
        let watch = Stopwatch::start();
        chromium.visit(&page.url, &page.destination)?;
        times.push(watch.seconds() * 1_000.0);
    }
    Ok(Some(times))
}

async fn visit(engine: &ScriptEngine, page: &Page) -> anyhow::Result<PageReport> {
    Ok(engine.run(task(page), &mut Web::default()).await?)
}

fn task(page: &Page) -> PageTask {
    PageTask {
        url: page.url.clone(),
        html: page.html.clone(),
        charset: "UTF-8".to_owned(),
        referrer: String::new(),
        user_agent: "Mozilla/5.0".to_owned(),
        languages: vec!["en-US".to_owned()],
        is_mobile: false,
        content_security_policies: Vec::new(),
        now_ms: NOW_MS,
        seed: 1,
        timer_ms_max: 5_000,
        fetches_max: 16,
        storage: PageStorage::default(),
    }
}

/// The subresources of the pages, without a network.
#[derive(Default)]
struct Web {
    cookies: Vec<String>,
}

#[async_trait]
impl PageHost for Web {
    async fn fetch(&mut self, request: FetchRequest) -> Result<FetchAnswer, FetchFailure> {
        let path = request.url.splitn(4, '/').nth(3).unwrap_or_default();
        let response = pages::subresource(&format!("/{path}"));
        let (_, body) = response.split_once("\r\n\r\n").ok_or(FetchFailure::Network)?;
        let content_type = if path == "ext.js" { "text/javascript" } else { "application/json" };
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Ok(FetchAnswer { url: request.url, status: 200, headers, body: body.as_bytes().to_vec() })
    }

    async fn cookies(&mut self) -> String {
        self.cookies.join("; ")
    }

    async fn set_cookie(&mut self, cookie: &str) {
        self.cookies.push(cookie.split(';').next().unwrap_or_default().to_owned());
    }
}
