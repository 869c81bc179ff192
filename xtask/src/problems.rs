//! `cargo xtask problems`: keeps `docs/problems/` equal to the problem catalogue, one page per code and an index.

use std::fs;

use anyhow::{Result, bail};
use hopline_domain::problem::ProblemCode;
use strum::IntoEnumIterator;

use crate::generated::{self, Mode};
use crate::workspace;

const FOLDER: &str = "docs/problems";
const COMMAND: &str = "problems";

pub(crate) fn run(mode: Mode) -> Result<()> {
    for code in ProblemCode::iter() {
        generated::settle(mode, COMMAND, &format!("{FOLDER}/{}.md", code.as_str()), &page(code))?;
    }
    generated::settle(mode, COMMAND, &format!("{FOLDER}/README.md"), &index())?;
    refuse_strays()
}

fn page(code: ProblemCode) -> String {
    let (name, status, title) = (code.as_str(), code.status(), code.title());
    format!(
        "# {title}\n\n`code: {name}`, HTTP status {status}\n\n{}\n\n[All problems](README.md)\n",
        code.advice()
    )
}

fn index() -> String {
    let rows: Vec<String> = ProblemCode::iter().map(row).collect();
    format!(
        "# Problems\n\nEvery error is `application/problem+json` (RFC 9457) with one of these codes. The list is closed.\n\n\
         | code | status | title |\n|---|---|---|\n{}\n",
        rows.join("\n")
    )
}

fn row(code: ProblemCode) -> String {
    let name = code.as_str();
    format!("| [`{name}`]({name}.md) | {} | {} |", code.status(), code.title())
}

/// A page whose code is gone would mislead; deleting is left to a person.
fn refuse_strays() -> Result<()> {
    for entry in fs::read_dir(workspace::root().join(FOLDER))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let code = name.trim_end_matches(".md");
        if code != "README" && code.parse::<ProblemCode>().is_err() {
            bail!("{FOLDER}/{name} is no problem code: delete the file");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_code_status_title_and_advice() {
        let page = page(ProblemCode::OutOfCredits);
        for part in ["# Out of credits", "`code: out_of_credits`", "402", ProblemCode::OutOfCredits.advice()]
        {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
    }

    #[test]
    fn the_index_has_every_code_once() {
        let index = index();
        for code in ProblemCode::iter() {
            assert_eq!(index.matches(&format!("({}.md)", code.as_str())).count(), 1);
        }
    }
}
