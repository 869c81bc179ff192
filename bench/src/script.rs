//! The script engine per page against Chromium per page, on the oracle's pages that only scripts leave.

mod chromium;
mod pages;

use anyhow::{Context, ensure};
use async_trait::async_trait;
use hopline_script::{
    FetchAnswer, FetchFailure, FetchRequest, PageHost, PageReport, PageStorage, PageTask, ResponseTainting,
    ScriptCommand, ScriptEngine, ScriptLimits,
};
use tokio::task::block_in_place;

use crate::{
    hopline,
    output::{Goal, Report, median, percentile},
    stopwatch::{Stopwatch, cpu_seconds_with_children},
};
use chromium::Chromium;
use pages::Page;

/// Chromium and the engine take turns, so that both have the same machine.
const ROUNDS: usize = 5;
/// The engine's visits of a page to one of Chromium's: it needs more for a steady figure.
const VISITS_A_ROUND: usize = 5;
/// Pages both must agree on before a figure means anything.
const PAGES_MIN: usize = 15;
/// The clock of the pages.
const NOW_MS: i64 = 1_750_000_000_000;

/// What visits took, one right after the other.
#[derive(Default)]
struct Visits {
    wall_ms: Vec<f64>,
    cpu_ms: f64,
}

impl Visits {
    fn cpu_ms_a_page(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few hundred visits")]
        let visits = self.wall_ms.len() as f64;
        self.cpu_ms / visits
    }

    fn described(&self) -> String {
        format!(
            "{:.2} ms a page (p95 {:.2}), {:.2} ms CPU",
            median(self.wall_ms.clone()),
            percentile(self.wall_ms.clone(), 0.95),
            self.cpu_ms_a_page()
        )
    }
}

pub async fn run(report: &mut Report) -> anyhow::Result<()> {
    Report::heading("Scripts: a page through the script engine against Chromium, one at a time");
    let command = ScriptCommand { program: hopline::binary()?, arguments: vec!["script-worker".into()] };
    let engine = ScriptEngine::new(command, ScriptLimits::default());
    let pages = agreed(&engine, pages::serve().await?).await?;
    let Some(mut chromium) = block_in_place(Chromium::start)? else {
        Report::line("No Chromium is installed: nothing to compare with.");
        return Ok(());
    };
    let first = pages.first().context("find a page")?;
    block_in_place(|| chromium.visit(&first.url, &first.destination))?;
    let (mut ours, mut theirs) = (Visits::default(), Visits::default());
    for _ in 0..ROUNDS {
        block_in_place(|| visit_all_in(&mut chromium, &pages, &mut theirs))?;
        visit_all(&engine, &pages, &mut ours).await?;
    }
    Report::line(&format!("{} pages, one right after the other, medians:", pages.len()));
    Report::line(&format!("  script engine, each in a process of its own: {}", ours.described()));
    Report::line(&format!("  warm Chromium, each in a context of its own: {}", theirs.described()));
    let cpu = theirs.cpu_ms_a_page() / ours.cpu_ms_a_page();
    Report::line(&format!("  Chromium takes {cpu:.1} × as much CPU"));
    report.ratio(
        "script engine per page against Chromium",
        median(theirs.wall_ms) / median(ours.wall_ms),
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

async fn visit_all(engine: &ScriptEngine, pages: &[Page], visits: &mut Visits) -> anyhow::Result<()> {
    let cpu_s_before = cpu_seconds_with_children("self")?;
    for page in (0..VISITS_A_ROUND).flat_map(|_| pages) {
        let watch = Stopwatch::start();
        let report = visit(engine, page).await?;
        visits.wall_ms.push(watch.seconds() * 1_000.0);
        ensure!(leads_to(&report, &page.destination), "{} led elsewhere", page.name);
    }
    visits.cpu_ms += (cpu_seconds_with_children("self")? - cpu_s_before) * 1_000.0;
    Ok(())
}

fn visit_all_in(chromium: &mut Chromium, pages: &[Page], visits: &mut Visits) -> anyhow::Result<()> {
    let cpu_s_before = chromium.cpu_seconds()?;
    for page in pages {
        let watch = Stopwatch::start();
        chromium.visit(&page.url, &page.destination)?;
        visits.wall_ms.push(watch.seconds() * 1_000.0);
    }
    visits.cpu_ms += (chromium.cpu_seconds()? - cpu_s_before) * 1_000.0;
    Ok(())
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
        Ok(FetchAnswer {
            url: request.url,
            status: 200,
            headers,
            body: body.as_bytes().to_vec(),
            tainting: ResponseTainting::Basic,
        })
    }

    async fn cookies(&mut self) -> String {
        self.cookies.join("; ")
    }

    async fn set_cookie(&mut self, cookie: &str) {
        self.cookies.push(cookie.split(';').next().unwrap_or_default().to_owned());
    }
}
