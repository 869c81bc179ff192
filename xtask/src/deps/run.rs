//! Gathers packages and policy, prints what is wrong, asks cargo-deny too where it is installed.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, bail};

use super::judge;
use super::policy::Policy;
use crate::process;
use crate::workspace::{self, Package};

pub(crate) fn run() -> Result<()> {
    let path = workspace::root().join("deny.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
    let policy: Policy = toml::from_str(&text).context("failed to understand deny.toml")?;
    let packages = built_packages(&policy)?;
    let complaints = judge::complaints(&policy, &packages);
    for complaint in &complaints {
        println!("  {complaint}");
    }
    if !complaints.is_empty() {
        bail!("deps found {} packages against deny.toml", complaints.len());
    }
    println!("deps: {} packages are allowed by deny.toml", packages.len());
    if process::works("cargo", &["deny", "--version"]) {
        process::run("cargo", &["deny", "check", "bans", "licenses", "sources"])?;
    }
    Ok(())
}

/// Foreign packages that are built for one of the policy's targets.
fn built_packages(policy: &Policy) -> Result<Vec<Package>> {
    let filters: Vec<&str> =
        policy.graph.targets.iter().flat_map(|target| ["--filter-platform", target]).collect();
    let metadata = workspace::metadata(&filters)?;
    let resolve = metadata.resolve.context("failed to read the dependency graph")?;
    let built: BTreeSet<&str> = resolve.nodes.iter().map(|node| node.id.as_str()).collect();
    let foreign = metadata.packages.iter().filter(|package| package.source.is_some());
    Ok(foreign.filter(|package| built.contains(package.id.as_str())).cloned().collect())
}
