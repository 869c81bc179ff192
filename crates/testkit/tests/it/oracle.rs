//! Both recorded corpora through the real binary: what `hopline resolve` says of a link against what Chromium did.
//!
//! Every disagreement is named with its reason, and the list is exact: one that is mended must be taken off it.
#![expect(clippy::unwrap_used, reason = "what cannot be set up must fail the test at once")]

use std::collections::BTreeMap;

use hopline_domain::chain::Chain;
use hopline_testkit::{
    HoplineProcess, LinkFarm,
    oracle::{
        BY_CONTRACT, Case, Corpus, Disagreement, Fault, FaultKind, Group, WITH_BROWSER, WITHOUT_BROWSER,
    },
};

/// Links given to one process, so that each ends soon.
const LINKS_PER_PROCESS: usize = 60;
/// Shares that must agree without a browser, in percent.
const NETWORK_PERCENT_MIN: usize = 97;
const SCRIPT_PERCENT_MIN: usize = 90;

/// The chain of every link, by link.
async fn chains_of(corpus: &Corpus, browser: &str) -> BTreeMap<String, Chain> {
    let mut chains = BTreeMap::new();
    for cases in corpus.cases.chunks(LINKS_PER_PROCESS) {
        let names = corpus.static_names.iter().flat_map(|name| ["--resolve", name]);
        let fixed = [
            "resolve",
            "--json",
            "--browser",
            browser,
            "--per-host-max",
            "16",
            "--allow-net",
            "127.0.0.0/8",
            "-f",
            "-",
        ];
        let links: Vec<&str> = cases.iter().map(|case| case.url.as_str()).collect();
        let output =
            HoplineProcess::new(fixed.into_iter().chain(names)).stdin(links.join("\n")).output().await;
        for line in output.stdout.lines() {
            let chain: Chain = serde_json::from_str(line).unwrap();
            chains.insert(chain.url.clone(), chain);
        }
        assert!(cases.iter().all(|case| chains.contains_key(&case.url)), "stderr: {}", output.stderr);
    }
    chains
}

/// What differs, by case.
fn faults<'a>(corpus: &'a Corpus, chains: &BTreeMap<String, Chain>) -> BTreeMap<&'a str, (&'a Case, Fault)> {
    let judged = corpus.cases.iter().filter_map(|case| Some((case, case.judge_chain(&chains[&case.url])?)));
    judged.map(|(case, fault)| (case.name.as_str(), (case, fault))).collect()
}

/// Agreed and all cases of a group, in percent.
fn agreed_percent(corpus: &Corpus, faults: &BTreeMap<&str, (&Case, Fault)>, group: Group) -> usize {
    let all = corpus.cases.iter().filter(|case| case.group == group).count();
    let faulty = faults.values().filter(|(case, _)| case.group == group).count();
    (all - faulty) * 100 / all
}

fn check_named(faults: &BTreeMap<&str, (&Case, Fault)>, corpus: &Corpus, named: &[Disagreement]) {
    let known: Vec<&str> = corpus.cases.iter().map(|case| case.name.as_str()).collect();
    let mut named: Vec<&str> =
        named.iter().chain(&BY_CONTRACT).map(|(name, _)| *name).filter(|name| known.contains(name)).collect();
    named.sort_unstable();
    let found: Vec<&str> = faults.keys().copied().collect();
    let told: Vec<String> =
        faults.iter().map(|(name, (_, fault))| format!("{name}: {:?}: {}", fault.kind, fault.text)).collect();
    assert_eq!(found, named, "the named disagreements must be exactly these:\n{}", told.join("\n"));
}

/// A wrong destination is worse than none: not one is tolerated, but what the contract wants.
fn check_destinations(faults: &BTreeMap<&str, (&Case, Fault)>) {
    let is_wanted = |name: &str| BY_CONTRACT.iter().any(|(wanted, _)| *wanted == name);
    let is_wrong =
        |fault: &Fault| matches!(fault.kind, FaultKind::WrongDestination | FaultKind::FalseDestination);
    let wrong = faults.iter().filter(|(name, (_, fault))| is_wrong(fault) && !is_wanted(name));
    let wrong: Vec<&str> = wrong.map(|(name, _)| *name).collect();
    assert!(wrong.is_empty(), "wrong destinations: {wrong:?}");
}

async fn check_without_a_browser(corpus: &Corpus) {
    let chains = chains_of(corpus, "never").await;
    let faults = faults(corpus, &chains);
    let network = agreed_percent(corpus, &faults, Group::Network);
    let script = agreed_percent(corpus, &faults, Group::Script);
    check_destinations(&faults);
    check_named(&faults, corpus, &WITHOUT_BROWSER);
    assert!(network >= NETWORK_PERCENT_MIN && script >= SCRIPT_PERCENT_MIN, "{network} %, {script} %");
}

#[tokio::test]
async fn the_given_cases_agree_without_a_browser() {
    let farm = LinkFarm::start().await;
    check_without_a_browser(&Corpus::given(&farm)).await;
}

#[tokio::test]
async fn the_further_cases_agree_without_a_browser() {
    let farm = LinkFarm::start().await;
    check_without_a_browser(&Corpus::more(&farm)).await;
}

#[tokio::test]
async fn every_given_case_agrees_in_a_browser() {
    let farm = LinkFarm::start().await;
    let corpus = Corpus::given(&farm);
    let chains = chains_of(&corpus, "always").await;
    check_named(&faults(&corpus, &chains), &corpus, &WITH_BROWSER);
}
