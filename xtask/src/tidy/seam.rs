//! Rule: the port, each adapter and the conformance suite have the same file names, so that a reader finds
//! the other side of a method by its file name.

use std::collections::BTreeSet;

use super::finding::Finding;
use crate::tree::Tree;

/// One side of the seam and the files only that side has.
struct Side {
    folder: &'static str,
    private: &'static [&'static str],
}

/// Errors and pages are what every noun answers with, not a noun.
const PORT: Side = Side { folder: "crates/domain/src/store/", private: &["mod.rs", "error.rs", "page.rs"] };
/// `mod.rs` opens the adapter; connections, the writer and migrations are how it works, not what it offers.
const SQLITE: Side = Side {
    folder: "crates/store/src/sqlite/",
    private: &["mod.rs", "connection.rs", "writer.rs", "readers.rs", "migrations.rs"],
};
const POSTGRES: Side =
    Side { folder: "crates/store/src/postgres/", private: &["mod.rs", "connection.rs", "migrations.rs"] };
/// The suite's own machinery: the binary, the engines it runs on, the recording wrapper, the model.
const SUITE: Side = Side {
    folder: "crates/store/tests/conformance/",
    private: &["main.rs", "harness.rs", "recorder.rs", "model.rs", "completeness.rs"],
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
    nouns.filter(|name| !side.private.contains(&name.as_str())).collect()
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
