//! Where finished links go: a view for people, JSON lines, CSV or one HAR archive; to stdout or to a file that can be
//! continued. In the order of the input.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use hopline_domain::{chain::Chain, compare::Comparison, har};
use serde::Serialize;

use super::viewpoint::{Ended, View};
use crate::{
    output,
    view::{
        self, chain, compare,
        csv::{Column, Record},
        summary,
    },
};

/// A HAR archive is one document and held in memory until the end.
const HAR_CHAINS_MAX: usize = 10_000;

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

impl Format {
    /// The format a file's ending asks for.
    pub(super) fn of_ending(path: &Path) -> Result<Self> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json" | "jsonl" | "ndjson") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some("har") => Ok(Self::Har),
            _ => bail!("write {}: choose --json, --csv or --har, or end its name so", path.display()),
        }
    }
}

/// Takes finished links one by one.
#[derive(Debug)]
pub(super) struct Sink {
    format: Format,
    columns: Vec<Column>,
    file: Option<File>,
    taken: usize,
    kept: Vec<Chain>,
}

/// A link looked at from several points of view, as one line of JSON.
#[derive(Serialize)]
struct Compared<'a> {
    url: &'a str,
    comparison: &'a Comparison,
    views: Vec<NamedChain<'a>>,
}

#[derive(Serialize)]
struct NamedChain<'a> {
    profile: &'a str,
    chain: &'a Chain,
}

impl Sink {
    /// Prints to `file`, else to stdout.
    pub(super) const fn open(format: Format, columns: Vec<Column>, file: Option<File>) -> Self {
        Self { format, columns, file, taken: 0, kept: Vec::new() }
    }

    /// Writes what comes before the first link.
    pub(super) fn begin(&mut self) -> io::Result<()> {
        match self.format {
            Format::Csv => self.write(&view::csv::header(&self.columns)),
            _ => Ok(()),
        }
    }

    pub(super) fn take(&mut self, ended: Ended) -> Result<()> {
        let is_first = self.taken == 0;
        self.taken += 1;
        match self.format {
            Format::Blocks => {
                let gap = if is_first { "" } else { "\n" };
                output::line(&format!("{gap}{}", blocks(&ended.views)))?;
            }
            Format::Lines => ended.views.iter().try_for_each(|view| output::line(&line(&ended, view)))?,
            Format::Json => self.write(&json_line(&ended)?)?,
            Format::Csv => {
                let Ended { row, views } = &ended;
                let comparison = &comparison(views);
                let records = views.iter().map(|view| Record {
                    chain: &view.chain,
                    profile: &view.name,
                    cells: &row.cells,
                    comparison,
                });
                let rows: Vec<u8> =
                    records.flat_map(|record| view::csv::record(&self.columns, record)).collect();
                self.write(&rows)?;
            }
            Format::Har => {
                self.kept.extend(ended.views.into_iter().map(|view| view.chain));
                ensure!(
                    self.kept.len() <= HAR_CHAINS_MAX,
                    "write the archive: over {HAR_CHAINS_MAX} chains; split the links, or use --json"
                );
            }
        }
        Ok(())
    }

    pub(super) fn close(mut self) -> Result<()> {
        if self.format == Format::Har {
            let chains: Vec<&Chain> = self.kept.iter().collect();
            let mut text = serde_json::to_vec_pretty(&har::archive(&chains, env!("CARGO_PKG_VERSION")))?;
            text.push(b'\n');
            self.write(&text)?;
        }
        Ok(())
    }

    /// One link's records leave in one write, so that an interruption tears at most the last.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(bytes),
            None => output::bytes(bytes),
        }
    }
}

fn comparison(views: &[View]) -> Comparison {
    let named: Vec<(&str, &Chain)> = views.iter().map(|view| (view.name.as_str(), &view.chain)).collect();
    hopline_domain::compare::compare(&named)
}

fn blocks(views: &[View]) -> String {
    let columns = output::columns();
    match views {
        [view] => chain::render(&view.chain, columns),
        _ => compare::render(
            views.iter().map(|view| (view.name.as_str(), &view.chain)),
            &comparison(views),
            columns,
        ),
    }
}

fn line(ended: &Ended, view: &View) -> String {
    let name = if ended.views.len() > 1 { Some(view.name.as_str()) } else { None };
    summary::line(&view.chain, name)
}

fn json_line(ended: &Ended) -> Result<Vec<u8>> {
    let mut line = match ended.views.as_slice() {
        [view] => serde_json::to_vec(&view.chain),
        views => serde_json::to_vec(&Compared {
            url: &ended.row.url,
            comparison: &comparison(views),
            views: views.iter().map(|view| NamedChain { profile: &view.name, chain: &view.chain }).collect(),
        }),
    }
    .context("write the chain")?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_file_says_its_format() {
        let format = |name: &str| Format::of_ending(Path::new(name));
        assert_eq!(format("out.csv").unwrap(), Format::Csv);
        assert_eq!(format("out.jsonl").unwrap(), Format::Json);
        assert_eq!(format("a.b.har").unwrap(), Format::Har);
        assert_eq!(
            format("out").unwrap_err().to_string(),
            "write out: choose --json, --csv or --har, or end its name so"
        );
    }
}
