//! Rule: ARCHITECTURE.md, the registry in `domain` and the code that keeps them name the same invariants.
//!
//! A line of the document that says "not yet in force" announces an invariant whose code does not exist; once code names it,
//! the words must go.

use std::collections::BTreeSet;

use super::finding::Finding;
use crate::source::is_word;
use crate::tree::{File, Tree};

const DOCUMENT: &str = "ARCHITECTURE.md";
const REGISTRY: &str = "crates/domain/src/invariant.rs";
const ANNOUNCED: &str = "not yet in force";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let text_of = |path| tree.file(path).map_or("", |file| file.text.as_str());
    let (announced, listed): (Vec<&str>, Vec<&str>) =
        text_of(DOCUMENT).lines().partition(|line| line.contains(ANNOUNCED));
    let announced: BTreeSet<&str> = announced.into_iter().flat_map(ids).collect();
    let listed: BTreeSet<&str> =
        listed.into_iter().flat_map(ids).filter(|id| !announced.contains(id)).collect();
    let known: BTreeSet<&str> = announced.union(&listed).copied().collect();
    let registered: BTreeSet<&str> = ids(text_of(REGISTRY)).collect();
    let kept: BTreeSet<&str> = keepers(tree).flat_map(|file| ids(&file.text)).collect();

    let mut findings = Vec::new();
    let mut complain = |path, ids: Vec<&&str>, message: &str| {
        findings.extend(ids.into_iter().map(|id| Finding::whole(path, format!("{id} {message}"))));
    };
    complain(
        REGISTRY,
        known.difference(&registered).collect(),
        "is listed in ARCHITECTURE.md but not registered",
    );
    complain(DOCUMENT, registered.difference(&known).collect(), "is registered but not listed");
    complain(DOCUMENT, kept.difference(&known).collect(), "is named in code but not listed");
    complain(
        DOCUMENT,
        listed.difference(&kept).collect(),
        "is listed, but no code names it where it keeps it",
    );
    complain(DOCUMENT, announced.intersection(&kept).collect(), "is named in code: it is in force, say so");
    findings
}

/// Rust files that may keep an invariant: the product's, without the registry.
fn keepers(tree: &Tree) -> impl Iterator<Item = &File> {
    let product = tree.files.iter().filter(|file| file.path.starts_with("crates/") && file.source.is_some());
    product.filter(|file| file.path != REGISTRY)
}

/// Words of the form `I` and two digits.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character| !is_word(character)).filter(|word| {
        word.len() == 3 && word.starts_with('I') && word[1..].bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "- I01: a\n- I02: b\n- I09: c (not yet in force)\n";
    const ENUM: &str = "//! A.\nenum InvariantId { I01, I02, I09 }\n";

    fn found(list: &str, registry: &str, code: &str) -> usize {
        let tree = Tree::of(&[(DOCUMENT, list), (REGISTRY, registry), ("crates/a/src/a.rs", code)]);
        check(&tree).len()
    }

    #[test]
    fn all_three_naming_the_same_pass() {
        assert_eq!(found(LIST, ENUM, "//! I01\n// I02.\n"), 0);
    }

    #[test]
    fn each_side_alone_fails() {
        assert_eq!(found(LIST, ENUM, "//! I01\n"), 1, "nothing keeps I02");
        assert_eq!(found(LIST, ENUM, "//! I01 I02 I05\n"), 1, "I05 is unknown");
        assert_eq!(found(LIST, ENUM, "//! I01 I02 I09\n"), 1, "I09 is kept already");
        assert_eq!(found(LIST, "enum InvariantId { I01, I02 }", "//! I01 I02\n"), 1, "I09 is not registered");
        assert_eq!(found("- I01\n- I02\n", ENUM, "//! I01 I02\n"), 1, "I09 is not listed");
    }
}
