//! reqwest following redirects by itself, as programs use it that ask for nothing special.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use hopline_testkit::oracle::{Answer, Corpus};

use super::tool::Answers;

/// The version named in the manifest.
pub(super) const VERSION: &str = "0.13";

const TIMEOUT: Duration = Duration::from_secs(20);

pub(super) async fn answers(corpus: &Corpus) -> anyhow::Result<Answers> {
    let mut builder = reqwest::Client::builder().no_proxy().timeout(TIMEOUT);
    for entry in &corpus.static_names {
        let (name, rest) = entry.split_once(':').context("read a name")?;
        let (port, address) = rest.split_once(':').context("read an address")?;
        builder = builder.resolve(name, SocketAddr::new(address.parse()?, port.parse()?));
    }
    let client = builder.build()?;
    let mut answers = Answers::new();
    for case in &corpus.cases {
        let answer = match client.get(&case.url).send().await {
            Ok(response) => Answer::At(response.url().to_string()),
            Err(_) => Answer::Nowhere,
        };
        answers.insert(case.url.clone(), answer);
    }
    Ok(answers)
}
