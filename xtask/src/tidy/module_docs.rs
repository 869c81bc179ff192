//! Rule: the first line of every Rust file says what the file is for.

use super::finding::Finding;
use crate::tree::Tree;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|(file, _)| !file.text.starts_with("//! "))
        .map(|(file, _)| {
            Finding::at(&file.path, 1, "begin with `//!`: what the file is for, what it must not do")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_purpose_fails() {
        let tree = Tree::of(&[("a.rs", "//! A.\n"), ("b.rs", "use a;\n"), ("c.rs", ""), ("d.md", "d")]);
        assert_eq!(check(&tree).len(), 2);
    }
}
