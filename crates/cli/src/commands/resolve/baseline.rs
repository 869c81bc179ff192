//! What an earlier run found, to tell what has drifted since.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use hopline_domain::{chain::Chain, verdict::Previous};
use serde::Deserialize;

/// Chains remembered.
const CHAINS_MAX: usize = 1_000_000;

/// The earlier results, by link and form of the point of view: what a phone sees is no drift from what a desktop saw.
#[derive(Debug, Default)]
pub(super) struct Baseline(HashMap<(String, String), Previous>);

/// A line of `--json`: a chain, or the chains of several points of view.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Compared { views: Vec<View> },
    Chain(Box<Chain>),
}

#[derive(Deserialize)]
struct View {
    chain: Chain,
}

impl Baseline {
    /// Reads what `--json` has written.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let read_as = || format!("read the earlier results of {}", path.display());
        let mut known = HashMap::new();
        for (index, line) in BufReader::new(File::open(path).with_context(read_as)?).lines().enumerate() {
            let line: Line = serde_json::from_str(&line.with_context(read_as)?)
                .with_context(|| format!("{}: line {} is no output of --json", read_as(), index + 1))?;
            let chains = match line {
                Line::Chain(chain) => vec![*chain],
                Line::Compared { views } => views.into_iter().map(|view| view.chain).collect(),
            };
            known.extend(chains.into_iter().map(|chain| (key(&chain), Previous::of(&chain))));
            ensure!(known.len() <= CHAINS_MAX, "{}: more than {CHAINS_MAX} chains", read_as());
        }
        Ok(Self(known))
    }

    /// What was found for the same link from the same point of view.
    pub(super) fn previous(&self, chain: &Chain) -> Option<&Previous> {
        self.0.get(&key(chain))
    }
}

/// The user agent, which names the form factor, and the egress make the point of view.
fn key(chain: &Chain) -> (String, String) {
    let profile = &chain.profile;
    let egress = profile.egress.as_deref().unwrap_or_default();
    (chain.url.clone(), format!("{} {egress}", profile.user_agent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::chain::samples;

    #[test]
    fn chains_and_comparisons_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("before.jsonl");
        let (desktop, mut mobile) = (samples::done(), samples::done());
        mobile.profile.user_agent = "phone".to_owned();
        mobile.url = "http://a.test/".to_owned();
        let compared =
            serde_json::json!({"url": "x", "comparison": {}, "views": [{"profile": "m", "chain": mobile}]});
        std::fs::write(&path, format!("{}\n{compared}\n", serde_json::to_string(&desktop).unwrap())).unwrap();
        let baseline = Baseline::read(&path).unwrap();
        assert!(baseline.previous(&desktop).is_some() && baseline.previous(&mobile).is_some());
        mobile.profile.user_agent = "another".to_owned();
        assert!(baseline.previous(&mobile).is_none());
        std::fs::write(&path, "{}\n").unwrap();
        assert!(
            format!("{:#}", Baseline::read(&path).unwrap_err()).contains("line 1 is no output of --json")
        );
    }
}
