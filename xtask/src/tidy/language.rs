//! Rule: no `#[allow]`, no debug prints, no notes to ourselves left in the code.

use super::finding::Finding;
use crate::source::{Part, Source, is_word};
use crate::tree::{File, Tree};

/// Searched in code, with what to do instead.
const BANNED_CODE: [(&str, &str); 4] = [
    ("#[allow(", "write `#[expect(lint, reason = \"…\")]`"),
    ("#![allow(", "write `#![expect(lint, reason = \"…\")]`"),
    ("dbg!", "remove the debug print"),
    ("#[ignore", "a test runs or is deleted"),
];
/// Searched in comments, as whole words.
const BANNED_WORDS: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];
/// Files that are not Rust but hold comments.
const COMMENTED_ENDINGS: [&str; 5] = [".toml", ".sql", ".sh", ".yml", ".yaml"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    match &file.source {
        Some(source) => banned_code(file, source)
            .into_iter()
            .chain(banned_words(file, &source.only(Part::Comment)))
            .collect(),
        None if COMMENTED_ENDINGS.iter().any(|ending| file.path.ends_with(ending)) => {
            banned_words(file, &file.text)
        }
        None => Vec::new(),
    }
}

fn banned_code(file: &File, source: &Source) -> Vec<Finding> {
    let code = source.only(Part::Code);
    let lines = code.lines().enumerate();
    lines
        .flat_map(|(index, line)| {
            let hits = BANNED_CODE.iter().filter(move |(banned, _)| line.contains(banned));
            hits.map(move |(banned, advice)| {
                Finding::at(&file.path, index + 1, format!("`{banned}`: {advice}"))
            })
        })
        .collect()
}

fn banned_words(file: &File, text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let word = BANNED_WORDS
                .into_iter()
                .find(|banned| line.split(|character| !is_word(character)).any(|word| word == *banned))?;
            Some(Finding::at(&file.path, index + 1, format!("`{word}`: do it, or open an issue")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_prints_and_notes_fail_only_where_they_act() {
        let tree = Tree::of(&[
            ("a.rs", "//! A.\n#[allow(dead_code)]\nfn b() { dbg!(1); } // FIXME later\n"),
            ("b.rs", "//! B.\nconst C: &str = \"#[allow( dbg! TODO\"; // XXXX is no word\n"),
            ("c.toml", "# TODO\n"),
            ("d.md", "TODO\n"),
        ]);
        let found = check(&tree);
        assert_eq!(found.len(), 4, "{found:?}");
    }
}
