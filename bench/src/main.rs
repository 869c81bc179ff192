//! Load generators and comparisons: every figure is printed as a ratio to a floor or peer measured in the same run.
//!
//! `cargo xtask bench [footprint|accept|deliver|isolate|resolve|batch|script|redirect]` builds everything in release and runs this.

mod accept;
mod batch;
mod client;
mod deliver;
mod farm;
mod floor;
mod footprint;
mod hopline;
mod isolate;
mod oracle;
mod output;
mod receiver;
mod redirect;
mod resolve;
mod script;
mod stopwatch;

use output::Report;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "follow-with-reqwest") {
        return resolve::follow_with_reqwest(&arguments[1..]).await;
    }
    if arguments.first().is_some_and(|word| word == "redirect-from-a-map") {
        return redirect::serve_from_a_map().await;
    }
    if arguments.first().is_some_and(|word| word == "oracle") {
        return oracle::run(&arguments[1..]).await;
    }
    if arguments.first().is_some_and(|word| word == "deliver-with-a-bare-loop") {
        return deliver::bare_loops(&arguments[1..]).await;
    }
    let check = arguments.iter().any(|word| word == "--check");
    let wanted = |name: &str| {
        let named: Vec<_> = arguments.iter().filter(|word| !word.starts_with("--")).collect();
        named.is_empty() || named.iter().any(|word| *word == name)
    };
    let mut report = Report::default();
    if wanted("footprint") {
        footprint::run(&mut report)?;
    }
    if wanted("accept") {
        accept::run(&mut report).await?;
    }
    if wanted("deliver") {
        deliver::run(&mut report).await?;
    }
    if wanted("isolate") {
        isolate::run(&mut report).await?;
    }
    if wanted("resolve") {
        resolve::run(&mut report).await?;
    }
    if wanted("batch") {
        batch::run(&mut report).await?;
    }
    if wanted("script") {
        script::run(&mut report).await?;
    }
    if wanted("redirect") {
        redirect::run(&mut report).await?;
    }
    report.finish(check)
}
