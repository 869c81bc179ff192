//! `cargo xtask fuzz`: runs the targets of `fuzz/` one after the other, from seeds made of the recorded cases.
//!
//! Needs cargo-fuzz; the stable toolchain builds its instrumentation with `RUSTC_BOOTSTRAP`.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use crate::{process, workspace};

const TARGETS: [&str; 8] =
    ["browser_messages", "har", "link", "location", "page", "refresh", "rules", "socks5"];
const SECONDS: &str = "60";
const CORPORA: [&str; 2] = ["crates/testkit/data/oracle-cases.json", "crates/testkit/data/oracle-more.json"];
const RULES: &str = "crates/offline/src/rules.toml";
/// Rules that make one seed of a rules file: a whole file would leave no time for anything else.
const RULES_PER_SEED: usize = 4;
/// What a seed of the target `location` begins with: the status, less 300.
const FOUND: [u8; 2] = [0, 2];

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let (seconds, named) = match arguments {
        ["--seconds", seconds, named @ ..] => (*seconds, named),
        named => (SECONDS, named),
    };
    if let Some(unknown) = named.iter().find(|name| !TARGETS.contains(name)) {
        bail!("no target is called {unknown}; there are {}", TARGETS.join(", "));
    }
    ensure!(
        process::works("cargo", &["fuzz", "--version"]),
        "cargo-fuzz is not here: cargo install cargo-fuzz"
    );
    seed().context("failed to write the seeds")?;
    let targets = if named.is_empty() { &TARGETS[..] } else { named };
    targets.iter().try_for_each(|target| fuzz(target, seconds))
}

fn fuzz(target: &str, seconds: &str) -> Result<()> {
    let built = workspace::target_folder()?.join("fuzz");
    let time = format!("-max_total_time={seconds}");
    let corpus = format!("fuzz/corpus/{target}");
    // libFuzzer keeps what it finds in the first folder it is given, which must not be that of the seeds.
    fs::create_dir_all(workspace::root().join(&corpus))?;
    let seeds = format!("fuzz/seeds/{target}");
    let folders = [corpus.as_str(), &seeds].into_iter().filter(|path| workspace::root().join(path).exists());
    let mut command = process::command("cargo", &["fuzz", "run", "--target-dir"]);
    command.arg(built).arg(target).args(folders).args(["--", &time, "-print_final_stats=1"]);
    process::succeed(command.env("RUSTC_BOOTSTRAP", "1"))
}

/// What the cases and the rules hold, cut into inputs of each target. libFuzzer adds what it finds.
fn seed() -> Result<()> {
    for corpus in CORPORA {
        let text = fs::read_to_string(workspace::root().join(corpus))?;
        let cases: Vec<Value> = serde_json::from_str(&text)?;
        cases.iter().try_for_each(seed_from_case)?;
    }
    let rules = fs::read_to_string(workspace::root().join(RULES))?;
    for (number, line) in rules.lines().enumerate() {
        let links = line.split('"').filter(|part| part.contains("://"));
        for (at, link) in links.enumerate() {
            write("link", &format!("rules-{number}-{at}"), link.as_bytes())?;
        }
    }
    let blocks: Vec<&str> = rules.split("\n[[rule]]").skip(1).collect();
    for (at, few) in blocks.chunks(RULES_PER_SEED).enumerate() {
        let file = format!("[[rule]]{}", few.join("\n[[rule]]"));
        write("rules", &format!("rules-{at}"), file.as_bytes())?;
    }
    Ok(())
}

fn seed_from_case(case: &Value) -> Result<()> {
    let name = case["name"].as_str().context("a case has a name")?.replace('#', "-");
    let bytes = BASE64_STANDARD.decode(case["response_b64"].as_str().unwrap_or_default())?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(bytes.len());
    let (head, body) = bytes.split_at(end);
    let values = |field: &str| -> Vec<&[u8]> {
        let lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        lines.filter_map(|line| value_of(line, field)).collect()
    };
    let locations = values("location");
    if !locations.is_empty() {
        write("location", &name, &[&FOUND[..], &locations.join(&b'\n')].concat())?;
    }
    for refresh in values("refresh") {
        write("refresh", &name, refresh)?;
    }
    let body = body.get(4..).unwrap_or_default();
    let first = |field| values(field).first().copied().unwrap_or_default();
    let page = [first("content-type"), first("content-disposition"), body].join(&b'\n');
    if body.is_empty() { Ok(()) } else { write("page", &name, &page) }
}

fn value_of<'a>(line: &'a [u8], field: &str) -> Option<&'a [u8]> {
    let (name, value) = line.split_at_checked(field.len())?;
    let value = value.strip_prefix(b":")?;
    name.eq_ignore_ascii_case(field.as_bytes()).then(|| value.trim_ascii())
}

fn write(target: &str, name: &str, bytes: &[u8]) -> Result<()> {
    let folder = workspace::root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(Path::new(&folder).join(name), bytes)
        .with_context(|| format!("failed to write the seed {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_found_by_name() {
        assert_eq!(value_of(b"LOCATION:  /x ", "location"), Some(&b"/x"[..]));
        assert_eq!(value_of(b"Location2: /x", "location"), None);
        assert_eq!(value_of(b"Loc", "location"), None);
    }
}
