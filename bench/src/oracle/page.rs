//! Writes `docs/accuracy.md`.

use std::fmt::Write as _;

use hopline_testkit::oracle::{Corpus, FaultKind, Group, reason_for};

use super::tool::{Outcome, Score};

const INTRODUCTION: &str = "\
# Accuracy

What programs say of a link, against what Chromium does with it. Written by `cargo xtask oracle`; not edited by hand.

A case is one raw HTTP response (and what else its page asks for), served on loopback, and Chromium's own record of what it
did with it. **Given** cases came with the project, **further** ones were written and recorded here
(`crates/testkit/oracle/record.mjs`). A case agrees when a program ends at the same URL, fragment included, or ends in an
error where the browser shows one. What Chromium takes as a download agrees as a download or as an error. A first answer of 400 or
more is `http_status` to hopline, which is right when the browser stays on that page.

- *network and refresh*: HTTP redirects, `Refresh`, `<meta>`, document types, encodings;
- *script and form*: pages whose scripts or forms lead elsewhere, or look as if they did;
- *wrong destination*: the browser goes on, and the program names another place;
- *false destination*: the browser stays or shows an error, and the program names another place.

Clients that run no script cannot agree on most of the script cases that lead somewhere; they agree on those that lead nowhere.
";

pub(super) fn page(corpora: &[Corpus], outcomes: &[Outcome]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for (index, title) in ["Given cases", "Further cases"].into_iter().enumerate() {
        let _ = write!(page, "\n## {title}\n\n{}", table(&corpora[index], index, outcomes));
    }
    page.push_str(&missing(outcomes));
    for outcome in outcomes {
        page.push_str(&disagreements(outcome));
    }
    page
}

/// Every disagreement of ours, with its reason; other programs answer for themselves.
fn disagreements(outcome: &Outcome) -> String {
    let Outcome::Measured { name, scores, .. } = outcome else { return String::new() };
    if !name.starts_with("hopline") {
        return String::new();
    }
    let faults: Vec<_> = scores.iter().flat_map(|score| &score.faults).collect();
    let lines = faults.iter().map(|(case, (_, fault))| {
        let reason = reason_for(case).unwrap_or("not explained yet");
        format!("- `{case}` ({}): {reason}\n", word(fault.kind))
    });
    let lines: Vec<String> = lines.collect();
    let list = if lines.is_empty() { "None.\n".to_owned() } else { lines.concat() };
    format!("\n## Disagreements of {name}\n\n{list}")
}

fn word(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Missed => "missed",
        FaultKind::WrongDestination => "wrong destination",
        FaultKind::FalseDestination => "false destination",
        FaultKind::OtherHops => "other hops",
    }
}

fn table(corpus: &Corpus, index: usize, outcomes: &[Outcome]) -> String {
    let mut table = "| program | version | network and refresh | script and form | wrong | false |\n|---|---|--:|--:|--:|--:|\n".to_owned();
    for outcome in outcomes {
        let Outcome::Measured { name, version, scores } = outcome else { continue };
        let score = &scores[index];
        let share = |group| share(corpus, score, group);
        let (network, script) = (share(Group::Network), share(Group::Script));
        let (wrong, untrue) =
            (score.faults_of(FaultKind::WrongDestination), score.faults_of(FaultKind::FalseDestination));
        let _ = writeln!(table, "| {name} | {version} | {network} | {script} | {wrong} | {untrue} |");
    }
    table
}

fn share(corpus: &Corpus, score: &Score, group: Group) -> String {
    let all = corpus.cases.iter().filter(|case| case.group == group).count();
    let agreed = all - score.faults_in(group);
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let percent = agreed as f64 * 100.0 / all as f64;
    format!("{agreed} of {all} ({percent:.1} %)")
}

fn missing(outcomes: &[Outcome]) -> String {
    let missing = outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Missing(name) => Some(*name),
        Outcome::Measured { .. } => None,
    });
    let missing: Vec<&str> = missing.collect();
    if missing.is_empty() {
        String::new()
    } else {
        format!("\nNot installed here, so not measured: {}.\n", missing.join(", "))
    }
}
