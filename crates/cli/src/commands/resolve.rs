//! `hopline resolve`: follows links here and now, without a server, over the same guarded way out.

mod links;
mod progress;
mod sink;

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use futures_util::{StreamExt as _, stream};
use hopline_domain::{
    job::{BrowserUse, RUNNER_SERVER},
    profile::{FormFactor, Profile},
    provider::Catalogue,
    time::SystemClock,
};
use hopline_outbound::{Outbound, OutboundConfig, PoolLimits};
use hopline_peel::{PeelRequest, Peeler};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use self::{
    links::read,
    progress::{Counts, Progress},
    sink::{Format, Sink},
};
use crate::{
    config::{Environment, Layer, NetworkSection, Settings, Sources},
    exit::Outcome,
    runtime,
};

const CONCURRENCY_DEFAULT: u16 = 16;
const CONCURRENCY_MAX: i64 = 1_024;
/// Links begun or waiting to be printed, as a multiple of those being resolved: a slow link does not hold up the others.
const WINDOW_FACTOR: usize = 8;

/// Follow links and show how they get where they end
#[derive(Debug, Args)]
#[command(
    after_help = "Exit code: 0 if every link ended well, 1 if any failed or is invalid, 2 for wrong usage."
)]
pub(crate) struct ResolveArgs {
    /// Links to follow
    #[arg(value_name = "URL", required_unless_present = "file")]
    urls: Vec<String>,
    /// File of links, one a line, or a CSV with a `url` column; `-` is stdin
    #[arg(short, long, value_name = "FILE", conflicts_with = "urls")]
    file: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
    /// Links followed at once
    #[arg(long, value_name = "N", default_value_t = CONCURRENCY_DEFAULT,
          value_parser = clap::value_parser!(u16).range(1..=CONCURRENCY_MAX))]
    concurrency: u16,
    #[command(flatten)]
    network: NetworkSection,
    #[command(flatten)]
    sources: Sources,
    /// Ask as a desktop or a mobile browser
    #[arg(long, value_name = "desktop|mobile", default_value = "desktop", value_parser = form_factor)]
    profile: FormFactor,
    /// User agent to send instead of the profile's
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// Whether a browser may be used: auto or never
    #[arg(long, value_name = "auto|never", default_value = "auto", value_parser = browser)]
    browser: BrowserUse,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct FormatArgs {
    /// One chain document a line
    #[arg(long)]
    json: bool,
    /// One row a link
    #[arg(long)]
    csv: bool,
    /// One HAR 1.2 archive
    #[arg(long)]
    har: bool,
}

fn form_factor(text: &str) -> Result<FormFactor, String> {
    text.parse().map_err(|_| "choose desktop or mobile".to_owned())
}

fn browser(text: &str) -> Result<BrowserUse, String> {
    match text.parse() {
        Ok(BrowserUse::Always) => Err("this version has no browser; choose auto or never".to_owned()),
        Ok(browser) => Ok(browser),
        Err(_) => Err("choose auto or never".to_owned()),
    }
}

impl ResolveArgs {
    fn format(&self) -> Format {
        match (&self.format, &self.file) {
            (FormatArgs { json: true, .. }, _) => Format::Json,
            (FormatArgs { csv: true, .. }, _) => Format::Csv,
            (FormatArgs { har: true, .. }, _) => Format::Har,
            (_, Some(_)) => Format::Lines,
            (_, None) => Format::Blocks,
        }
    }

    fn profile(&self) -> Result<Profile> {
        let profile =
            Profile { user_agent: self.user_agent.clone(), form_factor: self.profile, ..Profile::default() };
        if let Some((_, fault)) = profile.faults().first() {
            bail!("use --user-agent: it {fault}");
        }
        Ok(profile)
    }
}

pub(crate) fn run(args: &ResolveArgs, environment: &Environment) -> Result<Outcome> {
    let flags = Layer { network: args.network.clone(), ..Layer::default() };
    let settings = args.sources.settle(flags, environment)?;
    let profile = args.profile()?;
    let links = match &args.file {
        Some(path) => read(path)?,
        None => args.urls.clone(),
    };
    let sink = Sink::open(args.format(), links.len())?;
    let batch = Batch { links, profile, concurrency: usize::from(args.concurrency), sink };
    let counts = runtime::parallel()?.block_on(follow(batch, &settings))?;
    Ok(if counts.all_done() { Outcome::Success } else { Outcome::Failure })
}

struct Batch {
    links: Vec<String>,
    profile: Profile,
    concurrency: usize,
    sink: Sink,
}

async fn follow(batch: Batch, settings: &Settings) -> Result<Counts> {
    let Batch { links, profile, concurrency, mut sink } = batch;
    let peeler = peeler(settings, concurrency)?;
    let slots = Arc::new(Semaphore::new(concurrency));
    let tasks = TaskTracker::new();
    let mut progress = Progress::begin(links.len());
    let begun = links.into_iter().map(|url| {
        let request = PeelRequest { url, profile: profile.clone(), runner: RUNNER_SERVER.to_owned() };
        let (peeler, slots) = (peeler.clone(), Arc::clone(&slots));
        tasks.spawn(async move {
            let _slot = slots.acquire().await;
            peeler.peel(&request).await
        })
    });
    let mut ended = stream::iter(begun).buffered(concurrency.saturating_mul(WINDOW_FACTOR));
    while let Some(chain) = ended.next().await {
        let chain = chain.context("follow a link: its task broke")?;
        progress.advance(chain.status, || sink.take(chain))?;
    }
    sink.close()?;
    Ok(progress.finish())
}

fn peeler(settings: &Settings, concurrency: usize) -> Result<Peeler> {
    let config = OutboundConfig {
        policy: settings.network.policy.clone(),
        static_names: settings.network.static_names.clone(),
        pool: PoolLimits {
            idle_per_origin_max: concurrency,
            idle_total_max: concurrency.saturating_mul(4),
            ..PoolLimits::default()
        },
        ..OutboundConfig::default()
    };
    let outbound = Outbound::new(config)?;
    Ok(Peeler::new(outbound, Catalogue::builtin(), Arc::new(SystemClock), settings.budgets))
}
