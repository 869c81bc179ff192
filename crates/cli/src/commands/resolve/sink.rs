//! Where finished chains go: a view for people, JSON lines, CSV or one HAR archive. In the order of the input.

use std::io;

use anyhow::{Context as _, Result, ensure};
use hopline_domain::{chain::Chain, har};

use crate::{
    output,
    view::{self, chain, summary},
};

/// A HAR archive is one document and held in memory until the end.
const HAR_LINKS_MAX: usize = 10_000;

/// How chains are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Every hop of every link.
    Blocks,
    /// One line a link.
    Lines,
    Json,
    Csv,
    Har,
}

/// Takes finished chains one by one.
#[derive(Debug)]
pub(super) struct Sink {
    format: Format,
    taken: usize,
    kept: Vec<Chain>,
}

impl Sink {
    pub(super) fn open(format: Format, links: usize) -> Result<Self> {
        ensure!(
            format != Format::Har || links <= HAR_LINKS_MAX,
            "write the archive: {links} links are more than {HAR_LINKS_MAX}; split them, or use --json"
        );
        if format == Format::Csv {
            output::bytes(&view::csv::header())?;
        }
        Ok(Self { format, taken: 0, kept: Vec::new() })
    }

    pub(super) fn take(&mut self, chain: Chain) -> Result<()> {
        let is_first = self.taken == 0;
        self.taken += 1;
        match self.format {
            Format::Blocks => {
                let gap = if is_first { "" } else { "\n" };
                output::line(&format!("{gap}{}", chain::render(&chain, output::columns())))?;
            }
            Format::Lines => output::line(&summary::line(&chain))?,
            Format::Json => output::bytes(&json_line(&chain)?)?,
            Format::Csv => output::bytes(&view::csv::record(&chain))?,
            Format::Har => self.kept.push(chain),
        }
        Ok(())
    }

    pub(super) fn close(self) -> io::Result<()> {
        if self.format != Format::Har {
            return Ok(());
        }
        let chains: Vec<&Chain> = self.kept.iter().collect();
        output::json(&har::archive(&chains, env!("CARGO_PKG_VERSION")))
    }
}

fn json_line(chain: &Chain) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(chain).context("write the chain")?;
    line.push(b'\n');
    Ok(line)
}
