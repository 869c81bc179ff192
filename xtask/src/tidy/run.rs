//! Runs every rule and prints what it found.

use anyhow::{Result, bail};

use super::{
    contents, dependencies, finding::Finding, invariants, language, module_docs, reach, seam, size, sources,
    text, unused,
};
use crate::tree::Tree;
use crate::workspace;

type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

const RULES: [Rule; 9] = [
    ("files and functions stay small", size::check),
    ("every file says what it is for", module_docs::check),
    ("lib.rs and mod.rs are tables of contents", contents::check),
    ("both sides of the storage seam have the same file names", seam::check),
    ("clean text", text::check),
    ("banned words and attributes", language::check),
    ("packages come from the public registries", sources::check),
    ("SQL stays in store, the environment in cli", reach::check),
    ("every invariant is named in ARCHITECTURE.md and in code", invariants::check),
];

/// Fails with the list of broken rules, if any.
pub(crate) fn run() -> Result<()> {
    let tree = Tree::read(&workspace::root())?;
    let packages = workspace::metadata(&["--no-deps"])?.packages;
    let mut broken = report("dependencies point the right way", dependencies::check(&packages));
    broken += report("every dependency is used", unused::check(&tree, &packages));
    for (name, check) in RULES {
        broken += report(name, check(&tree));
    }
    if broken > 0 {
        bail!("tidy found {broken} broken rules; each line above says where");
    }
    println!("tidy: {} files, {} rules, nothing to mend", tree.files.len(), RULES.len() + 2);
    Ok(())
}

fn report(rule: &str, mut findings: Vec<Finding>) -> usize {
    findings.sort();
    if !findings.is_empty() {
        println!("{rule}:");
    }
    for finding in &findings {
        println!("  {finding}");
    }
    findings.len()
}
