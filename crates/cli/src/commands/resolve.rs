//! `hopline resolve`: follows links here and now, without a server, over the same guarded way out.

mod args;
mod baseline;
mod batch;
mod input;
mod progress;
mod resume;
mod screenshots;
mod sink;
mod viewpoint;

use std::{fs::File, path::Path, sync::Arc};

use anyhow::{Context as _, Result, anyhow, ensure};
use hopline_domain::{job::BrowserUse, time::SystemClock};
use hopline_outbound::{OutboundConfig, PoolLimits};

pub(crate) use self::args::ResolveArgs;
use self::{
    args::{LinkArgs, presets},
    baseline::Baseline,
    batch::{Look, Means, Outlet, follow},
    input::Input,
    progress::Progress,
    resume::{Kept, Shape, go_on},
    screenshots::Screenshots,
    sink::{Format, Sink},
    viewpoint::Viewpoint,
};
use crate::{
    config::{Environment, Layer, Settings},
    exit::Outcome,
    lifecycle::Signals,
    resolver::{Resolver, ResolverParts},
    runtime,
    view::csv::{columns, default_names, header, url_column},
};

pub(crate) fn run(args: &ResolveArgs, environment: &Environment) -> Result<Outcome> {
    let flags = Layer { network: args.network.clone(), politeness: args.politeness, ..Layer::default() };
    let settings = args.sources.settle(flags, environment)?;
    let look = look(args, &settings)?;
    let links = count(&args.links)?;
    let mut input = open(&args.links)?;
    let (sink, kept) = sink(args, &look, &mut input)?;
    let outlet = Outlet {
        sink,
        screenshots: args.means.screenshot.as_deref().map(Screenshots::open).transpose()?,
        progress: Progress::begin(links, kept.links),
        done_before: kept.links,
    };
    let concurrency = concurrency(args, &settings);
    let counts = runtime::parallel()?.block_on(async {
        let resolver = resolver(&settings, concurrency)?;
        ensure!(
            resolver.capabilities().browser || !needs_browser(args),
            "use a browser: none was found; install Chromium, or name it as [browser] executable"
        );
        let mut signals = Signals::listen()?;
        let following = follow(input, resolver.peeler.clone(), Arc::new(look), concurrency, outlet);
        let followed = tokio::select! {
            followed = following => followed,
            signal = signals.next() => Err(anyhow!("go on: {signal} came; what is written is whole, --resume goes on there")),
        };
        resolver.close().await;
        followed
    })?;
    Ok(if counts.all_done() { Outcome::Success } else { Outcome::Failure })
}

/// A batch keeps as many connections as it can use, and is polite unless the settings say otherwise.
fn resolver(settings: &Settings, concurrency: usize) -> Result<Resolver> {
    let outbound = OutboundConfig {
        pool: PoolLimits {
            idle_per_origin_max: concurrency,
            idle_total_max: concurrency.saturating_mul(4),
            ..PoolLimits::default()
        },
        politeness: Some(settings.politeness.unwrap_or_default()),
        ..settings.outbound()
    };
    let parts = ResolverParts { outbound, clock: Arc::new(SystemClock), script_command: None };
    Resolver::new(settings, parts)
}

/// No more links wait for a tab of the browser than there are tabs.
fn concurrency(args: &ResolveArgs, settings: &Settings) -> usize {
    let asked = usize::from(args.concurrency);
    if needs_browser(args) { asked.min(settings.browser.bounds.tabs_max) } else { asked }
}

fn needs_browser(args: &ResolveArgs) -> bool {
    args.means.browser == BrowserUse::Always || args.means.screenshot.is_some()
}

fn look(args: &ResolveArgs, settings: &Settings) -> Result<Look> {
    let means = match (&args.means.offline, &args.means.screenshot) {
        (true, _) => Means::Text,
        (false, Some(_)) => Means::Picture,
        (false, None) => Means::Network,
    };
    ensure!(
        means != Means::Picture || args.means.browser != BrowserUse::Never,
        "use --screenshot: a picture needs a browser; leave --browser never out"
    );
    let named = settings
        .profiles
        .iter()
        .map(|(name, profile)| Viewpoint { name: name.clone(), profile: profile.clone() });
    let known: Vec<Viewpoint> = presets().into_iter().chain(named).collect();
    Ok(Look {
        viewpoints: args.view.viewpoints(&known, &settings.egress.names())?,
        browser: args.means.browser,
        means,
        expected_domain: args.links.expected_domain.clone(),
        baseline: args.links.since.as_deref().map(Baseline::read).transpose()?.unwrap_or_default(),
    })
}

fn open(links: &LinkArgs) -> Result<Input> {
    match &links.file {
        Some(path) => Input::open(path, links.column.as_deref()),
        None => Ok(Input::of_arguments(links.urls.clone())),
    }
}

/// How many links will come; `None` for a stream, which can be read but once.
fn count(links: &LinkArgs) -> Result<Option<usize>> {
    let Some(path) = &links.file else { return Ok(Some(links.urls.len())) };
    if path == Path::new("-") || !path.is_file() {
        return Ok(None);
    }
    let count = open(links)?.count().with_context(|| format!("read the links of {}", path.display()))?;
    ensure!(count > 0, "find a link in {}: it has none", path.display());
    Ok(Some(count))
}

/// Opens where results go; with `--resume` the rows that are done are taken off the input.
fn sink(args: &ResolveArgs, look: &Look, input: &mut Input) -> Result<(Sink, Kept)> {
    let format = args.output.format(&args.links)?;
    let viewpoints = look.viewpoints.len();
    let names = &args.output.columns;
    let columns = match names.as_slice() {
        [] => columns(&default_names(viewpoints), &input.header)?,
        names => columns(names, &input.header)?,
    };
    let (file, kept) = match &args.output.output {
        None => (None, Kept::default()),
        Some(path) if args.output.resume => {
            let shape = Shape {
                format,
                header: String::from_utf8_lossy(&header(&columns)).into_owned(),
                url_column: url_column(&columns),
                records_per_link: viewpoints,
            };
            let (file, kept) = go_on(path, &shape, input)?;
            (Some(file), kept)
        }
        Some(path) => (Some(create(path, format)?), Kept::default()),
    };
    let mut sink = Sink::open(format, columns, file);
    if kept.is_nothing() {
        sink.begin()?;
    }
    Ok((sink, kept))
}

/// What a run has written is not overwritten by the next.
fn create(path: &Path, format: Format) -> Result<File> {
    let hint = if matches!(format, Format::Json | Format::Csv) { ", or add --resume" } else { "" };
    File::create_new(path)
        .with_context(|| format!("write {}: choose a name that is free{hint}", path.display()))
}
