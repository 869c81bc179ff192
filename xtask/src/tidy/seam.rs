//! Rule: the port, each adapter and the conformance suite have the same file names, so that a reader finds
//! the other side of a method by its file name.

use std::collections::BTreeSet;

use super::finding::Finding;
use crate::tree::Tree;

/// One side of the seam and the files only that side has, each with why it is no noun of the port.
struct Side {
    folder: &'static str,
    private: &'static [(&'static str, &'static str)],
}

const PORT: Side = Side {
    folder: "crates/domain/src/store/",
    private: &[
        ("mod.rs", "table of contents"),
        ("error.rs", "what every noun answers with"),
        ("page.rs", "what every list answers with"),
        ("port.rs", "the sum of all nouns"),
    ],
};
const SQLITE: Side = Side {
    folder: "crates/store/src/sqlite/",
    private: &[
        ("mod.rs", "table of contents"),
        ("store.rs", "opens and closes the adapter"),
        ("connection.rs", "machine below the nouns: how a file is opened"),
        ("writer.rs", "machine below the nouns: the one thread that writes"),
        ("readers.rs", "machine below the nouns: the connections that read"),
        ("migrations.rs", "machine below the nouns: the schema"),
        ("rows.rs", "machine below the nouns: running a statement"),
        ("fault.rs", "machine below the nouns: SQLite's errors"),
        ("orphans.rs", "runs when the files are opened, for no caller"),
        ("plans.rs", "tests of query plans, SQLite's alone"),
        ("check.rs", "what doctor asks of the files"),
        ("audit.rs", "written with the changes of several nouns"),
        ("bodies.rs", "the writer's memory of unfinished requests"),
        ("events.rs", "written with the changes of several nouns"),
        ("idempotency.rs", "written with the changes of several nouns"),
        ("lanes.rs", "kept by deliveries, read by their claims"),
        ("ledger.rs", "written with the changes of several nouns"),
    ],
};
const POSTGRES: Side = Side {
    folder: "crates/store/src/postgres/",
    private: &[
        ("mod.rs", "table of contents"),
        ("connection.rs", "machine below the nouns: the pool"),
        ("migrations.rs", "machine below the nouns: the schema"),
    ],
};
const SUITE: Side = Side {
    folder: "crates/store/tests/conformance/",
    private: &[
        ("main.rs", "table of contents"),
        ("harness.rs", "the engines a case runs on"),
        ("fixtures.rs", "what cases begin with"),
        ("recorder.rs", "proves that every method is exercised"),
        ("model.rs", "the oracle of the property test"),
        ("links_model.rs", "the oracle of the property test of slugs"),
        ("files.rs", "what only an engine of files promises"),
    ],
};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let port = names(tree, &PORT);
    [SQLITE, POSTGRES, SUITE].iter().flat_map(|side| compare(tree, &port, side)).collect()
}

fn compare(tree: &Tree, port: &BTreeSet<String>, side: &Side) -> Vec<Finding> {
    let present = names(tree, side);
    if present.is_empty() {
        return Vec::new();
    }
    let missing = port.difference(&present).map(|name| {
        Finding::whole(
            &format!("{}{name}", side.folder),
            format!("is missing; the port has {}{name}", PORT.folder),
        )
    });
    let extra = present.difference(port).map(|name| {
        Finding::whole(&format!("{}{name}", side.folder), format!("has no counterpart {}{name}", PORT.folder))
    });
    missing.chain(extra).collect()
}

/// File names directly in the side's folder; a folder that splits one noun counts by its own name.
fn names(tree: &Tree, side: &Side) -> BTreeSet<String> {
    let inside = tree.rust().filter_map(|(file, _)| file.path.strip_prefix(side.folder));
    let nouns =
        inside.map(|rest| rest.split_once('/').map_or(rest.to_owned(), |(noun, _)| format!("{noun}.rs")));
    nouns.filter(|name| !side.private.iter().any(|(private, _)| private == name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_pass_and_an_absent_adapter_is_no_finding() {
        let tree = Tree::of(&[
            ("crates/domain/src/store/mod.rs", "//! A."),
            ("crates/domain/src/store/jobs.rs", "//! A."),
            ("crates/store/src/sqlite/writer.rs", "//! A."),
            ("crates/store/src/sqlite/jobs/claim.rs", "//! A."),
            ("crates/store/tests/conformance/main.rs", "//! A."),
            ("crates/store/tests/conformance/jobs.rs", "//! A."),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn a_missing_and_an_extra_file_fail() {
        let tree = Tree::of(&[
            ("crates/domain/src/store/jobs.rs", "//! A."),
            ("crates/store/src/sqlite/jobs.rs", "//! A."),
            ("crates/store/src/sqlite/links.rs", "//! A."),
            ("crates/store/tests/conformance/events.rs", "//! A."),
        ]);
        assert_eq!(check(&tree).len(), 3);
    }
}
